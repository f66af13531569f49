"""A whole page sent as one form, as a browser without scripts does."""

from __future__ import annotations

import pytest

from tests.functional.assessments.conftest import Stored
from tests.functional.assessments.desk import Desk


def test_what_was_filled_in_is_saved_and_the_next_page_opens(desk: Desk, stored: Stored) -> None:
    page = desk.send(desk.open("governance"), it_department="own", it_staff="１，２００")
    assert page.path.endswith("/sections/rd")
    assert stored.answer("it_department") == {"it_department": "own"}
    assert stored.answer("it_staff") == {"it_staff": "1200"}


def test_what_was_left_empty_is_not_saved(desk: Desk, stored: Stored) -> None:
    desk.send(desk.open("governance"), it_department="own")
    assert stored.history("cio_level") == []


def test_the_last_page_leads_to_the_review(desk: Desk) -> None:
    assert desk.send(desk.open("outcomes", 2), page=2).path.endswith("/review")


def test_every_kind_of_field_comes_back_as_it_was_saved(desk: Desk, stored: Stored) -> None:
    desk.send(
        desk.open("infrastructure"), cloud_use=["office", "backup"], it_investment="480", operating_revenue="36,000"
    )
    before = stored.history("cloud_use"), stored.history("it_investment")
    desk.send(desk.open("infrastructure"))
    assert (stored.history("cloud_use"), stored.history("it_investment")) == before
    assert before == ([{"cloud_use": ["backup", "office"]}], [{"it_investment": "480", "operating_revenue": "36000"}])


def test_a_wrong_field_keeps_the_page_with_its_message_and_what_was_typed(desk: Desk, stored: Stored) -> None:
    page = desk.send(desk.open("governance"), 422, it_department="own", it_staff="a dozen")
    assert 'name="it_staff" value="a dozen"' in page.html
    assert "“Full-time IT staff” must be a number; you typed “a dozen”." in page.text
    assert "#it_staff" in page.links
    assert stored.answer("it_department") == {"it_department": "own"}
    assert stored.answer("it_staff") is None


def test_the_message_of_a_wrong_field_is_chinese_on_a_chinese_page(desk: Desk) -> None:
    desk.browser.get("/?lang=zh")
    page = desk.send(desk.open("governance"), 422, it_staff="一打")
    assert "须为数字，您填的是“一打”" in page.text
    assert "有答案没有保存" in page.text


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("infrastructure", {"cloud_use": ["office", "none"]}),
        ("outcomes", {"first_pass_yield__current": "", "first_pass_yield__prior": "95.5"}),
        ("infrastructure", {"it_investment": "lots", "operating_revenue": "7"}),
    ],
)
def test_a_refused_page_sent_again_untouched_is_refused_again(
    desk: Desk, section: str, fields: dict[str, str | list[str]]
) -> None:
    """Only where every field, right or wrong, is shown again as it was typed."""
    refused = desk.send(desk.open(section), 422, **fields)
    again = desk.send(refused, 422)
    assert again.text == refused.text


def test_a_mended_page_goes_on(desk: Desk, stored: Stored) -> None:
    refused = desk.send(desk.open("governance"), 422, it_staff="a dozen")
    assert desk.send(refused, it_staff="12").path.endswith("/sections/rd")
    assert stored.answer("it_staff") == {"it_staff": "12"}


def test_a_question_can_be_put_off(desk: Desk, stored: Stored) -> None:
    desk.send(desk.open("governance"), skip__it_planning="1")
    assert stored.history("it_planning") == [{}]
    assert "skipped" in desk.review().text


def test_taking_back_the_tick_takes_back_the_skip(desk: Desk) -> None:
    desk.send(desk.open("governance"), skip__it_planning="1")
    desk.send(desk.open("governance"), skip__it_planning=[])
    assert "skipped" not in desk.review().text


def test_an_answer_typed_under_a_tick_left_from_before_is_not_lost(desk: Desk, stored: Stored) -> None:
    desk.send(desk.open("governance"), skip__it_staff="1")
    desk.send(desk.open("governance"), it_staff="12")
    assert stored.answer("it_staff") == {"it_staff": "12"}


def test_putting_off_an_answered_question_empties_it(desk: Desk, stored: Stored) -> None:
    desk.send(desk.open("governance"), it_staff="12")
    desk.send(desk.open("governance"), skip__it_staff="1")
    assert stored.history("it_staff") == [{"it_staff": "12"}, {}]


def test_a_field_one_did_not_touch_does_not_undo_a_colleagues_answer(
    desk: Desk, colleague: Desk, stored: Stored
) -> None:
    shown = desk.open("governance")
    colleague.save("cio_level", {"cio_level": "cio"})
    page = desk.send(shown, it_department="own")
    assert page.path.endswith("/sections/rd")
    assert stored.history("cio_level") == [{"cio_level": "cio"}]


def test_the_empty_fields_of_a_colleagues_page_are_no_conflict(desk: Desk, colleague: Desk, stored: Stored) -> None:
    colleague.send(colleague.open("governance"), it_department="own")
    assert desk.save("cio_level", {"cio_level": "cio"}).status_code == 200


def test_a_field_that_both_changed_is_shown_with_both_values(desk: Desk, colleague: Desk, stored: Stored) -> None:
    shown = desk.open("governance")
    colleague.save("it_staff", {"it_staff": "30"})
    page = desk.send(shown, 422, it_staff="12")
    assert "李梅 changed this answer at 10:00 to: 30 persons. Yours is still in the fields" in page.text
    assert 'name="it_staff" value="12"' in page.html
    assert stored.history("it_staff") == [{"it_staff": "30"}]


def test_sending_again_after_seeing_the_other_value_keeps_ones_own(desk: Desk, colleague: Desk, stored: Stored) -> None:
    shown = desk.open("governance")
    colleague.save("it_staff", {"it_staff": "30"})
    desk.send(desk.send(shown, 422, it_staff="12"))
    assert stored.history("it_staff") == [{"it_staff": "30"}, {"it_staff": "12"}]


def test_a_wrong_field_does_not_hide_that_a_colleague_answered_meanwhile(
    desk: Desk, colleague: Desk, stored: Stored
) -> None:
    shown = desk.open("governance")
    colleague.save("it_staff", {"it_staff": "30"})
    refused = desk.send(shown, 422, it_staff="a dozen")
    page = desk.send(refused, 422, it_staff="12")
    assert "李梅 changed this answer" in page.text
    assert stored.answer("it_staff") == {"it_staff": "30"}


def test_an_answer_that_brings_questions_on_its_page_stays_on_it(desk: Desk) -> None:
    page = desk.send(desk.open("rd"), design_tools="cad_3d")
    assert page.path.endswith("/sections/rd")
    assert "further questions on this page" in page.text
    assert 'name="designs_3d"' in page.html


def test_a_page_whose_new_questions_were_shown_goes_on(desk: Desk) -> None:
    shown = desk.send(desk.open("rd"), design_tools="cad_3d")
    page = desk.send(shown)
    assert "Page 2 of 2" in page.text


def test_what_was_typed_into_a_question_that_has_just_gone_is_named(desk: Desk, stored: Stored) -> None:
    shown = desk.send(desk.open("rd"), design_tools="cad_3d")
    page = desk.send(shown, design_tools="manual", designs_3d="6", designs_new="9")
    assert "is no longer asked. What you typed there was not saved." in page.text
    assert stored.answer("design_3d_share") is None


def test_a_question_somebody_made_up_is_ignored(desk: Desk) -> None:
    page = desk.send(desk.open("governance"), question=["favourite_colour"], favourite_colour="red")
    assert page.path.endswith("/sections/rd")


def test_a_section_that_is_not_of_the_edition_is_not_found(desk: Desk) -> None:
    desk.open("astrology", status=404)
    desk.browser.post(f"{desk.base}/sections/astrology", status=404)


@pytest.mark.parametrize(("asked", "given"), [("0", "1"), ("-3", "1"), ("99", "2"), ("two", "1"), ("２", "2")])
def test_a_page_that_does_not_exist_leads_to_the_nearest(desk: Desk, asked: str, given: str) -> None:
    page = desk.browser.get(f"{desk.base}/sections/rd?page={asked}")
    assert f"Page {given} of 2" in page.text


def test_the_other_language_shows_the_same_page(desk: Desk) -> None:
    other = next(link for link in desk.open("rd", 2).links if link.endswith("lang=zh"))
    page = desk.browser.get(f"{desk.base}/sections/rd{other}")
    assert "第 2 页，共 2 页" in page.text
