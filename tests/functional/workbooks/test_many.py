"""Many clients with one upload: a register, or an archive of workbooks; told enterprise by enterprise."""

from __future__ import annotations

import io
import zipfile
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Answer, Assessment
from maturity.clock import FixedClock
from maturity.reference.uscc import synthetic
from maturity.tenancy.models import Membership, Tenant
from maturity.workbooks.models import BulkLine, BulkUpload
from tests.conftest import Browser
from tests.factories.assessments import answer, make_assessment, make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user, sign_in
from tests.factories.portfolios import keep, make_client, make_consultancy, sweep
from tests.functional.workbooks.conftest import Sheets, send, work
from tests.page import Page

PERIOD = 2025


@pytest.fixture
def adviser(session: Session) -> User:
    user = make_user(session, name="陈静")
    keep(session)
    return user


@pytest.fixture
def consultancy(session: Session, clock: FixedClock, adviser: User) -> Tenant:
    return make_consultancy(session, adviser, clock)


@pytest.fixture
def clients(app: Any, session: Session, clock: FixedClock, consultancy: Tenant) -> list[Tenant]:
    """Three clients; the third lets the consultancy look only."""
    found = []
    for number, (name, scope) in enumerate((("甲机械", "answer"), ("乙机械", "manage"), ("丙机械", "view"))):
        tenant, _grant = make_client(session, consultancy, clock, scope=scope, name=name, uscc=codes()[number])
        found.append(tenant)
    keep(session)
    sweep(app)
    return found


def codes() -> list[str]:
    return [synthetic(Random(seed), "320500") for seed in (1, 2, 3)]


class Office:
    """A consultant at the page for many clients."""

    def __init__(self, app: Any, session: Session, browser: Browser, base: str) -> None:
        self.app, self.session, self.browser, self.base = app, session, browser, base

    def register(self, period: int = PERIOD, language: str = "en") -> Register:
        data = {"period": str(period), "language": language}
        response = self.browser.client.post(f"{self.base}/register", data=data)
        assert response.status_code == 200, response.text[:300]
        return Register(response.data)

    def upload(self, content: bytes, name: str = "register.xlsx", trial: bool = False, status: int = 200) -> Page:
        page = send(self.browser, self.base, content, name, status, **({"trial": "y"} if trial else {}))
        if status == 200:
            work(self.app, self.session, "bulk_upload")
            page = self.browser.get(page.path)
        return page


class Register:
    """A downloaded register as a person fills it in."""

    def __init__(self, content: bytes) -> None:
        self.book = load_workbook(io.BytesIO(content))
        self.sheet = self.book.worksheets[0]
        self.keys = {cell.value: cell.column for cell in self.sheet[1]}

    @property
    def rows(self) -> dict[str, int]:
        return {
            str(self.sheet.cell(row, 1).value): row
            for row in range(6, self.sheet.max_row + 1)
            if self.sheet.cell(row, 1).value
        }

    def fill(self, code: str, **answers: Any) -> Register:
        for slot, value in answers.items():
            self.sheet.cell(self.rows[code], self.keys[slot.replace("__", ".")]).value = value
        return self

    def place(self, code: str, slot: str) -> str:
        return f"{self.sheet.title}!{self.sheet.cell(self.rows[code], self.keys[slot]).coordinate}"

    def content(self) -> bytes:
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


@pytest.fixture
def office(app: Any, session: Session, adviser: User, consultancy: Tenant, clients: list[Tenant]) -> Office:
    browser = Browser(app.test_client())
    sign_in(browser.client, adviser)
    return Office(app, session, browser, f"/t/{consultancy.id}/clients/workbooks")


class Kept:
    def __init__(self, session: Session) -> None:
        self.session = session

    def outcomes(self) -> dict[str, str]:
        rows = self.session.execute(select(BulkLine.uscc, BulkLine.outcome)).tuples().all()
        self.session.rollback()
        return dict(rows)

    def answers(self, tenant: Tenant) -> dict[str, Any]:
        query = select(Answer.question_id, Answer.facts).where(Answer.tenant_id == tenant.id)
        rows = dict(self.session.execute(query).tuples().all())
        self.session.rollback()
        return rows


@pytest.fixture
def kept(session: Session) -> Kept:
    return Kept(session)


def test_a_register_fills_in_every_client_it_may(office: Office, kept: Kept, clients: list[Tenant]) -> None:
    one, two, _three = codes()
    register = office.register()
    assert set(register.rows) == {one, two}  # the third lets the consultancy look only
    register.fill(one, it_investment=480, operating_revenue=36000).fill(two, it_investment=1, operating_revenue=2)
    page = office.upload(register.content())
    assert office.browser.client.get(f"{page.path}/progress").json == {"state": "done", "done": 2, "total": 2}
    assert kept.outcomes() == {one: "saved", two: "saved"}
    assert kept.answers(clients[0]) == {"it_investment": {"it_investment": "480", "operating_revenue": "36000"}}
    assert kept.answers(clients[1]) == {"it_investment": {"it_investment": "1", "operating_revenue": "2"}}


def test_an_enterprise_with_an_error_is_left_alone_and_the_others_are_saved(
    office: Office, kept: Kept, clients: list[Tenant]
) -> None:
    one, two, _three = codes()
    register = office.register()
    register.fill(one, it_investment="a lot", operating_revenue=1, computers=3, staff_total=4)
    register.fill(two, it_investment=1, operating_revenue=2)
    page = office.upload(register.content())
    assert register.place(one, "it_investment") in page.text
    assert kept.outcomes() == {one: "refused", two: "saved"}
    assert kept.answers(clients[0]) == {}


def test_a_row_for_no_client_is_told_and_nobody_learns_more(office: Office, kept: Kept) -> None:
    register = office.register()
    row = register.sheet.max_row + 1
    for number, code in enumerate((codes()[2], "91330000000000000X")):
        register.sheet.cell(row + number, 1).value = code
        register.sheet.cell(row + number, register.keys["it_investment"]).value = 5
    page = office.upload(register.content())
    outcomes = kept.outcomes()
    assert outcomes["91330000000000000X"] == "unknown"
    assert outcomes[codes()[2]] == "refused"  # a client, whose grant is too narrow
    assert "Ask the client to widen it" in page.text


def test_a_trial_saves_nothing_and_tells_the_same(office: Office, kept: Kept, clients: list[Tenant]) -> None:
    one, two, _three = codes()
    register = office.register().fill(one, it_investment=480, operating_revenue=36000)
    page = office.upload(register.content(), trial=True)
    assert "would be saved" in page.text
    assert kept.outcomes() == {one: "saved", two: "unchanged"}
    assert kept.answers(clients[0]) == {}


def test_an_answer_changed_meanwhile_stays_in_a_register_too(
    office: Office, kept: Kept, session: Session, clock: FixedClock, clients: list[Tenant]
) -> None:
    assessment = make_assessment(session, clients[0], clock)
    answer(session, assessment, "it_investment", clock, it_investment="1", operating_revenue="2")
    keep(session)
    register = office.register()
    session.rollback()
    assessment = session.scalars(select(Assessment).where(Assessment.tenant_id == clients[0].id)).one()
    answer(session, assessment, "it_investment", clock, it_investment="3", operating_revenue="2")
    keep(session)
    one = codes()[0]
    page = office.upload(register.fill(one, it_investment=9, computers=3, staff_total=4).content())
    assert kept.outcomes()[one] == "partly"
    assert "Somebody else changed this answer" in page.text
    found = kept.answers(clients[0])
    assert found["it_investment"]["it_investment"] == "3"
    assert len(found) == 2


def test_a_blank_cell_of_a_register_leaves_the_answer(
    office: Office, kept: Kept, session: Session, clock: FixedClock, clients: list[Tenant]
) -> None:
    answer(session, make_assessment(session, clients[0], clock), "it_investment", clock)
    keep(session)
    before = kept.answers(clients[0])
    register = office.register().fill(codes()[0], it_investment=None, operating_revenue=None)
    office.upload(register.content())
    assert kept.answers(clients[0]) == before


def test_a_code_that_stands_twice_is_taken_once(office: Office, session: Session, kept: Kept) -> None:
    register = office.register()
    row = register.sheet.max_row + 1
    register.sheet.cell(row, 1).value = codes()[0]
    office.upload(register.content())
    outcomes = list(session.scalars(select(BulkLine.outcome).order_by(BulkLine.number)))
    session.rollback()
    assert outcomes == ["unchanged", "unchanged", "refused"]


def test_a_seal_moved_to_another_row_is_refused(office: Office, kept: Kept) -> None:
    one, two, _three = codes()
    register = office.register().fill(one, it_investment=1, operating_revenue=2)
    first = register.sheet.cell(register.rows[one], register.keys["seal"])
    second = register.sheet.cell(register.rows[two], register.keys["seal"])
    first.value, second.value = second.value, first.value
    office.upload(register.content())
    assert set(kept.outcomes().values()) == {"refused"}


def test_an_archive_of_workbooks_fills_in_each(
    app: Any, office: Office, kept: Kept, session: Session, clock: FixedClock, clients: list[Tenant]
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for tenant in clients[:2]:
            assessment = make_assessment(session, tenant, clock)
            base = f"/t/{tenant.id}/assessments/{assessment.id}/workbook"
            keep(session)
            response = office.browser.client.get(f"{base}.xlsx?language=zh_CN")
            sheets = Sheets(response.data).fill(it_investment=7, operating_revenue=8)
            archive.writestr(f"客户/{tenant.name}.xlsx", sheets.content())
        archive.writestr("客户/别的.xlsx", b"no workbook")
        archive.writestr("__MACOSX/._别的.xlsx", b"shadow")
    page = office.upload(buffer.getvalue(), "clients.zip")
    assert kept.answers(clients[0])["it_investment"] == {"it_investment": "7", "operating_revenue": "8"}
    assert kept.answers(clients[1])["it_investment"] == {"it_investment": "7", "operating_revenue": "8"}
    assert "别的.xlsx” is no Excel workbook" in page.text
    lines = list(session.scalars(select(BulkLine.outcome).order_by(BulkLine.number)))
    session.rollback()
    assert sorted(lines) == ["refused", "saved", "saved"]


def test_the_result_workbook_tells_every_enterprise(office: Office) -> None:
    one, two, _three = codes()
    register = office.register().fill(one, it_investment="x", operating_revenue=1)
    page = office.upload(register.content())
    response = office.browser.client.get(f"{page.path}/result.xlsx")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(response.data)).worksheets[0].iter_rows()]
    told = {row[1]: row for row in rows[1:]}
    assert told[one][3] == "not saved"
    assert told[one][6] == register.place(one, "it_investment")
    assert "must be a number" in told[one][7]
    assert told[two][3] == "nothing new"


def test_a_cancelled_upload_stops_before_the_next_enterprise(
    office: Office, session: Session, kept: Kept, clients: list[Tenant]
) -> None:
    register = office.register().fill(codes()[0], it_investment=1, operating_revenue=2)
    page = office.browser.post(office.base, {"file": (io.BytesIO(register.content()), "register.xlsx")})
    office.browser.post(f"{page.path}/cancel")
    assert work(office.app, session, "bulk_upload") == 1
    assert kept.answers(clients[0]) == {}
    assert "Stopped after 0" in office.browser.get(page.path).text
    office.browser.post(f"{page.path}/cancel", status=409)


def test_an_upload_begun_goes_on_where_it_stopped(office: Office, session: Session, kept: Kept) -> None:
    """A worker that died has written lines together with their answers: no enterprise is seen to twice."""
    register = office.register().fill(codes()[0], it_investment=1, operating_revenue=2)
    page = office.browser.post(office.base, {"file": (io.BytesIO(register.content()), "register.xlsx")})
    upload = session.scalars(select(BulkUpload)).one()
    session.add(
        BulkLine(
            tenant_id=upload.tenant_id,
            upload_id=upload.id,
            number=1,
            place="x",
            uscc="x",
            name="x",
            outcome="saved",
            details=[],
        )
    )
    upload.state, upload.total = "running", 2
    session.commit()
    session.expunge_all()
    work(office.app, session, "bulk_upload")
    assert len(kept.outcomes()) == 2
    assert kept.outcomes()["x"] == "saved"
    assert office.browser.client.get(f"{page.path}/progress").json == {"state": "done", "done": 2, "total": 2}


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"x", "a.pdf", "is neither a register"), (b"x" * (51 * 1024**2), "a.xlsx", "larger than 50 MB")],
)
def test_what_is_neither_is_refused_at_once(office: Office, content: bytes, name: str, words: str) -> None:
    status = 413 if len(content) > 51 * 1024**2 - 1 else 422
    assert words in office.upload(content, name, status=status).text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"no", "a.xlsx", "is no Excel workbook"), (b"no", "a.zip", "is damaged"), (b"", "a.xlsx", "is empty")],
)
def test_what_cannot_be_read_is_told_by_the_worker(office: Office, content: bytes, name: str, words: str) -> None:
    assert words in office.upload(content, name).text


def test_whoever_only_looks_does_not_upload(app: Any, session: Session, clock: FixedClock, office: Office) -> None:
    from tests.factories.enterprises import add_member

    user = make_user(session)
    consultancy = session.scalars(select(Tenant).where(Tenant.kind == "consultancy")).one()
    add_member(session, consultancy, user, "viewer", clock)
    session.commit()
    browser = Browser(app.test_client())
    sign_in(browser.client, user)
    session.rollback()
    browser.get(office.base, 403)


def test_whoever_has_left_the_consultancy_fills_in_nothing_any_more(
    office: Office, session: Session, kept: Kept, adviser: User
) -> None:
    register = office.register().fill(codes()[0], it_investment=1, operating_revenue=2)
    page = send(office.browser, office.base, register.content(), "register.xlsx")
    session.execute(update(Membership).where(Membership.user_id == adviser.id).values(role="viewer"))
    session.commit()
    work(office.app, session, "bulk_upload")
    assert kept.outcomes() == {}
    upload = session.scalars(select(BulkUpload)).one()
    assert (upload.state, upload.fault) == ("failed", "bulk_not_allowed")
    session.rollback()
    office.browser.get(page.path, 403)


def test_a_row_that_nobody_touched_starts_no_assessment(office: Office, session: Session, kept: Kept) -> None:
    one, two, _three = codes()
    office.upload(office.register().fill(one, it_investment=1, operating_revenue=2).content())
    assert kept.outcomes() == {one: "saved", two: "unchanged"}
    assert len(session.scalars(select(Assessment)).all()) == 1
    session.rollback()


def test_a_submitted_assessment_is_refused_only_where_it_would_change(
    office: Office, session: Session, clock: FixedClock, kept: Kept, clients: list[Tenant]
) -> None:
    for tenant in clients[:2]:
        make_result(session, tenant, clock, PERIOD)
    keep(session)
    one, two, _three = codes()
    page = office.upload(office.register().fill(one, it_investment=1).content())
    assert kept.outcomes() == {one: "refused", two: "unchanged"}
    assert "is submitted and cannot be changed" in page.text


def test_the_head_of_a_group_brings_the_answers_of_its_subsidiaries(
    app: Any, session: Session, clock: FixedClock, kept: Kept
) -> None:
    boss = make_user(session, name="集团负责人")
    head = make_enterprise(session, boss, clock, name="海岳集团")
    owner = make_user(session, name="一厂负责人")
    plant = make_enterprise(session, owner, clock, name="海岳一厂", uscc=codes()[0])
    keep(session)
    browsers = []
    for user in (boss, owner):
        client = app.test_client()
        sign_in(client, user)
        browsers.append(Browser(client))
    browsers[0].post(f"/t/{head.id}/group")
    code = session.scalars(select(Tenant.code).where(Tenant.id == head.id)).one()
    keep(session)
    browsers[1].post(f"/t/{plant.id}/consultants", {"code": code, "scope": "answer", "until": "2027-12-31"})
    sweep(app)
    office = Office(app, session, browsers[0], f"/t/{head.id}/clients/workbooks")
    register = office.register()
    assert set(register.rows) == {codes()[0]}
    office.upload(register.fill(codes()[0], it_investment=480, operating_revenue=36000).content())
    assert kept.outcomes() == {codes()[0]: "saved"}
    assert kept.answers(plant)["it_investment"] == {"it_investment": "480", "operating_revenue": "36000"}
