"""The three-minute check: for everybody, at once, and kept nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import load_framework
from maturity.assessments.models import Answer
from tests.conftest import Browser


@pytest.fixture(autouse=True)
def _english(browser: Browser) -> None:
    browser.get("/check?lang=en")


EDITION = load_framework("dii/2023").edition


def answers(yes: int) -> dict[str, Any]:
    """The first `yes` items true, the others not."""
    fields = {}
    for place, name in enumerate(EDITION.order):
        fact = EDITION.facts[EDITION.questions[name].facts[0]]
        options = ("false", "true") if fact.type == "yesno" else (fact.option_ids()[0], fact.option_ids()[-1])
        fields[fact.id] = options[place < yes]
    return fields


@pytest.mark.parametrize(
    ("yes", "level"),
    [
        (0, "Very low"), (3, "Very low"), (4, "Low"), (6, "Low"), (7, "High"), (9, "High"), (10, "Very high"),
        (12, "Very high"),
    ],
)  # fmt: skip
def test_the_level_follows_from_the_points(browser: Browser, yes: int, level: str) -> None:
    page = browser.post("/check", answers(yes))
    assert f"{yes} of 12 points" in page.text
    assert f" {level} " in f" {page.text} "


def test_what_is_missing_is_named_and_what_was_ticked_stays(browser: Browser) -> None:
    fields = answers(12)
    missing = EDITION.questions["erp_in_use"]
    del fields[missing.facts[0]]
    page = browser.post("/check", fields, 422)
    assert "Some questions are still open" in page.text
    assert missing.wording.en in page.text
    assert page.html.count("checked") == 11


@pytest.mark.parametrize("value", ["maybe", "", "<script>"])
def test_what_no_browser_sends_counts_as_open(browser: Browser, value: str) -> None:
    page = browser.post("/check", answers(12) | {EDITION.questions["erp_in_use"].facts[0]: value}, 422)
    assert "Some questions are still open" in page.text


def test_nothing_is_kept(browser: Browser, session: Session) -> None:
    browser.post("/check", answers(5))
    assert session.scalar(select(func.count()).select_from(Answer)) == 0
    session.rollback()
    assert "checked" not in browser.get("/check").html


def test_it_says_that_the_list_is_unverified_and_never_certified(browser: Browser) -> None:
    page = browser.post("/check", answers(5))
    assert "unverified" in page.text
    assert "never certified" in page.text
