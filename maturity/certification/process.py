"""The process of certification as data: which steps there are, who may take them, and what must hold before.

Pure: the facts of a case go in, a move or a refusal comes out. `maturity.certification.cases` gathers the facts from
the database and writes what follows; nothing else decides about a step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from maturity.questionnaires.model import Text

#: Before there is a case.
NONE = "none"
PROVENANCES = ("M", "Q", "I")


@dataclass(frozen=True, slots=True)
class Who:
    """A side of the case and, for people, the permission they need there."""

    side: str
    permission: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A state; what is over has no turn. `due` names what its last day is taken from."""

    code: str
    words: Text
    provenance: str
    turn: str | None = None
    days: int | None = None
    due: str | None = None
    lapses_after: int | None = None
    remind: tuple[int, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.turn is None


@dataclass(frozen=True, slots=True)
class Event:
    """A step: from where to where, by whom, under which guards; `reasons` names the list one is chosen from."""

    code: str
    words: Text
    sources: tuple[str, ...]
    target: str
    who: tuple[Who, ...]
    guards: tuple[str, ...] = ()
    reasons: str | None = None
    note: str | None = None  # optional, needed


@dataclass(frozen=True, slots=True)
class Change:
    """What may happen to a certificate: from which standing to which; `target` None leaves it as it stands."""

    kind: str
    sources: tuple[str, ...]
    target: str | None
    sides: tuple[str, ...]
    reasons: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    value: int
    unit: str
    provenance: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason by code; `by` are the sides that may give it, all of them where it is empty."""

    code: str
    words: Text
    provenance: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Process:
    """Everything that `process.yaml` says."""

    states: Mapping[str, State]
    events: Mapping[str, Event]
    periods: Mapping[str, Period]
    reminders: Mapping[str, tuple[int, ...]]
    changes: Mapping[str, Change]
    reasons: Mapping[str, Mapping[str, Reason]]

    def period(self, name: str) -> int:
        return self.periods[name].value


@dataclass(frozen=True, slots=True)
class Lead:
    """The lead reviewer of a case as they stand on the day."""

    user_id: int
    is_qualified: bool = False
    is_unconflicted: bool = False
    is_independent: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """How many findings stand where; `unclosed` counts those that matter for the level, whatever their state."""

    drafts: int = 0
    open: int = 0
    answered: int = 0
    unclosed: int = 0
    undated: int = 0


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the process needs to know of a case and of whoever wants to take a step."""

    state: str
    today: date
    due_on: date | None = None
    is_claimed: bool = True
    is_recognised: bool = False
    review_from: date | None = None
    review_until: date | None = None
    sampled: int = 0
    unjudged: int = 0
    findings: Findings = field(default_factory=Findings)
    findings_due: date | None = None
    rounds: int = 0
    is_rescored: bool = False
    lead: Lead | None = None
    #: Lead and reviewers of the case, now.
    reviewers: frozenset[int] = frozenset()
    #: Everybody who ever reviewed or recommended in it; none of them decides.
    involved: frozenset[int] = frozenset()
    recommended_by: int | None = None
    recommendation: str | None = None
    is_actor_unconflicted: bool = True
    #: The level that remains after the review; 0 is none.
    level_reviewed: int | None = None
    is_appeal_upheld: bool = False
    #: Everybody of the body who ever had a part in the case or took a step in it.
    took_part: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Taker:
    """Who wants to take a step: the clock has no id and no permission."""

    side: str
    user_id: int | None = None
    permissions: frozenset[str] = frozenset()


CLOCK = Taker("clock")


@dataclass(frozen=True, slots=True)
class Move:
    """A step that may be taken: where it leads and by when the next one is due."""

    event: str
    source: str
    target: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step may not be taken, by code."""

    code: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step that leads on from a state: who may take it, and what is in its way."""

    event: Event
    blocked_by: str | None

    @property
    def sides(self) -> tuple[str, ...]:
        return tuple(who.side for who in self.event.who)


@cache
def the_process() -> Process:
    """The process in force."""
    return parse_process(yaml.safe_load(Path(__file__).with_name("process.yaml").read_text(encoding="utf-8")))


def parse_process(data: Mapping[str, Any]) -> Process:
    """Read and check: every name that is used is defined, so that a slip in the file is found at once."""
    process = Process(
        {code: _state(code, item) for code, item in data["states"].items()},
        {code: _event(code, item) for code, item in data["events"].items()},
        {name: Period(item["value"], item["unit"], item["provenance"]) for name, item in data["periods"].items()},
        {name: tuple(item["value"]) for name, item in data["reminders_days_before"].items()},
        {kind: _change(kind, item) for kind, item in data["certificate"].items()},
        {name: {code: _reason(code, item) for code, item in codes.items()} for name, codes in data["reasons"].items()},
    )
    _check(process)
    return process


def _state(code: str, item: Mapping[str, Any]) -> State:
    return State(
        code,
        Text(item["zh"], item["en"]),
        item["provenance"],
        item.get("turn"),
        item.get("days"),
        item.get("due"),
        item.get("lapses_after"),
        tuple(item.get("remind", ())),
    )


def _event(code: str, item: Mapping[str, Any]) -> Event:
    return Event(
        code,
        Text(item["zh"], item["en"]),
        tuple(item["from"]),
        item["to"],
        tuple(Who(who["side"], who.get("permission")) for who in item["who"]),
        tuple(item.get("guards", ())),
        item.get("reasons"),
        item.get("note"),
    )


def _change(kind: str, item: Mapping[str, Any]) -> Change:
    target = None if item["to"] == "same" else item["to"]
    return Change(kind, tuple(item["from"]), target, tuple(item["who"]), item.get("reasons"))


def _reason(code: str, item: Mapping[str, Any]) -> Reason:
    return Reason(code, Text(item["zh"], item["en"]), item["provenance"], tuple(item.get("by", ())))


def _check(process: Process) -> None:
    for event in process.events.values():
        for state in (*event.sources, event.target):
            if state != NONE and state not in process.states:
                raise ValueError(f"{event.code}: no state {state}")
        for guard in event.guards:
            if guard not in GUARDS:
                raise ValueError(f"{event.code}: no guard {guard}")
        if event.reasons and event.reasons not in process.reasons:
            raise ValueError(f"{event.code}: no reasons {event.reasons}")
    for change in process.changes.values():
        if change.reasons and change.reasons not in process.reasons:
            raise ValueError(f"{change.kind}: no reasons {change.reasons}")


# What must hold


def _has_lead(facts: CaseFacts) -> bool:
    return facts.lead is not None


def _long_overdue(facts: CaseFacts) -> bool:
    after = the_process().states[facts.state].lapses_after
    return facts.due_on is not None and after is not None and facts.today > facts.due_on + timedelta(days=after)


#: Each is also the code of the refusal when it does not hold: `step_` and its name in `maturity.web.messages`.
GUARDS: Mapping[str, Callable[[CaseFacts, Taker], bool]] = {
    "enterprise_claimed": lambda facts, _taker: facts.is_claimed,
    "body_recognised": lambda facts, _taker: facts.is_recognised,
    "dates_set": lambda facts, _taker: (
        facts.review_from is not None
        and facts.review_until is not None
        and facts.review_from <= facts.review_until
        and facts.review_until >= facts.today
    ),
    "lead_assigned": lambda facts, _taker: _has_lead(facts),
    "lead_qualified": lambda facts, _taker: facts.lead is not None and facts.lead.is_qualified,
    "lead_unconflicted": lambda facts, _taker: facts.lead is not None and facts.lead.is_unconflicted,
    "lead_independent": lambda facts, _taker: facts.lead is not None and facts.lead.is_independent,
    "is_lead": lambda facts, taker: facts.lead is not None and taker.user_id == facts.lead.user_id,
    "takes_part": lambda facts, taker: taker.user_id in facts.reviewers,
    "sample_drawn": lambda facts, _taker: facts.sampled > 0,
    "everything_judged": lambda facts, _taker: facts.sampled > 0 and facts.unjudged == 0,
    "rescored": lambda facts, _taker: facts.is_rescored,
    "findings_open": lambda facts, _taker: facts.findings.drafts + facts.findings.open > 0,
    "findings_dated": lambda facts, _taker: facts.findings.undated == 0,
    "findings_answered": lambda facts, _taker: facts.findings.open == 0,
    "findings_unanswered": lambda facts, _taker: facts.findings.open > 0,
    "level_left": lambda facts, _taker: facts.level_reviewed is None or facts.level_reviewed > 0,
    "findings_closed": lambda facts, _taker: facts.findings.unclosed == 0,
    "rounds_left": lambda facts, _taker: facts.rounds < the_process().period("rounds"),
    "recommended_by_somebody": lambda facts, _taker: facts.recommended_by is not None,
    "recommended_certify": lambda facts, _taker: facts.recommendation == "certify",
    "somebody_else": lambda facts, taker: taker.user_id is not None and taker.user_id not in facts.involved,
    "appeal_upheld": lambda facts, _taker: facts.is_appeal_upheld,
    "no_part_in_it": lambda facts, taker: taker.user_id is not None and taker.user_id not in facts.took_part,
    "decider_unconflicted": lambda facts, _taker: facts.is_actor_unconflicted,
    "overdue": lambda facts, _taker: facts.due_on is not None and facts.today > facts.due_on,
    "long_overdue": lambda facts, _taker: _long_overdue(facts),
}
#: Open findings stand in the way of a certificate and not of a refusal.
_UNLESS_REFUSED = frozenset({"findings_closed", "level_left"})


def apply(facts: CaseFacts, event: str, taker: Taker, *, reason: str | None = None, note: str = "") -> Move | Refusal:
    """What becomes of the case when somebody takes a step; the first thing in the way is the refusal."""
    process = the_process()
    step = process.events.get(event)
    if step is None:
        return Refusal("unknown_step")
    if facts.state not in step.sources:
        return Refusal("not_now")
    if not may_take(step, taker):
        return Refusal("not_yours")
    if step.reasons is not None and reason not in process.reasons[step.reasons]:
        return Refusal("reason_missing")
    if step.note == "needed" and not note.strip():
        return Refusal("note_missing")
    blocked = _in_the_way(step, facts, taker, reason)
    if blocked is not None:
        return Refusal(blocked)
    return Move(event, facts.state, step.target, due_of(step.target, facts))


def _in_the_way(step: Event, facts: CaseFacts, taker: Taker, reason: str | None = None) -> str | None:
    waived = _UNLESS_REFUSED if reason == "refuse" else frozenset()
    return next((guard for guard in step.guards if guard not in waived and not GUARDS[guard](facts, taker)), None)


def may_take(step: Event, taker: Taker) -> bool:
    """Whether somebody of this side with these permissions may take the step at all."""
    return any(
        who.side == taker.side and (who.permission is None or who.permission in taker.permissions) for who in step.who
    )


def due_of(state: str, facts: CaseFacts) -> date | None:
    """The last day of a state that begins today; None where nothing is due any more.

    >>> due_of("applied", CaseFacts("none", date(2026, 12, 1)))
    datetime.date(2026, 12, 16)
    """
    entry = the_process().states[state]
    days = facts.today + timedelta(days=entry.days) if entry.days is not None else None
    named = {"review": facts.review_until, "findings": facts.findings_due}.get(entry.due or "")
    return max(filter(None, (days, named)), default=None)


def next_steps(facts: CaseFacts, taker: Taker) -> tuple[Step, ...]:
    """Every step that leads on from where the case stands, with what is in its way for this person, if anything."""
    return tuple(
        Step(event, None if not may_take(event, taker) else _in_the_way(event, facts, taker))
        for event in the_process().events.values()
        if facts.state in event.sources
    )


def days_left(due_on: date | None, today: date) -> int | None:
    return None if due_on is None else (due_on - today).days


# Certificates


def standing_after(status: str, kind: str, side: str, reason: str | None = None) -> str | Refusal:
    """The standing of a certificate after something happened to it, or why that cannot happen.

    >>> standing_after("valid", "suspended", "body", "misuse")
    'suspended'
    >>> standing_after("expired", "reinstated", "body")
    Refusal(code='not_now')
    """
    process = the_process()
    change = process.changes.get(kind)
    if change is None:
        return Refusal("unknown_step")
    if status not in change.sources:
        return Refusal("not_now")
    if side not in change.sides:
        return Refusal("not_yours")
    if change.reasons is not None and reason not in {item.code for item in reasons_for(change.reasons, side)}:
        return Refusal("reason_missing")
    return change.target or status


def reasons_for(name: str, side: str) -> tuple[Reason, ...]:
    """The reasons that a side may give, in order.

    >>> [reason.code for reason in reasons_for("withdraw", "enterprise")]
    ['given_up']
    """
    return tuple(reason for reason in the_process().reasons[name].values() if not reason.by or side in reason.by)


#: Why the clock ends a case, by the state in which nobody moved it.
LAPSES = {
    "applied": "not_answered",
    "accepted": "not_planned",
    "planned": "not_begun",
    "reviewing": "not_concluded",
    "recommended": "not_decided",
}


def steps_of_clock(state: str) -> tuple[tuple[str, str | None], ...]:
    """The steps that the clock tries in a state, with the reason it gives.

    >>> steps_of_clock("correcting"), steps_of_clock("applied"), steps_of_clock("certified")
    ((('take_answers', None), ('fail', None)), (('lapse', 'not_answered'),), ())
    """
    return tuple(
        (event.code, LAPSES[state] if event.reasons else None)
        for event in the_process().events.values()
        if state in event.sources and any(who.side == "clock" for who in event.who)
    )


def months_after(day: date, months: int) -> date:
    """The same day so many months on, or the last one of a shorter month.

    >>> months_after(date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))
