"""The operator's further pages: tenants, jobs, outbox, keys and health; what they show, change, record and hide."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent, UnsealedEvent
from maturity.clock import FixedClock
from maturity.db import every_tenant
from maturity.extensions import db
from maturity.installation.service import BACKUP, note_life, secrets_of, sight_keys
from maturity.jobs.models import Job
from maturity.jobs.service import LeaseLost, ask_for_job, finish_job, lease_job
from maturity.jobs.worker import note_worker
from maturity.messages.models import Message
from maturity.messages.service import post_message
from maturity.operation.health import findings
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.conftest import Browser
from tests.factories.enterprises import FORM, add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in
from tests.factories.portfolios import give, make_consultancy

BASE = f"/t/{PLATFORM}/operation"
REASON = "Invoice 4711 is unpaid since June"


@pytest.fixture
def desk(browser: Browser, session: Session, clock: FixedClock) -> Browser:
    user = make_user(session, name="Operator Zhang")
    ensure_platform(session, clock)
    add_member(session, session.get_one(Tenant, PLATFORM), user, "owner", clock)
    session.commit()
    sign_in(browser.client, user)
    session.expunge_all()
    return browser


@pytest.fixture
def owner(session: Session) -> User:
    user = make_user(session)
    keep(session)
    return user


@pytest.fixture
def enterprise(session: Session, clock: FixedClock, owner: User) -> Tenant:
    tenant = make_enterprise(session, owner, clock)
    keep(session)
    return tenant


def recorded(session: Session, tenant_id: uuid.UUID) -> dict[str, dict[str, Any]]:
    session.rollback()
    query = select(AuditEvent.event, AuditEvent.details).where(AuditEvent.tenant_id == tenant_id)
    found = dict(session.execute(query).tuples().all())
    session.rollback()
    return found


# Tenants


def test_a_tenant_is_shown_with_counts_and_without_content(desk: Browser, enterprise: Tenant) -> None:
    page = desk.get(f"{BASE}/tenants/{enterprise.id}")
    assert "Members1" in page.text
    assert "Assessments0" in page.text


def test_a_suspended_tenant_looks_and_changes_nothing_and_reads_why(
    app: Any, desk: Browser, owner: User, enterprise: Tenant, session: Session
) -> None:
    member = Browser(app.test_client())
    sign_in(member.client, owner)
    assert "The tenant is suspended" in desk.post(f"{BASE}/tenants/{enterprise.id}/suspension", {"reason": REASON}).text
    assert REASON in member.get(f"/t/{enterprise.id}/").text
    assert "suspended changes" in member.post(f"/t/{enterprise.id}/enterprise", FORM, 403).text
    member.post(f"/t/{enterprise.id}/assessments", {"period": "2026"}, 403)
    assert REASON in member.get(f"/t/{enterprise.id}/log").text
    desk.post(f"{BASE}/tenants/{enterprise.id}/suspension/end")
    member.post(f"/t/{enterprise.id}/enterprise", FORM)
    assert {"tenant.suspended", "tenant.resumed"} <= set(recorded(session, enterprise.id))
    assert recorded(session, PLATFORM)["operation.suspended"]["reason"] == REASON


def test_the_grants_of_a_suspended_consultancy_open_nothing(
    app: Any, desk: Browser, owner: User, enterprise: Tenant, session: Session, clock: FixedClock
) -> None:
    consultant = make_user(session)
    consultant_id = consultant.id
    consultancy = make_consultancy(session, consultant, clock)
    give(session, enterprise, consultancy, clock)
    visitor = Browser(app.test_client())
    sign_in(visitor.client, session.get_one(User, consultant_id))
    visitor.get(f"/t/{enterprise.id}/")
    desk.post(f"{BASE}/tenants/{consultancy.id}/suspension", {"reason": REASON})
    visitor.get(f"/t/{enterprise.id}/", 404)
    desk.post(f"{BASE}/tenants/{consultancy.id}/suspension/end")
    visitor.get(f"/t/{enterprise.id}/")


@pytest.mark.parametrize("reason", ["", "unpaid", "x" * 301])
def test_a_suspension_needs_a_reason_people_understand(desk: Browser, enterprise: Tenant, reason: str) -> None:
    page = desk.post(f"{BASE}/tenants/{enterprise.id}/suspension", {"reason": reason}, 422)
    assert 'id="error-summary"' in page.html
    desk.post(f"{BASE}/tenants/{enterprise.id}/suspension/end", status=409)


def test_a_tenant_is_suspended_once_and_the_operator_never(desk: Browser, enterprise: Tenant) -> None:
    desk.post(f"{BASE}/tenants/{enterprise.id}/suspension", {"reason": REASON})
    desk.post(f"{BASE}/tenants/{enterprise.id}/suspension", {"reason": REASON}, 409)
    desk.post(f"{BASE}/tenants/{PLATFORM}/suspension", {"reason": REASON}, 404)
    desk.get(f"{BASE}/tenants/{uuid.uuid4()}", 404)


def test_a_consultancy_is_founded_with_a_code(desk: Browser, session: Session) -> None:
    given = {"kind": "consultancy", "name": "山东启明管理咨询有限公司", "contact": "qi@example.cn"}
    desk.post(f"{BASE}/tenants", given)
    found = session.scalars(select(Tenant).where(Tenant.kind == "consultancy")).one()
    assert found.code
    session.rollback()
    assert recorded(session, PLATFORM)["operation.founded"]["tenant"] == given["name"]


# Jobs


def make_job(session: Session, tenant: Tenant, clock: FixedClock, **values: Any) -> uuid.UUID:
    job = ask_for_job(session, tenant.id, "document", uuid.uuid4().hex, {"secret": "x"}, actor_id=None, clock=clock)
    for name, value in values.items():
        setattr(job, name, value)
    session.flush()
    number = job.id
    keep(session)
    return number


def test_jobs_are_listed_by_state_without_what_they_carry(
    desk: Browser, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    make_job(session, enterprise, clock)
    make_job(session, enterprise, clock, state="failed", error="font_missing", attempts=3)
    assert "Report or questionnaire" in desk.get(f"{BASE}/jobs").text
    page = desk.get(f"{BASE}/jobs?state=failed")
    assert "The server lacks the Chinese font." in page.text
    assert "secret" not in page.html
    assert "No job here" in desk.get(f"{BASE}/jobs?state=running").text


@pytest.mark.parametrize("query", ["page=0", "page=99", "page=x", "state=x", "state='"])
def test_what_cannot_be_is_left_out(desk: Browser, query: str) -> None:
    desk.get(f"{BASE}/jobs?{query}")
    desk.get(f"{BASE}/outbox?{query}")


def test_a_failed_job_is_done_again_with_all_its_tries(
    desk: Browser, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    number = make_job(session, enterprise, clock, state="failed", error="job_failed", attempts=3)
    assert "queued again" in desk.post(f"{BASE}/jobs/{number}/retry").text
    job = session.get_one(Job, number)
    assert (job.state, job.attempts, job.error) == ("queued", 0, None)
    session.rollback()
    desk.post(f"{BASE}/jobs/{number}/retry", status=409)
    assert recorded(session, PLATFORM)["operation.job_retried"] == {"job_id": str(number)}


def test_a_running_job_is_stopped_and_what_its_worker_did_is_void(
    desk: Browser, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    number = make_job(session, enterprise, clock)
    lease = lease_job(session, number, clock)
    session.commit()
    assert lease is not None
    desk.post(f"{BASE}/jobs/{number}/stop", {"reason": "It has run for an hour"})
    with pytest.raises(LeaseLost):
        finish_job(session, lease, clock)
    session.rollback()
    assert session.get_one(Job, number).error == "job_cancelled"
    session.rollback()
    assert recorded(session, enterprise.id)["job.cancelled"] == {"reason": "It has run for an hour"}
    assert recorded(session, PLATFORM)["operation.job_cancelled"]["job_id"] == str(number)
    desk.post(f"{BASE}/jobs/{number}/stop", {"reason": "It has run for an hour"}, 409)


def test_stopping_a_job_needs_a_reason(desk: Browser, session: Session, enterprise: Tenant, clock: FixedClock) -> None:
    number = make_job(session, enterprise, clock)
    assert "Say why you stop this job." in desk.post(f"{BASE}/jobs/{number}/stop", {"reason": ""}, 422).text
    assert session.get_one(Job, number).state == "queued"
    session.rollback()
    desk.get(f"{BASE}/jobs/{uuid.uuid4()}/stop", 404)
    desk.post(f"{BASE}/jobs/{uuid.uuid4()}/stop", {"reason": REASON}, 404)


# The outbox


def make_letter(session: Session, clock: FixedClock, **values: Any) -> uuid.UUID:
    words = {"subject": "Reset for Jane", "body": "https://site.example/reset?token=SECRET", "locale": "en"}
    letter = post_message(session, "mail", "jane.wang@example.com", clock=clock, **words)
    for name, value in values.items():
        setattr(letter, name, value)
    session.flush()
    number = letter.id
    keep(session)
    return number


def test_the_outbox_shows_where_letters_stand_and_nothing_of_what_they_say(
    desk: Browser, session: Session, clock: FixedClock
) -> None:
    make_letter(session, clock, state="failed", note="refused", attempts=5)
    page = desk.get(f"{BASE}/outbox?state=failed")
    assert "j…@example.com" in page.text
    assert "the server refused it" in page.text
    for secret in ("SECRET", "Reset for", "jane.wang"):
        assert secret not in page.html


def test_a_letter_that_failed_is_sent_again(desk: Browser, session: Session, clock: FixedClock) -> None:
    number = make_letter(session, clock, state="failed", note="unreachable", attempts=5)
    assert "sent again" in desk.post(f"{BASE}/outbox/{number}/retry").text
    letter = session.get_one(Message, number)
    assert (letter.state, letter.attempts, letter.note) == ("waiting", 0, None)
    assert "token=SECRET" in letter.body
    session.rollback()
    desk.post(f"{BASE}/outbox/{number}/retry", status=409)
    desk.post(f"{BASE}/outbox/{uuid.uuid4()}/retry", status=409)
    assert recorded(session, PLATFORM)["operation.letter_retried"] == {"message_id": str(number)}


# Keys


def test_a_key_has_the_age_of_its_first_sight_and_is_never_shown(
    app: Any, desk: Browser, session: Session, clock: FixedClock
) -> None:
    assert "not seen by a worker yet" in desk.get(f"{BASE}/keys").text
    now = clock.at
    for clock.at in (now - timedelta(days=400), now):
        sight_keys(session, secrets_of(app.config), clock)
        keep(session)
    page = desk.get(f"{BASE}/keys")
    assert "2025-10-20 older than a year" in page.text
    for secret in secrets_of(app.config).values():
        assert secret not in page.html


def test_another_key_is_as_old_as_its_own_first_sight(session: Session, clock: FixedClock) -> None:
    from maturity.installation.service import keys_since

    first, second = {"session": "a" * 40}, {"session": "b" * 40}
    sight_keys(session, first, clock)
    clock.at += timedelta(days=10)
    sight_keys(session, second, clock)
    assert keys_since(session, second)["session"] == clock.now()
    assert keys_since(session, first)["session"] == clock.now() - timedelta(days=10)


# Health


def state_of(app: Any, session: Session, code: str, clock: FixedClock, **config: Any) -> str:
    with app.test_request_context():
        found = findings(session, {**app.config, **config}, clock)
    session.rollback()
    return next(finding.state for finding in found if finding.code == code)


def test_health_shows_every_part(desk: Browser, session: Session, clock: FixedClock) -> None:
    page = desk.get(f"{BASE}/health")
    for part in (
        "Database",
        "Worker",
        "Jobs",
        "Queue",
        "Mail",
        "Text messages",
        "Malware scanner",
        "Audit log",
        "Disk",
    ):
        assert part in page.text
    assert "No worker has been seen yet." in page.text
    assert "No backup was made with flask backup yet." in page.text


def test_a_worker_shows_life_and_is_missed_when_silent(app: Any, session: Session, clock: FixedClock) -> None:
    assert state_of(app, session, "worker", clock) == "danger"
    with app.app_context():
        note_worker(app)
        db.session.remove()
    session.expire_all()
    assert state_of(app, session, "worker", clock) == "good"
    clock.at += timedelta(minutes=3)
    assert state_of(app, session, "worker", clock) == "danger"


def test_a_backup_grows_old(app: Any, session: Session, clock: FixedClock) -> None:
    note_life(session, BACKUP, clock, "12 rows, 0 files")
    session.commit()
    assert state_of(app, session, "backup", clock) == "good"
    clock.at += timedelta(days=3)
    assert state_of(app, session, "backup", clock) == "caution"


def test_a_job_that_waits_for_long_and_one_that_failed_are_seen(
    app: Any, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    assert state_of(app, session, "jobs", clock) == "good"
    make_job(session, enterprise, clock)
    clock.at += timedelta(minutes=11)
    assert state_of(app, session, "jobs", clock) == "caution"


def test_an_event_that_waits_for_its_seal_is_seen(
    app: Any, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    assert session.scalars(select(UnsealedEvent.id)).all()
    session.rollback()
    assert state_of(app, session, "audit", clock) == "good"
    clock.at += timedelta(minutes=2)
    assert state_of(app, session, "audit", clock) == "caution"


@pytest.mark.parametrize(
    ("part", "given"),
    [
        ("scanner", {"CLAMD": "127.0.0.1:1"}),
        ("queue", {"REDIS_URL": "redis://127.0.0.1:1/0"}),
    ],
)
def test_a_service_that_does_not_answer_is_a_danger(
    app: Any, session: Session, clock: FixedClock, part: str, given: dict[str, Any]
) -> None:
    assert state_of(app, session, part, clock, **given) == "danger"


def test_mail_that_failed_is_seen_where_mail_is_sent(app: Any, session: Session, clock: FixedClock) -> None:
    assert state_of(app, session, "mail", clock) == "neutral"
    on = {"SMTP_URL": "smtps://mail.example"}
    assert state_of(app, session, "mail", clock, **on) == "good"
    make_letter(session, clock, state="failed")
    assert state_of(app, session, "mail", clock, **on) == "caution"


def test_little_room_is_seen(app: Any, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(10, 10, 10**8))
    assert state_of(app, session, "disk", clock) == "danger"


def test_the_backup_command_leaves_a_sign(app: Any, session: Session, clock: FixedClock, tmp_path: Any) -> None:
    result = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "b.zip")])
    assert result.exit_code == 0, result.output
    session.expire_all()
    assert state_of(app, session, "backup", clock) == "good"


@pytest.mark.parametrize("path", ["health", "keys", "jobs", "outbox", "tenants"])
def test_an_enterprise_has_none_of_these_pages(browser: Browser, owner: User, enterprise: Tenant, path: str) -> None:
    sign_in(browser.client, owner)
    browser.get(f"/t/{enterprise.id}/operation/{path}", 403)
    browser.get(f"{BASE}/{path}", 404)


def test_no_row_of_a_tenant_is_loaded_for_the_operator(session: Session, enterprise: Tenant) -> None:
    with every_tenant(session, "operate"):
        assert session.scalar(select(Tenant.name).where(Tenant.id == enterprise.id)) == enterprise.name
