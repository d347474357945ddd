"""The ten longest files and functions of the project, tests left out. Standard library only.

    python3 tools/longest.py

A ratchet without a limit: it never fails. A change that makes one of them longer says why.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tools")
SHOWN = 10

Length = tuple[int, str]


def main() -> None:
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    files = [(len(path.read_text("utf-8").splitlines()), _place(path)) for path in paths]
    functions = [found for path in paths for found in _functions(path)]
    print("Longest files and functions (lines; whoever makes one longer says why):")
    for file, function in zip(_longest(files), _longest(functions), strict=True):
        print(f"  {file[0]:4} {file[1]:48} {function[0]:4} {function[1]}")


def _functions(path: Path) -> Iterator[Length]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield lines, f"{_place(path)}:{node.lineno} {node.name}"


def _longest(lengths: list[Length]) -> list[Length]:
    return sorted(lengths, key=lambda length: (-length[0], length[1]))[:SHOWN]


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix().removeprefix("src/")


if __name__ == "__main__":
    main()
