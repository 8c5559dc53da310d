# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local GitHub: the Codespaces secrets API on a loopback port, with real key pairs and a control API for tests.

The files, from the inside out:

``errors``      GitHub's error answers, as exceptions
``access``      what a token may do
``clock``       what time it is
``switches``    the unknowns: what can be switched, since nobody knows how GitHub does it
``observed``    what GitHub was observed to do: the defaults of the switches
``vault``       the rules for secrets, without HTTP
``state``       accounts, repositories and tokens, and the vault of each scope
``shapes``      GitHub's JSON objects
``graphql``     the look-up of repositories by name
``exchange``    one request, and what is learned about it on its way
``pages``       the pages of a list
``api``         GitHub's endpoints: secrets, and look-ups
``repositories``  GitHub's endpoints: lists of repositories, and their custom properties
``limits``      GitHub's limits, and what is used of them
``faults``      what goes wrong on demand
``traffic``     what happens to every request: the log of calls, faults, limits, headers
``control``     the control API, under ``/_emulator/``
``server``      the command line
``client``      the control API for Python programs; needs the standard library only
"""
