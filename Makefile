# Every habit is a target. `make` alone shows them.

# The first Python on the path that is new enough; `make PYTHON=/path/to/python` chooses another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$each -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$each && break; done)

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
VERSIONS := pyproject.toml constraints.txt
# It asks for an attrs that nothing else here works with, and works with ours: pyproject.toml.
COMPARE50 := $(PIP) --no-deps compare50

.DEFAULT_GOAL := help
.PHONY: help demo test lint starter nbgrader torch similar release audit base-image images bench clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.run  ## grade a demo class and show where its reports are
	$(BIN)/autograder demo --out build/demo

test: .venv/.test  ## run every test of the platform, with coverage
	$(BIN)/python -m pytest -m 'not alone' --numprocesses 2 --dist loadfile --cov --cov-report=
	$(BIN)/python -m pytest -m alone --cov --cov-append --cov-report=term --cov-fail-under=90

lint: .venv/.test  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

starter: .venv/.run  ## write starter_code/ from solutions/
	$(BIN)/autograder starter

nbgrader: .venv/.nbgrader  ## install what handouts, gradebook and feedback need

torch: .venv/.torch  ## install what grading PyTorch assignments needs on the grader's side

similar: .venv/.similar  ## install what comparing submissions with each other needs

release: .venv/.nbgrader  ## make what students get of every assignment, past the leak gate
	for each in assignments/*/; do $(BIN)/autograder release "$$(basename "$$each")" || exit; done

audit: .venv/.run  ## put every hidden suite on trial with right and wrong implementations
	mkdir -p build
	$(BIN)/autograder audit --html build/audit.html

base-image:  ## make the images' base from Debian's packages (root, debootstrap, a Docker engine)
	autograder/sandbox/images/base-image.sh autograder-base:bookworm

images: base-image .venv/.run  ## build the sandbox images (numpy, PyTorch on the CPU) and the grader's
	$(BIN)/autograder image build numpy torch grader

bench: .venv/.test  ## measure speed: beside nbgrader, otter and the bare suite, and as a class grows
	for each in peers scale sandbox gradebook; do $(BIN)/python benchmarks/$$each.py || exit; done

clean:  ## remove .venv and everything that was built
	rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.*

# What was installed last: a change of the versions installs again.
.venv/.run: $(VERSIONS) | $(BIN)/python
	$(PIP) -e .
	@touch $@

.venv/.torch: $(VERSIONS) | $(BIN)/python
	$(PIP) -e '.[torch]'
	@touch $@ .venv/.run

.venv/.nbgrader: $(VERSIONS) | $(BIN)/python
	$(PIP) -e '.[nbgrader]'
	@touch $@ .venv/.run

.venv/.similar: $(VERSIONS) | $(BIN)/python
	$(PIP) -e '.[similar]'
	$(COMPARE50)
	@touch $@ .venv/.run

.venv/.test: $(VERSIONS) | $(BIN)/python
	$(PIP) -e '.[test]'
	$(COMPARE50)
	@touch $@ .venv/.run .venv/.nbgrader .venv/.torch .venv/.similar

$(BIN)/python:
	@'$(PYTHON)' -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "This needs Python 3.11 or newer, and found none: make PYTHON=/path/to/python" >&2; exit 1; }
	'$(PYTHON)' -m venv .venv || { rm -rf .venv; exit 1; }
