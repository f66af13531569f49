"""The owner reads and filters the log; nobody else does."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.keys import erase_subject
from maturity.audit.log import PAGE
from maturity.audit.models import AuditEvent
from maturity.audit.sealer import seal_pending
from maturity.audit.service import record
from maturity.audit.vocabulary import Personal
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.tenancy.models import ROLES, Tenant
from tests.conftest import Browser
from tests.factories.enterprises import FORM, add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.statements import statements


def note(
    session: Session, clock: FixedClock, tenant: Tenant, event: str, actor: User | None = None, **details: Any
) -> None:
    """Record an event a minute after the one before, and commit."""
    clock.at += timedelta(minutes=1)
    record(session, clock, event, actor.id if actor else None, tenant.id, **details)
    session.commit()


def start(session: Session, clock: FixedClock, tenant: Tenant, period: int, actor: User | None = None) -> None:
    note(session, clock, tenant, "assessment.started", actor, assessment_id="1", period=period)


def log_of(tenant: Tenant, query: str = "") -> str:
    return f"/t/{tenant.id}/log{query}"


def test_the_owner_reads_who_did_what_and_whether_it_is_sealed(
    browser: Browser, session: Session, clock: FixedClock, sealed: Tenant, owner: User
) -> None:
    start(session, clock, sealed, 2025, owner)
    page = browser.get(log_of(sealed))
    assert page.title.startswith("Audit log")
    assert "2026-11-24 10:01:00 王建国 Started the assessment for 2025. Not sealed yet" in page.text
    assert "2026-11-24 10:00:00 王建国 Registered the enterprise. Sealed, no. 1" in page.text
    rows = page.html.partition("<tbody>")[2]
    assert rows.index("Started the assessment") < rows.index("Registered the enterprise")


def test_the_page_speaks_the_readers_language(browser: Browser, sealed: Tenant) -> None:
    page = browser.get(log_of(sealed, "?lang=zh"))
    assert "王建国 登记了企业。 已封存，第 1 条" in page.text
    assert page.h1 == ["审计日志"]


def test_what_is_done_on_a_page_stands_in_the_log(browser: Browser, tenant: Tenant) -> None:
    browser.post(f"/t/{tenant.id}/enterprise", FORM)
    assert "王建国 Changed the particulars." in browser.get(log_of(tenant)).text


@pytest.mark.parametrize("role", [role for role in ROLES if role != "owner"])
def test_other_members_may_not_read_it_and_are_not_offered_it(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, role: str
) -> None:
    member = make_user(session)
    add_member(session, tenant, member, role, clock)
    session.commit()
    sign_in(browser.client, member)
    for ending in ("", ".csv", ".jsonl"):
        browser.get(log_of(tenant, ending), status=403)
    assert log_of(tenant) not in browser.get(f"/t/{tenant.id}/").links


@pytest.mark.parametrize("ending", ["", ".csv", ".jsonl"])
def test_the_owner_of_another_enterprise_finds_nothing(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, ending: str
) -> None:
    other = make_user(session)
    make_enterprise(session, other, clock)
    session.commit()
    sign_in(browser.client, other)
    theirs, none = (browser.get(f"/t/{number}/log{ending}", status=404) for number in (tenant.id, uuid.uuid4()))
    assert theirs.text == none.text


def test_the_log_holds_the_own_enterprises_events_only(
    app: Any, browser: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    other = make_enterprise(session, make_user(session, name="Somebody else"), clock)
    session.commit()
    start(session, clock, other, 1999)
    seal_pending(app)
    for ending in ("", ".csv", ".jsonl"):
        text = browser.client.get(log_of(tenant, ending), buffered=True).text
        assert "1999" not in text
        assert "Somebody else" not in text
        assert "Registered the enterprise." in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?event=assessment", {"2023", "2024"}),
        ("?event=assessment.started", {"2023", "2024"}),
        ("?event=assessment.submitted", set()),
        ("?event=deletion", {"Cancelled"}),
        ("?since=2026-11-25", {"2024", "Cancelled"}),
        ("?until=2026-11-24", {"2023", "Registered"}),
        ("?since=2026-11-25&until=2026-11-25", {"2024"}),
        ("?since=2026-11-25&event=assessment&person=0", set()),
    ],
)
def test_filters_choose_by_event_and_by_day_of_the_local_calendar(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, query: str, found: set[str]
) -> None:
    start(session, clock, tenant, 2023)
    clock.at += timedelta(hours=14)  # after midnight in China, before it in UTC
    start(session, clock, tenant, 2024)
    clock.at += timedelta(days=1)
    note(session, clock, tenant, "deletion.cancelled")
    html = browser.get(log_of(tenant, query)).html
    rows = html.partition("<tbody>")[2]
    assert {
        word for word in ("2023", "2024", "Registered", "Cancelled") if f"{word}" in rows.replace("2026-11-2", "")
    } == found


def test_filtering_by_person_offers_those_who_acted(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, owner: User
) -> None:
    editor, idle = make_user(session, name="李敏"), make_user(session, name="赵闲")
    for user in (editor, idle):
        add_member(session, tenant, user, "editor", clock)
    start(session, clock, tenant, 2025, editor)
    page = browser.get(log_of(tenant, f"?person={editor.id}"))
    rows = page.html.partition("<tbody>")[2]
    assert "Started the assessment" in rows
    assert "Registered" not in rows
    assert f'<option value="{editor.id}" selected>李敏</option>' in page.html
    assert f'<option value="{owner.id}" >王建国</option>' in page.html
    assert "赵闲" not in page.html


def test_who_never_belonged_to_the_enterprise_stays_a_number_and_nobody_is_the_system(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    staff = make_user(session, name="Nobody's business")
    note(session, clock, tenant, "staff.opened", staff, reason="They called us.")
    note(session, clock, tenant, "grant.expired", grant_id="1", consultancy="智造咨询")
    text = browser.get(log_of(tenant)).text
    assert f"Not a member (no. {staff.id}) The operator's staff opened the enterprise: They called us." in text
    assert "The system The grant of 智造咨询 expired." in text
    assert "Nobody's business" not in text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?since=yesterday", "Write the day as 2026-03-31."),
        ("?until=2026-02-30", "Write the day as 2026-03-31."),
        ("?since=0001-01-01", "Write the day as 2026-03-31."),
        ("?since=2026-03-02&until=2026-03-01", "The last day lies before the first. Exchange the two."),
        ("?event=moon.landed", "Choose one of the list."),
        ("?person=x", "Choose one of the list."),
        ("?person=99999999999999999999", "Choose one of the list."),
    ],
)
def test_a_filter_that_cannot_be_used_says_what_to_do(
    browser: Browser, tenant: Tenant, query: str, message: str
) -> None:
    page = browser.get(log_of(tenant, query), status=422)
    assert message in page.text
    assert 'aria-invalid="true"' in page.html
    assert browser.client.get(log_of(tenant, ".csv" + query)).status_code == 422


def test_an_empty_log_and_an_empty_choice_say_so(
    browser: Browser, session: Session, clock: FixedClock, owner: User
) -> None:
    tenant = Tenant(id=uuid.uuid4(), kind="enterprise", name="空", created_at=clock.now())
    session.add(tenant)
    session.flush()
    add_member(session, tenant, owner, "owner", clock)
    session.commit()
    sign_in(browser.client, owner)
    assert "Nothing is recorded yet" in browser.get(log_of(tenant)).text
    assert "No entry fits these filters" in browser.get(log_of(tenant, "?event=grant")).text


def test_pages_hold_every_entry_once_whatever_is_added_meanwhile(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    for period in range(1900, 1900 + 2 * PAGE):
        record(session, clock, "assessment.started", None, tenant.id, assessment_id="1", period=period)  # one instant
    session.commit()
    seen: list[str] = []
    url = log_of(tenant, "?event=assessment")
    while url:
        page = browser.get(url)
        seen += [word.rstrip(".") for word in page.text.split() if word.startswith("19") and word.endswith(".")]
        start(session, clock, tenant, 2025)
        url = next((link for link in page.links if link.startswith("/t/") and "after=" in link), "")
    assert sorted(seen) == [str(period) for period in range(1900, 1900 + 2 * PAGE)]


@pytest.mark.parametrize("after", ["", "x", "2026-11-24~1", "2026-11-24T02:00:00~" + str(uuid.UUID(int=1))])
def test_a_page_that_begins_nowhere_is_not_found(browser: Browser, tenant: Tenant, after: str) -> None:
    browser.get(log_of(tenant, f"?after={after}"), status=404)


def test_what_is_personal_is_read_until_it_is_erased(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, owner: User
) -> None:
    invited = Personal("invitation:1", "zhang@example.com")
    note(session, clock, tenant, "member.invited", owner, invitation_id="1", email=invited, role="editor")
    assert "Invited zhang@example.com as editor." in browser.get(log_of(tenant)).text
    erase_subject(session, "invitation:1", clock)
    session.commit()
    for ending in ("", ".csv", ".jsonl"):
        text = browser.client.get(log_of(tenant, ending), buffered=True).text
        assert "Invited (erased) as editor." in text
        assert "zhang" not in text


def test_the_number_of_queries_does_not_grow_with_the_log(
    app: Any, browser: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    def queries() -> int:
        with statements(db.engine) as sent:
            browser.get(log_of(tenant))
        return len(sent)

    def invite(number: int) -> None:
        user = make_user(session)
        add_member(session, tenant, user, "editor", clock)
        invited = Personal(f"invitation:{number}", "x@example.com")
        note(session, clock, tenant, "member.invited", user, invitation_id="1", email=invited, role="editor")

    with app.app_context():
        invite(0)
        few = queries()
        for number in range(1, 20):
            invite(number)
        seal_pending(app)
        assert queries() == few
    assert few <= 9


def test_an_entry_is_text_and_never_markup(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    note(session, clock, tenant, "staff.opened", reason="<script>alert(1)</script>")
    assert "<script>alert" not in browser.get(log_of(tenant)).html


def test_days_and_codes_are_told_in_words(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    grant: dict[str, Any] = {"grant_id": "1", "consultancy": "智造", "scope": "answer", "until": date(2027, 3, 31)}
    note(session, clock, tenant, "grant.given", **grant)
    assert "Granted 智造 the right to look and answer until 2027-03-31." in browser.get(log_of(tenant)).text
    assert "授权智造查看和填报，至2027-03-31止。" in browser.get(log_of(tenant, "?lang=zh")).text


def test_visitors_of_a_synthetic_enterprise_do_not_see_its_log(
    browser: Browser, session: Session, clock: FixedClock
) -> None:
    tenant = make_enterprise(session, make_user(session), clock, is_synthetic=True)
    session.commit()
    browser.get(log_of(tenant), status=403)
    assert session.query(AuditEvent).count() == 1
