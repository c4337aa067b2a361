# The one door for who develops Entrepôt: `make` lists what can be done here. Works with GNU make 3.81 and later.
#   PYTHON=python3.12 make setup      another interpreter (3.11 or later)
#   make test ARGS="-k ledger"        more arguments for pytest, or for `entrepot demo`
#   make test TESTS=tests/storage     a part of the tests

PYTHON ?= python3
ARGS ?=
TESTS ?= tests

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup
OPENEDX := .venv-openedx
BENCHES := $(filter-out bench/report.py,$(sort $(shell grep -l __main__ bench/*.py)))
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

# Whoever forbids Python to keep what it compiles (images of containers do) would have every process that a test starts
# compile some thousand files again: more than half of its time.
unexport PYTHONDONTWRITEBYTECODE

# Tests sync many small files: in memory, where there is plenty of it, none waits for a disk.
MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 8000000 { print "/dev/shm" }')
ifneq ($(MEMORY),)
test: export PYTEST_DEBUG_TEMPROOT = $(MEMORY)
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo test platforms lint bench bench-federation bench-model bench-practice bench-xapi fuzz soak docs lock clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## Make .venv with every locked dependency (the other targets do it when it is needed)

$(STAMP): pyproject.toml requirements-dev.lock tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh $(VENV)
	@touch $(STAMP)

demo: $(STAMP) ## Run a consortium on this machine (ARGS=--once: train, report, stop)
	$(BIN)/entrepot demo $(ARGS)

# One thread a worker: threads of arithmetic that wait for each other on busy cores cost more than they bring. Four
# workers where CI has two cores, for at any time one or two of them wait for processes. The order is that of
# tests/conftest.py.
test: export OMP_NUM_THREADS = 1
test: export OPENBLAS_NUM_THREADS = 1
test: $(STAMP) ## Run every test and the doctests, with branch coverage
	@PYTHON="$(BIN)/python" sh tools/machine.sh
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not alone and not openedx" \
		--cov --cov-report= --cov-fail-under=0 $(TESTS) $(ARGS) || [ $$? = 5 ]
	$(BIN)/python -m pytest -m alone --cov --cov-append --cov-report=term $(TESTS) $(ARGS) || [ $$? = 5 ]

platforms: $(STAMP) $(OPENEDX)/.setup ## Run the end-to-end tests against every platform, that of Open edX among them
	$(BIN)/python -m pytest tests/platforms --no-cov $(ARGS)

$(OPENEDX)/.setup: requirements-openedx.lock tools/openedx.sh
	@PYTHON="$(BIN)/python" sh tools/openedx.sh $(OPENEDX)
	@touch $@

lint: $(STAMP) ## Check style, types, the floors of the house, the locks and deploy/
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python deploy/lint/locks.py
	@sh deploy/lint/run.sh $(BIN)

bench: $(STAMP) ## Measure ingest, query, launch and round, each with a control beside it
	@test -n "$(BENCHES)" || { echo "bench: no bench/*.py here; nothing was measured"; exit 1; }
	@mkdir -p var/bench
	@set -e; for bench in $(BENCHES); do echo "== $$bench"; $(BIN)/python -m bench.$$(basename $$bench .py) $(ARGS); done

bench-model: $(STAMP) ## Measure the learner model (ARGS="--data DIR" for more data sets, --only auc,cost for some rows)
	@mkdir -p var/bench
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench.model $(ARGS)

bench-federation: $(STAMP) ## Measure what protects learners: audits, who can be found, attacks, masks (ARGS="--only audits")
	@mkdir -p var/bench
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench.federation $(ARGS)

bench-practice: $(STAMP) ## Measure the practice cases: errors told apart, guesses left alone, cost (ARGS="--cases 800" for fewer)
	@mkdir -p var/bench
	$(BIN)/python -m bench.practice $(ARGS)

bench-xapi: $(STAMP) ## Measure the record store up to 1,000,000 statements (some 6 minutes, 3 GB of disk)
	@mkdir -p var/bench
	$(BIN)/python -m bench.xapi --large $(ARGS)

fuzz: $(STAMP) ## Send 5,000 made-up requests to the record store: none may be answered with 500 or above
	ENTREPOT_TEST_FUZZ=5000 $(BIN)/python -m pytest tests/xapi_collector/test_fuzz.py --timeout 1800 $(ARGS)

soak: $(STAMP) ## Let the record store survive at length: 200 kills, every torn byte, 30 minutes of load (an hour or so)
	ENTREPOT_TEST_SOAK=1 $(BIN)/python -m pytest tests/survival --timeout 7200 $(ARGS)

docs: $(STAMP) ## Build this documentation into site/
	NO_MKDOCS_2_WARNING=true $(BIN)/mkdocs build --strict

lock: $(STAMP) ## Make the locks again from pyproject.toml and requirements-openedx.in
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --no-annotate pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) requirements-openedx.in -o requirements-openedx.lock
	@touch $(STAMP)

clean: ## Remove what can be made again: caches, site/ and var/ (not .venv)
	rm -rf site build dist var .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
