"""The exported log: CSV that a spreadsheet opens safely, JSON lines with which anybody checks the seals."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

import pytest
import rfc8785
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit import log
from maturity.audit.export import harmless
from maturity.audit.models import AuditSeal
from maturity.audit.sealer import seal_pending
from maturity.audit.service import record
from maturity.audit.vocabulary import Personal
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.tenancy.models import Tenant
from tests.conftest import Browser


@pytest.fixture
def filled(app: Any, session: Session, clock: FixedClock, tenant: Tenant, owner: User) -> Tenant:
    """Two sealed events and one that waits."""
    named: dict[str, Any] = {"user_id": "7", "name": Personal("user:7", "=张伟"), "role": "viewer"}
    record(session, clock, "member.joined", owner.id, tenant.id, **named)
    session.commit()
    seal_pending(app)
    record(session, clock, "assessment.submitted", owner.id, tenant.id, assessment_id="1", period=2025)
    session.commit()
    return tenant


def rows(browser: Browser, tenant: Tenant, query: str = "") -> list[list[str]]:
    reply = browser.client.get(f"/t/{tenant.id}/log.csv{query}", buffered=True)
    assert reply.status_code == 200
    assert reply.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(reply.data.decode("utf-8-sig"))))


def objects(browser: Browser, tenant: Tenant, query: str = "") -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for line in browser.client.get(f"/t/{tenant.id}/log.jsonl{query}", buffered=True).text.splitlines()
    ]


def test_csv_has_a_row_for_each_entry_in_the_readers_language(browser: Browser, filled: Tenant) -> None:
    header, *found = rows(browser, filled)
    assert header == ["Position in the chain", "Time", "Person", "Event", "What happened", "Hash of the seal"]
    assert {row[4] for row in found} == {
        "Registered the enterprise.",
        "'=张伟 joined as viewer.",
        "Submitted the assessment for 2025.",
    }
    assert sorted(row[0] for row in found) == ["", "1", "2"]
    browser.get("/?lang=zh")
    assert rows(browser, filled)[0][4] == "内容"


def test_files_are_named_for_the_day_and_not_kept_by_browsers(browser: Browser, filled: Tenant) -> None:
    for ending, kind in (("csv", "text/csv; charset=utf-8"), ("jsonl", "application/jsonl; charset=utf-8")):
        reply = browser.client.get(f"/t/{filled.id}/log.{ending}", buffered=True)
        assert reply.headers["Content-Disposition"] == f'attachment; filename="log-2026-11-24.{ending}"'
        assert reply.headers["Content-Type"] == kind
        assert reply.headers["Cache-Control"] == "no-store"


def test_exports_follow_the_filters(browser: Browser, filled: Tenant) -> None:
    assert [row[3] for row in rows(browser, filled, "?event=member")[1:]] == ["member.joined"]
    assert [found["event"]["event"] for found in objects(browser, filled, "?event=member")] == ["member.joined"]


def test_an_export_longer_than_a_page_holds_everything_once(
    browser: Browser, session: Session, clock: FixedClock, filled: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "EXPORT_PAGE", 3)
    for period in range(1990, 1999):
        record(session, clock, "assessment.started", None, filled.id, assessment_id="1", period=period)
    session.commit()
    assert len(rows(browser, filled)) == 13
    assert len({found["event"]["id"] for found in objects(browser, filled)}) == 12


def test_a_download_gives_its_connection_back(browser: Browser, session: Session, filled: Tenant) -> None:
    session.rollback()
    assert len(objects(browser, filled)) == 3
    assert db.engine.pool.checkedout() == 0


def test_so_does_one_that_breaks_off(app: Any, session: Session, filled: Tenant) -> None:
    with app.test_request_context():
        entries = log.LogReader(session, filled.id, "en").everything(log.Filters())
        next(entries)
        assert db.engine.pool.checkedout() == 1
        entries.close()
    assert db.engine.pool.checkedout() == 0


def test_the_seals_can_be_checked_from_the_export_alone(browser: Browser, session: Session, filled: Tenant) -> None:
    found = objects(browser, filled)
    sealed = [entry for entry in found if entry["seal"]]
    assert (len(found), len(sealed)) == (3, 2)
    for entry in sealed:
        seal = entry["seal"]
        hashed = {"event": entry["event"], **{name: seal[name] for name in ("position", "previous", "sealed_at")}}
        assert hashlib.sha256(rfc8785.dumps(hashed)).hexdigest() == seal["hash"]
        assert session.get_one(AuditSeal, seal["position"]).hash == seal["hash"]


def test_json_holds_what_is_read_beside_what_is_hashed(browser: Browser, filled: Tenant) -> None:
    (entry,) = objects(browser, filled, "?event=member.joined")
    assert entry["read"]["details"] == {"user_id": "7", "name": "=张伟", "role": "viewer"}
    assert set(entry["event"]["details"]["name"]) == {"subject", "cipher"}


@pytest.mark.parametrize("risky", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "  =1"])
def test_nothing_anybody_typed_becomes_a_formula(risky: str) -> None:
    assert harmless(risky) == "'" + risky


@pytest.mark.parametrize("plain", ["", "a=1", "2026-11-24 10:00:00", "张伟", "1-1"])
def test_what_is_no_formula_stays_as_it_is(plain: str) -> None:
    assert harmless(plain) == plain
