# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Start with `make demo` to see the collection at work, and `make unit` for a quick check. Every change must pass
# `make test`; CI also runs `make thorough`. CONTRIBUTING.md lists all targets.

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
# The directories change if a file is deleted.
SOURCES := $(wildcard $(shell git ls-files --cached --others --exclude-standard))
SOURCES += $(sort $(dir $(SOURCES)))

# ansible-lint and the tests run Ansible's commands, which use the installed collection, as users do.
export PATH := $(BIN):$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build/collections

.PHONY: demo picture live unit fuzz-minute fuzz integration main thorough lint docs sanity targets test matrix bench simulate release tarball collection clean gh

demo: $(DEMO) $(LINK)
	@$(<D)/bin/python tests/demo/demo.py $(if $(VERBOSE),--verbose)

# Write docs/demo.svg, the picture in the README.
picture: $(DEMO) $(LINK)
	$(<D)/bin/python tests/demo/picture.py docs/demo.svg

# `make live REPOSITORY=owner/sandbox` checks the collection against the real GitHub. First, it reports missing settings.
live:
	@$(PYTHON) tests/live/needs.py
	@$(MAKE) --no-print-directory --silent $(LIVE) $(LINK)
	@ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/build/dev $(dir $(LIVE))bin/python tests/live/live.py

unit: $(VENV) $(LINK)
	$(BIN)/coverage run -m pytest tests/unit

# The first minute of `make fuzz`, the same each time.
fuzz-minute: $(VENV) $(LINK)
	$(BIN)/pytest tests/fuzz

# Run until it finds something, or until you interrupt it.
fuzz: $(VENV) $(LINK)
	$(BIN)/pytest --exitfirst --hypothesis-profile endless tests/fuzz

# It prints the reason of each skipped test. There are more workers than cores, because some tests mostly wait for limits.
integration: $(VENV) $(LINK) $(INSTALLED)
	$(BIN)/pytest -rs -n 4 --dist worksteal $(CHOSEN) tests/integration

thorough: fuzz-minute targets
main thorough: $(VENV) $(LINK) $(INSTALLED)
	$(MAKE) --no-print-directory integration CHOSEN='-m "$(if $(filter main,$@),not )thorough"'

# antsibull-docs must not find the installed collection. Otherwise it confuses it with its own copy, and puts the random
# name of that copy into pages, where a name that ends in _ is a broken reference in RST.
lint: $(VENV) $(LINK) $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(LINK)/plugins $(LINK)/tests/unit $(LINK)/tests/fuzz tests/emulator tests/integration/*.py tests/demo tests/live tests/bench tests/simulate tests/*.py
	$(BIN)/yamllint --strict .
	$(BIN)/reuse lint --lines
	$(BIN)/antsibull-changelog lint
	env -u ANSIBLE_COLLECTIONS_PATH $(BIN)/antsibull-docs lint-collection-docs --plugin-docs --check-extra-docs-refs --validate-collection-refs all .
	$(BIN)/ansible-lint
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/python tests/prose.py

# Build the site in build/docs/html. The generated page of environment variables is removed, because it lists only those
# of the inventory; guide_execution_environments lists all.
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

# The quick targets run first, two at a time, because each uses one core. pytest's summary and the coverage come last.
test:
	$(MAKE) --no-print-directory --jobs 2 $(VENV) $(DEMO)
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target sanity unit lint demo docs
	$(MAKE) --no-print-directory main
	@echo 'Coverage of plugins/module_utils by the unit tests. The playbooks above run these and all other files, too:'
	@$(BIN)/coverage report

# Each release takes a quarter of an hour on two cores. `make matrix MATRIX="2.20 --python 3.12"` tests only one.
matrix: $(VENV) $(LINK) $(INSTALLED)
	$(BIN)/python tests/matrix.py $(MATRIX)

# Write docs/benchmark.md, in about 30 minutes. BENCH='--only store' writes one section, in 3 minutes.
bench: $(VENV) $(LINK) $(INSTALLED)
	$(BIN)/python tests/bench/bench.py $(BENCH)

# It keeps a core busy for some 40 minutes. SIMULATE='--only 1000' takes a minute.
simulate: $(VENV) $(LINK)
	@$(BIN)/python tests/simulate/simulate.py $(SIMULATE)

release: $(VENV) $(RELEASE)
	$(BIN)/python tests/release.py

# Build with the pinned releases of tests/build-requirements.txt only.
tarball: $(TARBALL)
	$(<D)/bin/python tests/tarball.py

collection: $(INSTALLED)

clean:
	rm -rf .venv build

# Install GitHub's own command. Some tests are skipped without it. No other target changes the system.
gh:
	@command -v gh >/dev/null || tests/install-gh

$(VENV): tests/requirements.txt tests/unit/requirements.txt tests/integration/requirements.txt
$(VENV): MEGABYTES = 570
$(DEMO): tests/demo/requirements.txt
$(DEMO): MEGABYTES = 90
$(TARBALL): MEGABYTES = 70
$(LIVE): tests/live/requirements.txt
$(LIVE): MEGABYTES = 90
# Separate, because galaxy-importer pins other releases of the linters.
$(RELEASE): tests/release-requirements.txt
$(TARBALL): tests/build-requirements.txt
$(VENV) $(DEMO) $(LIVE) $(RELEASE) $(TARBALL):
	@$(PYTHON) -c 'import ensurepip, sys; assert sys.version_info >= (3, 11)' || \
	  { echo 'You need Python 3.11 or newer with venv: run apt-get install python3-venv, or make PYTHON=…' >&2; exit 1; }
	@echo 'Installing $<$(if $(MEGABYTES), ($(MEGABYTES) MB)) into $(@D), only once. This may take a minute or two.'
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Python and mypy need the collection at ansible_collections/devex/github, independent of the path of the checkout.
$(LINK):
	mkdir -p $(@D)
	ln -s ../../../.. $@

# Building and installing the collection needs ansible-core only.
$(INSTALLED): $(TARBALL) $(SOURCES)
	rm -rf $(@D) build/devex-github-*.tar.gz
	$(<D)/bin/ansible-galaxy collection build --output-path build
	$(<D)/bin/ansible-galaxy collection install --offline --collections-path $(@D) build/devex-github-*.tar.gz
	touch $@
