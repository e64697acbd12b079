# The verbs of PixelMind-X. Every verb prepares .venv first where needed; a second run finds it ready.
#   make generate PROMPT="8-bit castle with red flags" ARGS="--size 64x64 -n 4"
#   make test

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
TORCH := torch==2.13.0

PROMPT ?= 8-bit castle with red flags
# The words as typed: no expansion of $, and quotes reach the program through the environment, not the shell.
override PROMPT := $(value PROMPT)
export PROMPT
ARGS ?=
MINUTES ?= 60
# What `release` learns from: a store; made from the art in ART and drawn scenes where it is missing.
ART ?= ../shared/data
RUN ?= $(HOME)/.pixelmind/release
DATA ?= $(RUN)/store

.PHONY: help setup generate studio test lint bench release dist audit site clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#: //p' $(firstword $(MAKEFILE_LIST))

#: make setup      make .venv and install what `generate` needs
setup: $(VENV)/.core

$(VENV)/.torch:
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 is needed; install it or name it: make setup PYTHON=/path/to/python3.11" >&2; exit 2; }
	@echo "making $(VENV) and installing $(TORCH) (some minutes, once)" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -c constraints.txt $(TORCH)
	@touch $@

$(VENV)/.core: $(VENV)/.torch pyproject.toml constraints.txt
	@$(PIP) -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.torch pyproject.toml constraints.txt
	@echo "installing what training and tests need" >&2
	@$(PIP) -c constraints.txt -e '.[train,serve,postgres,mcp,federated,loop,dev]'
	@touch $@ $(VENV)/.core $(VENV)/.serve

$(VENV)/.serve: $(VENV)/.core
	@echo "installing what the service needs" >&2
	@$(PIP) -c constraints.txt -e '.[serve]'
	@touch $@

#: make generate   draw PROMPT="…" with the bundled weights; more flags in ARGS="…"
generate: $(VENV)/.core
	@$(BIN)/pixelmind generate $(ARGS) -- "$$PROMPT"

#: make studio     open the web page on this machine; more flags in ARGS="…"
studio: $(VENV)/.serve
	@$(BIN)/pixelmind studio $(ARGS)

#: make test       lint, types, import layers, tests
# A process a core with one thread each: two processes of two threads on two cores would wait for each other.
test: lint
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

#: make lint       ruff, mypy, import-linter
lint: $(VENV)/.dev
	@$(BIN)/ruff check src tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports

#: make bench      the speeds of the README's table
bench: $(VENV)/.dev
	@$(BIN)/python benchmarks/speed.py

#: make release    train the released weights for MINUTES more, replace them if better
release: $(VENV)/.dev $(DATA)/manifest.json
	@$(BIN)/pixelmind release --minutes $(MINUTES) --data $(DATA) --run $(RUN) $(ARGS)

$(DATA)/manifest.json: | $(VENV)/.dev
	@test -d "$(ART)" || { echo "error: no store at $(DATA) and no art at $(ART); name one: make release DATA=STORE or ART=DIR" >&2; exit 2; }
	@$(BIN)/pixelmind data import "$(ART)" --evaluation-only --out $(DATA)
	@$(BIN)/pixelmind data synth -n 60000 --max-size 64 --out $(DATA)

$(VENV)/.tools: $(VENV)/.core
	@$(PIP) -c constraints.txt -e '.[dist,site]'
	@touch $@

#: make dist       wheel, sdist and the SBOM of what is installed, in dist/; bash runs/check_wheel.sh tries the wheel
dist: $(VENV)/.tools
	@rm -rf dist
	@$(BIN)/python -m build --outdir dist . >/dev/null
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --of JSON -o dist/sbom.cdx.json $(BIN)/python
	@ls -l dist

#: make audit      versions and hashes of what is installed, and known weaknesses where an advisory service answers
audit: $(VENV)/.dev
	@$(PIP) -c constraints.txt pip-audit==2.10.1 || true
	@$(BIN)/python deploy/audit.py

#: make site       the documents as web pages, in site/; a broken link ends it
site: $(VENV)/.tools
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build -q

#: make clean      remove .venv and caches
clean:
	@rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
