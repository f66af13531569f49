"""An owner has everything deleted: a month in which any owner can cancel it, then nothing is left but the proof."""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.accounts.models import User
from maturity.audit.keys import readable_keys
from maturity.audit.models import AuditEvent, SubjectKey
from maturity.audit.sealer import seal_batch
from maturity.audit.service import record
from maturity.audit.verification import verify_log
from maturity.audit.vocabulary import subject_of_invitation, subject_of_tenant
from maturity.billing.models import Subscription
from maturity.clock import FixedClock
from maturity.evidence.models import EvidenceFile
from maturity.people.service import invite
from maturity.portfolios.models import PortfolioNote
from maturity.rights.erasure import GONE, deletions_due, name_proof
from maturity.rights.inventory import KEPT_BY_OTHERS, OUTLIVE, rows_to_erase, tables_to_erase, tenants_tables
from maturity.rights.jobs import plan_night
from maturity.rights.models import TenantDeletion
from maturity.tenancy.models import Grant, Invitation, Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.factories.billing import make_subscription
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.functional.rights.conftest import Place, Worker, put_evidence, tenant_of


@pytest.fixture
def asked(browser: Browser, place: Place) -> Place:
    page = browser.post(f"{place.base}/delete", {"name": place.name})
    assert "Asked for by 王建国" in page.text
    return place


def spend(session: Session, worker: Worker, clock: FixedClock, days: int) -> None:
    """So many nights pass, each with its job."""
    for _ in range(days):
        session.rollback()
        plan_night(session, clock)
        session.commit()
        clock.at += timedelta(days=1)
        worker.work_off()
    assert worker.failed() == []
    session.rollback()


def test_the_name_has_to_be_typed_and_what_was_typed_is_kept(browser: Browser, session: Session, place: Place) -> None:
    page = browser.post(f"{place.base}/delete", {"name": "青岛海岳"}, status=422)
    assert "This is not the name" in page.text
    assert 'value="青岛海岳"' in page.html
    session.rollback()
    assert session.scalar(select(func.count()).select_from(TenantDeletion)) == 0


def test_it_asks_for_a_fresh_sign_in(browser: Browser, place: Place) -> None:
    with browser.client.session_transaction() as cookie:
        cookie["fs_paa"] = time.time() - 7200
    assert "/account/confirm" in browser.client.get(f"{place.base}/delete").location
    assert "/account/confirm" in browser.client.post(f"{place.base}/delete", data={"name": place.name}).location


def test_every_owner_is_told_and_every_page_says_so(
    app: Any, browser: Browser, session: Session, clock: FixedClock, place: Place, letters: Any
) -> None:
    second = make_user(session, name="李梅", email="second@example.com")
    add_member(session, tenant_of(session, place), second, "owner", clock)
    session.commit()
    browser.post(f"{place.base}/delete", {"name": place.name})
    told = {recipient for recipient, subject, _body in letters() if "will be deleted on 24 December 2026" in subject}
    assert told == {place.owner_email, "second@example.com"}
    assert "Everything here is erased on" in browser.get(f"/t/{place.tenant_id}/people").text


def test_another_owner_cancels_it(
    app: Any, browser: Browser, session: Session, clock: FixedClock, asked: Place, letters: Any, worker: Worker
) -> None:
    second = make_user(session, name="李梅", email="second@example.com")
    add_member(session, tenant_of(session, asked), second, "owner", clock)
    session.commit()
    client: FlaskClient = app.test_client()
    sign_in(client, second)
    session.rollback()
    page = Browser(client).post(f"{asked.base}/delete/cancel")
    assert "The deletion is cancelled" in page.text
    assert "Everything here is erased on" not in page.text
    assert [subject for _to, subject, _body in letters() if "stays" in subject]
    spend(session, worker, clock, 32)
    assert session.get_one(Tenant, asked.tenant_id).name == asked.name


def test_a_week_before_the_owners_are_told_once_more(
    session: Session, clock: FixedClock, asked: Place, worker: Worker, letters: Any
) -> None:
    spend(session, worker, clock, 22)
    assert not [body for _to, _subject, body in letters() if "In a week" in body]
    spend(session, worker, clock, 3)
    assert len([body for _to, _subject, body in letters() if "In a week" in body]) == 1


@pytest.fixture
def erased(app: Any, session: Session, clock: FixedClock, asked: Place, worker: Worker) -> Place:
    spend(session, worker, clock, 29)
    assert session.get_one(Tenant, asked.tenant_id).name == asked.name
    session.rollback()
    spend(session, worker, clock, 2)
    return asked


def rows_left(session: Session, tenant_id: uuid.UUID) -> dict[str, int]:
    found = {}
    for table in tables_to_erase():
        query = select(func.count()).select_from(table).where(rows_to_erase(table, tenant_id))
        count = session.connection().execute(query).scalar_one()
        if count:
            found[table.name] = count
    return found


def test_after_a_month_no_row_and_no_file_is_left(app: Any, session: Session, erased: Place) -> None:
    assert rows_left(session, erased.tenant_id) == {}
    tenant = session.get_one(Tenant, erased.tenant_id)
    assert (tenant.name, tenant.deletion_due) == (GONE, None)
    folders: Path = app.config["DATA_DIR"]
    assert list(folders.glob(f"*/{erased.tenant_id}")) == []


def test_what_is_kept_is_named_and_every_other_table_is_emptied(site: Any) -> None:
    kept = {table.name for table in tenants_tables()} - {table.name for table in tables_to_erase()}
    assert kept == set(OUTLIVE)
    assert all(KEPT_BY_OTHERS.values())


def test_nobody_comes_in_any_more(browser: Browser, session: Session, erased: Place) -> None:
    sign_in(browser.client, session.get_one(User, erased.owner_id))  # a month is longer than a device stays signed in
    session.rollback()
    browser.get(erased.base, status=404)
    browser.get(f"/t/{erased.tenant_id}/", status=404)


def test_the_chain_still_verifies_and_holds_the_proof(session: Session, clock: FixedClock, erased: Place) -> None:
    seal_batch(session, clock)
    session.commit()
    assert verify_log(session).findings == ()
    deletion = session.scalars(select(TenantDeletion)).one()
    event = session.scalars(select(AuditEvent).where(AuditEvent.event == "deletion.done")).one()
    assert event.tenant_id == erased.tenant_id
    assert event.details == {"proof": deletion.receipt_sha256}


def test_the_receipt_says_what_was_erased_and_its_hash_is_the_proof(
    app: Any, session: Session, erased: Place, letters: Any
) -> None:
    (letter,) = [body for to, subject, body in letters() if "is deleted" in subject and to == erased.owner_email]
    token = re.search(r"/deletions/(\S+)", letter)
    assert token
    browser = Browser(app.test_client())  # nobody has to be signed in
    page = browser.get(f"/deletions/{token[1]}?lang=en")
    assert "Receipt of a deletion" in page.title
    file = browser.client.get(f"/deletions/{token[1]}/receipt.json").data
    assert hashlib.sha256(file).hexdigest() in page.text
    assert hashlib.sha256(file).hexdigest() in letter
    receipt = json.loads(file)
    assert receipt["rows"]["answers"] > 50
    assert receipt["rows"]["submissions"] == 1
    assert {"kind": "evidence", "sha256": erased.sha256} == {
        key: receipt["files"][0][key] for key in ("kind", "sha256")
    }
    assert receipt["asked"]["by"] == erased.owner_id
    assert receipt["tenant"]["name_sha256"] == name_proof(erased.tenant_id, erased.name)
    assert erased.name not in file.decode()


def test_a_wrong_token_finds_nothing(app: Any, erased: Place) -> None:
    Browser(app.test_client()).get("/deletions/x", status=404)


def test_the_receipt_goes_after_its_years_and_the_proof_stays(
    app: Any, session: Session, clock: FixedClock, erased: Place
) -> None:
    clock.at += timedelta(days=3 * 365 + 1)
    output = app.test_cli_runner().invoke(args=["retention", "apply"]).output
    assert "receipts: 1" in output
    session.rollback()
    deletion = session.scalars(select(TenantDeletion).execution_options(populate_existing=True)).one()
    assert (deletion.receipt, deletion.receipt_token_hash) == (None, None)
    assert deletion.receipt_sha256


def test_who_was_only_invited_is_unreadable_in_the_log(
    session: Session, clock: FixedClock, browser: Browser, place: Place, worker: Worker
) -> None:
    invite(
        session, place.tenant_id, Contact("email", "guest@example.com"), "viewer", actor_id=place.owner_id, clock=clock
    )
    number = session.scalars(select(Invitation.id)).one()
    session.commit()
    browser.post(f"{place.base}/delete", {"name": place.name})
    spend(session, worker, clock, 31)
    assert readable_keys(session, [subject_of_invitation(number)]) == {}
    key = session.scalars(select(SubjectKey).where(SubjectKey.subject == subject_of_invitation(number))).one()
    assert key.erased_at is not None


def test_what_people_of_the_tenant_typed_is_unreadable_in_the_log(
    session: Session, clock: FixedClock, place: Place, browser: Browser, worker: Worker
) -> None:
    record(session, clock, "evidence.added", place.owner_id, place.tenant_id, evidence_id="1", file="张三的工资.pdf")
    session.commit()
    assert "张三的工资.pdf" in browser.get(f"/t/{place.tenant_id}/log").text
    browser.post(f"{place.base}/delete", {"name": place.name})
    spend(session, worker, clock, 31)
    event = session.scalars(select(AuditEvent).where(AuditEvent.event == "evidence.added")).one()
    assert "张三" not in json.dumps(event.details, ensure_ascii=False)
    assert readable_keys(session, [subject_of_tenant(place.tenant_id)]) == {}


def test_another_tenant_keeps_everything(
    app: Any, session: Session, clock: FixedClock, browser: Browser, place: Place, worker: Worker
) -> None:
    other = make_enterprise(session, make_user(session), clock, name="别家企业有限公司")
    assessment = make_result(session, other, clock)
    sha256 = put_evidence(session, app.config["DATA_DIR"], assessment, clock)
    other_id = other.id
    session.commit()
    before = rows_left(session, other_id)
    session.rollback()
    browser.post(f"{place.base}/delete", {"name": place.name})
    spend(session, worker, clock, 31)
    after = rows_left(session, other_id)
    assert {name: count for name, count in after.items() if name != "jobs"} == {
        name: count for name, count in before.items() if name != "jobs"
    }
    assert session.scalars(select(EvidenceFile.sha256)).all() == [sha256]
    assert list((app.config["DATA_DIR"] / "evidence" / str(other_id)).rglob(sha256))


def test_a_consultancy_loses_what_it_wrote_about_the_client_and_an_enterprise_keeps_whom_it_let_in(
    session: Session, clock: FixedClock, browser: Browser, place: Place, worker: Worker
) -> None:
    consultancy = Tenant(id=uuid.uuid4(), kind="consultancy", name="海岳咨询", code="HY1", created_at=clock.now())
    session.add(consultancy)
    session.flush()
    grant = Grant(
        tenant_id=place.tenant_id,
        consultancy_id=consultancy.id,
        tenant_name=place.name,
        consultancy_name="海岳咨询",
        scope="view",
        until=clock.today() + timedelta(days=300),
        given_at=clock.now(),
    )
    note = PortfolioNote(
        tenant_id=consultancy.id, client_id=place.tenant_id, body="重点客户", is_shared=False, written_at=clock.now()
    )
    session.add_all([grant, note])
    session.commit()
    browser.post(f"{place.base}/delete", {"name": place.name})
    spend(session, worker, clock, 31)
    assert session.scalar(select(func.count()).select_from(PortfolioNote)) == 0
    assert session.scalar(select(func.count()).select_from(Grant)) == 0


def test_a_deleted_consultancy_stays_in_the_records_of_who_let_it_in(
    app: Any, session: Session, clock: FixedClock, place: Place, worker: Worker
) -> None:
    boss = make_user(session, name="周顾问", email="boss@example.com")
    consultancy = Tenant(id=uuid.uuid4(), kind="consultancy", name="海岳咨询", code="HY1", created_at=clock.now())
    session.add(consultancy)
    session.flush()
    add_member(session, consultancy, boss, "owner", clock)
    session.add(
        Grant(
            tenant_id=place.tenant_id,
            consultancy_id=consultancy.id,
            tenant_name=place.name,
            consultancy_name="海岳咨询",
            scope="view",
            until=clock.today() + timedelta(days=300),
            given_at=clock.now(),
        )
    )
    consultancy_id = consultancy.id
    session.commit()
    client: FlaskClient = app.test_client()
    sign_in(client, boss)
    session.rollback()
    Browser(client).post(f"/t/{consultancy_id}/data/delete", {"name": "海岳咨询"})
    spend(session, worker, clock, 31)
    grant = session.scalars(select(Grant)).one()
    assert grant.consultancy_name == "海岳咨询"
    assert grant.revoked_at is not None
    assert session.get_one(Tenant, consultancy_id).name == GONE


def test_a_crash_between_files_and_rows_is_made_good_by_the_next_try(
    app: Any,
    session: Session,
    clock: FixedClock,
    asked: Place,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock.at += timedelta(days=31)

    def fail(*_arguments: Any) -> None:
        raise RuntimeError("the power fails")

    with monkeypatch.context() as patch:
        patch.setattr("maturity.rights.erasure._erase_rows", fail)
        plan_night(session, clock)
        session.commit()
        clock.at += timedelta(days=1)
        worker.work_off()
    assert worker.failed() == ["tenant_erasure job_failed"]
    assert deletions_due(session, clock.today())
    session.rollback()
    spend(session, worker, clock, 2)
    receipt = json.loads(session.scalars(select(TenantDeletion.receipt)).one() or "{}")
    assert [file["sha256"] for file in receipt["files"] if file["kind"] == "evidence"] == [asked.sha256]
    assert rows_left(session, asked.tenant_id) == {}


def test_the_operator_and_the_demonstration_are_not_deleted(
    app: Any, session: Session, clock: FixedClock, place: Place, browser: Browser
) -> None:
    tenant_of(session, place).is_synthetic = True
    session.commit()
    page = browser.post(f"{place.base}/delete", {"name": place.name}, status=403)
    assert page.title


def test_nobody_is_deleted_whom_a_subscription_would_go_on_charging(
    browser: Browser, session: Session, clock: FixedClock, place: Place, worker: Worker
) -> None:
    row = make_subscription(session, tenant_of(session, place), clock)
    session.commit()
    page = browser.post(f"{place.base}/delete", {"name": place.name}, status=409)
    assert "A subscription runs that would go on charging you." in page.text
    row.ends_at = row.period_ends_at  # cancelled at the end of its period
    session.commit()
    browser.post(f"{place.base}/delete", {"name": place.name})
    row.ends_at = None  # and taken back meanwhile, at Stripe
    session.commit()
    spend(session, worker, clock, 32)
    assert tenant_of(session, place).name == place.name
    session.scalars(select(Subscription)).one().status = "canceled"
    session.commit()
    spend(session, worker, clock, 2)
    assert session.get_one(Tenant, place.tenant_id).name == GONE
