# Every command of the house. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
FLASK := $(BIN)/python -m flask --app wsgi
PYTEST := $(BIN)/python -m pytest
WORKERS ?= 2
CODE := app providers vouchers payouts core migrations config.py wsgi.py
ARGS ?=

.PHONY: help setup setup-dev run demo test test-fast check fmt translations bench soak national

help: ## this list
	@echo "Vägval"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## virtual environment and pinned packages (no root; a second time takes no time)
	@tools/setup run

setup-dev: ## the same, with what the tests and checks need
	@tools/setup dev

run: setup ## the demo: database, people, bank, web server and timetable; ctrl-C stops all
	@exec $(BIN)/python -m tools.run

demo: setup ## the demo's database afresh, with its people
	@$(BIN)/python -m tools.run --fresh --only-data

test: setup-dev ## everything: SQLite, a real PostgreSQL, a real browser
	@tools/equip
	@$(PYTEST) -n $(WORKERS) --dist loadgroup $(ARGS)

test-fast: setup-dev ## without browser and PostgreSQL, for while you work
	@$(PYTEST) -n $(WORKERS) --dist loadgroup --only-sqlite -m "not browser and not soak and not bench and not national" $(ARGS)

check: setup-dev ## ruff, mypy --strict, import contracts, migrations, templates, translations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict $(CODE) tools tests
	@PYTHONPATH=. $(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tools.migrations_in_step
	@$(BIN)/djlint app --lint --quiet
	@$(BIN)/python -m tools.translations check
	@echo "check: clean"

fmt: setup-dev ## put the code in the house's form
	@$(BIN)/ruff check --fix-only --quiet . || true
	@$(BIN)/ruff format .

translations: setup-dev ## collect the texts, then compile the English catalogue
	@$(BIN)/python -m tools.translations update

bench: setup-dev ## how fast: measures, and keeps the last result in docs/
	@$(BIN)/python -m tools.long bench $(ARGS)

soak: setup-dev ## how long: what only shows with time
	@tools/equip
	@$(BIN)/python -m tools.long soak $(ARGS)

national: setup-dev ## how much: a whole country's published results, made and paid (FILE=path)
	@tools/equip
	@FILE="$(FILE)" $(BIN)/python -m tools.long national $(ARGS)
