"""Whatever people do and whenever they do it: no certificate without a review by somebody qualified, unconflicted and
independent and a decision by somebody else who never took part; and no case that nobody can end.

`test_certification_stored` asks the same of the database, `test_certification_mutants` what these tests are worth.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from maturity.certification import process
from maturity.certification.process import CLOCK, Move, Refusal, Taker
from tests.properties.certification import (
    DECIDER,
    ENDED,
    ENTERPRISE,
    KINDS,
    LEAD,
    OF_BODY,
    OF_ENTERPRISE,
    PEOPLE,
    REASONS,
    SAID,
    SECOND,
    SIDES,
    SPOILS,
    STAGES,
    STEPS,
    TAKERS,
    assert_nothing_else_happens,
    assert_what_has_ended_stays_so,
    each_thing_alone_is_spoiled,
    everybody_tries,
    outcomes,
    ready,
    spoiled,
)

FIRST_STEPS = ["apply", "accept", "plan", "begin"]
LONGEST = 3000  # days in which the clock has ended whatever nobody moves


class Process(RuleBasedStateMachine):
    """The process over a case in which anything may change at any moment; after each rule everybody tries every step.

    Nearly everything is kept ready for the next step and one thing at a time is spoiled, because a case in which two
    things are wrong says nothing of either.
    """

    def __init__(self, stage: str) -> None:
        super().__init__()
        self.world = ready(stage)

    @initialize()
    def each_thing_alone_is_spoiled_at_the_beginning(self) -> None:
        each_thing_alone_is_spoiled(self.world)

    @rule(who=st.sampled_from(PEOPLE))
    def on(self, who: int) -> None:
        """The straight way, one step; what was spoiled on it stays so."""
        self.world.forward(who)

    @rule(who=st.sampled_from(PEOPLE))
    def on_as_it_should_be(self, who: int) -> None:
        self.world.prepare()
        self.world.forward(who)
        self.world.prepare()

    @rule()
    def everything_is_put_right(self) -> None:
        self.world.conflicted.clear()
        self.world.prepare()

    @rule(what=st.sampled_from(tuple(SPOILS)))
    def one_thing_is_spoiled(self, what: str) -> None:
        SPOILS[what](self.world)

    @rule(put_right=st.booleans())
    def each_thing_is_spoiled_for_a_moment(self, *, put_right: bool) -> None:
        if put_right:
            self.everything_is_put_right()
        each_thing_alone_is_spoiled(self.world)

    @rule(days=st.integers(1, 8))
    def days_pass(self, days: int) -> None:
        self.world.today += timedelta(days=days)
        self.turn()

    @rule(event=st.sampled_from(tuple(STEPS)), taker=st.sampled_from(TAKERS), refuses=st.booleans())
    def somebody_takes(self, event: str, taker: Taker, *, refuses: bool) -> None:
        self.world.take(event, taker, "refuse" if refuses and event == "recommend" else REASONS.get(event))

    def turn(self) -> None:
        for event, reason in process.steps_of_clock(self.world.state):
            if isinstance(self.world.take(event, CLOCK, reason), Move):
                return

    # What holds

    @invariant()
    def nobody_can_take_a_step_that_something_speaks_against(self) -> None:
        """Nor is anybody kept from one that nothing speaks against."""
        everybody_tries(self.world)

    @invariant()
    def a_certificate_rests_on_a_review_and_on_somebody_elses_decision(self) -> None:
        """Asked of what was done, which nothing spoils."""
        done = self.world.history
        if self.world.state != "certified":
            assert "decide_certify" not in [event for event, _, _ in done]
            return
        events = [event for event, _, _ in done]
        assert [event for event in events if event in ("apply", "accept", "plan", "begin")][:4] == FIRST_STEPS
        (recommended, by, reason), (decided, decider, _) = done[-2:]
        assert (recommended, reason, decided) == ("recommend", "certify", "decide_certify")
        reviewed = {who for event, who, _ in done if event in ("begin", "send_letter", "recommend", "decide_refuse")}
        assert by is not None
        assert decider is not None
        assert decider not in reviewed

    @invariant()
    def what_is_not_over_has_a_way_on_and_somebody_who_can_take_it(self) -> None:
        if self.world.is_over or self.world.state == "none":
            return
        steps = process.next_steps(self.world.facts(CLOCK), CLOCK)
        assert any(
            side in ("body", "enterprise") for step in steps if step.event.target != "withdrawn" for side in step.sides
        )
        # the enterprise can always leave
        leave = self.world.judge("withdraw", Taker("enterprise", ENTERPRISE, OF_ENTERPRISE), None)
        assert isinstance(leave, Move)

    def teardown(self) -> None:
        """From here on nobody does anything: the clock ends the case by itself."""
        if self.world.state == "none":
            return
        for _ in range(LONGEST // 30):
            if self.world.is_over:
                break
            self.world.today += timedelta(days=30)
            self.turn()
        assert self.world.is_over, self.world


@pytest.mark.parametrize("stage", STAGES)
def test_from_no_stage_a_way_leads_to_a_certificate_past_the_review(stage: str) -> None:
    """Each is a beginning of its own: left to chance, some would hardly be one."""
    enough = settings(max_examples=20 if stage == "recommended" else 6, stateful_step_count=12)
    run_state_machine_as_test(partial(Process, stage), settings=enough)


def test_the_straight_way_ends_with_a_certificate() -> None:
    """A property that nothing reaches proves nothing."""
    world = ready("recommended")
    assert isinstance(world.forward(LEAD), Refusal)
    assert isinstance(world.forward(DECIDER), Move)
    assert world.state == "certified"


@pytest.mark.parametrize("at_once", [0, 1, 2])
def test_whatever_one_or_two_things_are_spoiled_the_process_says_what_the_case_says(at_once: int) -> None:
    """Exhaustively: every stage, every two things that may be wrong with it, every step, everybody."""
    certified = 0
    for _, world in spoiled(at_once):
        everybody_tries(world)
        certified += not world.wrong_with("decide_certify", Taker("body", SECOND, OF_BODY), None)
    assert certified > 0


# Certificates


def test_no_way_leads_from_withdrawn_expired_or_replaced_back_to_a_certificate_that_stands() -> None:
    assert_what_has_ended_stays_so()


def test_nothing_happens_to_a_certificate_but_what_may_and_by_whoever_may() -> None:
    """Exhaustively: every standing, everything that may happen, every side, every reason."""
    assert_nothing_else_happens()


class Standing(RuleBasedStateMachine):
    """What may happen to a certificate, by anybody, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = ["issuing"]

    @rule(kind=st.sampled_from(KINDS), side=st.sampled_from(SIDES), reason=st.sampled_from(SAID))
    def something_happens(self, kind: str, side: str, reason: str | None) -> None:
        after = process.standing_after(self.passed[-1], kind, side, reason)
        if not isinstance(after, Refusal):
            self.passed.append(after)

    @rule(taken=st.integers(0, 1000))
    def something_happens_that_can(self, taken: int) -> None:
        """So that the ends are reached and something is tried after them."""
        if can := sorted(outcomes(self.passed[-1]), key=str):
            self.passed.append(can[taken % len(can)][-1])

    @invariant()
    def what_has_ended_stays_so(self) -> None:
        first = next((place for place, status in enumerate(self.passed) if status in ENDED), len(self.passed))
        since = self.passed[first:]
        assert len(since) <= 1 or since == ["expired", "replaced"]

    @invariant()
    def what_is_valid_was_issued(self) -> None:
        assert self.passed[:2] in (["issuing"], ["issuing", "valid"])


TestStanding = Standing.TestCase
TestStanding.settings = settings(max_examples=60, stateful_step_count=12)
