"""Saving one answer as it is given."""

from __future__ import annotations

import uuid
from typing import Any

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from tests.functional.assessments.conftest import Stored
from tests.functional.assessments.desk import JSON, Desk

CNC = {"key_processes_controlled": "9", "key_processes_total": "16"}


def test_a_saved_answer_is_acknowledged_with_its_version_and_time(desk: Desk, stored: Stored) -> None:
    reply = desk.save("cnc_key_processes", CNC)
    assert reply.status_code == 200
    assert (reply.json["version"], reply.json["state"], reply.json["saved_at"]) == (1, "answered", "10:00")
    assert stored.answer("cnc_key_processes") == CNC


def test_a_saved_answer_is_there_when_the_page_is_opened_again(desk: Desk) -> None:
    desk.save("cnc_key_processes", CNC)
    page = desk.open("production")
    assert 'name="key_processes_controlled" value="9"' in page.html


def test_the_same_save_again_changes_nothing(desk: Desk, stored: Stored) -> None:
    first, again = desk.save("cnc_key_processes", CNC), desk.save("cnc_key_processes", CNC)
    assert again.status_code == 200
    assert again.json["version"] == first.json["version"] == 1
    assert stored.history("cnc_key_processes") == [CNC]


def test_every_save_is_kept_in_the_history(desk: Desk, stored: Stored) -> None:
    desk.save("it_department", {"it_department": "none"})
    desk.save("it_department", {"it_department": "own"}, version=1)
    assert [version["it_department"] for version in stored.history("it_department")] == ["none", "own"]


def test_nothing_over_nothing_leaves_no_trace(desk: Desk, stored: Stored) -> None:
    reply = desk.save("cnc_key_processes", {"key_processes_controlled": "", "key_processes_total": ""})
    assert (reply.status_code, reply.json["version"]) == (200, 0)
    assert stored.history("cnc_key_processes") == []


def test_emptying_the_fields_clears_the_answer_and_keeps_its_history(desk: Desk, stored: Stored) -> None:
    desk.save("cnc_key_processes", CNC)
    reply = desk.save("cnc_key_processes", {"key_processes_controlled": "", "key_processes_total": ""}, version=1)
    assert (reply.json["version"], reply.json["state"]) == (2, "empty")
    assert stored.answer("cnc_key_processes") == {}
    assert stored.history("cnc_key_processes") == [CNC, {}]


def test_half_an_answer_is_kept_and_does_not_count(desk: Desk, stored: Stored) -> None:
    reply = desk.save("cnc_key_processes", {"key_processes_total": "16"})
    assert (reply.json["state"], reply.json["progress"]["percent"]) == ("empty", 0)
    assert stored.answer("cnc_key_processes") == {"key_processes_total": "16"}


def test_a_question_can_be_skipped_for_now(desk: Desk) -> None:
    reply = desk.save("it_planning", {"skip.it_planning": "1"})
    assert reply.json["state"] == "skipped"
    assert "skipped" in desk.review().text


def test_a_skipped_question_can_be_answered_later(desk: Desk, stored: Stored) -> None:
    desk.save("it_department", {"skip.it_department": "1"})
    reply = desk.save("it_department", {"it_department": "own"}, version=1)
    assert reply.json["state"] == "answered"
    assert stored.answer("it_department") == {"it_department": "own"}


def test_a_stale_save_overwrites_nothing_and_shows_what_stands(desk: Desk, colleague: Desk, stored: Stored) -> None:
    colleague.save("cnc_key_processes", CNC)
    reply = desk.save("cnc_key_processes", {"key_processes_controlled": "3", "key_processes_total": "16"})
    assert (reply.status_code, reply.json["error"]) == (409, "answer_changed_meanwhile")
    assert (reply.json["facts"], reply.json["version"]) == (CNC, 1)
    assert stored.history("cnc_key_processes") == [CNC]


def test_a_conflict_says_who_changed_the_answer_when_and_to_what(desk: Desk, colleague: Desk) -> None:
    colleague.save("cnc_key_processes", CNC)
    message = desk.save("cnc_key_processes", {"key_processes_total": "20"}).json["message"]
    assert message.startswith("李梅 changed this answer at 10:00 to: ")
    assert "9 processes" in message
    assert "16 processes" in message


def test_a_conflict_with_an_answer_of_another_day_names_the_day(desk: Desk, colleague: Desk, clock: FixedClock) -> None:
    colleague.save("it_department", {"it_department": "none"})
    clock.at = clock.at.replace(day=25)
    message = desk.save("it_department", {"it_department": "own"}).json["message"]
    assert "changed this answer at 2026-11-24 10:00 to: No department or post." in message


def test_a_conflict_over_a_skipped_question_says_so(desk: Desk, colleague: Desk) -> None:
    colleague.save("it_department", {"skip.it_department": "1"})
    reply = desk.save("it_department", {"it_department": "own"})
    assert reply.json["message"].endswith("to: skipped for now.")


def test_whoever_has_seen_the_other_answer_may_keep_their_own(desk: Desk, colleague: Desk, stored: Stored) -> None:
    colleague.save("it_department", {"it_department": "none"})
    seen = desk.save("it_department", {"it_department": "own"}).json["version"]
    assert desk.save("it_department", {"it_department": "own"}, version=seen).status_code == 200
    assert [version["it_department"] for version in stored.history("it_department")] == ["none", "own"]


def test_two_who_give_the_same_answer_do_not_quarrel(desk: Desk, colleague: Desk) -> None:
    colleague.save("it_department", {"it_department": "none"})
    assert desk.save("it_department", {"it_department": "none"}).status_code == 200


def test_a_version_nobody_has_reached_is_a_conflict(desk: Desk, stored: Stored) -> None:
    reply = desk.save("it_department", {"it_department": "none"}, version=7)
    assert reply.status_code == 409
    assert stored.answer("it_department") is None


def test_a_version_that_is_no_number_counts_as_none_seen(desk: Desk) -> None:
    fields = {"version.it_department": "first", "it_department": "none"}
    assert desk.save("it_department", fields).json["version"] == 1


def test_a_question_that_is_not_of_the_edition_is_not_found(desk: Desk) -> None:
    reply = desk.save("favourite_colour", {"favourite_colour": "red"})
    assert reply.status_code == 404
    assert reply.json == {"error": "question", "message": "This question is not part of the questionnaire."}


def test_an_assessment_that_does_not_exist_is_not_found(desk: Desk, draft: Assessment) -> None:
    url = f"{desk.base.rpartition('/')[0]}/{uuid.uuid4()}/answers/it_department"
    reply = desk.browser.client.post(url, data={"it_department": "none"}, headers=JSON)
    assert reply.status_code == 404
    assert "There is no such assessment" in reply.json["message"]


def test_a_save_without_the_forms_token_is_refused_in_words(app: Any, desk: Desk, stored: Stored) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    reply = desk.save("it_department", {"it_department": "none"})
    assert (reply.status_code, reply.json["error"]) == (400, "page_expired")
    assert stored.answer("it_department") is None


def test_fields_of_other_questions_are_ignored(desk: Desk, stored: Stored) -> None:
    desk.save("it_department", {"it_department": "none", "cio_level": "board", "score": "100"})
    assert stored.answer("it_department") == {"it_department": "none"}
    assert stored.answer("cio_level") is None


def test_the_time_of_a_save_is_the_clocks(desk: Desk, clock: FixedClock) -> None:
    clock.at = clock.at.replace(hour=7, minute=41)
    assert desk.save("it_department", {"it_department": "none"}).json["saved_at"] == "15:41"


def test_the_page_swaps_in_a_question_by_itself(desk: Desk) -> None:
    desk.save("design_tools", {"design_tools": "cad_3d"})
    page = desk.browser.get(f"{desk.base}/questions/design_3d_share")
    assert 'name="designs_3d"' in page.html
    assert "<html" not in page.html


def test_an_answer_that_is_not_a_form_is_refused_rather_than_lost(desk: Desk, stored: Stored) -> None:
    url = f"{desk.base}/answers/it_department"
    reply = desk.browser.client.post(url, json={"it_department": "own"}, headers=JSON)
    assert (reply.status_code, reply.json["error"]) == (415, "http_400")
    assert "could not be understood" in reply.json["message"]
    assert stored.answer("it_department") is None


def test_bytes_that_are_no_text_are_told_at_their_field(desk: Desk) -> None:
    url = f"{desk.base}/answers/it_staff"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = desk.browser.client.post(url, data=b"it_staff=%ff%fe", headers=JSON | form)
    assert reply.status_code == 422
    assert "must be a number" in reply.json["fields"]["it_staff"]
