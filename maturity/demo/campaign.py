"""A regulator of the demonstration with a campaign half-way through, over the province of the example enterprise.

Its list holds the synthetic enterprises there, whose participation the worker follows as everywhere, and made-up codes
that nobody has registered, spread over all steps and weeks so that the board has something to show.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import FRAMEWORK
from maturity.campaigns.models import Campaign, CampaignInvitee, CampaignQuota
from maturity.campaigns.regulators import set_profile
from maturity.campaigns.service import Plan, create_campaign, extend_campaign, invite_all, open_campaign
from maturity.clock import Clock, FixedClock
from maturity.db import for_tenant
from maturity.demo.names import enterprise_name
from maturity.demo.profiles import INDUSTRIES, SEED
from maturity.organisations.models import Enterprise
from maturity.reference.regions import children, official_name, province_of
from maturity.reference.size import size_class
from maturity.reference.uscc import synthetic
from maturity.tenancy.models import Membership, Tenant

MADE_UP = 260
#: How many weeks the campaign has run, and how long it still does.
SINCE, LEFT = timedelta(days=42), timedelta(days=18)
#: Of those made up: the share that has submitted (some reviewed) and that has started, where nothing lags.
SUBMITTED, REVIEWED, STARTED = 0.34, 0.12, 0.24
LETTERS = {"link": "/home", "locale": "zh_CN"}


def call_a_province(
    session: Session, enterprises: Sequence[Enterprise], example: Enterprise, official_id: int, clock: Clock
) -> Tenant:
    """The regulator with its profile, its only member and its campaign. No letter leaves: the list has no address."""
    # Not the stream that the enterprises were drawn from, whose names and codes would come again.
    random = Random(SEED + 1)  # noqa: S311  # reproducible data, not a secret
    now = clock.now()
    province = province_of(example.region)
    name = f"{official_name(province)}工业和信息化厅（演示）"
    tenant = Tenant(
        id=uuid.UUID(int=random.getrandbits(128), version=4),
        kind="regulator",
        name=name,
        is_synthetic=True,
        created_at=now,
    )
    session.add(tenant)
    session.flush()
    session.add(Membership(tenant_id=tenant.id, user_id=official_id, role="owner", created_at=now))
    with for_tenant(session, tenant.id):
        set_profile(session, tenant.id, province.code, releases=False, office="", actor_id=None, clock=clock)
        _campaign(session, enterprises, province.code, random, official_id, clock)
        session.flush()
    return tenant


def _campaign(
    session: Session, enterprises: Sequence[Enterprise], province: str, random: Random, official_id: int, clock: Clock
) -> None:
    began = FixedClock(clock.now() - SINCE)
    first = (clock.today() + LEFT) - timedelta(days=14)
    year = clock.today().year
    plan = Plan(
        title=f"{year} 年度{official_name(province_of(province))}两化融合整体性评估（演示）",
        framework=FRAMEWORK,
        period=year,
        region=province,
        industries=(),
        sizes=(),
        quota=30,
        reminders=(14, 7, 1),
        deadline=first,
    )
    campaign = create_campaign(session, plan, actor_id=official_id, clock=clock)
    campaign.created_at = began.now()
    registered = _registered(enterprises, province)
    made_up = _made_up(province, random, {row["uscc"] for row in registered})
    invite_all(session, campaign, [*registered, *made_up], began)
    _spread(session, campaign, {item.uscc for item in enterprises}, random, clock.now())
    session.add(
        CampaignQuota(
            tenant_id=campaign.tenant_id,
            campaign_id=campaign.id,
            city=children(province)[0].code,
            industry="",
            kind="share",
            amount=40,
        )
    )
    open_campaign(session, campaign, actor_id=official_id, clock=began, **LETTERS)
    reason = "部分企业集中反映年底财务数据尚未结算，统一延期两周。"
    late = FixedClock(clock.now() - timedelta(days=3))
    extend_campaign(session, campaign, clock.today() + LEFT, reason, actor_id=official_id, clock=late, **LETTERS)


def _registered(enterprises: Sequence[Enterprise], province: str) -> list[dict[str, str]]:
    return [
        _row(item.uscc, item.name, item.region, item.industry, size_class(item.headcount, Decimal(item.revenue_wan)))
        for item in enterprises
        if item.region[:2] == province[:2]
    ]


def _row(uscc: str, name: str, city: str, industry: str, size: str) -> dict[str, str]:
    values = {"uscc": uscc, "name": name, "city": city, "county": "", "industry": industry, "size": size}
    return values | {"email": "", "mobile": ""}


def _made_up(province: str, random: Random, taken: set[str]) -> list[dict[str, str]]:
    """Codes that nobody has registered, those of `taken` excepted; more of them in the first cities."""
    cities = [item.code for item in children(province)]
    weights = [len(cities) - place for place in range(len(cities))]
    divisions, shares = list(INDUSTRIES), [share for share, *_rest in INDUSTRIES.values()]
    rows: dict[str, dict[str, str]] = {}
    while len(rows) < MADE_UP:
        city = random.choices(cities, weights)[0]
        division = random.choices(divisions, shares)[0]
        size = random.choices(("micro", "small", "medium", "large"), (6, 62, 25, 7))[0]
        profile: dict[str, Any] = {"region": city, "industry": division, "is_group": False}
        code = synthetic(random, city)
        if code in taken:
            continue
        rows[code] = _row(code, enterprise_name(random, profile, 9000 + len(rows)), city, division, size)
    return list(rows.values())


def _spread(session: Session, campaign: Campaign, followed: set[str], random: Random, now: datetime) -> None:
    """Steps and days for those made up; in every fourth city far fewer take part."""
    begun = now - SINCE
    query = select(CampaignInvitee).where(CampaignInvitee.campaign_id == campaign.id)
    for invitee in session.scalars(query.order_by(CampaignInvitee.uscc)):
        if invitee.uscc in followed:
            continue
        lags = int(invitee.city[2:4]) % 4 == 0
        chance = random.random() * (3 if lags else 1)
        if chance > SUBMITTED + STARTED:
            continue
        # many wait until the deadline comes near
        invitee.started_at = begun + SINCE * (random.random() ** 0.7)
        invitee.state = "started"
        if chance < SUBMITTED:
            invitee.submitted_at = invitee.started_at + (now - invitee.started_at) * random.random()
            invitee.state = "submitted"
            if chance < REVIEWED and now - invitee.submitted_at > timedelta(days=5):
                invitee.reviewed_at, invitee.state = invitee.submitted_at + timedelta(days=4), "reviewed"
    session.flush()
