# Set-up, run, test, lint, bench: everything a fresh machine needs but Python 3.11+, a C/C++ compiler, CMake and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A folder of labelled recordings for `make bench`; without it, what needs one is left out.
DATA ?=

.PHONY: setup setup-dev run test lint bench clean

setup: $(VENV)/.locked
setup-dev: $(VENV)/.locked-dev

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.locked: requirements.lock | $(VENV)/bin/python
	@echo "Installing packages; llama.cpp is compiled, which takes some minutes ..."
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.locked-dev: requirements-dev.lock $(VENV)/.locked
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# Answers two shipped recordings, one in English and one in Spanish, into answer.wav.
run: setup
	$(BIN)/python run_pipeline.py models fetch --profile auto
	$(BIN)/python run_pipeline.py ask --profile auto --out answer.wav \
		tests/recordings/question_en.wav tests/recordings/question_es.wav

test: setup-dev lint
	$(BIN)/python run_pipeline.py models fetch --profile tiny
	$(BIN)/python -m pytest

lint: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: setup-dev
	$(BIN)/python run_pipeline.py models fetch --profile offline
ifneq ($(strip $(DATA)),)
	$(BIN)/python run_pipeline.py bench stt --data "$(DATA)"
endif
	$(BIN)/python run_pipeline.py bench thinker
	$(BIN)/python run_pipeline.py bench tts
	$(BIN)/python run_pipeline.py bench turn $(if $(strip $(DATA)),--data "$(DATA)")

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
