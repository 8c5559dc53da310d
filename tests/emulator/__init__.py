# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local GitHub: the Codespaces secrets API on a loopback port, with real key pairs and a control API for tests.

The files, from the inside out:

``errors``      GitHub's error answers, as exceptions
``access``      what a token may do
``state``       repositories, accounts, secrets and the rules for them, without HTTP
``shapes``      GitHub's JSON objects
``graphql``     the look-up of repositories by name
``api``         GitHub's endpoints
``faults``      what goes wrong on demand: faults, limits
``traffic``     what happens to every request: the log of calls, faults, limits, headers
``control``     the control API, under ``/_emulator/``
``server``      the command line
``client``      the control API for Python programs; needs the standard library only
"""
