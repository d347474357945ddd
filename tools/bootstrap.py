"""Make everything a fresh clone needs, with nothing but Python 3.11 and pip. Standard library only.

    python3 tools/bootstrap.py run      .venv with what a market needs, the project, static files
    python3 tools/bootstrap.py dev      … and what tests and checks need

Packages are those of requirements/*.lock, by their hashes. Where they come from is the business of
pip's and uv's own configuration (UV_DEFAULT_INDEX, pip.conf). A second run finds its stamp and does
nothing.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "bootstrap.stamp"
STAMP_LINES = 3  # digest, run or dev, the folder it was made in
LOCKS = ROOT / "requirements"
PYTHON_MIN = (3, 11)
PIP_MIN = (22, 3)  # the first that installs into another environment (--python)
NODE_MIN = 18

# pip's settings under uv's names: whoever configured a mirror for pip means both.
MIRRORS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
}


class CannotGoOn(Exception):  # noqa: N818 - ends the program with a sentence
    pass


def main(arguments: list[str]) -> int:
    wish = arguments[0] if arguments else "run"
    if wish not in {"run", "dev"} or sys.version_info < PYTHON_MIN:
        print("usage: python3 tools/bootstrap.py run|dev (Python 3.11 or later)", file=sys.stderr)
        return 2
    try:
        (ROOT / "build").mkdir(exist_ok=True)
        with (ROOT / "build" / "bootstrap.lock").open("w") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            _environment(wish)
            _assets()
    except CannotGoOn as problem:
        print(f"bootstrap: {problem}", file=sys.stderr)
        return 1
    return 0


def _environment(wish: str) -> None:
    """Bring .venv to the locked packages. An environment made for `dev` also serves `run`."""
    lines = STAMP.read_text().split("\n") if STAMP.exists() and PYTHON.exists() else []
    digest, kept, place = lines if len(lines) == STAMP_LINES else ("", "", "")
    if digest == _digest() and place == str(ROOT) and kept in {wish, "dev"}:
        return
    began = time.monotonic()
    wish = "dev" if kept == "dev" else wish
    if not PYTHON.exists() or place not in {"", str(ROOT)}:
        _say(f"making {VENV.relative_to(ROOT)} with Python {sys.version.split()[0]} …")
        venv.create(VENV, clear=True, symlinks=True)
    STAMP.unlink(missing_ok=True)
    _install_tools()
    _say("installing the packages of the lock file …")
    locks = [LOCKS / "tools.lock", LOCKS / f"{wish}.lock"]
    locks += [] if _has_node() else [LOCKS / "build.lock"]
    _uv("sync", "--require-hashes", *map(str, locks))
    _uv("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(f"{_digest()}\n{wish}\n{ROOT}")
    _say(f"environment ready in {time.monotonic() - began:.0f} s")


def _install_tools() -> None:
    """uv and the build backend, by this Python's pip; its own ensurepip is not needed."""
    pip = [sys.executable, "-m", "pip"]
    said = subprocess.run([*pip, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"pip (\d+)\.(\d+)", said.stdout)
    if not found or (int(found[1]), int(found[2])) < PIP_MIN:
        wanted = ".".join(map(str, PIP_MIN))
        raise CannotGoOn(
            f"pip {wanted} or later is needed for {sys.executable}"
            " (Debian: apt-get install python3-pip)."
        )
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    lock = str(LOCKS / "tools.lock")
    _run([*pip, "--python", str(PYTHON), "install", *options, "--requirement", lock])


def _uv(action: str, *arguments: str) -> None:
    command = [str(VENV / "bin" / "uv"), "pip", action, "--quiet", "--python", str(PYTHON)]
    _run([*command, *arguments], _mirrors())


def _mirrors() -> dict[str, str]:
    """The environment for uv, with pip's package sources where uv has none of its own."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    environment = {**os.environ, "UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "copy")}
    if any(name in os.environ for name in (*MIRRORS.values(), "UV_INDEX_URL", "UV_CONFIG_FILE")):
        return environment
    for key, value in re.findall(r"^[\w:.]*?\.?([a-z-]+)='(.*)'$", listed.stdout, re.MULTILINE):
        if key in MIRRORS:
            environment[MIRRORS[key]] = " ".join(value.replace("\\n", " ").split())
    # Hashes decide what is installed, so any source may serve it.
    environment["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return environment


def _assets() -> None:
    builder = ROOT / "tools" / "build_assets.py"
    if builder.exists():
        done = subprocess.run([str(PYTHON), str(builder)], stdout=subprocess.PIPE, check=False)
        said = done.stdout.decode().strip()
        if "up to date" not in said:
            print(said, flush=True)
        if done.returncode != 0:
            raise CannotGoOn("the static files could not be built; see above.")


def _has_node() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)", said.stdout)
    return bool(found) and int(found[1]) >= NODE_MIN


def _digest() -> str:
    """Changes with the locks, the project's description, this program and the Python used."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (*sorted(LOCKS.glob("*.lock")), ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode != 0:
        program = Path(command[0]).name
        raise CannotGoOn(f"{program} ended with code {done.returncode}; see above.")


def _say(line: str) -> None:
    print(f"bootstrap: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
