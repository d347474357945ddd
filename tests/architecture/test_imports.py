"""Who imports whom, beyond what import-linter can say (its contracts stand in pyproject.toml)."""

import re

from tests.architecture.house import modules

# The worker's jobs, the web's routes and the command line open transactions; nobody below them does.
STEPS = r"modules/\w+/service\w*\.py|flows/\w+/(flow|steps)\w*\.py"


def test_a_module_imports_no_other_module() -> None:
    wrong = []
    for module in modules():
        own = re.match(r"modules/(\w+)/", module.name)
        if not own:
            continue
        for line, name in module.imports():
            found = re.match(r"jishi\.modules\.(\w+)", name)
            if found and found[1] != own[1]:
                wrong.append(f"{module.name}:{line} imports {name}")
            if re.match(r"jishi\.(flows|reads|app|worker|cli|commands|demo|bench)\b", name):
                wrong.append(f"{module.name}:{line} imports {name}, which stands above it")
    assert not wrong


def test_from_a_module_others_use_what_it_offers() -> None:
    """``from jishi.modules.gifts import …`` or its types and rules; never storage or service."""
    wrong = []
    for module in modules():
        own = re.match(r"modules/(\w+)/", module.name)
        for line, name in module.imports():
            found = re.match(r"jishi\.modules\.(\w+)\.(storage\w*)\b", name)
            if found and (own is None or own[1] != found[1]):
                wrong.append(f"{module.name}:{line} reaches into {name}")
    assert not wrong


def test_flows_and_reads_do_not_import_each_other_in_a_circle() -> None:
    reads_in_flows = [
        f"{module.name}:{line} imports {name}"
        for module in modules()
        if module.name.startswith("flows/")
        for line, name in module.imports()
        if name.startswith("jishi.reads")
    ]
    assert not reads_in_flows


def test_the_sandbox_knows_nothing_of_the_market_but_kit_and_key_files() -> None:
    known = ("jishi.kit", "jishi.keys", "jishi.sandbox")
    wrong = [
        f"{module.name}:{line} imports {name}"
        for module in modules()
        if module.name.startswith("sandbox/")
        for line, name in module.imports()
        if name.startswith("jishi.") and not name.startswith(known)
    ]
    assert not wrong


def test_steps_open_no_transaction_and_call_nobody_outside() -> None:
    wrong = []
    for module in modules():
        if not re.fullmatch(STEPS, module.name):
            continue
        for line, name in module.imports():
            if name.partition(".")[0] in {"httpx", "aiohttp", "requests", "smtplib", "urllib3"}:
                wrong.append(f"{module.name}:{line} imports {name}")
    assert not wrong
