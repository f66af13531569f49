"""A case of certification as it really is, and what must be true of it at every step, said without the process.

The process is given what there is to know of the case (`World.facts`) and answers; `World.wrong_with` says from the
world itself what is wrong with the step. The two must agree: what is taken has nothing wrong with it, and what has
nothing wrong with it may be taken. Nothing here reads the guards or the file of the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations, product

from maturity.certification import process
from maturity.certification.process import CLOCK, CaseFacts, Findings, Lead, Move, Refusal, Taker

LEAD, REVIEWER, MANAGER, DECIDER, SECOND = PEOPLE = (1, 2, 3, 4, 5)
ENTERPRISE = 9
FIRST = date(2026, 12, 1)
OF_ENTERPRISE = frozenset({"CERTIFICATION_APPLY", "CERTIFICATION_ANSWER"})
OF_BODY = frozenset({"CASE_MANAGE", "CASE_REVIEW", "CASE_DECIDE"})
#: Everybody who could try: people of the body who may do everything there, one who may only look, the enterprise, the
#: clock, and others to whom every permission was lent.
TAKERS = (
    *(Taker("body", who, OF_BODY) for who in PEOPLE),
    Taker("body", SECOND),
    Taker("enterprise", ENTERPRISE, OF_ENTERPRISE),
    Taker("enterprise", ENTERPRISE),
    CLOCK,
    *(
        Taker(side, who, OF_BODY | OF_ENTERPRISE)
        for side in ("enterprise", "operator", "regulator")
        for who in (LEAD, 8)
    ),
)
#: Each step: from where, and by which side with which permission.
STEPS: dict[str, tuple[tuple[str, ...], dict[str, str | None]]] = {
    "apply": (("none",), {"enterprise": "CERTIFICATION_APPLY"}),
    "accept": (("applied",), {"body": "CASE_MANAGE"}),
    "reject": (("applied",), {"body": "CASE_MANAGE"}),
    "plan": (("accepted",), {"body": "CASE_MANAGE"}),
    "begin": (("planned",), {"body": "CASE_REVIEW"}),
    "send_letter": (("reviewing",), {"body": "CASE_REVIEW"}),
    "answer_findings": (("correcting",), {"enterprise": "CERTIFICATION_ANSWER"}),
    "take_answers": (("correcting",), {"clock": None}),
    "recommend": (("reviewing",), {"body": "CASE_REVIEW"}),
    "decide_certify": (("recommended",), {"body": "CASE_DECIDE"}),
    "decide_refuse": (("recommended",), {"body": "CASE_DECIDE"}),
    "send_back": (("recommended",), {"body": "CASE_DECIDE"}),
    "withdraw": (
        ("applied", "accepted", "planned", "reviewing", "correcting", "recommended"),
        {"enterprise": "CERTIFICATION_APPLY"},
    ),
    "lapse": (("applied", "accepted", "planned", "reviewing", "recommended"), {"clock": None}),
    "fail": (("correcting",), {"clock": None, "body": "CASE_MANAGE"}),
    "reopen": (("refused", "rejected", "failed"), {"body": "CASE_DECIDE"}),
}
#: Days after the last one on which the clock ends what nobody moves.
PATIENCE = {"applied": 15, "accepted": 150, "planned": 90, "reviewing": 180, "recommended": 90}
REASONS = {"reject": "incomplete", "recommend": "certify", "lapse": "not_answered"}
OVER = ("certified", "refused", "rejected", "failed", "withdrawn")


@dataclass
class World:
    """A case before anybody applied; its people are qualified and free of conflicts."""

    state: str = "none"
    today: date = FIRST
    due_on: date | None = None
    is_claimed: bool = True
    is_recognised: bool = True
    qualified: set[int] = field(default_factory=lambda: set(PEOPLE))
    conflicted: set[int] = field(default_factory=set)
    declared: set[int] = field(default_factory=set)
    lead: int | None = None
    team: set[int] = field(default_factory=set)
    #: Whoever reviewed, recommended or refused, and whoever of the body had any part at all.
    hands: set[int] = field(default_factory=set)
    parts: set[int] = field(default_factory=set)
    days: tuple[date, date] | None = None
    sampled: int = 0
    unjudged: int = 0
    is_frozen: bool = False
    level: int | None = None
    drafts: int = 0
    open: int = 0
    answered: int = 0
    undated: int = 0
    letters: int = 0
    recommendation: str | None = None
    recommended_by: int | None = None
    is_appeal_upheld: bool = False
    #: What was done, by whom, with what reason; nobody can undo it.
    history: list[tuple[str, int | None, str | None]] = field(default_factory=list)

    @property
    def unclosed(self) -> int:
        return self.drafts + self.open + self.answered

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    def facts(self, taker: Taker) -> CaseFacts:
        """What is to be known of it, as the use case gathers it."""
        first, last = self.days or (None, None)
        who = self.lead
        return CaseFacts(
            state=self.state,
            today=self.today,
            due_on=self.due_on,
            is_claimed=self.is_claimed,
            is_recognised=self.is_recognised,
            review_from=first,
            review_until=last,
            sampled=self.sampled,
            unjudged=self.unjudged,
            findings=Findings(self.drafts, self.open, self.answered, self.unclosed, self.undated),
            findings_due=self.today + timedelta(days=60) if self.drafts + self.open else None,
            rounds=self.letters,
            is_rescored=self.is_frozen,
            lead=None
            if who is None
            else Lead(who, who in self.qualified, who not in self.conflicted, who in self.declared),
            reviewers=frozenset(self.team),
            involved=frozenset(self.hands),
            recommended_by=self.recommended_by,
            recommendation=self.recommendation,
            is_actor_unconflicted=taker.user_id not in self.conflicted,
            level_reviewed=self.level,
            is_appeal_upheld=self.is_appeal_upheld,
            took_part=frozenset(self.parts | self.hands),
        )

    # What is wrong with a step

    def wrong_with(self, event: str, taker: Taker, reason: str | None) -> list[str]:
        """Everything that speaks against it, in words; nothing if it may be taken."""
        sources, sides = STEPS[event]
        if self.state not in sources:
            return ["it is not the time for it"]
        needed = sides.get(taker.side, "nobody of this side")
        if needed is not None and needed not in taker.permissions:
            return ["it is somebody else's step"]
        against = _AGAINST.get(event)
        return [] if against is None else [words for words, holds in against(self, taker, reason) if holds]

    def judge(self, event: str, taker: Taker, reason: str | None) -> Move | Refusal:
        """What the process answers, once it is sure that it is what the world says."""
        answer = process.apply(self.facts(taker), event, taker, reason=reason, note="Because.")
        wrong = self.wrong_with(event, taker, reason)
        assert isinstance(answer, Refusal) == bool(wrong), (event, taker, answer, wrong, self)
        return answer

    # Steps

    def take(self, event: str, taker: Taker, reason: str | None) -> Move | Refusal:
        answer = self.judge(event, taker, reason)
        if isinstance(answer, Move):
            self._follow(answer, taker, reason)
        return answer

    def _follow(self, moved: Move, taker: Taker, reason: str | None) -> None:
        """As the use case does."""
        who = taker.user_id
        self.state, self.due_on = moved.target, moved.due_on
        self.history.append((moved.event, who, reason))
        if who is not None and taker.side == "body":
            self.parts.add(who)
            if moved.event in ("begin", "send_letter", "recommend", "decide_refuse"):
                self.hands.add(who)
        match moved.event:
            case "send_letter":
                self.letters, self.open, self.drafts = self.letters + 1, self.drafts + self.open, 0
            case "recommend":
                self.recommended_by, self.recommendation = who, reason
            case "send_back" | "reopen":
                self.recommended_by = self.recommendation = None
        if moved.event == "reopen":
            self.days = None
        if self.is_over:
            self.lead, self.team = None, set()

    # What others do beside the steps

    def assign_lead(self, who: int) -> None:
        if self.lead is not None and self.lead != who:
            self.team.discard(self.lead)
        self.lead = who
        self.team.add(who)
        self.hands.add(who)

    def prepare(self) -> None:
        """Everything that the next step forward asks for; who conflicts of interest stay with stays conflicted."""
        self.is_claimed = self.is_recognised = True
        if self.state in ("accepted", "planned", "reviewing", "correcting", "recommended"):
            self._staff()
        if self.state in ("reviewing", "recommended"):
            self.unjudged = self.drafts = self.open = self.answered = self.undated = 0
            self.is_frozen, self.level = True, 3
        if self.state == "correcting":
            self.open, self.answered = 0, 1
        if self.state == "recommended":
            self.recommended_by, self.recommendation = self.lead, "certify"
        if self.state in ("refused", "rejected", "failed"):
            self.is_appeal_upheld = True

    def _staff(self) -> None:
        free = [who for who in PEOPLE if who not in self.conflicted]
        if self.lead not in free and free:
            self.assign_lead(free[0])
        if self.lead is not None:
            self.qualified.add(self.lead)
            self.declared.add(self.lead)
        if self.days is None or self.days[1] < self.today or self.days[0] > self.days[1]:
            self.days = (self.today, self.today + timedelta(days=5))
        if self.sampled == 0:
            self.sampled = self.unjudged = 10

    def forward(self, who: int = DECIDER) -> Move | Refusal:
        """The straight way, one step; `who` decides."""
        event, taker = {
            "none": ("apply", ENTERPRISE),
            "applied": ("accept", MANAGER),
            "accepted": ("plan", MANAGER),
            "planned": ("begin", self.lead),
            "reviewing": ("recommend", self.lead),
            "correcting": ("answer_findings", ENTERPRISE),
            "recommended": ("decide_certify", who),
        }.get(self.state, ("reopen", who))
        side = "enterprise" if taker == ENTERPRISE else "body"
        return self.take(event, Taker(side, taker, OF_BODY | OF_ENTERPRISE), REASONS.get(event))


def _unfit(world: World) -> Iterator[tuple[str, bool]]:
    """What may be wrong with the lead, whom a review rests on."""
    yield "nobody leads the review", world.lead is None
    yield "the lead is not qualified", world.lead not in world.qualified
    yield "the lead has a conflict of interest", world.lead in world.conflicted


def _dependent(world: World) -> tuple[str, bool]:
    return "the lead did not declare to be independent", world.lead not in world.declared


def _incomplete(world: World) -> Iterator[tuple[str, bool]]:
    """What may be missing of a review that is to end with a certificate."""
    yield "an answer of the sample was not judged", world.unjudged > 0 or world.sampled == 0
    yield "the corrected result was not frozen", not world.is_frozen


def _short(world: World) -> Iterator[tuple[str, bool]]:
    yield "a finding is not closed", world.unclosed > 0
    yield "no level is left", world.level == 0


def _same(world: World, taker: Taker) -> Iterator[tuple[str, bool]]:
    """What may be wrong with whoever decides."""
    yield "whoever decides had a hand in the review", taker.user_id in world.hands
    yield "whoever decides has a conflict of interest", taker.user_id in world.conflicted


def _is_overdue(world: World, days: int = 0) -> bool:
    return world.due_on is not None and (world.today - world.due_on).days > days


Against = Callable[[World, Taker, str | None], Iterator[tuple[str, bool]]]


def _against_apply(world: World, _taker: Taker, _reason: str | None) -> Iterator[tuple[str, bool]]:
    yield "nobody has claimed the enterprise", not world.is_claimed
    yield from _against_accept(world, _taker, _reason)


def _against_accept(world: World, _taker: Taker, _reason: str | None) -> Iterator[tuple[str, bool]]:
    yield "the body is not recognised", not world.is_recognised


def _against_plan(world: World, taker: Taker, reason: str | None) -> Iterator[tuple[str, bool]]:
    yield from _against_accept(world, taker, reason)
    yield from _unfit(world)
    first, last = world.days or (date.max, date.min)
    yield "there are no days for the review", first > last or last < world.today
    yield "no sample was drawn", world.sampled == 0


def _against_begin(world: World, taker: Taker, _reason: str | None) -> Iterator[tuple[str, bool]]:
    yield from _unfit(world)
    yield _dependent(world)
    yield "they do not review this case", taker.user_id not in world.team


def _against_letter(world: World, taker: Taker, _reason: str | None) -> Iterator[tuple[str, bool]]:
    yield "they do not review this case", taker.user_id not in world.team
    yield "there is nothing to tell", world.drafts + world.open == 0
    yield "a finding has no last day", world.undated > 0
    yield "there were three letters", world.letters >= 3


def _against_answers(world: World, taker: Taker, _reason: str | None) -> Iterator[tuple[str, bool]]:
    yield "a finding has no answer", world.open > 0
    yield "there is time left", taker.side == "clock" and not _is_overdue(world)


def _against_recommend(world: World, taker: Taker, reason: str | None) -> Iterator[tuple[str, bool]]:
    yield from _unfit(world)
    yield _dependent(world)
    yield "they do not lead the review", taker.user_id != world.lead
    yield from _incomplete(world)
    if reason != "refuse":
        yield from _short(world)


def _against_certifying(world: World, taker: Taker, reason: str | None) -> Iterator[tuple[str, bool]]:
    yield from _unfit(world)
    yield _dependent(world)
    yield from _same(world, taker)
    yield from _incomplete(world)
    yield from _short(world)
    yield "nobody recommended it", world.recommended_by is None
    yield "something else was recommended", world.recommendation != "certify"
    yield from _against_accept(world, taker, reason)


def _against_deciding(world: World, taker: Taker, _reason: str | None) -> Iterator[tuple[str, bool]]:
    yield from _same(world, taker)


def _against_lapse(world: World, _taker: Taker, _reason: str | None) -> Iterator[tuple[str, bool]]:
    yield "there is time left", not _is_overdue(world, PATIENCE[world.state])


def _against_fail(world: World, _taker: Taker, _reason: str | None) -> Iterator[tuple[str, bool]]:
    yield "there is time left", not _is_overdue(world)
    yield "everything was answered", world.open == 0


def _against_reopen(world: World, taker: Taker, reason: str | None) -> Iterator[tuple[str, bool]]:
    yield "no appeal was upheld", not world.is_appeal_upheld
    yield "they had a part in the case", taker.user_id in world.parts | world.hands
    yield "they have a conflict of interest", taker.user_id in world.conflicted
    yield from _against_accept(world, taker, reason)


_AGAINST: dict[str, Against] = {
    "apply": _against_apply,
    "accept": _against_accept,
    "plan": _against_plan,
    "begin": _against_begin,
    "send_letter": _against_letter,
    "answer_findings": _against_answers,
    "take_answers": _against_answers,
    "recommend": _against_recommend,
    "decide_certify": _against_certifying,
    "decide_refuse": _against_deciding,
    "send_back": _against_deciding,
    "lapse": _against_lapse,
    "fail": _against_fail,
    "reopen": _against_reopen,
}


# Spoiling


def _set(**values: object) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        for name, value in values.items():
            setattr(world, name, value)

    return spoil


def _late(days: int) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        world.due_on = world.today - timedelta(days=days)

    return spoil


#: What may go wrong with a case, or merely be otherwise, one thing each and at any moment.
SPOILS: dict[str, Callable[[World], None]] = {
    "unclaimed": _set(is_claimed=False),
    "not recognised": _set(is_recognised=False),
    "no days": _set(days=None),
    "days the wrong way round": lambda world: _set(days=(world.today + timedelta(days=9), world.today))(world),
    "days that are over": lambda world: _set(days=(world.today - timedelta(days=9), FIRST - timedelta(days=1)))(world),
    "no lead": _set(lead=None),
    "another lead": lambda world: world.assign_lead(SECOND),
    "lead not qualified": lambda world: world.qualified.discard(world.lead or 0),
    "lead conflicted": lambda world: world.conflicted.add(world.lead or 0),
    "lead dependent": lambda world: world.declared.discard(world.lead or 0),
    "decider conflicted": lambda world: world.conflicted.add(DECIDER),
    "decider had a hand in it": lambda world: world.hands.add(DECIDER),
    "decider had a part in it": lambda world: world.parts.add(DECIDER),
    "everybody has left the team": lambda world: world.team.clear(),
    "a reviewer": lambda world: world.team.add(REVIEWER),
    "no sample": _set(sampled=0, unjudged=0),
    "one not judged": lambda world: _set(unjudged=min(1, world.sampled))(world),
    "result not frozen": _set(is_frozen=False),
    "no level left": _set(level=0),
    "level unknown": _set(level=None),
    "a draft": _set(drafts=1),
    "an open finding": _set(open=1),
    "an answered finding": _set(answered=1),
    "no finding": _set(drafts=0, open=0, answered=0),
    "no last day": _set(undated=1),
    "three letters": _set(letters=3),
    "recommended by nobody": _set(recommended_by=None),
    "recommended to refuse": _set(recommendation="refuse"),
    "appeal upheld": _set(is_appeal_upheld=True),
    "appeal not upheld": _set(is_appeal_upheld=False),
    "due": _late(0),
    "overdue": _late(1),
    "forgotten": _late(1000),
}


def ready(state: str) -> World:
    """A case that has come as far as the state, on the straight way, with everything that the next step needs."""
    world = World()
    for _ in range(_STRAIGHT.index(_LEFT_AT.get(state, state))):
        world.prepare()
        assert isinstance(world.forward(), Move), world
    _turn_off(world, state)
    world.prepare()
    if state == "reviewing and telling":
        world.drafts = 1
    if state == "correcting and late":
        world.open, world.due_on = 1, world.today - timedelta(days=1)
    return world


_STRAIGHT = ("none", "applied", "accepted", "planned", "reviewing", "recommended", "certified")
#: Where the straight way is left.
_LEFT_AT = {
    "reviewing and telling": "reviewing",
    "correcting": "reviewing",
    "correcting and late": "reviewing",
    "failed": "reviewing",
    "refused": "recommended",
    "rejected": "applied",
    "withdrawn": "applied",
}


def _turn_off(world: World, state: str) -> None:
    """Only steps that can be taken, so that what follows them is what the use case would have written."""
    if state.startswith("correcting") or state == "failed":
        world.drafts = 1
        world.take("send_letter", Taker("body", LEAD, OF_BODY), None)
    if state == "failed":
        world.today += timedelta(days=200)
        world.take("fail", CLOCK, None)
    if state == "refused":
        world.take("decide_refuse", Taker("body", DECIDER, OF_BODY), None)
    if state == "rejected":
        world.take("reject", Taker("body", MANAGER, OF_BODY), "incomplete")
    if state == "withdrawn":
        world.take("withdraw", Taker("enterprise", ENTERPRISE, OF_ENTERPRISE), None)
    assert state.startswith(world.state), world


#: Where cases may stand; two of them in two ways, because what one step needs there is in the way of the other.
STAGES = (
    *_STRAIGHT,
    "reviewing and telling",
    "correcting",
    "correcting and late",
    "refused",
    "rejected",
    "failed",
    "withdrawn",
)


def everybody_tries(world: World) -> None:
    """Every step by everybody, of which none is followed: the process and the world agree on each."""
    for event, (sources, _) in STEPS.items():
        for taker in TAKERS if world.state in sources else _ANYBODY:
            world.judge(event, taker, REASONS.get(event))
            if event == "recommend":
                world.judge(event, taker, "refuse")


#: Of each side one: enough where it is not the time for a step, whoever takes it.
_ANYBODY = (TAKERS[DECIDER - 1], TAKERS[6], CLOCK)


def each_thing_alone_is_spoiled(world: World) -> None:
    """For a moment, and everybody tries."""
    for spoil in SPOILS.values():
        other = deepcopy(world)
        spoil(other)
        everybody_tries(other)


def spoiled(at_once: int) -> Iterator[tuple[tuple[str, ...], World]]:
    """Every stage with so many things spoiled at once, in every combination."""
    for state in STAGES:
        base = ready(state)
        for names in combinations(SPOILS, at_once):
            world = deepcopy(base)
            for name in names:
                SPOILS[name](world)
            yield (state, *names), world


# Certificates

SIDES = ("body", "enterprise", "clock", "operator", "regulator")
STATUSES = ("issuing", "valid", "suspended", "withdrawn", "expired", "replaced")
ENDED = ("withdrawn", "expired", "replaced")
_FAULTS = frozenset({"serious_fault", "misuse", "change_not_reported", "surveillance_missed"})
_GRAVE = frozenset({"fraud", "serious_incident", "recheck_refused", "not_corrected"})
_UNSAID: frozenset[str | None] = frozenset({None})
#: What may happen to a certificate: how it stands afterwards, and who may bring it about for which reasons.
HAPPENS: dict[tuple[str, str], tuple[str, dict[str, frozenset[str | None]]]] = {
    ("issuing", "issued"): ("valid", {"clock": _UNSAID}),
    ("valid", "surveyed"): ("valid", {"body": _UNSAID}),
    ("suspended", "surveyed"): ("suspended", {"body": _UNSAID}),
    ("valid", "suspended"): (
        "suspended",
        {"body": _FAULTS | {"own_wish"}, "clock": _FAULTS | {"own_wish"}, "enterprise": frozenset({"own_wish"})},
    ),
    ("suspended", "reinstated"): ("valid", {"body": _UNSAID}),
    **{
        (status, "withdrawn"): (
            "withdrawn",
            {"body": _GRAVE | {"given_up"}, "clock": _GRAVE | {"given_up"}, "enterprise": frozenset({"given_up"})},
        )
        for status in ("valid", "suspended")
    },
    **{(status, "expired"): ("expired", {"clock": _UNSAID}) for status in ("valid", "suspended")},
    **{(status, "renewed"): ("replaced", {"clock": _UNSAID}) for status in ("valid", "suspended", "expired")},
    **{(status, "changed"): ("replaced", {"clock": _UNSAID}) for status in ("valid", "suspended")},
}
KINDS = tuple(dict.fromkeys(kind for _, kind in HAPPENS))
SAID: tuple[str | None, ...] = (None, "mood", "own_wish", "given_up", *sorted(_FAULTS), *sorted(_GRAVE))


def outcomes(status: str) -> Iterator[tuple[str, str, str | None, str]]:
    """Everything that can happen to a certificate of a standing: kind, side, reason, how it stands afterwards."""
    for kind, side, reason in product(KINDS, SIDES, SAID):
        after = process.standing_after(status, kind, side, reason)
        if not isinstance(after, Refusal):
            yield kind, side, reason, after


def reached_from(status: str) -> set[str]:
    """Every standing that anybody can bring a certificate to, in however many steps."""
    found, waiting = {status}, [status]
    while waiting:
        new = {after for *_, after in outcomes(waiting.pop())} - found
        found |= new
        waiting += new
    return found


def assert_what_has_ended_stays_so() -> None:
    """There is no way from withdrawn, expired or replaced back to a certificate that stands."""
    assert reached_from("withdrawn") == {"withdrawn"}
    assert reached_from("replaced") == {"replaced"}
    assert reached_from("expired") == {"expired", "replaced"}


def assert_nothing_else_happens() -> None:
    """What the process lets happen is what is written above, no more and no less."""
    for status, kind, side in product(STATUSES, KINDS, SIDES):
        after, sides = HAPPENS.get((status, kind), ("", {}))
        for reason in SAID:
            answer = process.standing_after(status, kind, side, reason)
            # a reason that nobody asks for is not looked at
            may = side in sides and (sides[side] == _UNSAID or reason in sides[side])
            assert answer == after if may else isinstance(answer, Refusal), (status, kind, side, reason, answer)
