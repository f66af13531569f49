"""Editions as rows: inserted once, found by their hash, never changed."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.clock import FixedClock
from maturity.editions import service
from maturity.editions.models import EditionRecord
from maturity.editions.service import (
    EditionChanged,
    canonical,
    current_edition,
    digest,
    framework_by_hash,
    store_library,
)
from maturity.errors import NotFound
from maturity.questionnaires.loader import editions
from tests.conftest import EDITION
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No framework is remembered from another test, nor for one."""
    monkeypatch.setattr(service, "_frameworks", {})


def stored(session: Session) -> EditionRecord:
    return session.scalars(select(EditionRecord).where(EditionRecord.framework == "lianghua")).one()


def add(session: Session, clock: FixedClock, edition: str, status: str = "published") -> str:
    """A row as the library would give it, with another bundle."""
    bundle = canonical({"edition": edition, "status": status}).decode()
    sha256 = digest(bundle.encode())
    values = {"framework": "lianghua", "edition": edition, "status": status, "created_at": clock.now()}
    session.add(EditionRecord(sha256=sha256, bundle=bundle, **values))
    session.flush()
    return sha256


def test_an_edition_is_stored_as_canonical_json_under_its_hash(session: Session) -> None:
    record = stored(session)
    assert canonical(json.loads(record.bundle)) == record.bundle.encode()
    assert digest(record.bundle.encode()) == record.sha256
    assert f"{record.framework}/{record.edition}" == EDITION


def test_storing_the_library_again_changes_nothing(session: Session, clock: FixedClock) -> None:
    assert store_library(session, clock) == []
    assert session.scalar(select(func.count()).select_from(EditionRecord)) == len(editions())


def test_the_framework_of_the_row_is_that_of_the_folder(session: Session, framework: Framework) -> None:
    loaded = framework_by_hash(session, stored(session).sha256)
    assert loaded.edition.questions == framework.edition.questions
    assert loaded.edition.plausibility == framework.edition.plausibility
    assert loaded.bundle == framework.bundle


def test_the_same_hash_gives_the_same_framework(session: Session) -> None:
    sha256 = stored(session).sha256
    assert framework_by_hash(session, sha256) is framework_by_hash(session, sha256)


def test_a_hash_that_nobody_stored_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        framework_by_hash(session, "0" * 64)


@pytest.mark.parametrize("bundle", ["{}", "nonsense"])
def test_a_row_that_was_changed_is_refused(session: Session, bundle: str) -> None:
    record = stored(session)
    record.bundle = bundle
    session.flush()
    with pytest.raises(EditionChanged, match=record.sha256):
        framework_by_hash(session, record.sha256)


def test_a_weight_that_was_changed_is_refused(session: Session) -> None:
    record = stored(session)
    bundle = json.loads(record.bundle)
    bundle["scoring"]["dimensions"][0]["weight"]["values"]["2020-01-01"] += 1
    record.bundle = canonical(bundle).decode()
    session.flush()
    with pytest.raises(EditionChanged):
        framework_by_hash(session, record.sha256)


def test_an_edition_is_stored_once(session: Session, clock: FixedClock) -> None:
    record = stored(session)
    values = {"framework": "lianghua", "edition": "2026.1", "status": "draft", "created_at": clock.now()}
    session.add(EditionRecord(sha256=record.sha256, bundle=record.bundle, **values))
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_newest_edition_is_the_current_one(session: Session, clock: FixedClock) -> None:
    add(session, clock, "2025.1")
    newest = add(session, clock, "2027.1")
    add(session, clock, "2026.2")
    assert current_edition(session, "lianghua") == newest


def test_of_an_edition_that_was_corrected_the_last_is_current(session: Session, clock: FixedClock) -> None:
    add(session, clock, "2027.1", "draft")
    corrected = add(session, clock, "2027.1")
    assert current_edition(session, "lianghua") == corrected


def test_a_retired_edition_is_not_current(session: Session, clock: FixedClock) -> None:
    add(session, clock, "2027.1", "retired")
    assert current_edition(session, "lianghua") == stored_hash(session)


def stored_hash(session: Session) -> str:
    return session.scalars(
        select(EditionRecord.sha256).where(EditionRecord.framework == "lianghua", EditionRecord.edition == "2026.1")
    ).one()


def test_a_framework_without_edition_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        current_edition(session, "astrology")


def test_an_assessment_keeps_the_edition_it_was_started_with(session: Session, clock: FixedClock) -> None:
    assessment = make_assessment(session, make_enterprise(session, make_user(session), clock), clock)
    add(session, clock, "2027.1")
    assert assessment.edition_sha256 == stored_hash(session)
