# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For Sphinx; `make docs` builds the site."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator

project = "devex.github"
author = "The devex.github developers"
project_copyright = "2026 The devex.github developers"
html_title = "devex.github: Codespaces secrets from playbooks"
html_short_title = "devex.github"

extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_theme_options = {"display_version": False}
html_static_path = ["_static"]
html_css_files = ["narrow.css"]
html_show_sphinx = False
html_copy_source = False
html_use_index = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"

nitpicky = True
default_role = "any"

# The only labels of Ansible's documentation that the pages refer to. Asking its site for all labels (intersphinx) would
# take the network for each build.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
LABELS = {
    "ansible_collections.ansible.builtin.unvault_lookup": "collections/ansible/builtin/unvault_lookup.html",
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
# Of the environment variables, those of plugins are apart.
OF_PLUGINS = ("ANSIBLE_INVENTORY_CACHE", "ANSIBLE_INVENTORY_USE_EXTRA_VARS")


def link_to_ansible(app: Any, env: Any, node: Any, content: nodes.TextElement) -> nodes.reference | None:
    """The link for a label, or a setting of Ansible's, that these pages do not have."""
    target = node["reftarget"]
    if node["reftype"] == "envvar" and target.startswith("ANSIBLE_"):
        index = "collections/environment_variables" if target.startswith(OF_PLUGINS) else "reference_appendices/config"
        page = f"{index}.html#envvar-{target}"
    elif target in LABELS:
        page = LABELS[target]
    else:
        return None
    return nodes.reference("", "", content, refuri=ANSIBLE + page)


EDIT = "https://github.com/devex/ansible-collection-github/edit/main/docs/docsite/"


def edit_on_github(app: Any, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Give the pages that are written by hand the link for an edit that the theme shows, as the others have one."""
    if page == "index":
        path = "index.rst"
    elif page.startswith("docsite/guide_"):
        path = f"rst/{page.removeprefix('docsite/')}.rst"
    else:
        return
    context["meta"] = {**(context.get("meta") or {}), "github_url": EDIT + path}


BETWEEN_WORDS = re.compile(r"(?<=[A-Za-z][_:./])(?=[A-Za-z])")


class Translator(HTML5Translator):
    """Lets long names, as of modules and scopes, break between their words where narrow.css allows it."""

    def visit_Text(self, node: nodes.Text) -> None:
        start = len(self.body)
        super().visit_Text(node)
        self.body[start:] = [BETWEEN_WORDS.sub("<wbr>", piece) for piece in self.body[start:]]


def setup(app: Any) -> None:
    app.connect("missing-reference", link_to_ansible)
    app.connect("html-page-context", edit_on_github)
    app.set_translator("html", Translator)
