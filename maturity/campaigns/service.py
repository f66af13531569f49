"""What a regulator does with a campaign: plan it, invite, open, extend, remind and end it; and what it counts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from maturity.assessments.service import periods_on
from maturity.audit.service import record
from maturity.campaigns.board import Board, Quota, Series, Tally, make_board, make_series
from maturity.campaigns.lists import Changes, Line, Scope, changes_of
from maturity.campaigns.models import (
    Campaign,
    CampaignExtension,
    CampaignInvitee,
    CampaignQuota,
    CampaignUpload,
)
from maturity.campaigns.places import covers, is_within
from maturity.campaigns.regulators import places_of, require_profile
from maturity.clock import LOCAL, Clock
from maturity.errors import Conflict, Invalid, NotFound
from maturity.jobs.service import ask_for_job
from maturity.reference.industries import division_of

LETTERS, CLOSE = "campaign_letters", "campaign_close"  # kinds of jobs
REMIND_AT = time(9)  # of the local day
MOST_REMINDERS, EARLIEST_REMINDER = 5, 90
LONGEST_TITLE, LONGEST_REASON = 80, 300
LONGEST_RUN = timedelta(days=400)
PAGE = 100
_PARTICULARS = ("name", "city", "county", "industry", "size", "email", "mobile")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign is to be."""

    title: str
    framework: str
    period: int
    region: str
    industries: tuple[str, ...]
    sizes: tuple[str, ...]
    quota: int | None
    reminders: tuple[int, ...]
    deadline: date


def end_of(day: date) -> datetime:
    """The moment at which a day is over, in the calendar of the people who use the site."""
    return datetime.combine(day + timedelta(days=1), time(), LOCAL)


def campaigns_of(session: Session) -> list[Campaign]:
    """Those of the session's tenant: drafts and running ones first, then the others by their end."""
    query = select(Campaign).order_by(Campaign.state == "closed", Campaign.closes_at.desc(), Campaign.id)
    return list(session.scalars(query))


def get_campaign(session: Session, campaign_id: uuid.UUID, *, hold: bool = False) -> Campaign:
    query = select(Campaign).where(Campaign.id == campaign_id)
    campaign = session.scalar(query.with_for_update() if hold else query)
    if campaign is None:
        raise NotFound("campaign")
    return campaign


def create_campaign(session: Session, plan: Plan, *, actor_id: int | None, clock: Clock) -> Campaign:
    """A draft: nobody is told of it before it is opened."""
    profile = require_profile(session)
    _check(session, plan, clock)
    campaign = Campaign(
        id=uuid.uuid4(), tenant_id=profile.tenant_id, state="draft", created_by=actor_id, created_at=clock.now()
    )
    _apply(campaign, plan)
    session.add(campaign)
    session.flush()
    record(session, clock, "campaign.created", actor_id, campaign.tenant_id, **_named(campaign))
    session.flush()
    return campaign


def _named(campaign: Campaign) -> dict[str, str]:
    return {"campaign_id": str(campaign.id), "title": campaign.title}


def _check(session: Session, plan: Plan, clock: Clock) -> None:
    profile = require_profile(session)
    if not is_within(plan.region, profile.region, places_of(session)):
        raise Invalid("campaign_place")
    if plan.period not in periods_on(clock.today()):
        raise Invalid("period_not_open")
    if not clock.today() <= plan.deadline <= clock.today() + LONGEST_RUN:
        raise Invalid("campaign_deadline")


def _apply(campaign: Campaign, plan: Plan) -> None:
    campaign.title, campaign.framework, campaign.period = plan.title, plan.framework, plan.period
    campaign.region, campaign.industries, campaign.sizes = plan.region, list(plan.industries), list(plan.sizes)
    campaign.quota, campaign.closes_at = plan.quota, end_of(plan.deadline)
    campaign.reminders = sorted(set(plan.reminders), reverse=True)


def change_campaign(session: Session, campaign: Campaign, plan: Plan, *, actor_id: int | None, clock: Clock) -> None:
    """Change a draft. Once a list is there its place, industries and sizes must still hold all of it."""
    if campaign.state != "draft":
        raise Conflict("campaign_not_draft")
    _check(session, plan, clock)
    _apply(campaign, plan)
    session.flush()
    if _outside(session, campaign):
        raise Conflict("campaign_list_outside")
    record(session, clock, "campaign.changed", actor_id, campaign.tenant_id, **_named(campaign))
    session.flush()


def _outside(session: Session, campaign: Campaign) -> int:
    """How many of the list the campaign as it is now would not take."""
    parks = places_of(session)
    query = select(CampaignInvitee.city, CampaignInvitee.county, CampaignInvitee.industry, CampaignInvitee.size)
    return sum(
        not covers(campaign.region, city, county, parks)
        or bool(campaign.industries and division_of(industry) not in campaign.industries)
        or bool(campaign.sizes and size not in campaign.sizes)
        for city, county, industry, size in session.execute(query.where(CampaignInvitee.campaign_id == campaign.id))
    )


def drop_campaign(session: Session, campaign: Campaign, *, actor_id: int | None, clock: Clock) -> None:
    """Throw a draft away, with its list."""
    if campaign.state != "draft":
        raise Conflict("campaign_not_draft")
    for table in (CampaignUpload, CampaignInvitee, CampaignQuota):
        doomed = delete(table).where(table.campaign_id == campaign.id)
        session.execute(doomed.execution_options(synchronize_session=False))
    record(session, clock, "campaign.dropped", actor_id, campaign.tenant_id, **_named(campaign))
    session.delete(campaign)
    session.flush()


def scope_of(session: Session, campaign: Campaign) -> Scope:
    """What the list may hold."""
    return Scope(campaign.region, places_of(session), tuple(campaign.industries), tuple(campaign.sizes))


def keep_upload(
    session: Session, campaign: Campaign, name: str, lines: Sequence[Line], *, actor_id: int, clock: Clock
) -> CampaignUpload:
    """Keep what was read until somebody takes it in; an earlier upload of the campaign goes."""
    require_unclosed(campaign)
    drop_uploads(session, campaign)
    upload = CampaignUpload(
        id=uuid.uuid4(),
        tenant_id=campaign.tenant_id,
        campaign_id=campaign.id,
        name=name,
        rows=[line.as_json() for line in lines],
        uploaded_by=actor_id,
        uploaded_at=clock.now(),
    )
    session.add(upload)
    session.flush()
    return upload


def require_unclosed(campaign: Campaign) -> None:
    if campaign.state == "closed":
        raise Conflict("campaign_closed")


def drop_uploads(session: Session, campaign: Campaign) -> None:
    doomed = delete(CampaignUpload).where(CampaignUpload.campaign_id == campaign.id)
    session.execute(doomed.execution_options(synchronize_session=False))


def get_upload(session: Session, campaign: Campaign, upload_id: uuid.UUID) -> CampaignUpload:
    query = select(CampaignUpload).where(CampaignUpload.id == upload_id, CampaignUpload.campaign_id == campaign.id)
    upload = session.scalar(query)
    if upload is None:
        raise NotFound("campaign_upload")
    return upload


def latest_upload(session: Session, campaign: Campaign) -> CampaignUpload | None:
    return session.scalar(select(CampaignUpload).where(CampaignUpload.campaign_id == campaign.id).limit(1))


def lines_of(upload: CampaignUpload) -> tuple[Line, ...]:
    return tuple(Line.of_json(row) for row in upload.rows)


def compared(session: Session, campaign: Campaign, lines: Sequence[Line]) -> Changes:
    """What taking the lines in would do to the list as it stands now."""
    columns = (CampaignInvitee.uscc, *(getattr(CampaignInvitee, name) for name in _PARTICULARS))
    rows = session.execute(select(*columns).where(CampaignInvitee.campaign_id == campaign.id))
    there = {row[0]: dict(zip(("uscc", *_PARTICULARS), row, strict=True)) for row in rows}
    return changes_of(lines, there)


def take_in(
    session: Session, campaign: Campaign, upload: CampaignUpload, *, link: str, locale: str, actor_id: int, clock: Clock
) -> Changes:
    """Put the good rows on the list; those with mistakes stay in the upload, to be mended and sent again.

    In a running campaign those who are new are written to.
    """
    require_unclosed(campaign)
    changes = compared(session, campaign, lines_of(upload))
    session.add_all(_invitee(campaign, line.values, clock) for line in changes.added)
    wanted = {line.values["uscc"]: differs for line, differs in changes.changed}
    there = select(CampaignInvitee).where(CampaignInvitee.campaign_id == campaign.id)
    for invitee in session.scalars(there) if wanted else ():
        for name, (_before, after) in wanted.get(invitee.uscc, {}).items():
            setattr(invitee, name, after)
    details = {"added": len(changes.added), "changed": len(changes.changed), **_named(campaign)}
    record(session, clock, "campaign.list_taken", actor_id, campaign.tenant_id, **details)  # type: ignore[arg-type]  # numbers and texts
    if changes.wrong:
        upload.rows = [line.as_json() for line in changes.wrong]
    else:
        session.delete(upload)
    session.flush()
    if campaign.is_running and changes.added:
        ask_for_letters(session, campaign, "invite", link=link, locale=locale, actor_id=actor_id, clock=clock)
    return changes


def _invitee(campaign: Campaign, values: Mapping[str, str], clock: Clock) -> CampaignInvitee:
    return CampaignInvitee(
        tenant_id=campaign.tenant_id, campaign_id=campaign.id, state="invited", added_at=clock.now(), **values
    )


def invite_all(session: Session, campaign: Campaign, rows: Sequence[Mapping[str, str]], clock: Clock) -> None:
    """Put enterprises on the list without a file: the demonstration's way."""
    session.add_all(_invitee(campaign, row, clock) for row in rows)
    session.flush()


def remove_invitee(
    session: Session, campaign: Campaign, invitee_id: uuid.UUID, *, actor_id: int, clock: Clock
) -> CampaignInvitee:
    """Take an enterprise off the list; the worker takes the call back from it."""
    require_unclosed(campaign)
    query = select(CampaignInvitee).where(CampaignInvitee.id == invitee_id, CampaignInvitee.campaign_id == campaign.id)
    invitee = session.scalar(query)
    if invitee is None:
        raise NotFound("invitee")
    session.delete(invitee)
    details = _named(campaign) | {"uscc": invitee.uscc}
    record(session, clock, "campaign.invitee_removed", actor_id, campaign.tenant_id, **details)
    session.flush()
    return invitee


def open_campaign(
    session: Session, campaign: Campaign, *, link: str, locale: str, actor_id: int | None, clock: Clock
) -> None:
    """From now on those invited are called: by letter, and on the home page of whoever is claimed."""
    if campaign.state != "draft":
        raise Conflict("campaign_not_draft")
    if campaign.closes_at <= clock.now():
        raise Conflict("campaign_deadline")
    if not count_invitees(session, campaign):
        raise Conflict("campaign_without_list")
    campaign.state, campaign.opened_at = "open", clock.now()
    record(session, clock, "campaign.opened", actor_id, campaign.tenant_id, until=campaign.deadline, **_named(campaign))
    session.flush()
    who: dict[str, Any] = {"link": link, "locale": locale, "actor_id": actor_id, "clock": clock}
    ask_for_letters(session, campaign, "invite", **who)
    _plan_ahead(session, campaign, **who)


def _plan_ahead(
    session: Session, campaign: Campaign, *, link: str, locale: str, actor_id: int | None, clock: Clock
) -> None:
    """Jobs for the reminders and for the end; a moved deadline leaves earlier ones without effect."""
    for days in campaign.reminders:
        at = datetime.combine(campaign.deadline - timedelta(days=days), REMIND_AT, LOCAL)
        if at > clock.now():
            who: dict[str, Any] = {"link": link, "locale": locale, "actor_id": None, "clock": clock}
            ask_for_letters(session, campaign, "remind", due_at=at, **who)
    _ask_to_close(session, campaign, actor_id, clock)


def _ask_to_close(session: Session, campaign: Campaign, actor_id: int | None, clock: Clock) -> None:
    payload = {"campaign_id": str(campaign.id)}
    key = f"{campaign.id}:{campaign.closes_at.astimezone(LOCAL).isoformat()}"
    who = {"actor_id": actor_id, "clock": clock, "due_at": campaign.closes_at}
    ask_for_job(session, campaign.tenant_id, CLOSE, key, payload, **who)  # type: ignore[arg-type]  # their types differ


def ask_for_letters(
    session: Session,
    campaign: Campaign,
    what: str,
    *,
    link: str,
    locale: str,
    actor_id: int | None,
    clock: Clock,
    due_at: datetime | None = None,
) -> None:
    """A job that writes to those who wait for an invitation (`invite`) or lag behind (`remind`)."""
    payload = {
        "campaign_id": str(campaign.id),
        "what": what,
        "link": link,
        "locale": locale,
        "closes_at": campaign.closes_at.isoformat(),
    }
    key = f"{campaign.id}:{what}:{(due_at or clock.now()).isoformat()}"
    ask_for_job(session, campaign.tenant_id, LETTERS, key, payload, actor_id=actor_id, clock=clock, due_at=due_at)


def extend_campaign(
    session: Session,
    campaign: Campaign,
    deadline: date,
    reason: str,
    *,
    link: str,
    locale: str,
    actor_id: int,
    clock: Clock,
) -> CampaignExtension:
    """Move the deadline of a running campaign to a later day, with a reason that is kept."""
    if not campaign.is_running or campaign.closes_at <= clock.now():
        raise Conflict("campaign_not_running")
    reason = " ".join(reason.split())
    if not 2 <= len(reason) <= LONGEST_REASON:
        raise Invalid("extension_reason")
    if not campaign.deadline < deadline <= clock.today() + LONGEST_RUN:
        raise Invalid("extension_day")
    row = CampaignExtension(
        id=uuid.uuid4(),
        tenant_id=campaign.tenant_id,
        campaign_id=campaign.id,
        before=campaign.deadline,
        after=deadline,
        reason=reason,
        extended_by=actor_id,
        extended_at=clock.now(),
    )
    session.add(row)
    campaign.state, campaign.closes_at = "extended", end_of(deadline)
    details: dict[str, Any] = {**_named(campaign), "until": deadline, "reason": reason}
    record(session, clock, "campaign.extended", actor_id, campaign.tenant_id, **details)
    session.flush()
    _plan_ahead(session, campaign, link=link, locale=locale, actor_id=actor_id, clock=clock)
    return row


def extensions_of(session: Session, campaign: Campaign) -> list[CampaignExtension]:
    query = select(CampaignExtension).where(CampaignExtension.campaign_id == campaign.id)
    return list(session.scalars(query.order_by(CampaignExtension.extended_at)))


def end_campaign(session: Session, campaign: Campaign, *, actor_id: int, clock: Clock) -> None:
    """End a running campaign now; the worker counts once more and closes it."""
    if not campaign.is_running:
        raise Conflict("campaign_not_running")
    campaign.closes_at = min(campaign.closes_at, clock.now())
    record(session, clock, "campaign.ended", actor_id, campaign.tenant_id, **_named(campaign))
    session.flush()
    _ask_to_close(session, campaign, actor_id, clock)


def remind_lagging(session: Session, campaign: Campaign, *, link: str, locale: str, actor_id: int, clock: Clock) -> int:
    """Have everybody who has not submitted written to, once a day at most; how many have an address."""
    if not campaign.is_running or campaign.closes_at <= clock.now():
        raise Conflict("campaign_not_running")
    if campaign.reminded_on == clock.today():
        raise Conflict("reminded_today")
    reached = select(func.count()).select_from(CampaignInvitee).where(*is_lagging(campaign), *has_address())
    count = session.scalar(reached) or 0
    if not count:
        raise Conflict("nobody_to_remind")
    campaign.reminded_on = clock.today()
    details: dict[str, Any] = {**_named(campaign), "enterprises": count}
    record(session, clock, "campaign.reminded", actor_id, campaign.tenant_id, **details)
    session.flush()
    ask_for_letters(session, campaign, "remind", link=link, locale=locale, actor_id=actor_id, clock=clock)
    return count


def is_lagging(campaign: Campaign) -> tuple[Any, ...]:
    return CampaignInvitee.campaign_id == campaign.id, CampaignInvitee.state.in_(("invited", "started"))


def has_address() -> tuple[Any, ...]:
    return (or_(CampaignInvitee.email != "", CampaignInvitee.mobile != ""),)


def set_quota(
    session: Session,
    campaign: Campaign,
    city: str,
    industry: str,
    quota: Quota,
    *,
    actor_id: int,
    clock: Clock,
) -> None:
    """What a city, an industry or both together should bring, in place of the general share."""
    require_unclosed(campaign)
    if not city and not industry:
        raise Invalid("quota_of_nothing")
    if quota.amount < 1 or quota.kind == "share" and quota.amount > 100:
        raise Invalid("quota_amount")
    row = session.get(CampaignQuota, (campaign.id, city, industry))
    if row is None:
        row = CampaignQuota(tenant_id=campaign.tenant_id, campaign_id=campaign.id, city=city, industry=industry)
        session.add(row)
    row.kind, row.amount = quota.kind, quota.amount
    record(session, clock, "campaign.quota_set", actor_id, campaign.tenant_id, **_named(campaign))
    session.flush()


def remove_quota(
    session: Session, campaign: Campaign, city: str, industry: str, *, actor_id: int, clock: Clock
) -> None:
    require_unclosed(campaign)
    query = select(CampaignQuota).where(
        CampaignQuota.campaign_id == campaign.id, CampaignQuota.city == city, CampaignQuota.industry == industry
    )
    row = session.scalar(query)
    if row is None:
        raise NotFound("quota")
    session.delete(row)
    record(session, clock, "campaign.quota_set", actor_id, campaign.tenant_id, **_named(campaign))
    session.flush()


def quotas_of(session: Session, campaign: Campaign) -> list[CampaignQuota]:
    query = select(CampaignQuota).where(CampaignQuota.campaign_id == campaign.id)
    return list(session.scalars(query.order_by(CampaignQuota.city, CampaignQuota.industry)))


def count_invitees(session: Session, campaign: Campaign) -> int:
    query = select(func.count()).select_from(CampaignInvitee).where(CampaignInvitee.campaign_id == campaign.id)
    return session.scalar(query) or 0


def board_of(session: Session, campaign: Campaign) -> Board:
    """Coverage as it stands."""
    default = Quota("share", campaign.quota) if campaign.quota else None
    quotas = {(row.city, row.industry): Quota(row.kind, row.amount) for row in quotas_of(session, campaign)}
    return make_board(tallies_of(session, campaign), default, quotas)


def tallies_of(session: Session, campaign: Campaign) -> list[Tally]:
    row = CampaignInvitee
    query = (
        select(row.city, row.industry, row.size, row.state, func.count())
        .where(row.campaign_id == campaign.id)
        .group_by(row.city, row.industry, row.size, row.state)
    )
    return [Tally(city, division_of(code), size, state, n) for city, code, size, state, n in session.execute(query)]


def series_of(session: Session, campaign: Campaign, clock: Clock) -> Series | None:
    """How participation grew from the opening to now, or to the end; None for a draft."""
    if campaign.opened_at is None:
        return None
    row = CampaignInvitee
    moments = session.execute(
        select(row.started_at, row.submitted_at).where(row.campaign_id == campaign.id, row.started_at.is_not(None))
    ).all()
    first = campaign.opened_at.astimezone(LOCAL).date()
    last = min(clock.today(), campaign.deadline) if campaign.is_running else campaign.deadline
    started = [_day(moment) for moment, _ in moments]
    submitted = [_day(moment) for _, moment in moments if moment is not None]
    return make_series(first, max(first, last), started, submitted)


def _day(moment: datetime) -> date:
    return moment.astimezone(LOCAL).date()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of those invited are to be listed."""

    text: str = ""
    city: str = ""
    industry: str = ""
    state: str = ""
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.city or self.industry or self.state)


@dataclass(frozen=True, slots=True)
class Listed:
    invitees: tuple[CampaignInvitee, ...]
    total: int
    page: int
    pages: int


def invitees_page(session: Session, campaign: Campaign, asked: Asked) -> Listed:
    """A hundred at a time, those who have done least first."""
    where = _where(campaign, asked)
    total = session.scalar(select(func.count()).select_from(CampaignInvitee).where(*where)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(asked.page, 1), pages)
    query = _ordered(where).limit(PAGE).offset(PAGE * (page - 1))
    return Listed(tuple(session.scalars(query)), total, page, pages)


def invitees_of(session: Session, campaign: Campaign, asked: Asked) -> list[CampaignInvitee]:
    """All of them, for an export."""
    return list(session.scalars(_ordered(_where(campaign, asked))))


def _ordered(where: Sequence[Any]) -> Any:
    row = CampaignInvitee
    steps = (row.submitted_at.is_not(None), row.started_at.is_not(None))
    return select(row).where(*where).order_by(*steps, row.city, row.name, row.id)


def _where(campaign: Campaign, asked: Asked) -> list[Any]:
    row = CampaignInvitee
    where: list[Any] = [row.campaign_id == campaign.id]
    if asked.text:
        typed = asked.text.strip()
        where.append(or_(row.name.contains(typed, autoescape=True), row.uscc == typed.upper()))
    if asked.city:
        where.append(row.city == asked.city)
    if asked.industry:
        where.append(row.industry.startswith(asked.industry, autoescape=True))
    if asked.state == "lagging":
        where.append(row.state.in_(("invited", "started")))
    elif asked.state:
        where.append(row.state == asked.state)
    return where
