"""Regulators, their campaigns and lists, and the worker's round."""

from __future__ import annotations

import io
from contextvars import Context
from datetime import timedelta
from random import Random
from typing import Any

from openpyxl import Workbook
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.campaigns.models import Campaign
from maturity.campaigns.participation import sweep_campaigns
from maturity.campaigns.regulators import set_profile
from maturity.campaigns.service import Plan, create_campaign, get_campaign, invite_all, open_campaign
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.extensions import db
from maturity.reference.uscc import synthetic
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.service import create_tenant
from tests.factories.enterprises import USCC, add_member
from tests.factories.people import keep, make_user

SHANDONG, QINGDAO, JINAN = "370000", "370200", "370100"
LETTERS: dict[str, Any] = {"link": "https://site.example/home", "locale": "en"}


def make_regulator(
    session: Session,
    clock: FixedClock,
    *,
    region: str = SHANDONG,
    owner: User | None = None,
    name: str = "山东省工业和信息化厅",
    releases: bool = False,
) -> Tenant:
    owner = owner or make_user(session)
    tenant = create_tenant(session, "regulator", name, owner.id, clock)
    with for_tenant(session, tenant.id):
        set_profile(session, tenant.id, region, releases=releases, office="", actor_id=None, clock=clock)
    keep(session)
    return tenant


def join(session: Session, tenant: Tenant, clock: FixedClock, role: str) -> User:
    user = make_user(session)
    add_member(session, tenant, user, role, clock)
    keep(session)
    return user


def plan(clock: FixedClock, **changes: Any) -> Plan:
    values: dict[str, Any] = {
        "title": "2025 年度山东省两化融合整体性评估",
        "framework": "lianghua",
        "period": 2025,
        "region": SHANDONG,
        "industries": (),
        "sizes": (),
        "quota": 50,
        "reminders": (7, 1),
        "deadline": clock.today() + timedelta(days=30),
    }
    return Plan(**(values | changes))


def line(number: int = 0, **changes: str) -> dict[str, str]:
    """A row of the list; the first is the enterprise of the other factories."""
    code = USCC if number == 0 else synthetic(Random(number), "370200")  # reproducible, no secret
    values = {
        "uscc": code,
        "name": f"企业{number}有限公司",
        "city": QINGDAO if number % 2 == 0 else JINAN,
        "county": "",
        "industry": "342" if number % 3 else "13",
        "size": "medium",
        "email": f"e{number}@example.com",
        "mobile": "",
    }
    return values | changes


def make_campaign(
    session: Session, tenant: Tenant, clock: FixedClock, *, invited: int = 1, opened: bool = True, **changes: Any
) -> Campaign:
    with for_tenant(session, tenant.id):
        campaign = create_campaign(session, plan(clock, **changes), actor_id=None, clock=clock)
        invite_all(session, campaign, [line(number) for number in range(invited)], clock)
        if opened:
            open_campaign(session, campaign, actor_id=None, clock=clock, **LETTERS)
    keep(session)
    return campaign


def reload(session: Session, campaign: Campaign) -> Campaign:
    """As it stands in the database now."""
    session.rollback()
    session.expunge_all()
    found = get_campaign(session, campaign.id)
    session.expunge_all()
    session.rollback()
    return found


def owner_of(session: Session, tenant: Tenant) -> User:
    found = session.query(User).join(Membership).filter(Membership.tenant_id == tenant.id).first()
    assert found is not None
    session.rollback()
    return found


def sweep(app: Any) -> int:
    """One round of the worker, in a process's place: with a session and a context of its own."""

    def run() -> int:
        with app.app_context():
            try:
                return sweep_campaigns(app)
            finally:
                db.session.remove()

    return Context().run(run)


HEADINGS = ("统一社会信用代码", "企业名称", "所在市区县", "行业", "规模", "电子邮箱", "手机")


def excel(*rows: tuple[Any, ...], headings: tuple[str, ...] = HEADINGS) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (headings, *rows):
        sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
