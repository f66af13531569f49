"""What somebody meets where the plan does not open something: what it is, why, which plan opens it, what that costs,
what stays free, who can buy it, and what to do instead."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from flask import g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from maturity.billing import words
from maturity.billing.blueprint import bp
from maturity.entitlements.service import PlanRequired, entitlements_of, opens
from maturity.extensions import db
from maturity.people.service import users_who_may
from maturity.plans.loader import current_price_list
from maturity.plans.model import Feature, Plan
from maturity.plans.openings import LIMIT, Opening, opening_for
from maturity.plans.usage import Usage
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.handlers import error_response, wants_json
from maturity.web.site import site_clock


@dataclass(frozen=True, slots=True)
class Told:
    """Of something that a plan can open: its name, what it brings, and what can be done without the plan."""

    name: LazyString
    brings: LazyString
    instead: LazyString


SUBJECTS: Mapping[str, Told] = {
    "crosswalk": Told(
        _("Your answers under every framework"),
        _(
            "Answers given once are scored under every other framework, "
            "with what is missing named question by question."
        ),
        _("What you began under another framework stays open: its answers, its result and its files."),
    ),
    "trends": Told(
        _("The trend over the releases"),
        _("Your capability beside that of your peers, release by release."),
        _("The place among your peers in the latest release stays open, and so does every result of your own."),
    ),
    "limit:history_periods": Told(
        _("Results of more reporting years side by side"),
        _("Every year that you submitted in one table and one chart."),
        _("Every earlier result can be opened by itself, with its report and its files."),
    ),
    "limit:evidence_bytes": Told(
        _("More space for evidence"),
        _("Room for the files that prove your answers."),
        _("Erase files that prove no answer any more, or add smaller ones: a page in place of the whole document."),
    ),
    "limit:members": Told(
        _("One more person in the team"),
        _("A seat for everybody who works with you."),
        _("Remove somebody who does not work with you any more, or take an open invitation back."),
    ),
    "limit:clients": Told(
        _("One more client"),
        _("Room for further enterprises that let you in."),
        _("A grant that a client takes back, or that runs out, makes room for another."),
    ),
}


@dataclass(frozen=True, slots=True)
class Needed:
    """`buyers` are named to members alone; `access` is None for somebody who is not in the tenant yet."""

    subject: str
    told: Told
    usage: Usage | None
    plan: Plan | None
    opening: Opening | None
    buyers: tuple[str, ...]
    access: Access | None

    @property
    def is_member(self) -> bool:
        return self.access is not None and self.access.role is not None

    @property
    def may_see(self) -> bool:
        """Whether the page of the plan opens to the reader."""
        return self.access is not None and self.access.can(Permission.BILLING_VIEW)

    @property
    def may_buy(self) -> bool:
        return self.access is not None and self.access.can(Permission.BILLING_MANAGE)

    @property
    def in_use(self) -> str:
        """How much is in use, in words; empty where nothing is counted."""
        if self.usage is None:
            return ""
        limit = self.subject.removeprefix(LIMIT)
        used, most = (words.limit_words(limit, number) for number in (self.usage.used, self.usage.limit))
        return gettext("%(used)s of %(limit)s are in use.", used=used, limit=most)

    @property
    def must_go(self) -> str:
        """What has to go before anything can be added, where more is in use than the plan allows."""
        if self.usage is None or self.usage.limit is None or not self.usage.is_over:
            return ""
        over = self.usage.used - self.usage.limit
        if self.subject == "limit:evidence_bytes":
            return gettext("%(size)s must go before anything can be added.", size=words.size(over))
        return ngettext(
            "%(num)s must go before anything can be added, and one more for each that is new.",
            "%(num)s must go before anything can be added, and one more for each that is new.",
            over,
        )


def needed_for(session: Session, access: Access | None, subject: str, usage: Usage | None = None) -> Needed:
    """What the page says; the session works for the tenant of the access."""
    if access is None:
        return Needed(subject, SUBJECTS[subject], None, None, None, (), None)
    clock = site_clock()
    used = usage.used if usage is not None else 0
    opening = opening_for(current_price_list(clock.today()), access.tenant.kind, subject, used + 1)
    plan = entitlements_of(session, access.tenant, clock).plan
    able = users_who_may(session, access.tenant, Permission.BILLING_MANAGE) if access.role is not None else []
    buyers = tuple(user.name or user.contact for user in able)
    return Needed(subject, SUBJECTS[subject], usage, plan, opening, buyers, access)


@bp.app_errorhandler(PlanRequired)
def plan_required(error: PlanRequired) -> ResponseReturnValue:
    """The page, in the tenant's frame; a script gets the subject and what is in use."""
    usage = error.usage
    if wants_json():
        counted = {"used": usage.used, "limit": usage.limit} if usage is not None else {}
        return error_response(error.status, error.code, subject=error.subject, **counted)
    with suppress(DBAPIError):
        db.session.rollback()
    needed = needed_for(db.session(), g.get("access"), error.subject, usage)
    return render_template("billing/plan_required.html", needed=needed, words_of=words), error.status


@bp.app_context_processor
def _notes() -> dict[str, object]:
    """For pages that show what is not open, or lead there: `plan_note` is what `components/locked.html` shows."""
    return {"plan_note": plan_note, "plan_opens": plan_opens}


def plan_note(subject: str, usage: Usage | None = None) -> Needed:
    return needed_for(db.session(), g.get("access"), subject, usage)


def plan_opens(feature: str, since: datetime | None = None) -> bool:
    """Whether the tenant of the page has a feature, or had it for something that began at `since`."""
    access: Access | None = g.get("access")
    return access is None or opens(db.session(), access.tenant, Feature(feature), site_clock(), since=since)
