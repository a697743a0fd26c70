# For a newcomer: `make run` and `make test`. Each installs what it needs, the first time.

PYTHON ?= python3
BIN    := .venv/bin
LOCKED := .venv/.locked-packages
READY  := .venv/.ready
FROZEN := dist/mindkindler-sync/mindkindler-sync
UV     := uv==0.13.9

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run bench test lint types test-core test-window test-tour \
    test-frozen lives plans crashes windows mutations prism edfi-bodies edfi-sample messages freeze format lock clean system

help:
	@echo "make run      the program, on a practice district of its own"
	@echo "make test     every check: style, types, who imports whom, all tests"
	@echo "make bench    how fast it is, beside a floor (BENCH='--rounds 1' and the like)"
	@echo "make lives    whole lives of a district, 200,000 or LIVES=…; hours (docs/proofs.md)"
	@echo "make plans    200,000 plans of two changed districts, or PLANS=…"
	@echo "make crashes  500 kill -9 on one database, or KILLS=…"
	@echo "make windows  1,000 edits while Ed-Fi is read, in each way it is read, or EDITS=…"
	@echo "make prism    our requests and answers against the OneRoster documents (needs Node.js)"
	@echo "make edfi-bodies  every body we send to an Ed-Fi service against the official document"
	@echo "make edfi-sample  real Ed-Fi documents, served and read, each of them counted"
	@echo "make mutations  10,000 broken answers and files, or MUTATIONS=…"
	@echo "make freeze   the program with its own Python, in dist/mindkindler-sync"
	@echo "make lint     style, and who imports whom"
	@echo "make types    mypy"
	@echo "make messages all sentences into the catalogues of app/locale, to be translated"
	@echo "make format   put the code into its one format"
	@echo "make lock     write requirements.lock anew (UPGRADE=--upgrade for newer versions)"
	@echo "make clean    remove everything that was made here"
	@echo
	@echo "PYTHON=python3.12 after any of them names the Python to use (3.11 or newer)."

# ── Doing ────────────────────────────────────────────────────────────────────────────────────

run: $(READY)
	@if [ "$$(uname)" != Linux ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    exec $(BIN)/mindkindler-sync --practice; \
	else \
	    echo "There is no display here, so the practice district is synced without a window" \
	        "and the window is drawn into build/window.png."; \
	    mkdir -p build; \
	    exec env QT_QPA_PLATFORM=offscreen \
	        $(BIN)/mindkindler-sync demo --picture build/window.png; \
	fi

bench: $(READY)
	$(BIN)/python -m benchmarks $(BENCH)

test: lint types test-core test-window test-tour test-frozen

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(READY)
	$(BIN)/mypy

# The core's tests never load Qt (tests/conftest.py fails the one that does).
test-core: $(READY)
	$(BIN)/pytest --numprocesses=auto -p no:pytest-qt \
	    --ignore=tests/ui --ignore=tests/tour --ignore=tests/frozen

test-window: $(READY)
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest --numprocesses=auto tests/ui

# Its pictures are kept in build/tour.
test-tour: $(READY)
	$(BIN)/pytest -p no:pytest-qt tests/tour

test-frozen: freeze
	$(BIN)/pytest -p no:pytest-qt tests/frozen

# The long runs of what `make test` runs short: docs/proofs.md says what each proves.
lives: LIVES ?= 200000
lives: $(READY)
	LIVES=$(LIVES) $(BIN)/pytest --numprocesses=auto --timeout=0 -p no:pytest-qt \
	    tests/simulation/test_two_way.py

plans: PLANS ?= 200000
plans: $(READY)
	PLANS=$(PLANS) $(BIN)/pytest --timeout=0 -p no:pytest-qt tests/engine/test_plans.py

crashes: KILLS ?= 500
crashes: $(READY)
	KILLS=$(KILLS) $(BIN)/pytest --timeout=0 -p no:pytest-qt -rP tests/e2e/test_crashes.py \
	    tests/e2e/test_crashes_two.py

# People edit on both sides while an Ed-Fi service is read, in every way in which it can be.
windows: EDITS ?= 1000
windows: $(READY)
	EDITS=$(EDITS) $(BIN)/pytest --numprocesses=auto --timeout=0 -p no:pytest-qt \
	    tests/simulation/test_edfi_windows.py

# Prism, of Node.js, holds what we send and receive against the official documents.
prism: $(READY)
	$(BIN)/python -m tests.prism $(if $(DOCUMENTS),--documents $(DOCUMENTS))

# Every write against the schemas of the Ed-Fi Data Standard 5.0.
edfi-bodies: $(READY)
	$(BIN)/python -m tests.edfi_bodies $(if $(DOCUMENTS),--documents $(DOCUMENTS))

# Real documents (DATA=… where they are not beside the checkout), served by the practice Ed-Fi.
edfi-sample: $(READY)
	$(BIN)/python -m tests.edfi_sample $(if $(DATA),--data $(DATA))

mutations: MUTATIONS ?= 10000
mutations: $(READY)
	MUTATIONS=$(MUTATIONS) $(BIN)/pytest --numprocesses=auto --timeout=0 -p no:pytest-qt \
	    tests/simulation -k mutated

# Every message of the program into the catalogues; what is new there is to be translated. The
# next `make` compiles them.
messages: $(READY)
	@mkdir -p build
	$(BIN)/pybabel -q extract --keywords="N_ plural:1,2 NN_:1,2" --add-location=file --sort-by-file \
	    --omit-header --output-file build/messages.pot app
	$(BIN)/pybabel -q update --input-file build/messages.pot --output-dir app/locale \
	    --domain mindkindler --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
	    --width 100

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# ── Freezing ─────────────────────────────────────────────────────────────────────────────────

freeze: $(FROZEN)

# PyInstaller would keep what it stripped in the home folder.
$(FROZEN): build.spec $(shell find app -type f ! -path '*/__pycache__/*') $(READY)
	@echo "Freezing the program into dist/mindkindler-sync"
	@PYINSTALLER_CONFIG_DIR=build/pyinstaller $(BIN)/pyinstaller --noconfirm --log-level ERROR \
	    build.spec
	@touch $@

# ── Installing ───────────────────────────────────────────────────────────────────────────────

# Asked every time (a moment), so that a package removed since is put back; never remakes .venv.
system:
	@installers/system-packages.sh $(PYTHON)

# A new lock makes a new environment, so that nothing stays behind that the lock has dropped.
$(LOCKED): requirements.lock | system
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or newer is needed. Name one like this: make PYTHON=python3.12 …"; \
	    exit 1; }
	@echo "Installing the packages of requirements.lock into .venv"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --require-hashes --requirement requirements.lock
	@touch $@

# The project itself, as links into this folder: installed again when its metadata change.
# (The build backend warns that the folder is named like the package; here that is on purpose.)
CATALOGUES := $(wildcard app/locale/*/LC_MESSAGES/*.po)
$(READY): pyproject.toml setup.py $(CATALOGUES) $(LOCKED)
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --no-deps --no-build-isolation --editable .
	@touch $@

# One lock for every system and every Python from 3.11 on. It keeps the versions it has unless
# told otherwise: `make lock UPGRADE=--upgrade`.
lock:
	$(PYTHON) -m venv build/lock-tools
	build/lock-tools/bin/python -m pip install --quiet $(UV)
	build/lock-tools/bin/uv pip compile pyproject.toml --extra dev $(UPGRADE) --quiet \
	    --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" --output-file requirements.lock

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache \
	    .import_linter_cache .hypothesis
	find app tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
