"""The portfolio page: who needs somebody today, filters, order, columns, saved views, and what is done with several."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Submission
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.consulting.service import revoke_grant
from maturity.messages.models import Message
from maturity.tenancy.models import Grant, Tenant
from tests.conftest import Browser
from tests.factories.assessments import answer_all, make_assessment, make_result
from tests.factories.enterprises import add_member
from tests.factories.people import make_user, sign_in
from tests.factories.portfolios import keep, make_client, sweep
from tests.page import Page

NAMES = ("甲机床", "乙化工", "丙食品")


@pytest.fixture
def clients(app: Any, session: Session, clock: FixedClock, consultancy: Tenant) -> list[Tenant]:
    """Three: a result and a ready draft; a draft; nothing."""
    made = [
        make_client(session, consultancy, clock, name=NAMES[0])[0],
        make_client(session, consultancy, clock, name=NAMES[1], industry="26", region="110105", scope="view")[0],
        make_client(session, consultancy, clock, name=NAMES[2], industry="14", headcount=15)[0],
    ]
    make_result(session, made[0], clock, 2025)
    ready = make_assessment(session, made[0], clock, 2026)
    answer_all(session, ready, clock)
    make_assessment(session, made[1], clock, 2026)
    keep(session)
    sweep(app)
    return made


def names(page: Page) -> list[str]:
    """The clients in the order of the table."""
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', page.html)


def listed(consultant: Browser, consultancy: Tenant, query: str = "view=all") -> list[str]:
    return names(consultant.get(f"/t/{consultancy.id}/clients?{query}"))


def test_the_first_page_says_who_is_needed_and_why(
    consultant: Browser, clock: FixedClock, consultancy: Tenant, clients: list[Tenant]
) -> None:
    page = consultant.get(f"/t/{consultancy.id}/clients")
    assert "Who needs me today (3)" in page.text
    assert names(page)[0] == NAMES[0]
    assert "ready to submit" in page.text
    assert "not started" in page.text
    clock.at += timedelta(days=5)
    later = consultant.get(f"/t/{consultancy.id}/clients")
    assert set(names(later)) == {NAMES[0], NAMES[2]}
    clock.at += timedelta(days=15)
    assert "no answer for two weeks" in consultant.get(f"/t/{consultancy.id}/clients").text


def test_nobody_is_needed_where_nothing_is_due(
    app: Any, session: Session, consultant: Browser, clock: FixedClock, consultancy: Tenant
) -> None:
    tenant, _grant = make_client(session, consultancy, clock)
    make_result(session, tenant, clock, 2025)
    keep(session)
    clock.at += timedelta(days=10)
    sweep(app)
    assert "Nobody needs you today" in consultant.get(f"/t/{consultancy.id}/clients").text


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("text=甲", {0}),
        ("text=91110000600037341L", {0, 1, 2}),
        ("text=%25", set()),
        ("industry=26", {1}),
        ("region=11", {1}),
        ("size=micro", {2}),
        ("stage=0", {1, 2}),
        ("progress=none", {2}),
        ("progress=draft", {1}),
        ("progress=ready", {0}),
        ("days=30", set()),
        ("days=90&size=medium", set()),
        ("size=nonsense&stage=99&days=x&page=x", {0, 1, 2}),
    ],
)
def test_filters_narrow_the_list(
    consultant: Browser, consultancy: Tenant, clients: list[Tenant], query: str, wanted: set[int]
) -> None:
    assert set(listed(consultant, consultancy, f"view=all&{query}")) == {NAMES[index] for index in wanted}


def test_every_column_sorts_both_ways(consultant: Browser, consultancy: Tenant, clients: list[Tenant]) -> None:
    for column in (
        "client", "stage", "capability", "outcome", "change", "progress", "left", "due", "tasks", "industry", "region",
        "size", "scope", "until", "active", "urgency",
    ):  # fmt: skip
        for sort in (column, f"-{column}"):
            assert set(listed(consultant, consultancy, f"view=all&sort={sort}")) == set(NAMES), sort
    page = consultant.get(f"/t/{consultancy.id}/clients?view=all&sort=-capability")
    assert re.search(r'<th scope="col" class="number" aria-sort="descending"><a class="sort"', page.html)
    assert listed(consultant, consultancy, "view=all&sort=size")[0] == NAMES[2]
    assert listed(consultant, consultancy, "view=all&sort=-size")[-1] == NAMES[2]
    for sort in ("capability", "-capability"):
        assert listed(consultant, consultancy, f"view=all&sort={sort}")[0] == NAMES[0], "who has none comes last"


def test_columns_are_chosen(consultant: Browser, consultancy: Tenant, clients: list[Tenant]) -> None:
    page = consultant.get(f"/t/{consultancy.id}/clients?view=all&columns=region&columns=scope")
    heads = re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?([^<]+)", page.html)
    assert [head for head in heads if head.strip()] == ["Client", "Region", "You may"]


def test_fifty_are_on_a_page(
    app: Any, session: Session, consultant: Browser, clock: FixedClock, consultancy: Tenant
) -> None:
    owner = make_user(session)
    keep(session)
    for number in range(53):
        make_client(session, consultancy, clock, name=f"厂{number:02}") if number < 1 else _cheap(
            session, consultancy, clock, owner, number
        )
    session.commit()
    assert len(listed(consultant, consultancy)) == 50
    assert len(listed(consultant, consultancy, "view=all&page=2")) == 3
    assert len(listed(consultant, consultancy, "view=all&page=99")) == 50


def _cheap(session: Session, consultancy: Tenant, clock: FixedClock, owner: User, number: int) -> None:
    tenant = Tenant(kind="enterprise", name=f"厂{number:02}", created_at=clock.now())
    session.add(tenant)
    session.flush()
    until = clock.today() + timedelta(days=100)
    grant = {"tenant_name": tenant.name, "consultancy_name": "x", "scope": "view", "given_at": clock.now()}
    session.add(Grant(tenant_id=tenant.id, consultancy_id=consultancy.id, until=until, **grant))


def test_a_view_is_saved_and_stands_among_the_tabs(
    consultant: Browser, consultancy: Tenant, clients: list[Tenant]
) -> None:
    url = f"/t/{consultancy.id}/clients"
    page = consultant.post(f"{url}/views?view=all&size=micro&sort=-due&columns=region", {"name": "小企业"})
    assert names(page) == [NAMES[2]]
    assert re.search(r'aria-current="page">小企业</a>', page.html)
    assert "小企业" in consultant.get(url).text
    assert "Give the view a name." in consultant.post(f"{url}/views?view=all", {"name": ""}, 422).text


def test_a_private_view_is_ones_own_and_a_shared_one_everybodys(
    app: Any, session: Session, clock: FixedClock, consultant: Browser, consultancy: Tenant, clients: list[Tenant]
) -> None:
    colleague = make_user(session)
    add_member(session, consultancy, colleague, "viewer", clock)
    keep(session)
    other = Browser(app.test_client())
    sign_in(other.client, colleague)
    url = f"/t/{consultancy.id}/clients"
    consultant.post(f"{url}/views?view=all&size=micro", {"name": "私有"})
    page = consultant.post(f"{url}/views?view=all&size=micro", {"name": "共享", "shared": "y"})
    text = other.get(url).text
    assert "共享" in text
    assert "私有" not in text
    view_id = re.search(r"/views/([0-9a-f-]{36})/delete", page.html)
    assert view_id
    other.post(f"{url}/views/{view_id.group(1)}/delete", status=404)
    consultant.post(f"{url}/views/{view_id.group(1)}/delete")
    assert "共享" not in other.get(url).text
    other.post(f"{url}/views?view=all", {"name": "看", "shared": "y"})
    assert "看" not in consultant.get(url).text, "who only looks shares nothing"


def test_the_empty_page_leads_to_the_code_and_to_inviting(consultant: Browser, consultancy: Tenant) -> None:
    page = consultant.get(f"/t/{consultancy.id}/clients")
    code = str(consultancy.code)
    assert f"{code[:4]}-{code[4:]}" in page.text
    assert f"/t/{consultancy.id}/clients/invite" in page.links


# With several at once


def test_the_export_holds_the_chosen_and_no_formula(
    app: Any, session: Session, clock: FixedClock, consultant: Browser, consultancy: Tenant, clients: list[Tenant]
) -> None:
    evil = make_client(session, consultancy, clock, name='=HYPERLINK("http://x","y")')[0]
    sweep(app)
    chosen = "&".join(f"client={tenant.id}" for tenant in (clients[0], evil))
    with consultant.client.get(f"/t/{consultancy.id}/clients/export.xlsx?{chosen}") as response:
        sheet = load_workbook(BytesIO(response.data)).active
    rows = list(sheet.iter_rows(min_row=2))
    assert {row[0].value for row in rows} == {NAMES[0], '=HYPERLINK("http://x","y")'}
    cell = next(row[0] for row in rows if row[0].value.startswith("="))
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    figures = next(row for row in rows if row[0].value == NAMES[0])
    assert isinstance(figures[7].value, (int, float))


def test_reminding_writes_to_owner_and_editors_once_a_day(
    session: Session, clock: FixedClock, consultant: Browser, consultancy: Tenant, clients: list[Tenant]
) -> None:
    people = {role: make_user(session, locale="zh_CN") for role in ("editor", "viewer")}
    for role, user in people.items():
        add_member(session, clients[1], user, role, clock)
    keep(session)
    url = f"/t/{consultancy.id}/clients/remind"
    assert NAMES[1] in consultant.get(f"{url}?client={clients[1].id}").text
    data = {"client": str(clients[1].id), "text": "请补充设备数据"}
    assert "One client is written to." in consultant.post(url, data).text
    letters = list(session.scalars(select(Message)))
    assert people["editor"].email in {letter.recipient for letter in letters}
    assert people["viewer"].email not in {letter.recipient for letter in letters}
    assert len(letters) == 2
    assert all("请补充设备数据" in letter.body and f"/t/{clients[1].id}/" in letter.body for letter in letters)
    events = session.scalars(select(AuditEvent.event).where(AuditEvent.tenant_id == clients[1].id))
    assert {"portfolio.reminded", "grant.used"} <= set(events)
    session.rollback()
    assert "Written to today already" in consultant.post(url, data).text
    clock.at += timedelta(days=1)
    assert "One client is written to." in consultant.post(url, data).text
    assert "Write what the letter is to say." in consultant.post(url, data | {"text": ""}, 422).text


def test_nothing_ticked_is_said(consultant: Browser, consultancy: Tenant, clients: list[Tenant]) -> None:
    for what in ("export.xlsx", "remind", "compare"):
        assert "Tick at least one client" in consultant.get(f"/t/{consultancy.id}/clients/{what}", 422).text


def test_comparing_takes_two_to_six(
    app: Any, session: Session, clock: FixedClock, consultant: Browser, consultancy: Tenant, clients: list[Tenant]
) -> None:
    url = f"/t/{consultancy.id}/clients/compare"
    make_result(session, clients[1], clock, 2025)
    row = session.scalars(select(Submission).where(Submission.tenant_id == clients[1].id)).one()
    row.capability = row.capability - 3
    keep(session)
    sweep(app)
    two = f"client={clients[0].id}&client={clients[1].id}"
    page = consultant.get(f"{url}?{two}")
    assert f"{NAMES[0]} is highest" in page.text
    assert "3.0 points above the lowest" in page.text
    with consultant.client.get(f"{url}.svg?{two}") as picture:
        assert picture.data.startswith(b"<?xml") or b"<svg" in picture.data[:200]
    with consultant.client.get(f"{url}.csv?{two}") as table:
        assert NAMES[1] in table.text
    assert "Tick two to six" in consultant.get(f"{url}?client={clients[0].id}", 422).text
    assert "Nothing to draw yet" in consultant.get(f"{url}?client={clients[0].id}&client={clients[2].id}").text


def test_a_revoked_client_is_nowhere_before_the_worker_has_looked(
    session: Session, consultant: Browser, clock: FixedClock, consultancy: Tenant, clients: list[Tenant]
) -> None:
    """The projection still holds the row; nobody sees it."""
    chosen = f"client={clients[0].id}&client={clients[1].id}"
    grant = session.scalars(select(Grant).where(Grant.tenant_id == clients[0].id)).one()
    revoke_grant(session, clients[0].id, grant.id, actor_id=None, clock=clock)  # type: ignore[arg-type]
    keep(session)
    base = f"/t/{consultancy.id}/clients"
    for path in (base, f"{base}?view=all", f"{base}?view=all&text={NAMES[0]}", f"{base}/remind?{chosen}"):
        assert NAMES[0] not in consultant.get(path).text
    for path in ("", "/plan", "/plan.docx", "/plan/pdf", "/plan.pdf"):
        consultant.get(f"{base}/{clients[0].id}{path}", 404)
    for path in ("/notes", "/tasks", "/report", "/plan/new", "/plan"):
        consultant.post(f"{base}/{clients[0].id}{path}", {"title": "x", "body": "x", "version": "1"}, 404)
    consultant.get(f"{base}/compare?{chosen}", 422)
    with consultant.client.get(f"{base}/export.xlsx?{chosen}") as response:
        assert [row[0] for row in load_workbook(BytesIO(response.data)).active.iter_rows(values_only=True)][1:] == [
            NAMES[1]
        ]
