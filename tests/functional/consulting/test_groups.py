"""Groups: an enterprise that heads one sees the subsidiaries that let it in, as far as each says, and no others."""

from __future__ import annotations

from collections import Counter
from contextvars import Context
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.consulting.service import register_consultancy
from maturity.messages.models import Message
from maturity.tenancy.models import Grant, Membership, Tenant
from tests.conftest import Browser
from tests.factories.enterprises import FORM, add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in
from tests.factories.portfolios import sweep
from tests.integration.assessments.conftest import at_once

UNTIL = "2027-12-31"


@dataclass(slots=True)
class Firm:
    """An enterprise and its owner at the screen."""

    browser: Browser
    user: User
    tenant: Tenant

    @property
    def base(self) -> str:
        return f"/t/{self.tenant.id}"

    def let_in(self, code: str, scope: str = "answer", status: int = 200) -> Any:
        terms = {"code": code, "scope": scope, "until": UNTIL}
        return self.browser.post(f"{self.base}/consultants", terms, status)


class Firms:
    def __init__(self, app: Any, session: Session, clock: FixedClock) -> None:
        self.app, self.session, self.clock = app, session, clock

    def make(self, name: str) -> Firm:
        user = make_user(self.session, name=f"{name}负责人")
        tenant = make_enterprise(self.session, user, self.clock, name=name)
        browser = self.browser(user)
        return Firm(browser, user, tenant)

    def browser(self, user: User) -> Browser:
        client = self.app.test_client()
        sign_in(client, user)
        keep(self.session)
        return Browser(client)

    def colleague(self, firm: Firm, role: str) -> Browser:
        user = make_user(self.session)
        add_member(self.session, firm.tenant, user, role, self.clock)
        return self.browser(user)

    def head(self, name: str = "海岳集团") -> tuple[Firm, str]:
        firm = self.make(name)
        firm.browser.post(f"{firm.base}/group")
        code = self.session.scalars(select(Tenant.code).where(Tenant.id == firm.tenant.id)).one()
        self.session.rollback()
        assert code is not None
        return firm, code

    def events(self, firm: Firm) -> list[str]:
        found = list(self.session.scalars(select(AuditEvent.event).where(AuditEvent.tenant_id == firm.tenant.id)))
        self.session.rollback()
        return found


@pytest.fixture
def firms(app: Any, session: Session, clock: FixedClock) -> Firms:
    return Firms(app, session, clock)


def test_an_enterprise_without_a_group_has_no_page_for_it(firms: Firms) -> None:
    firm = firms.make("独立厂")
    firm.browser.get(f"{firm.base}/clients", 403)
    firm.browser.get(f"{firm.base}/subsidiaries/new", 404)
    assert "Subsidiaries" not in firm.browser.get(f"{firm.base}/").text
    assert "Form a group" in firm.browser.get(f"{firm.base}/consultants").text


def test_a_head_sees_the_subsidiary_that_lets_it_in(firms: Firms) -> None:
    head, code = firms.head()
    subsidiary, other = firms.make("海岳一厂"), firms.make("别家工厂")
    head.browser.get(f"{subsidiary.base}/", 404)
    page = subsidiary.let_in(code)
    assert "head of the group" in page.text
    sweep(firms.app)
    assert "海岳一厂" in head.browser.get(f"{head.base}/clients").text
    assert "别家工厂" not in head.browser.get(f"{head.base}/clients").text
    assert "You are here for 海岳集团" in head.browser.get(f"{subsidiary.base}/").text
    assert "grant.used" in firms.events(subsidiary)
    head.browser.get(f"{subsidiary.base}/enterprise", 403)
    head.browser.get(f"{other.base}/", 404)


def test_the_subsidiary_does_not_see_its_head(firms: Firms) -> None:
    head, code = firms.head()
    subsidiary = firms.make("海岳一厂")
    subsidiary.let_in(code)
    subsidiary.browser.get(f"{head.base}/", 404)
    subsidiary.browser.get(f"{head.base}/clients", 404)


@pytest.mark.parametrize(
    ("role", "sees", "answers"),
    [("owner", 200, 200), ("editor", 200, 200), ("viewer", 200, 403), ("contributor", 404, 404)],
)
def test_the_role_in_the_head_decides_what_one_does_in_a_subsidiary(
    firms: Firms, role: str, sees: int, answers: int
) -> None:
    head, code = firms.head()
    subsidiary = firms.make("海岳一厂")
    subsidiary.let_in(code, "manage")
    somebody = firms.colleague(head, role)
    somebody.get(f"{subsidiary.base}/", sees)
    somebody.get(f"{subsidiary.base}/enterprise", answers)
    somebody.get(f"{head.base}/clients", 403 if role == "contributor" else 200)


def test_a_subsidiary_leaves_at_once(firms: Firms) -> None:
    head, code = firms.head()
    subsidiary = firms.make("海岳一厂")
    subsidiary.let_in(code)
    sweep(firms.app)
    (grant,) = firms.session.scalars(select(Grant.id))
    firms.session.rollback()
    subsidiary.browser.post(f"{subsidiary.base}/consultants/{grant}/revoke")
    head.browser.get(f"{subsidiary.base}/", 404)
    assert "海岳一厂" not in head.browser.get(f"{head.base}/clients").text


def test_an_enterprise_has_one_head(firms: Firms) -> None:
    _head, code = firms.head()
    _other, another = firms.head("另一集团")
    subsidiary = firms.make("海岳一厂")
    subsidiary.let_in(code)
    page = subsidiary.let_in(another, status=422)
    assert "The enterprise has a head already." in page.text
    assert f'value="{another}"' in page.html


def test_a_head_that_ran_out_gives_way_to_another(firms: Firms) -> None:
    _head, code = firms.head()
    _other, another = firms.head("另一集团")
    subsidiary = firms.make("海岳一厂")
    terms = {"code": code, "scope": "view", "until": "2026-11-25"}
    subsidiary.browser.post(f"{subsidiary.base}/consultants", terms)
    firms.clock.at += timedelta(days=3)
    subsidiary.let_in(another)
    assert "grant.expired" in firms.events(subsidiary)


def test_consultancies_come_beside_the_head(firms: Firms) -> None:
    _head, code = firms.head()
    adviser = make_user(firms.session)
    consultancy = register_consultancy(firms.session, "海岳咨询", owner_id=adviser.id, clock=firms.clock)
    its_code = str(consultancy.code)
    keep(firms.session)
    subsidiary = firms.make("海岳一厂")
    subsidiary.let_in(code)
    subsidiary.let_in(its_code)


def test_a_group_is_a_tree(firms: Firms) -> None:
    """A subsidiary heads subsidiaries of its own; nobody heads somebody who stands above."""
    top, top_code = firms.head("总部")
    middle, middle_code = firms.head("二级公司")
    bottom = firms.make("三级工厂")
    middle.let_in(top_code)
    bottom.let_in(middle_code)
    bottom.browser.post(f"{bottom.base}/group")
    code = firms.session.scalars(select(Tenant.code).where(Tenant.id == bottom.tenant.id)).one()
    firms.session.rollback()
    assert "a group cannot head itself" in top.let_in(str(code), status=422).text
    assert "a group cannot head itself" in middle.let_in(middle_code, status=422).text
    middle.browser.get(f"{bottom.base}/")
    top.browser.get(f"{bottom.base}/", 404)


def test_two_who_would_close_a_ring_together_do_not(firms: Firms) -> None:
    one, its = firms.head("甲集团")
    two, theirs = firms.head("乙集团")

    def give(firm: Firm, code: str) -> int:
        terms = {"code": code, "scope": "view", "until": UNTIL}
        return Context().run(lambda: firm.browser.client.post(f"{firm.base}/consultants", data=terms).status_code)

    assert Counter(at_once([partial(give, one, theirs), partial(give, two, its)])) == {302: 1, 422: 1}


def test_a_head_registers_a_subsidiary_and_hands_it_over(firms: Firms) -> None:
    head, _code = firms.head()
    entry = FORM | {"name": "海岳新厂", "owner": "new@haiyue.example"}
    head.browser.post(f"{head.base}/subsidiaries/new", entry)
    session = firms.session
    new = session.scalars(select(Tenant).where(Tenant.name == "海岳新厂")).one()
    new_id = new.id
    grant = session.scalars(select(Grant).where(Grant.tenant_id == new_id)).one()
    assert (grant.kind, grant.scope, grant.consultancy_id) == ("affiliation", "manage", head.tenant.id)
    letter = session.scalars(select(Message).where(Message.recipient == "new@haiyue.example")).one()
    token = letter.body.split("/invitations/")[1].split()[0]
    keep(session)
    owner = make_user(session, email="new@haiyue.example")
    browser = firms.browser(owner)
    browser.post(f"/invitations/{token}")
    head.browser.post(f"/t/{new_id}/leave")
    owners = select(Membership.user_id).where(Membership.tenant_id == new_id, Membership.ended_at.is_(None))
    assert list(session.scalars(owners)) == [owner.id]
    session.rollback()
    assert "You are here for 海岳集团" in head.browser.get(f"/t/{new_id}/").text
    (grant_id,) = session.scalars(select(Grant.id))
    session.rollback()
    browser.post(f"/t/{new_id}/consultants/{grant_id}/revoke")
    head.browser.get(f"/t/{new_id}/", 404)


def test_a_subsidiary_without_an_owner_is_not_registered(firms: Firms) -> None:
    head, _code = firms.head()
    page = head.browser.post(f"{head.base}/subsidiaries/new", FORM | {"owner": "nobody"}, 422)
    assert "Write an address like name@company.com" in page.text
    assert f'value="{FORM["name"]}"' in page.html


def test_only_the_owner_forms_a_group_and_registers_subsidiaries(firms: Firms) -> None:
    head, _code = firms.head()
    editor = firms.colleague(head, "editor")
    editor.get(f"{head.base}/subsidiaries/new", 403)
    firm = firms.make("独立厂")
    firms.colleague(firm, "editor").post(f"{firm.base}/group", status=403)


def test_a_letter_of_the_head_says_who_asks(firms: Firms) -> None:
    head, _code = firms.head()
    rows = {"pasted": "91110000600037341L,海岳一厂,office@yichang.example"}
    head.browser.post(f"{head.base}/clients/invite", rows)
    letter = firms.session.scalars(select(Message.body).where(Message.recipient == "office@yichang.example")).one()
    firms.session.rollback()
    assert "海岳集团, the head of the group, would like to follow how far 海岳一厂 is" in letter
