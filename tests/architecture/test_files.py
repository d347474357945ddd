"""What no file of the project may hold, and what every lock file must."""

import ast
import json
import re
import subprocess

import pytest

from tests.architecture.house import PACKAGE, REPOSITORY, modules

LOCKS = sorted((REPOSITORY / "requirements").glob("*.lock"))
TEXTS = {
    ".py", ".sql", ".md", ".toml", ".in", ".lock", ".html", ".css", ".js", ".json", ".po", ".txt", ".svg", ".yml", "",
}  # fmt: skip
# Folders of somebody's machine: a path below them means nothing elsewhere.
PLACES = ("home", "root", "Users", "work", "farm", "mnt", "opt", "private")
PLACE = re.compile(rf"(?<![\w.:/}}*-])/(?:{'|'.join(PLACES)})/[\w.-]+")
FINE = {"LICENSE"}


def _files() -> list[str]:
    """Everything git would keep."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode == 0:
        return [name for name in said.stdout.splitlines() if (REPOSITORY / name).is_file()]
    folders = ("src", "tests", "tools", "docs", "migrations", "requirements")
    paths = [path for folder in folders for path in (REPOSITORY / folder).rglob("*")]
    return [
        str(it.relative_to(REPOSITORY)) for it in paths if it.is_file() and "built" not in it.parts
    ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda it: it.name)
def test_a_lock_file_names_no_host_and_no_folder(lock: object) -> None:
    text = lock.read_text()
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links|@ ", text)
    assert not PLACE.search(text)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda it: it.name)
def test_every_package_of_a_lock_file_is_pinned_with_hashes(lock: object) -> None:
    for entry in re.split(r"\n(?=\S)", lock.read_text()):
        if not entry.startswith("#"):
            assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", entry), entry
            assert "--hash=sha256:" in entry, entry


def test_the_npm_lock_names_no_host() -> None:
    packages = json.loads((REPOSITORY / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)


def test_the_run_lock_is_part_of_the_dev_lock() -> None:
    def pins(name: str) -> set[str]:
        text = (REPOSITORY / "requirements" / name).read_text()
        return set(re.findall(r"^([\w.-]+==[^\s;]+)", text, re.MULTILINE))

    assert pins("run.lock") <= pins("dev.lock")


def test_no_file_names_a_place_of_somebodys_machine() -> None:
    wrong = []
    for name in _files():
        path = REPOSITORY / name
        if path.suffix not in TEXTS or path.name in FINE:
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="ignore").splitlines(), 1):
            if PLACE.search(line):
                wrong.append(f"{name}:{number}: {line.strip()[:100]}")
    assert not wrong


def test_no_file_is_large() -> None:
    large = [name for name in _files() if (REPOSITORY / name).stat().st_size > 1_500_000]
    assert not large


def test_refusal_codes_are_used_once() -> None:
    """A code is public: two reasons under one code could not be told apart."""
    where: dict[str, str] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and (code := _code_of(node)):
                place = f"{module.name}:{node.lineno} {node.name}"
                assert code not in where, f"{code}: {where[code]} and {place}"
                assert re.fullmatch(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", code), place
                where[code] = place
    assert where


def _code_of(node: ast.ClassDef) -> str | None:
    """The refusal code a class sets: ``code = "…"`` or ``kind, code = Kind.X, "…"``."""
    if node.name == "Refusal":
        return None
    for line in node.body:
        if not isinstance(line, ast.Assign):
            continue
        target, value = line.targets[0], line.value
        names = [it.id for it in getattr(target, "elts", [target]) if isinstance(it, ast.Name)]
        values = getattr(value, "elts", [value])
        if "code" in names and "kind" in {*names, *_assigned(node)}:
            found = values[names.index("code")]
            return str(found.value) if isinstance(found, ast.Constant) else None
    return None


def _assigned(node: ast.ClassDef) -> set[str]:
    lines = [line for line in node.body if isinstance(line, ast.Assign)]
    targets = [it for line in lines for it in getattr(line.targets[0], "elts", [line.targets[0]])]
    return {it.id for it in targets if isinstance(it, ast.Name)}


def test_every_public_module_says_what_it_is() -> None:
    silent = [
        module.name
        for module in modules()
        if module.tree.body and not ast.get_docstring(module.tree)
    ]
    assert not silent


def test_everything_of_the_package_lies_in_a_known_place() -> None:
    known = {
        "kit", "db", "web", "modules", "flows", "reads", "commands", "demo", "imports", "bench",
        "sandbox", "data", "locale", "static", "templates", "migrations",
        "sql", "verify", "__pycache__",
    }  # fmt: skip
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    assert folders <= known
