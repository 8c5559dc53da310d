# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# `make demo` shows the collection at work, `make unit` is the quick check, `make test` is what every change has to
# pass before it is offered, and `make thorough` the rest of what CI runs; `make matrix` tests with every supported
# ansible-core, `make release` builds and checks what is released, and `make tarball` builds it with a pinned
# ansible-core only.

PYTHON = python3

MAKEFLAGS += --no-builtin-rules

BIN := $(CURDIR)/.venv/bin
VENV := .venv/installed
DEMO := build/demo/venv/installed
RELEASE := build/release/venv/installed
TARBALL := build/tarball/venv/installed
LIVE := build/live/venv/installed
LINK := build/dev/ansible_collections/devex/github
INSTALLED := build/collections/installed
# With directories, so that a deleted file is noticed as well.
SOURCES := $(wildcard $(shell git ls-files --cached --others --exclude-standard))
SOURCES += $(sort $(dir $(SOURCES)))

# ansible-lint and the tests start Ansible's commands, which find the collection as users install it.
export PATH := $(BIN):$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build/collections

.PHONY: demo live unit fuzz-minute fuzz integration main thorough lint docs sanity targets test matrix bench release tarball collection clean gh

demo: $(DEMO) $(LINK)
	@$(<D)/bin/python tests/demo/demo.py

# `make live REPOSITORY=owner/sandbox` checks the collection against the real GitHub. First it says what is missing.
live:
	@$(PYTHON) tests/live/needs.py
	@$(MAKE) --no-print-directory --silent $(LIVE) $(LINK)
	@ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/build/dev $(dir $(LIVE))bin/python tests/live/live.py

unit: $(VENV) $(LINK)
	$(BIN)/coverage run -m pytest tests/unit

# Each time the same minute of what `make fuzz` does.
fuzz-minute: $(VENV) $(LINK)
	$(BIN)/pytest tests/fuzz

# Until it finds something, or is interrupted.
fuzz: $(VENV) $(LINK)
	$(BIN)/pytest --exitfirst --hypothesis-profile endless tests/fuzz

# It says what is skipped, and why. More at once than there are cores, since some wait for a limit most of the time.
integration: $(VENV) $(LINK) $(INSTALLED)
	$(BIN)/pytest -rs -n 4 --dist worksteal $(CHOSEN) tests/integration

thorough: fuzz-minute
main thorough: $(VENV) $(LINK) $(INSTALLED)
	$(MAKE) --no-print-directory integration CHOSEN='-m "$(if $(filter main,$@),not )thorough"'

# With the installed collection in sight, antsibull-docs takes it and its own copy for one, and puts the random name of
# that copy into pages: a name that ends in _ is a reference in RST, which goes nowhere.
lint: $(VENV) $(LINK) $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(LINK)/plugins $(LINK)/tests/unit $(LINK)/tests/fuzz tests/emulator tests/integration/*.py tests/demo tests/live tests/bench tests/*.py
	$(BIN)/yamllint --strict .
	$(BIN)/reuse lint --lines
	$(BIN)/antsibull-changelog lint
	env -u ANSIBLE_COLLECTIONS_PATH $(BIN)/antsibull-docs lint-collection-docs --plugin-docs --check-extra-docs-refs --validate-collection-refs all .
	$(BIN)/ansible-lint
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --quiet .github

# The site is left in build/docs/html. The page of environment variables that is generated has those of the inventory
# only; guide_execution_environments has all of them.
docs: $(VENV) $(INSTALLED)
	rm -rf build/docs
	mkdir -p -m 755 build/docs/rst
	$(BIN)/antsibull-docs --config-file docs/docsite/antsibull-docs.cfg collection --use-current --squash-hierarchy \
	  --fail-on-error --dest-dir build/docs/rst devex.github
	rm build/docs/rst/environment_variables.rst
	cp docs/docsite/rst/*.svg build/docs/rst/docsite/
	cp docs/docsite/index.rst build/docs/rst/
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -c docs/docsite build/docs/rst build/docs/html

sanity: $(VENV)
	$(BIN)/python tests/run_ansible_test.py sanity

# The integration tests of ansible-test.
targets: $(VENV)
	$(BIN)/python tests/run_ansible_test.py integration

# What is quick comes first, two at a time, since each of it takes one core; pytest's summary and the coverage come last.
test:
	$(MAKE) --no-print-directory --jobs 2 $(VENV) $(DEMO)
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target sanity unit lint demo docs
	$(MAKE) --no-print-directory main
	@echo 'What the unit tests run of plugins/module_utils; the playbooks above run these files too, and all others:'
	@$(BIN)/coverage report

# A quarter of an hour for each on two cores. `make matrix MATRIX="2.20 --python 3.12"` tests one.
matrix: $(VENV) $(LINK) $(INSTALLED)
	$(BIN)/python tests/matrix.py $(MATRIX)

# Some 30 minutes; it writes docs/benchmark.md. BENCH='--only store' takes 3 minutes and writes one section of it.
bench: $(VENV) $(LINK) $(INSTALLED)
	$(BIN)/python tests/bench/bench.py $(BENCH)

release: $(VENV) $(RELEASE)
	$(BIN)/python tests/release.py

# With nothing but what tests/build-requirements.txt pins.
tarball: $(TARBALL)
	$(<D)/bin/python tests/tarball.py

collection: $(INSTALLED)

clean:
	rm -rf .venv build

# GitHub's own command, for the tests and measurements that are skipped without it; nothing else touches the system.
gh:
	@command -v gh >/dev/null || tests/install-gh

$(VENV): tests/requirements.txt tests/unit/requirements.txt tests/integration/requirements.txt
$(VENV): MEGABYTES = 570
$(DEMO): tests/demo/requirements.txt
$(DEMO): MEGABYTES = 90
$(LIVE): tests/live/requirements.txt
$(LIVE): MEGABYTES = 90
# galaxy-importer chooses releases of linters of its own.
$(RELEASE): tests/release-requirements.txt
$(TARBALL): tests/build-requirements.txt
$(VENV) $(DEMO) $(LIVE) $(RELEASE) $(TARBALL):
	@$(PYTHON) -c 'import ensurepip, sys; assert sys.version_info >= (3, 11)' || \
	  { echo 'Python 3.11 or newer with venv is needed: apt-get install python3-venv, or make PYTHON=…' >&2; exit 1; }
	@echo 'Once only: installing $<$(if $(MEGABYTES), ($(MEGABYTES) MB)) into $(@D), which may take a minute or two.'
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Python and mypy want the collection at ansible_collections/devex/github, wherever the checkout lies.
$(LINK):
	mkdir -p $(@D)
	ln -s ../../../.. $@

$(INSTALLED): $(VENV) $(SOURCES)
	rm -rf $(@D) build/devex-github-*.tar.gz
	$(BIN)/ansible-galaxy collection build --output-path build
	$(BIN)/ansible-galaxy collection install --offline --collections-path $(@D) build/devex-github-*.tar.gz
	touch $@
