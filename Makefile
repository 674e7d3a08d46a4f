# `make help` lists the commands. Each sets up what it needs first.
.DEFAULT_GOAL := help
PYTHON_BIN := .venv/bin/python
PROFILE ?= mini
export CALLCENTER_PROFILE := $(PROFILE)

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

.venv/.ready: requirements.txt pyproject.toml scripts/setup.sh scripts/mend_torchaudio.py $(wildcard protos/callcenter/v1/*.proto)
	@scripts/setup.sh

setup: .venv/.ready  ## create .venv, install the pinned packages, generate the stubs

stubs: .venv/.ready  ## generate the gRPC stubs again
	@scripts/stubs.sh

lint: .venv/.ready  ## ruff, mypy (strict) and Buf
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	@.venv/bin/mypy
	@scripts/buf.sh lint protos

test: .venv/.ready  ## run the tests
	@$(PYTHON_BIN) -m pytest

.PHONY: help setup stubs lint test
