"""What the architecture tests read: the project's files as syntax trees, statements and headers."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "src" / "jishi"
MIGRATIONS = REPOSITORY / "migrations"

# The payment sandbox is a program of its own that lives in SQLite; it shares kit with the market.
APART = "sandbox"

_WRITE = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?|COPY)"
    r"\s+(?:public\.)?([a-z_][a-z0-9_]*)\b",
    re.IGNORECASE,
)
_WRITING = re.compile(r"\s*(?:--|(?:WITH|INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY)\b)")
_NOT_TABLES = {"set", "skip", "nowait", "of", "only", "select"}


@dataclass(frozen=True)
class Module:
    path: Path

    @property
    def name(self) -> str:
        """``modules/gifts/rules.py``"""
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def dotted(self) -> str:
        parts = self.path.relative_to(PACKAGE.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def tree(self) -> ast.Module:
        return _tree(self.path)

    def imports(self) -> list[tuple[int, str]]:
        """(line, dotted name) of everything imported, also inside functions; not for types only."""
        skipped = {
            id(node) for it in ast.walk(self.tree) if _types_only(it) for node in ast.walk(it)
        }
        found = []
        for node in ast.walk(self.tree):
            if id(node) in skipped:
                continue
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        return found


@dataclass(frozen=True)
class Statement:
    """A .sql file of the market."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def header(self) -> dict[str, str]:
        """``what`` and the labelled parts of the leading comment; continuation lines joined."""
        parts, label = {"what": ""}, "what"
        for line in self.text.splitlines():
            if not line.startswith("--"):
                break
            said = line.removeprefix("--").strip()
            if found := re.match(r"(in|out|writes|locks|index|rule):\s*(.*)", said):
                label, said = found[1], found[2]
            parts[label] = f"{parts.get(label, '')} {said}".strip()
        return parts

    @property
    def writes(self) -> set[str]:
        return written_tables(self.text)


@cache
def modules() -> tuple[Module, ...]:
    return tuple(Module(path) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def statements() -> tuple[Statement, ...]:
    paths = [path for path in sorted(PACKAGE.rglob("*.sql")) if APART not in path.parts]
    return tuple(Statement(path) for path in paths)


def named(pattern: str) -> list[Module]:
    """Modules whose name (``modules/gifts/rules.py``) matches the expression."""
    return [module for module in modules() if re.fullmatch(pattern, module.name)]


def written_tables(text: str) -> set[str]:
    """Tables a statement writes: targets of INSERT, UPDATE, DELETE, MERGE, TRUNCATE and COPY."""
    code = re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", text)
    # FOR UPDATE, DO UPDATE SET and BEFORE UPDATE ON lock or announce; they are no target.
    code = re.sub(r"\b(FOR|DO|NO\s+KEY|BEFORE|AFTER|OR)\s+UPDATE\b", " ", code, flags=re.IGNORECASE)
    common = set(re.findall(r"([a-z_]\w*)\s+AS\s+(?:MATERIALIZED\s+)?\(", code, re.IGNORECASE))
    found = {name.lower() for name in _WRITE.findall(code)}
    temporary = set(re.findall(r"CREATE\s+TEMP(?:ORARY)?\s+TABLE\s+(\w+)", code, re.IGNORECASE))
    return found - _NOT_TABLES - common - temporary


def written_in_python(module: Module) -> dict[str, int]:
    """Table → line, for every string of the module that is a writing statement."""
    found: dict[str, int] = {}
    for node in ast.walk(module.tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and _WRITING.match(text):
            found |= dict.fromkeys(written_tables(text), node.lineno)
    return found


def owner_of(name: str) -> str:
    """``modules/gifts`` of ``modules/gifts/sql/claim.sql``; ``db`` of ``db/outbox.py``."""
    parts = name.split("/")
    return "/".join(parts[:2]) if parts[0] in {"modules", "flows", "reads"} else parts[0]


@cache
def created_tables() -> dict[str, str]:
    """Table → migration that creates it. Partitions, which belong to their parent, and dropped ones are left out."""
    found: dict[str, str] = {}
    for path in sorted(MIGRATIONS.glob("*.sql")):
        text = re.sub(r"--[^\n]*", "", path.read_text("utf-8"))
        for name, rest in re.findall(
            r"CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)([^;]{0,40})",
            text,
            re.IGNORECASE,
        ):
            if "PARTITION OF" not in rest.upper():
                found[name.lower()] = path.name
        for name in re.findall(r"DROP\s+TABLE\s+(\w+)", text, re.IGNORECASE):
            found.pop(name.lower(), None)
    return found


@cache
def owners() -> dict[str, tuple[str, ...]]:
    """Table → packages whose docstring says ``Owns table(s) a, b.``; there should be one."""
    found: dict[str, tuple[str, ...]] = {}
    for module in modules():
        docstring = ast.get_docstring(module.tree) or ""
        for said in re.findall(r"Owns tables?:?\s+([^.;:]+)", docstring):
            names = re.split(r"\s(?:through|by|written|whose|which|with)\s", said)[0]
            marked = re.findall(r"``([a-z][a-z0-9_]*)``", names)
            for table in marked or re.findall(r"[a-z][a-z0-9_]*", names.replace(" and ", " ")):
                found[table] = (*found.get(table, ()), owner_of(module.name))
    return found


def owned_tables() -> dict[str, str]:
    return {table: packages[0] for table, packages in owners().items()}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def _types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
