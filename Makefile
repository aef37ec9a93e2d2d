# Two commands for a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A process per core; each keeps to itself, so its matrices get one thread. The order is that of tests/conftest.py.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder
export OMP_NUM_THREADS ?= 2

.PHONY: demo serve test check lint types imports unit bench bench-scale clean

demo: .stamp-run
	$(BIN)/bevlogen demo

serve: .stamp-run
	$(BIN)/bevlogen serve --demo

# Types beside the tests, as they take one core for a minute.
test: lint imports
	$(MAKE) -j2 types unit

# The fast part, under two minutes: everything but the slow studies and the browser.
check: lint types imports
	$(PYTEST) -m "not slow and not browser"

lint: .stamp-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .stamp-dev
	$(BIN)/mypy

imports: .stamp-dev
	$(BIN)/lint-imports

# Everything on SQLite; then, where a PostgreSQL is given (scripts/with-postgresql), all of the web application that
# stores or asks something on that too (tests/web/conftest.py).
unit: .stamp-dev
	BEVLOGEN_TEST_DATABASE_URL= $(PYTEST)
	if [ -n "$$BEVLOGEN_TEST_DATABASE_URL" ]; then $(PYTEST) tests/web -m "not browser"; fi

bench: .stamp-dev
	$(BIN)/python -m benchmarks

# A hundred million answers, and Spark on two workers: half an hour, 2 GB of disk; writes docs/scaling.md.
bench-scale: .stamp-dev
	$(BIN)/python -m benchmarks.scale

.stamp-venv:
	sh scripts/make-venv "$(PYTHON)" "$(VENV)"
	touch $@

.stamp-run: .stamp-venv requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

.stamp-dev: .stamp-venv requirements-dev.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@ .stamp-run

clean:
	rm -rf $(VENV) .stamp-* demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
