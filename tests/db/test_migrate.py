"""Migrations and SQL functions, on databases of their own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jishi.db import functions, task_schema
from jishi.db.migrate import (
    Done,
    migrate,
    migration_folder,
    require_current,
    state_of,
)
from jishi.exits import Exit, Stop
from tests.support.database import TestServer, worker_name

DOUBLE = "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2';"


@pytest.fixture
def dsn(server: TestServer) -> Iterator[str]:
    with server.empty(f"migrate_{worker_name()}") as dsn:
        yield dsn


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_create_shelf.sql").write_text(
        "-- A shelf; 100 % wood.\nCREATE TABLE shelf (id int);\nINSERT INTO shelf VALUES (1), (2);"
    )
    (tmp_path / "0002_add_width.sql").write_text(
        "ALTER TABLE shelf ADD width int;\n"
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "BEGIN\n    IF NEW.width < 0 THEN NEW.width := 0; END IF;\n    RETURN NEW;\nEND; $$;\n"
        "CREATE TRIGGER cut BEFORE INSERT ON shelf FOR EACH ROW EXECUTE FUNCTION cut();"
    )
    return tmp_path


def _all(dsn: str, query: str) -> list[Any]:
    with psycopg.connect(dsn, autocommit=True) as link:
        cursor = link.execute(query.encode())
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def test_files_are_applied_once_and_in_order(dsn: str, folder: Path) -> None:
    done = migrate(dsn, folder=folder, package=folder)
    assert done.migrations == ("0001_create_shelf", "0002_add_width")
    assert migrate(dsn, folder=folder, package=folder) == Done()
    assert _all(dsn, "SELECT id FROM shelf ORDER BY id") == [1, 2]


def test_the_shipped_schema_is_current_after_migrating(dsn: str) -> None:
    with pytest.raises(Stop, match="older than this Jishi") as stop:
        require_current(dsn)
    assert stop.value.code == Exit.WRONG_SCHEMA
    done = migrate(dsn)
    assert len(done.migrations) == len(list(migration_folder().glob("*.sql")))
    assert state_of(dsn).is_current
    require_current(dsn)
    assert migrate(dsn) == Done()


def test_a_failing_file_leaves_nothing_of_itself(dsn: str, folder: Path) -> None:
    (folder / "0003_break.sql").write_text("CREATE TABLE half (id int); SELECT 1 / 0;")
    with pytest.raises(Stop, match="0003_break failed and was taken back: division by zero"):
        migrate(dsn, folder=folder, package=folder)
    assert _all(dsn, "SELECT to_regclass('half')") == [None]
    assert state_of(dsn, folder=folder, package=folder).pending == ("0003_break",)
    (folder / "0003_break.sql").write_text("CREATE TABLE whole (id int);")
    assert migrate(dsn, folder=folder, package=folder).migrations == ("0003_break",)


def test_a_database_newer_than_the_code_is_refused(dsn: str, folder: Path) -> None:
    migrate(dsn, folder=folder, package=folder)
    (folder / "0002_add_width.sql").unlink()
    with pytest.raises(Stop, match="it has 0002_add_width, this code ends at 0001") as stop:
        migrate(dsn, folder=folder, package=folder)
    assert stop.value.code == Exit.WRONG_SCHEMA


def test_two_migrators_take_turns(dsn: str, folder: Path) -> None:
    (folder / "0003_wait.sql").write_text("SELECT pg_sleep(0.3); CREATE TABLE once (id int);")
    with ThreadPoolExecutor(2) as both:
        runs = [both.submit(migrate, dsn, folder=folder, package=folder) for _ in range(2)]
        applied = [name for run in runs for name in run.result().migrations]
    assert sorted(applied) == ["0001_create_shelf", "0002_add_width", "0003_wait"]


def test_a_killed_migrator_holds_up_nobody(dsn: str, folder: Path) -> None:
    migrate(dsn, folder=folder, package=folder)
    _all(dsn, "INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 1)")
    (folder / "0003_more.sql").write_text("CREATE TABLE more (id int);")
    assert migrate(dsn, folder=folder, package=folder).migrations == ("0003_more",)


def test_an_index_can_be_made_outside_a_transaction(dsn: str, folder: Path) -> None:
    (folder / "0003_index.sql").write_text(
        "-- transactional: false\nCREATE INDEX CONCURRENTLY shelf_width ON shelf (width);"
    )
    migrate(dsn, folder=folder, package=folder)
    assert _all(dsn, "SELECT indisvalid FROM pg_index WHERE indrelid = 'shelf'::regclass") == [True]


@pytest.mark.parametrize(
    ("_case", "url", "said"),
    [
        ("nobody there", "postgresql://u:geheim@127.0.0.1:1/x", "refused"),
        ("no such host", "postgresql://u:geheim@nowhere.invalid/x", "resolve"),
    ],
)
def test_a_wrong_url_is_told_without_its_password(_case: str, url: str, said: str) -> None:
    with pytest.raises(Stop) as stop:
        migrate(url)
    assert stop.value.code == Exit.NO_DATABASE
    assert said in stop.value.sentence
    assert "geheim" not in stop.value.sentence


def test_a_missing_database_is_told_by_name(server: TestServer) -> None:
    with pytest.raises(Stop, match='database "nowhere" does not exist'):
        migrate(server.dsn("nowhere"))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "flows" / "trade" / "functions").mkdir(parents=True)
    (tmp_path / "db" / "functions").mkdir(parents=True)
    (tmp_path / "db" / "functions" / "twice.sql").write_text(DOUBLE)
    return tmp_path


@pytest.fixture
def link(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dsn, autocommit=True) as link:
        yield link


def _functions(link: "psycopg.Connection[Any]") -> list[str]:
    rows = link.execute(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace ORDER BY 1"
    )
    return [row[0] for row in rows]


def _write(package: Path, text: str, name: str = "db/functions/twice.sql") -> None:
    (package / name).write_text(text)


def test_functions_follow_their_text(link: "psycopg.Connection[Any]", package: Path) -> None:
    assert functions.stale(link, package) == ["db/functions/twice.sql"]
    assert functions.refresh(link, package) == ["db/functions/twice.sql"]
    assert functions.refresh(link, package) == []
    _write(package, DOUBLE.replace("n * 2", "n + n + 0"))
    assert functions.refresh(link, package) == ["db/functions/twice.sql"]
    assert functions.stale(link, package) == []


@pytest.mark.parametrize(
    ("_case", "text", "left"),
    [
        ("another argument", DOUBLE.replace("(n int)", "(n int, m int)"), ["twice(integer,integer)"]),
        ("another type", DOUBLE.replace("(n int)", "(n bigint)").replace("n * 2", "1"), ["twice(bigint)"]),
        ("another result", DOUBLE.replace("RETURNS int", "RETURNS bigint"), ["twice(integer)"]),
        ("another argument name", DOUBLE.replace("(n ", "(m ").replace("n * 2", "m * 2"), ["twice(integer)"]),
        ("another name", DOUBLE.replace("twice", "double"), ["double(integer)"]),
    ],
)  # fmt: skip
def test_nothing_of_the_old_text_is_left(
    link: "psycopg.Connection[Any]", package: Path, _case: str, text: str, left: list[str]
) -> None:
    functions.refresh(link, package)
    _write(package, text)
    functions.refresh(link, package)
    assert _functions(link) == left


def test_a_deleted_file_takes_its_functions_along(
    link: "psycopg.Connection[Any]", package: Path
) -> None:
    functions.refresh(link, package)
    (package / "db/functions/twice.sql").unlink()
    assert functions.refresh(link, package) == ["db/functions/twice.sql"]
    assert _functions(link) == []


def test_functions_may_call_each_other_in_any_order(
    link: "psycopg.Connection[Any]", package: Path
) -> None:
    _write(package, DOUBLE.replace("n * 2", "add_up(n, n)"))
    _write(
        package,
        "CREATE OR REPLACE FUNCTION add_up(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT a + b'",
        "flows/trade/functions/add_up.sql",
    )
    functions.refresh(link, package)
    row = link.execute("SELECT twice(21)").fetchone()
    assert row == (42,)


def test_a_wrong_body_is_told_with_its_file_and_changes_nothing(
    link: "psycopg.Connection[Any]", package: Path
) -> None:
    functions.refresh(link, package)
    _write(package, DOUBLE.replace("n * 2", "no_such_thing(n)"))
    with pytest.raises(Stop, match=r"db/functions/twice.sql: function no_such_thing"):
        functions.refresh(link, package)
    row = link.execute("SELECT twice(21)").fetchone()
    assert row == (42,)


def test_one_name_belongs_to_one_file(link: "psycopg.Connection[Any]", package: Path) -> None:
    _write(package, DOUBLE, "flows/trade/functions/again.sql")
    with pytest.raises(Stop, match="Function twice is defined in"):
        functions.refresh(link, package)


def test_a_function_a_trigger_uses_can_be_made_anew(
    link: "psycopg.Connection[Any]", package: Path
) -> None:
    text = (
        "CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW; END $$;"
    )
    _write(package, text)
    functions.refresh(link, package)
    link.execute("CREATE TABLE t (id int)")
    link.execute("CREATE TRIGGER s BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION stamp()")
    _write(package, text.replace("BEGIN", "BEGIN /* again */"))
    functions.refresh(link, package)
    assert _functions(link) == ["stamp()"]


def _shelves(link: "psycopg.Connection[Any]") -> list[Any]:
    """Columns and functions of the task library, as PostgreSQL describes them."""
    columns = link.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_name LIKE 'procrastinate%' ORDER BY 1, 2"
    ).fetchall()
    bodies = link.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'procrastinate%' ORDER BY 1"
    ).fetchall()
    return columns + bodies


def _task_table(link: "psycopg.Connection[Any]") -> None:
    text = (migration_folder() / "0005_create_task_schema.sql").read_text()
    link.execute(text.encode())


def test_the_task_library_gets_its_schema_once(link: "psycopg.Connection[Any]") -> None:
    assert task_schema.refresh(link) == ()  # before our own schema has come
    _task_table(link)
    assert task_schema.missing(link) == task_schema.known()
    assert task_schema.refresh(link) == task_schema.known()
    assert task_schema.refresh(link) == ()
    row = link.execute("SELECT count(*) FROM procrastinate_jobs").fetchone()
    assert row == (0,)


def test_an_older_task_schema_gets_what_it_lacks(
    server: TestServer, link: "psycopg.Connection[Any]"
) -> None:
    _task_table(link)
    folder = task_schema.sql_folder() / "migrations"
    old, new = task_schema.known()[:-3], task_schema.known()[-3:]
    for name in old:
        link.execute((folder / f"{name}.sql").read_bytes())
    link.execute("INSERT INTO task_schema SELECT unnest(%s::text[]), now()", [list(old)])
    assert task_schema.refresh(link) == new
    with server.empty(f"tasks_{worker_name()}") as dsn, psycopg.connect(dsn) as fresh:
        _task_table(fresh)
        task_schema.refresh(fresh)
        assert _shelves(link) == _shelves(fresh)


def test_a_task_schema_newer_than_the_library_is_refused(dsn: str) -> None:
    migrate(dsn)
    _all(dsn, "INSERT INTO task_schema VALUES ('99.00.00_01_tomorrow', now())")
    with pytest.raises(Stop, match=r"it has 99\.00\.00_01_tomorrow") as stop:
        require_current(dsn)
    assert stop.value.code == Exit.WRONG_SCHEMA
