"""Every table has one owner, and only the owner's SQL writes it; flows say what they write."""

import re

import pytest

from tests.architecture.house import (
    Statement,
    created_tables,
    modules,
    owned_tables,
    owner_of,
    owners,
    statements,
    written_in_python,
    written_tables,
)

ANYONE = {"outbox"}
# Packages that fill or check whole markets; they stand above the modules.
ABOVE = {"demo", "bench", "imports", "verify.py", "verify"}


def test_every_table_has_an_owner() -> None:
    unowned = {
        f"{table} ({migration})"
        for table, migration in created_tables().items()
        if table not in owned_tables()
    }
    assert not unowned, "say it in the owner's docstring: Owns tables ``a``, ``b``."


def test_no_table_has_two_owners() -> None:
    assert not {table: several for table, several in owners().items() if len(several) > 1}


def test_every_owned_table_exists() -> None:
    made_by_code = {"function_text"}  # older than any migration: db/functions.py
    imaginary = set(owned_tables()) - set(created_tables()) - made_by_code
    assert not imaginary


def test_only_the_owner_writes_a_table_from_python() -> None:
    wrong = []
    for module in modules():
        owner = owner_of(module.name)
        if module.name.startswith("sandbox/") or owner in ABOVE:
            continue
        for table, line in written_in_python(module).items():
            of = owned_tables().get(table)
            if of and of != owner and table not in ANYONE:
                wrong.append(f"{module.name}:{line} writes {table}, which is {of}'s")
    assert not wrong


@pytest.mark.parametrize("statement", statements(), ids=lambda it: it.name)
def test_a_statement_writes_what_it_may(statement: Statement) -> None:
    owner, header = owner_of(statement.name), statement.header
    said = set(re.findall(r"[a-z][a-z0-9_]*", header.get("writes", "")))
    if owner.startswith("reads/"):
        assert not statement.writes, "reads only select"
    for table in statement.writes - ANYONE:
        of = owned_tables().get(table)
        if owner.startswith("modules/") and of:
            assert of == owner, f"{table} is {of}'s; a flow may write both"
    unsaid = {table for table in statement.writes if table in created_tables()} - said
    if owner.startswith("flows/") or len(statement.writes) > 1:
        assert not unsaid, "name them in the header: writes:"


@pytest.mark.parametrize(
    ("_case", "text", "tables"),
    [
        ("plain", "INSERT INTO gift (a) VALUES (1)", {"gift"}),
        ("several", "WITH a AS (UPDATE gift SET x = 1 RETURNING *) DELETE FROM parcel", {"gift", "parcel"}),
        ("locks only", "SELECT * FROM gift FOR UPDATE OF gift SKIP LOCKED", set()),
        ("locks a little", "SELECT 1 FROM gift FOR NO KEY UPDATE", set()),
        ("upsert", "INSERT INTO gift (a) SELECT 1 ON CONFLICT (a) DO UPDATE SET b = 1", {"gift"}),
        ("in a comment", "-- UPDATE gift\nSELECT 1", set()),
        ("in a text", "SELECT 'DELETE FROM gift'", set()),
    ],
)  # fmt: skip
def test_the_scan_finds_what_is_written(_case: str, text: str, tables: set[str]) -> None:
    assert written_tables(text) == tables
