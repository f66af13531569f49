"""A case under review, and its people signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.adaptive.framework import load_framework
from maturity.certification.models import CaseItem
from maturity.clock import FixedClock
from tests.conftest import Browser
from tests.factories.certification_review import Review, make_review
from tests.factories.people import keep, sign_in

SignedIn = Callable[[User], Browser]


@pytest.fixture
def review(session: Session, clock: FixedClock) -> Review:
    made = make_review(session, clock)
    keep(session)
    return made


@pytest.fixture
def as_user(app: Any) -> SignedIn:
    """Somebody in a browser of their own."""

    def signed_in(user: User) -> Browser:
        browser = Browser(app.test_client())
        sign_in(browser.client, user)
        return browser

    return signed_in


@pytest.fixture
def lead(review: Review, as_user: SignedIn) -> Browser:
    return as_user(review.lead)


@pytest.fixture
def manager(review: Review, as_user: SignedIn) -> Browser:
    return as_user(review.manager)


def choice_question(review: Review, session: Session) -> tuple[str, str, str]:
    """A question of the sample that is one choice: its id, its fact and the lowest option."""
    edition = load_framework("lianghua/2026.1").edition
    session.rollback()
    names = sorted(session.scalars(select(CaseItem.question_id).where(CaseItem.case_id == review.case_id)))
    session.rollback()
    for name in names:
        fact = edition.facts[edition.questions[name].facts[0]]
        if len(edition.questions[name].facts) == 1 and fact.type == "choice":
            return name, fact.id, fact.option_ids()[0]
    raise AssertionError("the sample has a question with one choice")


def file_of(review: Review, *parts: str) -> str:
    return "/".join((f"/t/{review.client_id}/review/{review.case_id}", *parts))


def body_of(review: Review, *parts: str) -> str:
    return "/".join((f"/t/{review.body_id}", *parts))
