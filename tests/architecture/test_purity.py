"""What decides is pure: kit, words and rules know no database, no network, no clock, no float."""

import ast
import re
import sys

import pytest

from tests.architecture.house import Module, named

WORDS_AND_RULES = r"(modules|flows)/\w+/(types|rules|rules_\w+|types_\w+)\.py"
RULES = r"(modules|flows)/\w+/rules\w*\.py|kit/money\.py"

# Of the standard library, what reaches outside the process.
OUTSIDE = {
    "asyncio", "concurrent", "ctypes", "ftplib", "http", "io", "logging", "mmap", "multiprocessing",
    "os", "pathlib", "select", "selectors", "shelve", "shutil", "signal", "smtplib", "socket",
    "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading",
}  # fmt: skip
OUTSIDE_URLLIB = "urllib.request"
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
# Third parties that only compute.
CALCULATING = {"msgspec", "babel", "typing_extensions"}


def _ids(module: Module) -> str:
    return module.name


@pytest.mark.parametrize("module", named(rf"kit/\w+\.py|{WORDS_AND_RULES}"), ids=_ids)
def test_it_imports_nothing_that_does_io(module: Module) -> None:
    own = module.dotted.rpartition(".")[0]
    wrong = []
    for line, name in module.imports():
        root = name.partition(".")[0]
        if root == "jishi":
            allowed = name.startswith("jishi.kit") or (
                name.startswith(own + ".") and name.split(".")[3][:5] in {"types", "rules"}
            )
            allowed = allowed or _is_joined(name, module) or _is_plain(name)
        else:
            allowed = root not in OUTSIDE and not name.startswith(OUTSIDE_URLLIB)
            allowed = allowed and (root in CALCULATING or _is_standard(root))
        if not allowed:
            wrong.append(f"{module.name}:{line} imports {name}")
    assert not wrong


def _is_joined(name: str, module: Module) -> bool:
    """A flow's words and rules may speak in the words and rules of what it joins."""
    parts = name.split(".")
    joined = module.name.startswith("flows/") and parts[1] in {"modules", "flows"}
    return joined and (len(parts) == 4 or parts[3] in {"types", "rules"})


def _is_plain(name: str) -> bool:
    """A file of constants, which imports nothing itself but words for types."""
    path = name.rpartition(".")[0].removeprefix("jishi.").replace(".", "/")
    found = named(re.escape(f"{path}.py"))
    return any(
        all(root.startswith(("typing.", "collections.")) for _, root in module.imports())
        for module in found
    )


def _is_standard(root: str) -> bool:
    return root in sys.stdlib_module_names


@pytest.mark.parametrize("module", named(RULES), ids=_ids)
def test_rules_wait_for_nothing_and_read_no_clock(module: Module) -> None:
    wrong = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await):
            wrong.append(f"{module.name}:{node.lineno} awaits")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if node.func.attr in CLOCKS and owner in {"datetime", "date", "time", "dt.datetime"}:
                wrong.append(f"{module.name}:{node.lineno} reads the clock: {ast.unparse(node)}")
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"open", "print", "input"}:
            wrong.append(f"{module.name}:{node.lineno} does I/O")
    assert not wrong


@pytest.mark.parametrize("module", named(RULES), ids=_ids)
def test_rules_count_in_whole_numbers(module: Module) -> None:
    wrong = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            wrong.append(f"{module.name}:{node.lineno} float {node.value}")
        if isinstance(node, ast.Name) and node.id == "float":
            wrong.append(f"{module.name}:{node.lineno} float")
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            wrong.append(f"{module.name}:{node.lineno} divides to a float; use // or share, split")
    assert not wrong


@pytest.mark.parametrize("module", named(r"modules/\w+/types\w*\.py"), ids=_ids)
def test_words_do_nothing(module: Module) -> None:
    """types.py holds values, states, events and refusals; a property or a default is all it does."""
    wrong = [
        f"{module.name}:{node.lineno} {node.name}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    assert not wrong
