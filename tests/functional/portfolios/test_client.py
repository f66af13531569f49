"""One client on one page: figures, grant, notes, tasks, plan and report; and what the client learns of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.consulting.models import ConsultantNote
from maturity.jobs.models import Job
from maturity.portfolios.models import ConsultancyBrand, ImprovementPlan
from maturity.tenancy.models import Membership, Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_assessment, make_result
from tests.factories.enterprises import add_member
from tests.factories.people import make_user, sign_in
from tests.factories.portfolios import keep, make_client, make_consultancy, sweep

Sign = Callable[[str], Browser]


@pytest.fixture
def result_id(app: Any, session: Session, clock: FixedClock, customer: Tenant) -> uuid.UUID:
    """The client's result of last year, and a draft of this one."""
    made = make_result(session, customer, clock, 2025)
    make_assessment(session, customer, clock, 2026)
    found = made.id
    keep(session)
    sweep(app)
    return found


@pytest.fixture
def base(consultancy: Tenant, customer: Tenant) -> str:
    return f"/t/{consultancy.id}/clients/{customer.id}"


@pytest.fixture
def owner(app: Any, session: Session, customer: Tenant) -> Browser:
    """The client's owner, signed in."""
    query = select(User).join(Membership, Membership.user_id == User.id).where(Membership.tenant_id == customer.id)
    browser = Browser(app.test_client())
    sign_in(browser.client, session.scalars(query).one())
    keep(session)
    return browser


def events(session: Session, tenant: Tenant) -> list[str]:
    session.rollback()
    query = select(AuditEvent.event).where(AuditEvent.tenant_id == tenant.id).order_by(AuditEvent.at)
    found = list(session.scalars(query))
    session.rollback()
    return found


def test_the_page_shows_figures_grant_and_ways_in(
    consultant: Browser, customer: Tenant, base: str, result_id: uuid.UUID
) -> None:
    page = consultant.get(base)
    assert "Access until 2027-09-20" in page.text
    assert "Fill in" in page.text
    assert "Result for 2025 submitted, revision 1" in page.text
    assert f"/t/{customer.id}/assessments/{result_id}/result" in page.links
    assert re.search(r"2026: 0 answered, \d+ to \d+ left", page.text)


def test_looking_at_the_page_is_a_visit_in_the_clients_log(
    session: Session, clock: FixedClock, consultant: Browser, customer: Tenant, base: str
) -> None:
    for _ in range(3):
        consultant.get(base)
    assert events(session, customer).count("grant.used") == 1
    clock.at += timedelta(minutes=31)
    consultant.get(base)
    assert events(session, customer).count("grant.used") == 2


def test_before_the_worker_looked_the_page_says_so(consultant: Browser, customer: Tenant, base: str) -> None:
    page = consultant.get(base)
    assert "being gathered" in page.text
    assert customer.name in page.text


def test_a_private_note_stays_in_the_consultancy(
    session: Session, consultant: Browser, owner: Browser, customer: Tenant, base: str
) -> None:
    assert "The note is saved." in consultant.post(f"{base}/notes", {"body": "犹豫", "shared": "no"}).text
    assert "犹豫" in consultant.get(base).text
    assert "犹豫" not in owner.get(f"/t/{customer.id}/consultants").text
    assert session.scalars(select(ConsultantNote)).all() == []
    session.rollback()


def test_a_shared_note_is_the_clients_row_and_in_its_log(
    session: Session, consultant: Browser, owner: Browser, customer: Tenant, base: str
) -> None:
    consultant.post(f"{base}/notes", {"body": "下周来现场", "shared": "yes"})
    page = owner.get(f"/t/{customer.id}/consultants")
    assert "下周来现场" in page.text
    assert "陈静, 海岳咨询" in page.text
    assert {"portfolio.note_shared", "grant.used"} <= set(events(session, customer))
    found = re.search(r"/notes/([0-9a-f-]{36})/delete", consultant.get(base).html)
    assert found
    consultant.post(f"{base}/notes/{found.group(1)}/delete")
    assert "下周来现场" not in owner.get(f"/t/{customer.id}/consultants").text
    assert "portfolio.note_withdrawn" in events(session, customer)


@pytest.mark.parametrize(("field", "typed", "message"), [("body", "", "Write something"), ("body", "x" * 2001, "2000")])
def test_a_wrong_note_is_named(consultant: Browser, base: str, field: str, typed: str, message: str) -> None:
    assert message in consultant.post(f"{base}/notes", {"shared": "no", field: typed}, 422).text


def test_a_note_is_taken_away_by_its_author_alone(
    app: Any, session: Session, clock: FixedClock, consultant: Browser, consultancy: Tenant, base: str
) -> None:
    consultant.post(f"{base}/notes", {"body": "犹豫", "shared": "no"})
    found = re.search(r"/notes/([0-9a-f-]{36})/delete", consultant.get(base).html)
    assert found
    colleague = make_user(session)
    add_member(session, consultancy, colleague, "editor", clock)
    keep(session)
    other = Browser(app.test_client())
    sign_in(other.client, colleague)
    other.post(f"{base}/notes/{found.group(1)}/delete", status=404)


def test_who_only_looks_changes_nothing(
    app: Any, session: Session, clock: FixedClock, consultancy: Tenant, base: str
) -> None:
    trainee = make_user(session)
    add_member(session, consultancy, trainee, "viewer", clock)
    keep(session)
    browser = Browser(app.test_client())
    sign_in(browser.client, trainee)
    browser.get(base)
    for path in ("/notes", "/tasks", "/report", "/plan/new", "/plan", "/plan/pdf"):
        browser.post(base + path, status=403)
    browser.get(f"/t/{consultancy.id}/brand", 403)
    browser.get(f"/t/{consultancy.id}/clients/invite", 403)


def test_a_client_of_another_consultancy_is_not_there(
    app: Any, session: Session, clock: FixedClock, consultant: Browser, consultancy: Tenant
) -> None:
    other = make_consultancy(session, make_user(session), clock, "另一家")
    foreign, _grant = make_client(session, other, clock, name="外厂")
    sweep(app)
    consultant.get(f"/t/{consultancy.id}/clients/{foreign.id}", 404)
    consultant.post(f"/t/{consultancy.id}/clients/{foreign.id}/notes", {"body": "x", "shared": "yes"}, 404)
    assert "外厂" not in consultant.get(f"/t/{consultancy.id}/clients?view=all").text


# Tasks


def test_a_task_is_given_ticked_off_and_opened_again(
    app: Any, session: Session, clock: FixedClock, consultant: Browser, adviser: User, consultancy: Tenant, base: str
) -> None:
    sweep(app)
    task = {"title": "核对设备台账", "due_on": "2026-11-27", "person": str(adviser.id)}
    consultant.post(f"{base}/tasks", task)
    url = f"/t/{consultancy.id}/tasks"
    assert "核对设备台账" in consultant.get(url).text
    assert "task due soon" in consultant.get(f"/t/{consultancy.id}/clients").text
    clock.at += timedelta(days=5)
    assert "overdue" in consultant.get(f"{url}?state=overdue").text
    assert "task overdue" in consultant.get(f"/t/{consultancy.id}/clients").text
    found = re.search(r"/tasks/([0-9a-f-]{36})", consultant.get(url).html)
    assert found
    consultant.post(f"{url}/{found.group(1)}", {"done": "yes"})
    assert "核对设备台账" not in consultant.get(url).text
    assert "Done: 核对设备台账" in consultant.get(base).text
    consultant.post(f"{url}/{found.group(1)}", {"done": "no"})
    assert "核对设备台账" in consultant.get(f"{url}?person={adviser.id}").text
    assert "核对设备台账" not in consultant.get(f"{url}?person={adviser.id + 1000}").text


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [("title", "", "Say what is to be done."), ("due_on", "soon", "Write the day"), ("client", "", "Choose a client.")],
)
def test_a_wrong_task_is_named(
    consultant: Browser, consultancy: Tenant, customer: Tenant, field: str, typed: str, message: str
) -> None:
    right = {"title": "x", "due_on": "2026-12-01", "client": str(customer.id)}
    page = consultant.post(f"/t/{consultancy.id}/tasks", right | {field: typed}, 422)
    assert message in page.text


def test_a_task_is_for_somebody_of_the_consultancy(
    session: Session, consultant: Browser, consultancy: Tenant, customer: Tenant
) -> None:
    stranger = make_user(session)
    keep(session)
    task = {"title": "x", "client": str(customer.id), "person": str(stranger.id)}
    consultant.post(f"/t/{consultancy.id}/tasks", task, 422)


# The plan


def form_of(html: str) -> dict[str, str]:
    """The fields of the plan's form as the page holds them."""
    form = html.partition("plan-form")[2].partition("</form>")[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            fields[name.group(1)] = value.group(1) if value else ""
    for name, body in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\s*([^<]*)</textarea>', form):
        fields[name] = body
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields[name] = chosen.group(1) if chosen else ""
    return fields


def test_a_plan_is_drawn_up_from_the_gaps_and_edited(
    session: Session, consultant: Browser, customer: Tenant, base: str, result_id: uuid.UUID
) -> None:
    assert "No plan yet" in consultant.get(f"{base}/plan").text
    page = consultant.post(f"{base}/plan/new")
    assert "points to be had" in page.text
    fields = form_of(page.html)
    assert sum(name.endswith("-title") and bool(value) for name, value in fields.items()) >= 8
    fields |= {"measures-0-owner": "设备部", "measures-0-cost_wan": "12.5", "measures-1-title": ""}
    last = max(int(name.split("-")[1]) for name in fields if name.startswith("measures-"))
    fields |= {f"measures-{last}-title": "自选措施", f"measures-{last}-status": "agreed"}
    page = consultant.post(f"{base}/plan", fields)
    assert "Version 2 of the plan is saved." in page.text
    assert "Costs so far: 12.5" in page.text
    session.rollback()
    plans = list(session.scalars(select(ImprovementPlan).order_by(ImprovementPlan.version)))
    first, second = (plan.body["measures"] for plan in plans)
    assert len(second) == len(first)
    assert second[0]["owner"] == "设备部"
    assert second[0]["indicator"] == first[0]["indicator"]
    assert second[1] == first[2] | {"status": second[1]["status"]}
    assert (second[-1]["title"], second[-1]["indicator"]) == ("自选措施", "")
    session.rollback()
    assert "grant.used" in events(session, customer)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("measures-0-cost_wan", "many", "Enter an amount from 0"),
        ("measures-0-cost_wan", "-1", "Enter an amount from 0"),
        ("measures-0-since", "soon", "Write the day"),
        ("measures-0-until", "2020-01-01", "before the measure begins"),
        ("goal", "", "Say what the plan is to reach."),
    ],
)
def test_a_wrong_entry_in_the_plan_is_named_and_the_rest_kept(
    consultant: Browser, base: str, result_id: uuid.UUID, field: str, typed: str, message: str
) -> None:
    fields = form_of(consultant.post(f"{base}/plan/new").html) | {"measures-0-owner": "设备部"}
    page = consultant.post(f"{base}/plan", fields | {field: typed}, 422)
    assert message in page.text
    assert 'value="设备部"' in page.html


def test_two_who_edit_the_plan_do_not_overwrite_each_other(
    consultant: Browser, base: str, result_id: uuid.UUID
) -> None:
    fields = form_of(consultant.post(f"{base}/plan/new").html)
    consultant.post(f"{base}/plan", fields | {"measures-0-owner": "甲"})
    page = consultant.post(f"{base}/plan", fields | {"measures-0-owner": "乙"}, 409)
    assert "Somebody else saved version 2 meanwhile." in page.text
    assert 'value="乙"' in page.html
    again = form_of(page.html)
    assert "Version 3 of the plan is saved." in consultant.post(f"{base}/plan", again).text


def test_without_a_result_there_is_no_plan(app: Any, consultant: Browser, base: str) -> None:
    sweep(app)
    assert "has not submitted a result yet" in consultant.post(f"{base}/plan/new", status=409).text


def test_the_word_file_follows_the_outline(
    session: Session, consultant: Browser, customer: Tenant, base: str, result_id: uuid.UUID
) -> None:
    fields = form_of(consultant.post(f"{base}/plan/new").html)
    costs = {"measures-0-cost_wan": "12.5", "measures-1-cost_wan": "80", "measures-2-status": "dropped"}
    consultant.post(f"{base}/plan", fields | costs | {"measures-0-title": "Buy \x0b & <build>"})
    with consultant.client.get(f"{base}/plan.docx") as response:
        document = Document(BytesIO(response.data))
    headings = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 1"]
    assert headings == [
        "1  Purpose and basis", "2  Present state", "3  Hardware and software in place", "4  Gaps and trends",
        "5  Goals", "6  Tasks", "7  Data standards", "8  Security", "9  Budget", "10  Schedule", "11  Training",
        "12  Benefits", "13  Organisation",
    ]  # fmt: skip
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    budget = next(table for table in tables if table[0][-1] == "Cost (10,000 yuan)")
    assert budget[-1] == ["", "Total", "92.5"]
    assert budget[1][1] == "Buy  & <build>"
    tasks = next(table for table in tables if table[0] == ["No.", "Measure", "Goal", "Owner", "Status"])
    assert len(tasks) - 1 == sum(name.endswith("-title") and bool(value) for name, value in fields.items()) - 1
    hardware = next(table for table in tables if table[0][0] == "Hardware")
    assert hardware[1] == ["Computers", "210 units"]
    assert document.sections[0].header.paragraphs[0].text.endswith("海岳咨询")
    with consultant.client.get(f"{base}/plan.docx?version=1") as response:
        assert "Total" not in [
            cell.text for t in Document(BytesIO(response.data)).tables for cell in t.columns[0].cells
        ]
    consultant.get(f"{base}/plan.docx?version=99", 404)


def test_the_plan_as_pdf_is_made_by_a_job_of_the_consultancy(
    session: Session, consultant: Browser, consultancy: Tenant, base: str, result_id: uuid.UUID
) -> None:
    consultant.post(f"{base}/plan/new")
    assert "The document is being made." in consultant.post(f"{base}/plan/pdf").text
    session.rollback()
    job = session.scalars(select(Job)).one()
    assert (job.kind, job.tenant_id, job.payload["version"]) == ("plan", consultancy.id, 1)
    session.rollback()
    with consultant.client.get(f"{base}/plan/progress?version=1") as response:
        assert response.json["state"] == "queued"
    consultant.get(f"{base}/plan.pdf", 404)


# Name and logo


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 300)) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, "#0a4488").save(target, kind)
    return target.getvalue()


def test_a_logo_is_drawn_anew_and_shown(session: Session, consultant: Browser, consultancy: Tenant) -> None:
    url = f"/t/{consultancy.id}/brand"
    tail = b"<script>alert(1)</script>"
    data: dict[str, Any] = {"name": "海岳智造", "logo": (BytesIO(picture("JPEG") + tail), "logo.jpg")}
    assert "Saved." in consultant.post(url, data).text
    row = session.scalars(select(ConsultancyBrand)).one()
    assert row.logo is not None
    assert tail not in row.logo
    with Image.open(BytesIO(row.logo)) as made:
        assert (made.format, made.size) == ("PNG", (600, 150))
    session.rollback()
    consultant.post(url, {"name": "海岳"})
    with consultant.client.get(f"{url}/logo.png") as response:
        assert response.data.startswith(b"\x89PNG")
    consultant.post(url, {"name": "海岳", "without_logo": "y"})
    consultant.get(f"{url}/logo.png", 404)


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", picture()[:20]])
def test_what_is_no_picture_is_refused(consultant: Browser, consultancy: Tenant, content: bytes) -> None:
    data: dict[str, Any] = {"name": "海岳", "logo": (BytesIO(content), "logo.png")}
    assert "no PNG or JPEG picture" in consultant.post(f"/t/{consultancy.id}/brand", data, 422).text


def test_a_report_with_the_logo_is_made_in_the_client(
    session: Session, consultant: Browser, consultancy: Tenant, customer: Tenant, base: str, result_id: uuid.UUID
) -> None:
    data: dict[str, Any] = {"name": "海岳智造", "logo": (BytesIO(picture()), "logo.png")}
    consultant.post(f"/t/{consultancy.id}/brand", data)
    page = consultant.post(f"{base}/report")
    assert page.path == f"/t/{customer.id}/assessments/{result_id}/documents/report"
    assert "The document is being made." in page.text
    session.rollback()
    job = session.scalars(select(Job)).one()
    assert (job.tenant_id, job.payload["brand"]["name"]) == (customer.id, "海岳智造")
    session.rollback()
    assert "report.requested" in events(session, customer)
    plain = consultant.get(f"/t/{customer.id}/assessments/{result_id}/documents/report")
    assert "has not been made yet" in plain.text
