"""What the documents name exists: files, commands, targets, settings. Strangers read them first."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from jishi.access import ACCESS
from jishi.cli import COMMANDS
from jishi.settings import PREFIX, Settings
from tests.architecture.house import PACKAGE, REPOSITORY

# What was said of an earlier state stays as it was said.
HISTORY = {"CHANGELOG.md", "measured.md"}
DOCUMENTS = sorted(
    path
    for path in (*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"))
    if path.name not in HISTORY
)
CODE = re.compile(r"`([^`\n]+)`")
# A path as documents write it: below the repository or the package; at its end perhaps a name of the file.
OF_OTHERS = ("/carrier/v1/", "/v1/", "/dev/null")
BELOW = "src|tests|docs|tools|migrations|requirements|modules|flows|reads|db|web|kit|demo|templates|static"
A_PATH = re.compile(rf"(?:{BELOW})/[\w.*/-]*\w[\w.*/-]*")


def _text(path: Path) -> str:
    return path.read_text("utf-8")


def _code(path: Path) -> Iterator[str]:
    text = _text(path)
    for fenced in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from fenced.splitlines()
    yield from CODE.findall(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


@pytest.fixture(params=DOCUMENTS, ids=lambda it: it.relative_to(REPOSITORY).as_posix())
def document(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_every_link_leads_somewhere(document: Path) -> None:
    wrong = []
    for link in re.findall(r"\]\(([^)\s]+)\)", _text(document)):
        file, _, part = link.partition("#")
        if "://" in file:
            continue
        target = document.parent / file if file else document
        if not target.exists() or (part and part not in _anchors(target)):
            wrong.append(link)
    assert not wrong


def _anchors(document: Path) -> set[str]:
    """The names of headings, as the usual viewers make them."""
    heads = re.findall(r"^#+ (.+)$", _text(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_file_named_is_there(document: Path) -> None:
    words = {word for code in CODE.findall(_text(document)) for word in code.split()}
    named = {word for word in words if A_PATH.fullmatch(word) and "NNNN" not in word}
    assert not {word for word in named if not (_found(REPOSITORY, word) or _found(PACKAGE, word))}


def _found(root: Path, word: str) -> bool:
    """Whether there is such a file or folder, or a ``standing`` in ``rules.py`` for ``rules.standing``."""
    if any(root.glob(word.rstrip("/"))):
        return True
    path, _, name = word.rpartition(".")
    files = (root / f"{path}.py", root / path / "__init__.py")
    return any(it.is_file() and re.search(rf"\b{name}\b", _text(it)) for it in files)


def test_the_architecture_names_every_module() -> None:
    said = set(re.findall(r"\w+", _text(REPOSITORY / "ARCHITECTURE.md")))
    modules = {path.parent.name for path in PACKAGE.glob("modules/*/__init__.py")}
    assert not modules - said


def test_every_command_and_target_named_is_one(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text(REPOSITORY / "Makefile"), re.MULTILINE))
    said = "\n".join(_code(document))
    commands = set(re.findall(r"(?:^|bin/| )jishi ([a-z]+)", said, re.MULTILINE))
    assert commands <= set(COMMANDS)
    assert set(re.findall(r"(?:^| )make ([a-z-]+)", said, re.MULTILINE)) <= targets


def test_every_setting_named_is_one(document: Path) -> None:
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    known |= {"JISHI_TEST_DATABASE_URL", "JISHI_LONG"}  # of the tests
    named = set(re.findall(r"\bJISHI_[A-Z0-9]+(?:_[A-Z0-9]+)*\b(?!_)", _text(document)))
    assert not {it for it in named if it not in known and not any(k.startswith(it) for k in known)}


def test_every_address_named_is_served(document: Path) -> None:
    words = {word for code in _code(document) for word in code.split()}
    named = {word.partition("?")[0] for word in words if re.match(r"/[\w/{}<>.-]*(\?|$)", word)}
    routes = [route.partition(" ")[2] for route in ACCESS]
    if document.name == "api.md":  # leaves out what all of them begin with
        routes += [route.removeprefix("/api/v1") for route in routes]
    ours = {word for word in named if not word.startswith(OF_OTHERS)}
    assert not {word for word in ours if not any(_leads_to(word, route) for route in routes)}


def _leads_to(word: str, route: str) -> bool:
    """Whether ``/orders/<order>`` is, or is the beginning of, ``/orders/{order_id:str}/confirm``."""
    said, served = word.strip("/").split("/"), route.strip("/").split("/")
    pairs = zip(said, served, strict=False)
    fits = all(ours == theirs or "{" in theirs for ours, theirs in pairs)
    return word == "/" or (len(said) <= len(served) and fits)
