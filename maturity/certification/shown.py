"""How cases, certificates and complaints are shown: the words of the pages, and what a page says at one glance."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.vocabulary import STEP
from maturity.certification.models import CaseStep, CertificationCase
from maturity.certification.process import (
    GUARDS,
    CaseFacts,
    Event,
    State,
    Taker,
    days_left,
    may_take,
    steps_of_clock,
    the_process,
)
from maturity.clock import LOCAL
from maturity.questionnaires.model import Text
from maturity.tenancy.models import ReviewAssignment
from maturity.web.filters import words
from maturity.web.messages import message_for

KIND_WORDS = {"initial": _("First certification"), "change": _("Change"), "renewal": _("Renewal")}
PLACE_WORDS = {"remote": _("Remote"), "on_site": _("On site"), "both": _("On site and remote")}
SHOWABLE_WORDS = {"score": _("Score"), "dimensions": _("Scores of dimensions"), "scope": _("Scope")}
GRADE_WORDS = {"major": _("major"), "minor": _("minor"), "observation": _("observation")}
GRADE_KINDS = {"major": "danger", "minor": "caution", "observation": "neutral"}
FINDING_WORDS = {
    "draft": (_("draft"), "neutral"),
    "open": (_("to be corrected"), "danger"),
    "answered": (_("answered, to be verified"), "accent"),
    "closed": (_("closed"), "good"),
}
PART_WORDS = {"lead": _("lead reviewer"), "reviewer": _("reviewer"), "decider": _("decider")}
SIDE_WORDS = {
    "enterprise": _("the enterprise"),
    "body": _("the certification body"),
    "clock": _("the platform, by itself"),
    "operator": _("the operator"),
}
COMPLAINT_WORDS = {"appeal": _("Appeal"), "complaint": _("Complaint")}
OUTCOME_WORDS = {"upheld": _("Upheld"), "partly": _("Upheld in part"), "dismissed": _("Dismissed")}
OUTCOME_KINDS = {"upheld": "good", "partly": "caution", "dismissed": "neutral"}
STATUS_WORDS = {
    "issuing": (_("Being issued"), "accent"),
    "valid": (_("Valid"), "good"),
    "suspended": (_("Suspended"), "caution"),
    "withdrawn": (_("Withdrawn"), "danger"),
    "expired": (_("Expired"), "neutral"),
    "replaced": (_("Replaced"), "neutral"),
}
EVENT_WORDS = {
    "issued": _("Issued"),
    "suspended": _("Suspended"),
    "reinstated": _("Reinstated"),
    "withdrawn": _("Withdrawn"),
    "expired": _("Expired"),
    "renewed": _("Replaced by a renewal"),
    "changed": _("Replaced after a change"),
    "surveyed": _("Surveillance passed"),
}
RECOGNITION_WORDS = {
    "recognised": (_("recognised"), "good"),
    "suspended": (_("Suspended"), "caution"),
    "withdrawn": (_("Withdrawn"), "danger"),
}
#: What happens in a state, said to both sides.
NOW_WORDS = {
    "applied": _("The certification body looks at the application and accepts it, or says why not."),
    "accepted": _("The certification body names reviewers, sets the days and draws the answers to be verified."),
    "planned": _("The review is planned. The lead reviewer begins it."),
    "reviewing": _("Reviewers compare answers with evidence and write down what does not hold."),
    "correcting": _(
        "The enterprise puts right what was found, answers each finding and hands the answers in together."
    ),
    "recommended": _("The reviewers have recommended. Somebody who had no part in the review decides."),
    "certified": _("The decision is to certify. The certificate is below."),
    "refused": _("The decision is not to certify. The reason stands in the history."),
    "rejected": _("The application was not accepted. The reason stands in the history."),
    "failed": _("What was found was not put right in time. A new application can be made at any time."),
    "withdrawn": _("The application has ended without a decision. A new one can be made at any time."),
}
OVER_KINDS = {"certified": "good", "refused": "danger", "rejected": "danger", "failed": "danger"}
#: Who may take a step, by the permission that the process asks for.
WHO_WORDS = {
    "CERTIFICATION_APPLY": _("an owner or signatory of the enterprise"),
    "CERTIFICATION_ANSWER": _("an owner, signatory or editor of the enterprise"),
    "CASE_MANAGE": _("whoever manages the cases of the certification body"),
    "CASE_REVIEW": _("the reviewers of the case"),
    "CASE_DECIDE": _("somebody of the certification body who decides and had no part in the review"),
}
#: The states that a case passes on the straight way; corrections come and go within the review.
LINE = ("applied", "accepted", "planned", "reviewing", "recommended", "certified")
#: What says who somebody is; it is not in the way of a step, it makes it another person's.
PERSONAL = frozenset({"is_lead", "takes_part", "somebody_else", "no_part_in_it", "decider_unconflicted"})
SOON = 7


@dataclass(frozen=True, slots=True)
class Stage:
    """A station of the line: what it is called, whether it is done, now, ahead or the end, and since when."""

    title: str
    standing: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step that leads on: what it is called, who may take it, and what is in its way."""

    event: Event
    title: str
    who: str
    is_mine: bool
    blocked: tuple[str, ...]

    @property
    def is_free(self) -> bool:
        return self.is_mine and not self.blocked


@dataclass(frozen=True, slots=True)
class Past:
    """A step that was taken: what, by whom, for which side, when, and why."""

    title: str
    who: str
    side: str
    row: CaseStep
    reason: str


@dataclass(frozen=True, slots=True)
class Glance:
    """Where a case stands, whose turn it is, and by when."""

    state: State
    now: str
    turn: str | None
    due_on: date | None
    left: int | None
    by_itself: str | None

    @property
    def urgency(self) -> str:
        return urgency_of(self.left)


def urgency_of(left: int | None) -> str:
    """The kind of badge that so many days call for."""
    if left is None or left > SOON:
        return "neutral"
    return "danger" if left < 0 else "caution"


def left_words(left: int | None) -> str:
    """
    >>> left_words(None)
    ''
    """
    if left is None:
        return ""
    if left < 0:
        return ngettext("%(num)d day overdue", "%(num)d days overdue", -left)
    return gettext("today") if left == 0 else ngettext("%(num)d day left", "%(num)d days left", left)


def state_words(code: str) -> str:
    return words(the_process().states[code].words)


def event_words(code: str) -> str:
    event = the_process().events.get(code)
    return words(event.words) if event else code


def taken_words(code: str) -> str:
    """A step once it is taken, as the logs of both sides say it."""
    said = (STEP.words or {}).get(code)
    return words(said)[:1].upper() + words(said)[1:] if said else event_words(code)


def reason_words(list_name: str | None, code: str | None) -> str:
    """A reason of the process in words; empty where there is none."""
    found = the_process().reasons.get(list_name or "", {}).get(code or "")
    return words(found.words) if found else ""


def standing_reason(code: str | None) -> str:
    """Why a certificate stands as it does."""
    return reason_words("suspend", code) or reason_words("withdraw", code)


def reason_choices(reasons: Iterable[tuple[str, Text]]) -> list[tuple[str, str]]:
    return [(code, words(text)) for code, text in reasons]


def stages_of(case: CertificationCase, steps: Sequence[CaseStep]) -> list[Stage]:
    """The line of a case: what lies behind, where it stands, what is ahead; what is over ends the line."""
    since = {step.to_state: _day(step.at) for step in steps}
    here = "reviewing" if case.state == "correcting" else case.state
    if here in LINE:
        place = LINE.index(here)
        return [_stage(case, code, number, place, since) for number, code in enumerate(LINE)]
    behind = [code for code in LINE if code in since]
    passed = [Stage(state_words(code), "done", since[code]) for code in behind]
    return [*passed, Stage(state_words(case.state), "ended", _day(case.state_since))]


def _day(instant: datetime) -> date:
    return instant.astimezone(LOCAL).date()


def _stage(case: CertificationCase, code: str, number: int, place: int, since: Mapping[str, date]) -> Stage:
    if number == place:
        standing = "done" if case.state == "certified" else "now"
        return Stage(state_words(case.state), standing, _day(case.state_since))
    return Stage(state_words(code), "done" if number < place else "ahead", since.get(code) if number < place else None)


def glance_of(case: CertificationCase, today: date) -> Glance:
    state = the_process().states[case.state]
    turn = {"enterprise": case.client_name, "body": case.body_name}.get(state.turn or "")
    left = days_left(case.due_on, today) if not case.is_over else None
    return Glance(state, str(NOW_WORDS[case.state]), turn, case.due_on, left, _by_itself(case, state))


def _by_itself(case: CertificationCase, state: State) -> str | None:
    """What the platform does if nobody moves the case, and on which day."""
    if case.is_over or case.due_on is None or not steps_of_clock(case.state):
        return None
    if case.state == "correcting":
        day = case.due_on + timedelta(days=1)
        return gettext(
            "On %(day)s the platform takes the answers as they stand; if a finding is unanswered, the case closes as "
            "not corrected.",
            day=day.isoformat(),
        )
    if state.lapses_after is None:
        return None
    day = case.due_on + timedelta(days=state.lapses_after + 1)
    return gettext("If nobody takes the next step, the platform ends the case on %(day)s.", day=day.isoformat())


def ahead_of(facts: CaseFacts, taker: Taker) -> list[Ahead]:
    """Every step that people can take from here, with everything in its way for this person."""
    events = [event for event in the_process().events.values() if facts.state in event.sources]
    return [_ahead(event, facts, taker) for event in events if any(who.permission for who in event.who)]


def _ahead(event: Event, facts: CaseFacts, taker: Taker) -> Ahead:
    is_mine = may_take(event, taker)
    asked = [guard for guard in event.guards if is_mine or guard not in PERSONAL]
    if "lead_assigned" in asked and facts.lead is None:  # what else is asked of the lead would only repeat it
        asked = [guard for guard in asked if not guard.startswith("lead_") or guard == "lead_assigned"]
    blocked = tuple(message_for(f"step_{guard}") for guard in asked if not GUARDS[guard](facts, taker))
    return Ahead(event, words(event.words), _who(event), is_mine, blocked)


def _who(event: Event) -> str:
    if event.code == "recommend":
        return gettext("the lead reviewer")
    found = [str(WHO_WORDS[who.permission]) for who in event.who if who.permission]
    return gettext(" or ").join(found)


def history_of(steps: Iterable[CaseStep]) -> list[Past]:
    """Every step so far, the latest first."""
    return [_past(step) for step in reversed(list(steps))]


def _past(step: CaseStep) -> Past:
    event = the_process().events.get(step.event)
    reason = reason_words(event.reasons if event else None, step.reason)
    side = str(SIDE_WORDS[step.side])
    return Past(taken_words(step.event), step.actor_name or side, side if step.actor_name else "", step, reason)


# The desk of a certification body


@dataclass(frozen=True, slots=True)
class Line:
    """A case on the desk."""

    case: CertificationCase
    state: str
    turn: str | None
    left: int | None
    lead: str | None
    my_part: str | None

    @property
    def urgency(self) -> str:
        return urgency_of(self.left)


VIEWS: Mapping[str, LazyString] = {
    "open": _("All open"),
    "turn": _("Our turn"),
    "mine": _("My part"),
    "waiting": _("Waiting for the enterprise"),
    "over": _("Over"),
}


def desk_lines(
    session: Session, body_id: uuid.UUID, cases: Iterable[CertificationCase], user_id: int, today: date
) -> list[Line]:
    parts = _parts(session, body_id)
    return [_line(case, parts.get(case.id, ()), user_id, today) for case in cases]


def _parts(session: Session, body_id: uuid.UUID) -> dict[uuid.UUID, list[ReviewAssignment]]:
    query = select(ReviewAssignment).where(ReviewAssignment.body_id == body_id, ReviewAssignment.ended_at.is_(None))
    found: dict[uuid.UUID, list[ReviewAssignment]] = {}
    for row in session.scalars(query):
        found.setdefault(row.case_id, []).append(row)
    return found


def _line(case: CertificationCase, parts: Sequence[ReviewAssignment], user_id: int, today: date) -> Line:
    return Line(
        case,
        state_words(case.state),
        the_process().states[case.state].turn,
        days_left(case.due_on, today) if not case.is_over else None,
        next((row.user_name for row in parts if row.part == "lead"), None),
        next((row.part for row in parts if row.user_id == user_id), None),
    )


def in_view(line: Line, view: str) -> bool:
    """Whether a case stands in a view of the desk."""
    match view:
        case "turn":
            return line.turn == "body"
        case "mine":
            return line.my_part is not None
        case "waiting":
            return line.turn == "enterprise"
        case "over":
            return line.case.is_over
        case _:
            return not line.case.is_over
