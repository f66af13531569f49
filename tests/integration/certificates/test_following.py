"""A change and a renewal: the new certificate takes the place of the old one when its file is there, not before."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.certification.certifying import last_day
from maturity.certification.models import CertificationBody
from maturity.certification.standing import change_standing
from maturity.clock import FixedClock
from maturity.transparency.service import leaves_of
from tests.factories.certificates import Issued, issue, make_follower, make_issued
from tests.factories.certification_review import expire_qualifications

pytestmark = pytest.mark.database


def follower(app: Any, session: Session, clock: FixedClock, before: Issued, kind: str) -> Issued:
    return make_follower(app, session, clock, before, kind, before.made.submission_id)


def history(session: Session, issued: Issued) -> list[tuple[str, str]]:
    return [
        (leaf.entry["event"], leaf.entry["status"])
        for leaf in leaves_of(session, issued.number)
        if leaf.entry["kind"] == "status"
    ]


def test_a_change_ends_the_certificate_that_it_changes(app: Any, session: Session, clock: FixedClock) -> None:
    first = make_issued(app, session, clock)
    second = follower(app, session, clock, first, "change")
    old, new = first.certificate(session), second.certificate(session)
    assert (old.status, new.status, new.replaces_id) == ("replaced", "valid", old.id)
    assert (new.valid_until, new.first_issued_on) == (old.valid_until, old.first_issued_on)
    assert json.loads(new.payload)["replaces"] == first.number
    assert history(session, first) == [("issued", "valid"), ("changed", "replaced")]
    assert history(session, second) == [("issued", "valid")]


def test_a_renewal_in_good_time_costs_no_day(app: Any, session: Session, clock: FixedClock) -> None:
    first = make_issued(app, session, clock)
    end = first.certificate(session).valid_until
    session.commit()
    clock.at += end - timedelta(days=100) - clock.today()
    recognise_again(session, first, end)
    second = follower(app, session, clock, first, "renewal")
    old, new = first.certificate(session), second.certificate(session)
    assert (old.status, new.status) == ("replaced", "valid")
    assert new.valid_until == date(end.year + 3, end.month, end.day)
    assert new.first_issued_on == old.first_issued_on
    assert history(session, first)[-1] == ("renewed", "replaced")


def recognise_again(session: Session, issued: Issued, until: date) -> None:
    """Body and reviewer have renewed what they need, too."""
    session.get_one(CertificationBody, issued.made.body_id).until = until
    session.flush()
    for user_id in (issued.made.lead.user_id, issued.made.reviewer.user_id):
        expire_qualifications(session, issued.made.body_id, user_id or 0, until)
    session.commit()


def test_what_was_withdrawn_meanwhile_stays_withdrawn(
    app: Any, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_issued(app, session, clock)
    monkeypatch.setattr("tests.factories.certificates.issue", lambda _app, _session: None)
    second = follower(app, session, clock, first, "change")
    monkeypatch.undo()
    _withdraw(session, first, clock)
    issue(app, session)
    assert first.certificate(session).status == "withdrawn"
    assert second.certificate(session).status == "valid"
    assert history(session, first)[-1] == ("withdrawn", "withdrawn")


def _withdraw(session: Session, issued: Issued, clock: FixedClock) -> None:
    certificate = issued.certificate(session)
    change_standing(session, certificate, "withdrawn", issued.made.manager, clock, reason="fraud", note="Made up.")
    session.commit()


@pytest.mark.parametrize(
    ("kind", "issued_on", "end", "expected"),
    [
        ("initial", date(2026, 12, 1), None, date(2029, 11, 30)),
        ("initial", date(2024, 2, 29), None, date(2027, 2, 27)),
        ("change", date(2026, 12, 1), date(2027, 3, 1), date(2027, 3, 1)),
        ("renewal", date(2026, 12, 1), date(2027, 3, 1), date(2030, 3, 1)),
        ("renewal", date(2026, 12, 1), date(2026, 11, 1), date(2029, 11, 30)),
    ],
)
def test_until_when_a_certificate_is_valid(kind: str, issued_on: date, end: date | None, expected: date) -> None:
    replaced = None if end is None else Certificate(valid_until=end)
    assert last_day(kind, issued_on, replaced) == expected
