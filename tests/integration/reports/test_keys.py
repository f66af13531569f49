"""The same submission, language, template and reference data are the same document; any other is another one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.answering import save_answer
from maturity.assessments.models import Assessment
from maturity.assessments.service import revise_assessment
from maturity.clock import FixedClock
from maturity.editions.service import framework_by_hash
from maturity.errors import Invalid, NotFound
from maturity.organisations.models import Enterprise
from maturity.reports import service
from maturity.reports.service import wanted_document
from tests.factories.assessments import make_assessment, make_result, submit
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.factories.results import release_peers_of


@pytest.fixture
def submitted(session: Session, clock: FixedClock) -> Assessment:
    return make_result(session, make_enterprise(session, make_user(session), clock), clock)


@pytest.fixture
def draft(session: Session, clock: FixedClock) -> Assessment:
    return make_assessment(session, make_enterprise(session, make_user(session), clock), clock)


def key(session: Session, assessment: Assessment, kind: str = "report", locale: str = "en") -> str:
    return wanted_document(session, assessment, kind, locale).key


def test_the_same_wish_has_the_same_key(session: Session, submitted: Assessment, clock: FixedClock) -> None:
    before = key(session, submitted)
    clock.at = clock.at.replace(year=2027)
    assert key(session, submitted) == before


def test_languages_and_kinds_differ(session: Session, submitted: Assessment) -> None:
    wishes = [(kind, locale) for kind in ("report", "questionnaire", "answers") for locale in ("zh_CN", "en")]
    assert len({key(session, submitted, *wish) for wish in wishes}) == len(wishes)


def test_a_new_template_is_a_new_document(
    session: Session, submitted: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key(session, submitted)
    monkeypatch.setattr(service, "TEMPLATE_VERSION", "another")
    assert key(session, submitted) != before


def test_new_reference_figures_are_a_new_document(
    session: Session, submitted: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key(session, submitted)
    monkeypatch.setattr(service, "figures_version", lambda: "another")
    assert key(session, submitted) != before


def test_a_new_release_of_peers_is_a_new_document(session: Session, submitted: Assessment, clock: FixedClock) -> None:
    before = key(session, submitted)
    release_peers_of(session, submitted, clock)
    assert key(session, submitted) != before


def test_a_correction_is_a_new_document(session: Session, submitted: Assessment, clock: FixedClock) -> None:
    before = key(session, submitted)
    corrected = revise(session, submitted, clock)
    submit(session, corrected, clock)
    assert key(session, corrected) != before
    assert key(session, submitted) == before


def revise(session: Session, assessment: Assessment, clock: FixedClock) -> Assessment:
    return revise_assessment(session, assessment, assessment.profile, actor_id=None, clock=clock)


@pytest.mark.parametrize(("kind", "changes"), [("answers", True), ("questionnaire", False)])
def test_another_answer_changes_what_shows_answers(
    session: Session, draft: Assessment, clock: FixedClock, kind: str, changes: bool
) -> None:
    before = key(session, draft, kind)
    framework = framework_by_hash(session, draft.edition_sha256)
    raw: dict[str, Any] = {"cio_level": "executive"}
    how: dict[str, Any] = {"skip": False, "seen_version": 0, "actor_id": None, "clock": clock}
    save_answer(session, draft, framework, "cio_level", raw, **how)
    assert (key(session, draft, kind) != before) is changes


def test_another_name_changes_what_carries_todays_name(session: Session, draft: Assessment) -> None:
    before = key(session, draft, "questionnaire")
    session.get_one(Enterprise, draft.enterprise_id).name = "新名称"
    session.flush()
    assert key(session, draft, "questionnaire") != before


def test_a_report_shows_the_name_it_was_submitted_under(session: Session, submitted: Assessment) -> None:
    before = key(session, submitted)
    session.get_one(Enterprise, submitted.enterprise_id).name = "新名称"
    session.flush()
    assert key(session, submitted) == before


def test_there_is_no_report_of_a_draft(session: Session, draft: Assessment) -> None:
    with pytest.raises(Invalid):
        key(session, draft)


@pytest.mark.parametrize(("kind", "locale"), [("certificate", "en"), ("report", "fr")])
def test_an_unknown_kind_or_language_is_not_found(
    session: Session, submitted: Assessment, kind: str, locale: str
) -> None:
    with pytest.raises(NotFound):
        key(session, submitted, kind, locale)
