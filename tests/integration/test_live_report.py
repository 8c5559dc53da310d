# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conclusions of ``make live`` from GitHub's replies, and the page docs/observed.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from emulator import observed
from emulator.switches import Switches
from live import ask, cleanup, questions, report, rituals
from live.github import Reply, is_limit, limit_seconds
from live.questions import QUESTIONS, Answer, NotObserved
from live.secrets_of import Key

KEY = Key("0123", "q83vEjRWeJA=")
RUN = report.Run("2026-11-29", "https://api.github.com", "2026-03-10", 1001, KEY)


@pytest.mark.parametrize(
    ("question", "seen", "value"),
    [
        (questions.etags, (None, 200), False),
        (questions.etags, ('W/"1"', 304), True),
        (questions.etags, ('W/"1"', 200), False),
        (questions.missing_scope, (403, "gist"), 403),
        (questions.missing_scope, (404, ""), 404),
        (questions.lag, ([0.0, 0.0],), 0.0),
        (questions.lag, ([0.0, 1.5],), 1.5),
        (questions.stale_key, (422,), "refuse"),
        (questions.stale_key, (204,), "accept"),
        (questions.omitted_ids_on_update, (204, [1], []), "clear"),
        (questions.omitted_ids_on_update, (204, [1], [1]), "keep"),
        (questions.put_without_value, (204,), "accept"),
        (questions.put_without_value, (422,), "refuse"),
        (questions.unknown_id, (422,), 422),
        (questions.remove_absent_repository, (404,), 404),
        (questions.list_change_moves_updated_at, ("a", "a"), False),
        (questions.list_change_moves_updated_at, ("a", "b"), True),
        (questions.selected_ids_cap, (100, 100, 204), None),
        (questions.selected_ids_cap, (50, 100, 204), 50),
        (questions.user_repositories_paged, (1, 2), True),
        (questions.user_repositories_paged, (2, 2), False),
    ],
)
def test_an_answer_is_a_value_of_the_switch(question: Callable[..., Answer], seen: tuple[Any, ...], value: Any) -> None:
    found = question(*seen).value
    assert (type(found), found) == (type(value), value)
    Switches().change({question.__name__: found})


@pytest.mark.parametrize(
    ("question", "seen", "reason"),
    [
        (questions.etags, ('W/"1"', 502), "answered 502"),
        (questions.missing_scope, (403, None), "not a classic one"),
        (questions.missing_scope, (403, "repo, codespace"), "has the scope"),
        (questions.missing_scope, (500, "gist"), "answered 500"),
        (questions.lag, ([0.0, None],), "in time"),
        (questions.stale_key, (403,), "answered 403"),
        (questions.omitted_ids_on_update, (422, [1], [1]), "answered 422"),
        (questions.omitted_ids_on_update, (204, [1], None), "neither"),
        (questions.omitted_ids_on_update, (204, [1], [2]), "neither"),
        (questions.put_without_value, (403,), "answered 403"),
        (questions.unknown_id, (204,), "answered 204"),
        (questions.remove_absent_repository, (500,), "answered 500"),
        (questions.list_change_moves_updated_at, (None, "a"), "did not return"),
        (questions.selected_ids_cap, (4, 4, 204), "fewer than 100"),
        # One repository that a secret cannot select is not a cap.
        (questions.selected_ids_cap, (4, 100, 422), "list of one repository"),
        (questions.user_repositories_paged, (1, 1), "only one repository"),
    ],
)
def test_any_other_reply_is_no_answer(question: Callable[..., Answer], seen: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(NotObserved, match=reason):
        question(*seen)


@pytest.mark.parametrize(
    ("status", "headers", "message", "seconds"),
    [
        (429, {}, "", 60),
        (403, {"retry-after": "7"}, "", 7),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "130"}, "", 30),
        (403, {}, "You have exceeded a secondary rate limit.", 60),
        (403, {}, "Must have admin rights to Repository.", None),
        (404, {"x-ratelimit-remaining": "0"}, "", None),
    ],
)
def test_a_limit_differs_from_a_missing_permission(
    status: int, headers: dict[str, str], message: str, seconds: float | None
) -> None:
    reply = Reply(status, headers, {"message": message})
    assert is_limit(reply) is (seconds is not None)
    if seconds is not None:
        assert limit_seconds(reply, now=100) == seconds


DELETED, REJECTED, DROPPED = Reply(204, {}), Reply(403, {}), "GitHub did not answer"


@pytest.mark.parametrize(
    ("answer", "names", "reason"),
    [
        (DELETED, [], None),
        (Reply(404, {}), [], None),
        (DELETED, ["A"], "GitHub still lists it"),
        (DELETED, None, None),
        # The secret never existed.
        (REJECTED, ["B"], None),
        (REJECTED, ["A"], "GitHub answered 403"),
        (REJECTED, None, "GitHub answered 403, and GitHub did not list the secrets"),
        (DROPPED, [], None),
        (DROPPED, ["A"], DROPPED),
    ],
)
def test_a_secret_is_left_if_the_list_has_its_name(
    answer: Reply | str, names: list[str] | None, reason: str | None
) -> None:
    expected = {} if reason is None else {("user", "A"): reason}
    assert cleanup.left({("user", "A"): answer}, {"user": names}) == expected


def test_every_question_has_a_function() -> None:
    assert list(ask.ASK) == list(QUESTIONS)


def test_the_page_that_is_committed_has_all_questions_and_modules() -> None:
    assert [row[0] for row in observed.rows(observed.PAGE)] == list(QUESTIONS)
    text = observed.PAGE.read_text(encoding="utf-8")
    assert "Do not edit the page" in text
    assert all(f"| `{module}` |" in text for module in rituals.MODULES)
    observed.switches()


def test_the_emulator_keeps_the_assumptions_before_the_first_run(tmp_path: Path) -> None:
    page = tmp_path / "observed.md"
    assert observed.switches(page) == Switches()
    page.write_text(report.before_the_first_run(list(rituals.MODULES)), encoding="utf-8")
    assert len(observed.rows(page)) == len(QUESTIONS)
    assert observed.switches(page) == Switches()
    assert "`make live` has not run yet" in page.read_text(encoding="utf-8")


def test_the_emulator_takes_the_answers_from_the_page(tmp_path: Path) -> None:
    page = tmp_path / "observed.md"
    answers: dict[str, Answer | str] = {
        **dict.fromkeys(QUESTIONS, "a | reason"),
        "etags": Answer(False, "a | note"),
        "lag": Answer(1.5),
        "selected_ids_cap": Answer(7),
        "stale_key": Answer("accept"),
        "unknown_id": Answer(404),
    }
    page.write_text(report.page(RUN, answers, {}), encoding="utf-8")
    assert observed.switches(page) == Switches(etags=False, lag=1.5, selected_ids_cap=7, stale_key="accept")
    earlier = report.earlier(page)
    assert earlier.key_of(1001) == KEY
    assert earlier.key_of(1002) is None


def test_a_page_that_was_formatted_by_hand_is_read(tmp_path: Path) -> None:
    page = tmp_path / "observed.md"
    page.write_text("text | text\n|unknown_id|?|404|  contradicted |  422|  |\n", encoding="utf-8")
    assert observed.switches(page) == Switches(unknown_id=422)


@pytest.mark.parametrize(
    ("switch", "value", "problem"),
    [
        ("unknown_id", "500", "is one of"),
        ("selected_ids_cap", "-3", "is at least 1"),
        ("lag", "NaN", "is at least 0"),
        ("lag", "soon", "Expecting value"),
    ],
)
def test_an_invalid_value_of_a_switch_fails(switch: str, value: str, problem: str, tmp_path: Path) -> None:
    page = tmp_path / "observed.md"
    page.write_text(f"| `{switch}` | ? | `404` | contradicted | `{value}` | |\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"row {switch}: .*{problem}"):
        observed.switches(page)
    with pytest.raises(report.PageError, match="Restore it"):
        report.earlier(page)


def test_a_page_that_cannot_be_written_fails_before_the_run(tmp_path: Path) -> None:
    for page in (tmp_path, tmp_path / "absent/observed.md"):
        with pytest.raises(report.PageError, match="cannot be used"):
            report.earlier(page)
    page = tmp_path / "observed.md"
    page.write_bytes(b"\xe9")
    with pytest.raises(report.PageError, match="cannot be used"):
        report.earlier(page)
    page.unlink()
    assert report.earlier(page) == report.Earlier()
    assert not page.exists()


def test_answers_about_another_github_are_not_kept(tmp_path: Path) -> None:
    page = tmp_path / "observed.md"
    answers: dict[str, Answer | str] = {**dict.fromkeys(QUESTIONS, "no"), "unknown_id": Answer(422)}
    page.write_text(report.page(RUN, answers, {}), encoding="utf-8")
    earlier = report.earlier(page)
    assert earlier.complete({"unknown_id": "no"}, "https://api.octo.ghe.com") == {"unknown_id": "no"}
    kept = earlier.complete({"unknown_id": "no"}, RUN.url)["unknown_id"]
    assert kept == Answer(422, "observed on 2026-11-29; not now: no")
