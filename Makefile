# make verify   set up .venv, run the six cases in the embedded lab, print the table
# make test     set up .venv with the test tools, run the whole test suite
# make every-row   plant each lie in the lab, and run the rows of the full suite that it must fail; and all without a lie
# make check    what CI checks besides: format, lint, types, imports, generated files (changes nothing)
# make fix      repair what can be repaired: format, lint, generated files
# make bench    run the benchmarks and print their tables
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: verify test every-row check fix bench clean
verify: .venv/runtime
	$(BIN)/pullscope verify

test: .venv/dev
	$(BIN)/python -m pytest -n auto --dist worksteal

every-row: .venv/dev
	PULLSCOPE_EVERY_ROW=1 $(BIN)/python -m pytest -n auto --dist worksteal tests/verify/test_every_row.py

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pullscope.apiserver.schemas.extract --check
	$(BIN)/python -m pullscope.images.probe.compiler --check

fix: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python -m pullscope.apiserver.schemas.extract
	$(BIN)/python -m pullscope.images.probe.compiler

bench: .venv/dev
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

clean:
	rm -rf .venv build dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/python: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Pullscope needs Python 3.11 or later: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/runtime: .venv/python
	$(PIP) --editable .
	$(BIN)/python -m compileall -q src # some machines are told to keep no bytecode, and would compile all in each command
	@touch $@

.venv/dev: .venv/python
	$(PIP) --editable '.[dev]'
	@touch .venv/runtime $@
