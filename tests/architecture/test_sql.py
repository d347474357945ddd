"""SQL is readable, constant and says what it relies on."""

import ast
import re
from importlib import import_module

import pytest

from jishi.db.task_schema import sql_folder
from tests.architecture.house import (
    MIGRATIONS,
    Module,
    Statement,
    created_tables,
    modules,
    owner_of,
    statements,
)

RUNS_SQL = {
    "execute",
    "executemany",
    "fetch",
    "fetchrow",
    "fetchval",
    "prepare",
    "cursor",
    "copy_from_query",
}
LOOKS_LIKE_SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b", re.DOTALL
)
# Composes identifiers by psycopg.sql, which quotes them; no value of a request comes near.
COMPOSES = {"db/functions.py"}


@pytest.mark.parametrize("statement", statements(), ids=lambda it: it.name)
def test_a_statement_has_its_header(statement: Statement) -> None:
    header = statement.header
    assert header["what"].endswith((".", ":")) or len(header) > 1, "begin with a sentence"
    assert header["what"]
    if re.search(r"\$\d", re.sub(r"\$\w*\$.*?\$\w*\$", "", statement.text, flags=re.DOTALL)):
        assert "in" in header, "say what $1 … are, with type and unit"
    if "/functions/" in statement.name:
        assert "out" in header, "say what callers get: out:"


@pytest.mark.parametrize(
    "statement", [it for it in statements() if "rule" in it.header], ids=lambda it: it.name
)
def test_the_rule_it_repeats_exists(statement: Statement) -> None:
    package = ".".join(["jishi", *owner_of(statement.name).split("/")])
    for said in re.findall(
        r"(?:jishi\.[\w.]+\.)?(?:rules|types)\w*\.\w+", statement.header["rule"]
    ):
        full = said if said.startswith("jishi.") else f"{package}.{said}"
        module, _, name = full.rpartition(".")
        assert hasattr(import_module(module), name), f"there is no {full}"


@pytest.mark.parametrize(
    "statement", [it for it in statements() if "index" in it.header], ids=lambda it: it.name
)
def test_the_index_it_relies_on_exists(statement: Statement) -> None:
    paths = [*MIGRATIONS.glob("*.sql"), sql_folder() / "schema.sql"]
    schema = "\n".join(path.read_text("utf-8") for path in paths)
    known = set(re.findall(r"INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(\w+)", schema))
    known |= set(re.findall(r"CONSTRAINT\s+(\w+)", schema)) | set(created_tables())
    flat = re.sub(r"\([^)]*\)|WHERE[^,;·]*", "", statement.header["index"])
    for part in re.split(r"[,;·]| and ", flat):
        name = part.strip().split(" ")[0].strip(".")
        if "_" in name and not name.endswith("_pkey"):
            assert name in known, f"no migration makes an index or table {name}"


@pytest.mark.parametrize("module", modules(), ids=lambda it: it.name)
def test_sql_is_never_built_from_pieces(module: Module) -> None:
    if module.name in COMPOSES or module.name.startswith("sandbox/"):
        return
    wrong = [
        f"{module.name}:{node.lineno}: {ast.unparse(node)[:80]}"
        for node in ast.walk(module.tree)
        if _builds_sql(node)
    ]
    assert not wrong, "SQL is a constant; optional filters are ($3::text IS NULL OR …)"


def _builds_sql(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        constant = "".join(str(it.value) for it in node.values if isinstance(it, ast.Constant))
        return bool(LOOKS_LIKE_SQL.search(constant))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        texts = [it.value for it in ast.walk(node) if isinstance(it, ast.Constant)]
        pieces = any(not isinstance(it, ast.Constant) for it in (node.left, node.right))
        return pieces and any(isinstance(it, str) and LOOKS_LIKE_SQL.search(it) for it in texts)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "format" and isinstance(node.func.value, ast.Constant):
            return bool(LOOKS_LIKE_SQL.search(str(node.func.value.value)))
        if node.func.attr in RUNS_SQL and node.args:
            return isinstance(node.args[0], ast.JoinedStr) or (
                isinstance(node.args[0], ast.BinOp) and isinstance(node.args[0].op, ast.Mod)
            )
    return False


@pytest.mark.parametrize("path", sorted(MIGRATIONS.glob("*")), ids=lambda it: it.name)
def test_a_migration_has_a_name_and_a_first_sentence(path: object) -> None:
    name, text = path.name, path.read_text("utf-8")
    assert re.fullmatch(r"\d{4}_[a-z]+(_[a-z0-9]+)+\.sql", name), "NNNN_verb_noun.sql"
    assert re.match(r"-- \S", text), "begin with what it brings"


def test_migration_numbers_are_used_once() -> None:
    numbers = [path.name[:4] for path in MIGRATIONS.glob("*.sql")]
    assert sorted(numbers) == sorted(set(numbers))


def test_money_columns_are_whole_minor_units() -> None:
    wrong = []
    for path in sorted(MIGRATIONS.glob("*.sql")):
        for line in path.read_text("utf-8").splitlines():
            if re.match(r"\s*(?:ADD COLUMN )?\w+_minor\s+(?!bigint\b)[a-z]", line):
                wrong.append(f"{path.name}: {line.strip()}")
            if re.search(r"\b(money|real|double precision|float\d?)\b", re.sub(r"--.*", "", line)):
                wrong.append(f"{path.name}: {line.strip()}")
            if re.search(r"\btimestamp\b(?! with time zone|tz)", re.sub(r"--.*", "", line)):
                wrong.append(f"{path.name}: timestamptz, not timestamp: {line.strip()}")
    assert not wrong
