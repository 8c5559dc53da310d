# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For Sphinx; `make docs` builds the site."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from docutils import nodes
from sphinx.util.logging import getLogger
from sphinx.writers.html5 import HTML5Translator

LOGGER = getLogger(__name__)

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

# The labels of Ansible's documentation that the pages use. Intersphinx would need the network for each build.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
LABELS = {
    "ansible_collections.ansible.builtin.unvault_lookup": "collections/ansible/builtin/unvault_lookup.html",
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
# Ansible documents the environment variables of plugins on another page than its settings.
OF_PLUGINS = ("ANSIBLE_INVENTORY_CACHE", "ANSIBLE_INVENTORY_USE_EXTRA_VARS")
# The variables of links.yml are rows of a table, since GitHub does not render the directive envvar.
VARIABLES = ("docsite/guide_execution_environments", "environment-variables")


def link_to_target(app: Any, env: Any, node: Any, content: nodes.TextElement) -> nodes.reference | None:
    """Link a label or an environment variable that Sphinx does not find in the pages."""
    target = node["reftarget"]
    if node["reftype"] == "envvar" and target.startswith("ANSIBLE_"):
        index = "collections/environment_variables" if target.startswith(OF_PLUGINS) else "reference_appendices/config"
        address = f"{ANSIBLE}{index}.html#envvar-{target}"
    elif node["reftype"] == "envvar":
        page, section = VARIABLES
        if target not in re.findall(r"\w+", env.get_doctree(page).astext()):
            return None
        address = f"{app.builder.get_relative_uri(node['refdoc'], page)}#{section}"
    elif target in LABELS:
        address = ANSIBLE + LABELS[target]
    else:
        return None
    return nodes.reference("", "", content, refuri=address)


REPOSITORY = "https://github.com/devex/ansible-collection-github/"
SITE = "https://devex.github.io/ansible-collection-github/"


def source_of(page: str) -> str | None:
    """Return the path in the repository of a page that is written by hand."""
    if page == "index":
        return "docs/docsite/index.rst"
    return f"docs/docsite/rst/{page.removeprefix('docsite/')}.rst" if page.startswith("docsite/guide_") else None


def page_of(path: str) -> str | None:
    """Return the page about a file of the repository."""
    match = re.fullmatch(r"docs/docsite/rst/(guide_\w+)\.rst|plugins/(\w+)/(\w+)\.py|roles/(\w+)/README\.md", path)
    if match is None:
        return None
    guide, kind, plugin, role = match.groups()
    return f"docsite/{guide}" if guide else f"{role}_role" if role else f"{plugin}_{kind.removesuffix('s')}"


def link_files(app: Any, doctree: nodes.document, page: str) -> None:
    """Turn links to files of the repository, which GitHub follows, into links that work on the site.

    A guide, module, plugin or role becomes its page. Any other file becomes its address on GitHub. A link to the
    published site becomes a link to the page of this build.
    """
    source = source_of(page)
    if source is None:
        return
    for node in doctree.findall(nodes.reference):
        file, hash_sign, section = node.get("refuri", "").partition("#")
        published = file.startswith(SITE)
        if not file or (":" in file and not published):
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), file))
        target = file.removeprefix(SITE).removesuffix(".html") if published else page_of(path)
        if target is None:
            node["refuri"] = f"{REPOSITORY}blob/main/{path}"
        elif target in app.env.found_docs and (not section or section in app.env.get_doctree(target).ids):
            node["refuri"] = app.builder.get_relative_uri(page, target) + hash_sign + section
        else:
            LOGGER.warning("no page or section for the link %s", node["refuri"], location=node)


def edit_on_github(app: Any, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Give the pages that are written by hand the same link to their source as the generated pages have."""
    source = source_of(page)
    if source is not None:
        context["meta"] = {**(context.get("meta") or {}), "github_url": f"{REPOSITORY}edit/main/{source}"}


BETWEEN_WORDS = re.compile(r"(?<=[A-Za-z][_:./])(?=[A-Za-z])")


class Translator(HTML5Translator):
    """Lets long names, as of modules and scopes, break between their words where narrow.css allows it."""

    def visit_Text(self, node: nodes.Text) -> None:
        start = len(self.body)
        super().visit_Text(node)
        self.body[start:] = [BETWEEN_WORDS.sub("<wbr>", piece) for piece in self.body[start:]]


def setup(app: Any) -> None:
    app.connect("missing-reference", link_to_target)
    app.connect("doctree-resolved", link_files)
    app.connect("html-page-context", edit_on_github)
    app.set_translator("html", Translator)
