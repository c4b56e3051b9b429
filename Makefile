# The verbs of this repository; `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_WORKERS ?= 2

help: ## list the verbs
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/meshgate: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "meshgate needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing meshgate into $(VENV) (hashed lock, about a minute)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(BIN)/meshgate
	@echo "installing what the tests need (hashed lock)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(BIN)/meshgate assets-if-node ## make .venv from the committed lock (and the browser assets where Node is)

assets-if-node:
	@if test ! -e api/web/static/manifest.json && command -v npm >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then \
		$(MAKE) --no-print-directory assets || echo "the browser assets could not be built; /graphql will show the plain query page" >&2; fi

assets: ## build GraphiQL and the other browser assets (Node >= 20)
	@cd api/web/assets && npm ci --silent --no-audit --no-fund && node build.mjs

demo: setup ## the main job, end to end, below .demo/
	@$(BIN)/meshgate demo

check: $(VENV)/.dev ## ruff, mypy strict and the dependency law
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

test: setup $(VENV)/.dev check ## everything that must hold, in minutes
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) -m "not long"

test-long: setup $(VENV)/.dev ## the long campaigns
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) -m long

bench: setup $(VENV)/.dev ## the ratios of docs/benchmarks.md, in one run
	@$(BIN)/python -m benchmarks

bench-long: setup $(VENV)/.dev ## the larger sizes
	@$(BIN)/python -m benchmarks --long

lock: ## resolve the lock files anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove what the verbs made
	rm -rf $(VENV) .demo .tools build dist api/web/static api/web/assets/node_modules

.PHONY: help setup assets assets-if-node demo check test test-long bench bench-long lock clean
