# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check of the collection and of the emulator against the real GitHub: ``make live``.

The files, from the inside out:

``needs``      the settings from the environment, and what to do if some are missing; standard library only
``github``     one request to GitHub, without any help from the collection
``secrets_of`` the secrets of one scope
``questions``  the meaning of each reply for an open question, without input or output
``ask``        the requests that answer each question
``rituals``    the playbooks in ``rituals/``, one for each module
``signals``    Ctrl-C, a kill and a closed terminal
``cleanup``    the deletion of the throwaway secrets
``report``     the page docs/observed.md
``live``       the program
"""
