# `make help` lists the commands. Each sets up what it needs first.
.DEFAULT_GOAL := help
PY := .venv/bin/python
PROFILE ?= mini
MANIFEST ?= samples/manifest.jsonl
JSON ?=
export CALLCENTER_PROFILE := $(PROFILE)

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

.venv/.ready: requirements.txt pyproject.toml scripts/setup.sh scripts/stubs.sh scripts/mend_torchaudio.py \
              $(wildcard protos/callcenter/v1/*.proto)
	@scripts/setup.sh

setup: .venv/.ready dashboard  ## create .venv, install the pinned packages, generate the stubs, build the dashboard

dashboard: .venv/.ready  ## build the web page where its sources have changed (Node 20, else Node from PyPI)
	@scripts/dashboard.sh

# Without the page everything else works, and the script says what it lacks: not a reason to start nothing.
run: .venv/.ready  ## start everything, analyse the sample calls, stay up; Ctrl-C stops (PROFILE=mini)
	-@scripts/dashboard.sh
	@$(PY) -m client.up

demo: .venv/.ready  ## the same, but stop when the analyses are complete; non-zero when they are not
	@$(PY) -m client.up --once

test: .venv/.ready dashboard  ## run the tests (installs espeak-ng and Chromium when it may, else says so)
	@scripts/system_packages.sh browser
	@$(PY) -m pytest

lint: .venv/.ready  ## ruff, mypy (strict), Buf, and Biome and tsc for the page
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	@.venv/bin/mypy
	@scripts/buf.sh lint protos
	@scripts/dashboard.sh lint

eval: .venv/.ready  ## judge a profile on labelled calls (MANIFEST=…/manifest.jsonl PROFILE=mini JSON=out.json)
	@$(PY) -m evaluation $(MANIFEST) --profile $(PROFILE) $(if $(JSON),--json $(JSON))

fetch: .venv/.ready  ## download a profile's models from the hub (PROFILE=public; HF_TOKEN for gated ones)
	@$(PY) -m services.fetch --profile $(PROFILE)

corpus: .venv/.ready  ## render the synthetic corpus into data/corpus (needs espeak-ng)
	@scripts/system_packages.sh
	@$(PY) -m training.corpus --out data/corpus

models: .venv/.ready  ## train all embedded models from nothing (hours; resumes; needs espeak-ng)
	@scripts/models.sh

.PHONY: help setup dashboard run demo test lint eval fetch corpus models
