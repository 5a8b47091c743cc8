# Every target sets up what it needs; all that must be on the machine is Python 3.11 or later, git and make.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
READY := $(VENV)/.ready
# Two processes, each with one half of the tests in their order, so that few fixtures are made twice;
# who has done takes over from the other. ARGS="-n 0" runs all in one process, as a debugger needs.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

# The first interpreter that runs, is new enough and can make an environment; or PYTHON=... by hand.
CANDIDATES := python3.13 python3.12 python3.11 python3 python
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in $(CANDIDATES); do \
	"$$python" -c "$(USABLE)" >/dev/null 2>&1 && { echo "$$python"; break; }; done)

# Where bytecode is never kept, every process of the tests would compile all sources anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install lint format test test-slow test-all test-bounds demo bench promises answers notebooks lock clean distclean

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY) ## make .venv with the command .venv/bin/adsim, from the locked versions
	@echo "Ready: $(BIN)/adsim"

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or later with venv was found;" \
	  "install one, or name it: make install PYTHON=python3.12" >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON) from requirements.lock (about a minute)"
	@"$(PYTHON)" -m venv $(VENV)
	@$(PIP) install --require-hashes --use-pep517 --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

lint: $(READY) ## check style, types and import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY) ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: $(READY) ## run the quick tests
	$(PYTEST) -m "not slow" $(ARGS)

# pytest exits with 5 where it finds no test, which is no failure here.
test-slow: $(READY) ## run the slow tests
	$(PYTEST) -m slow $(ARGS) || test $$? -eq 5

test-all: $(READY) ## run every test
	$(PYTEST) $(ARGS)

# Kernels are compiled apart: the cache would hand back those without the check.
test-bounds: $(READY) ## run the quick kernel tests with every array index checked
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=build/bounds $(PYTEST) -m "not slow" tests/kernels $(ARGS)

demo: $(READY) ## simulate the shipped shop, find better bids, leave the bid sheet in out/demo
	$(BIN)/adsim simulate scenarios/kuaiche_daily --by campaign
	$(BIN)/adsim optimize scenarios/kuaiche_daily --out out/demo
	@echo "The page to read: out/demo/report.html; the bid sheet to upload: out/demo/plan/keywords.csv"

bench: $(READY) ## run the benchmarks once, in this environment
	@cd benchmarks && { test -e ~/.asv-machine.json || ../$(BIN)/asv machine --yes >/dev/null; }
	cd benchmarks && ../$(BIN)/asv run --python=same --quick --show-stderr

promises: $(READY) ## print the promised speeds beside what this machine reaches
	$(BIN)/python -m benchmarks.promises $(ARGS)

answers: $(READY) ## compute the numbers on the pages of the experiments anew
	for tool in tools/answer_*.py; do $(BIN)/python -m tools.$$(basename $$tool .py) --write || exit 1; done

notebooks: $(READY) ## run the notebooks afresh and keep what comes out
	$(BIN)/python -m tools.run_notebooks

lock: ## resolve the dependencies anew into requirements.lock (needs the package registry)
	"$(PYTHON)" -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	build/lock/bin/uv pip compile pyproject.toml --extra dev --extra chinese --extra excel --universal \
	  --python-version 3.11 --upgrade --fork-strategy fewest --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --quiet --output-file requirements.lock

clean: ## remove what runs leave behind
	rm -rf out build dist .asv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove the environment too
	rm -rf $(VENV)
