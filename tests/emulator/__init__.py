# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local GitHub: the Codespaces secrets API on a loopback port, with real key pairs and a control API for tests.

The files, from the inside out:

``errors``      GitHub's error answers, as exceptions
``access``      the permissions of tokens
``clock``       the time
``switches``    unknown behaviour of GitHub, with a switch for each alternative
``observed``    the observed behaviour of GitHub, which sets the defaults of the switches
``vault``       the rules for secrets, without HTTP
``state``       accounts, repositories and tokens, and the vault of each scope
``shapes``      GitHub's JSON objects
``graphql``     the lookup of repositories by name
``exchange``    one request, with its token and permissions
``pages``       the pages of a list
``api``         GitHub's endpoints: secrets and lookups
``repositories``  GitHub's endpoints: lists of repositories, and their custom properties
``limits``      GitHub's rate limits, and their use
``faults``      faults on demand
``traffic``     the middleware of every request: log, faults, limits, headers
``control``     the control API, under ``/_emulator/``
``server``      the command line
``client``      the control API for Python programs; needs the standard library only
"""
