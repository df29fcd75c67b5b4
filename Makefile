# `make` alone lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/tilannekuva
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo demo-check run test check lint types contracts install install-dev lock bench train clean

help:  ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing into $(VENV) from requirements.lock"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "installing into $(VENV) from requirements-dev.lock"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

install: $(VENV)/.run  ## install what running needs into .venv

install-dev: $(VENV)/.dev  ## install what developing needs into .venv

demo: $(VENV)/.run  ## play the sample newsroom end to end and open the web page
	$(RUN) demo

demo-check: $(VENV)/.run  ## the same without staying up; fails if a stage produced nothing
	$(RUN) demo --check

run: $(VENV)/.run  ## the service: feeds.yaml, scheduler and web
	$(RUN) run

train: $(VENV)/.run  ## train every task from labels/ into models/
	$(RUN) train

test: $(VENV)/.dev  ## lint, types, import contracts, tests
	@$(MAKE) --no-print-directory lint types contracts
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile

lint: $(VENV)/.dev  ## ruff: format and rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev  ## mypy, strict
	$(BIN)/mypy

contracts: $(VENV)/.dev  ## imports point one way
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## measured claims; see bench/README.md
	$(BIN)/python -m bench

lock: $(VENV)/.dev  ## resolve the lock files anew
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header pyproject.toml --group dev -o requirements-dev.lock

clean:  ## remove the environment and the demo's data
	rm -rf $(VENV) var
