# Every target makes what it needs first: a bare Python 3.11 with pip is enough (`make help`).

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Two workers suit the two cores the project is measured on; TESTS narrows the run.
TESTS ?= tests
TEST_WORKERS ?= 2
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help run demo worker migrate test test-rules check format bench lock assets api-docs pictures clean env env-dev

help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | \
		awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: env  ## open the market at http://127.0.0.1:8000 (ARGS=--no-demo)
	@$(BIN)/jishi run $(ARGS)

demo: env  ## simulated people in the open market (ARGS="--live --rate 5")
	@$(BIN)/jishi demo $(ARGS)

worker: env  ## one more worker beside the open market
	@$(BIN)/jishi worker $(ARGS)

migrate: env  ## bring the database up to this code (ARGS=--check)
	@$(BIN)/jishi migrate $(ARGS)

test: env-dev  ## all tests (TESTS=tests/flows to narrow, ARGS="-k gifts")
	@$(BIN)/pytest -n $(TEST_WORKERS) --dist loadfile $(TESTS) $(ARGS)

test-rules: env-dev  ## the tests that need nothing but Python; seconds
	@$(BIN)/pytest tests/kit $$(find tests -name 'test_*rules.py') $(ARGS)

check: env-dev  ## the whole gate: lint, format, types, imports, architecture, translations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest tests/architecture tests/web/test_i18n.py
	@$(BIN)/python tools/longest.py

format: env-dev  ## lay out the code and mend what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: env  ## measure this machine (ARGS="engine --seconds 20 --json")
	@$(BIN)/jishi bench $(ARGS)

lock: env  ## write requirements/*.lock anew from pyproject.toml (ARGS=--upgrade)
	@$(COMPILE) $(ARGS) requirements/tools.in --output-file requirements/tools.lock
	@$(COMPILE) $(ARGS) pyproject.toml --output-file requirements/run.lock
	@$(COMPILE) $(ARGS) pyproject.toml --group dev --output-file requirements/dev.lock
	@$(COMPILE) $(ARGS) --group pyproject.toml:build --output-file requirements/build.lock

assets: env  ## build the static files again
	@$(BIN)/python tools/build_assets.py --force

api-docs: env  ## write the list of routes in docs/api.md anew
	@$(BIN)/python tools/api_routes.py

pictures: env-dev  ## make the pictures of the README again (ARGS=cart; needs Chromium)
	@$(BIN)/python tools/pictures.py $(ARGS)

clean:  ## remove what was built (.venv, build, caches); never a market
	@rm -rf .venv build src/jishi/static/built .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

env:
	@$(PYTHON) tools/bootstrap.py run

env-dev:
	@$(PYTHON) tools/bootstrap.py dev
