"""The same over the database: what a certificate rests on is asked of the rows, in SQL that knows of no process.

After each rule everybody who may decide tries to. Whatever certificate comes of it is looked at and taken back, so that
one example tries many decisions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from maturity.certification import process
from maturity.certification.assignments import Conflicted, assignments_of
from maturity.certification.cases import Actor
from maturity.certification.jobs import turn_case
from maturity.certification.models import CaseItem, CertificationBody, CertificationCase
from maturity.certification.process import GUARDS, the_process
from maturity.certification.reviewers import Interest, declare_interest
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import MaturityError
from tests.conftest import NOW
from tests.factories.certification import (
    Made,
    answer_findings,
    close_findings,
    judge_all,
    make_case,
    step,
    write_finding,
)
from tests.factories.certification_review import expire_qualifications
from tests.factories.enterprises import USCC

#: Everybody who had a hand in the review of a case, by the rows that say so.
HANDS = """
    select user_id from review_assignments a where a.case_id = k.id and a.part <> 'decider'
    union select judged_by from case_items i where i.case_id = k.id and i.judged_by is not null
    union select raised_by from case_findings f where f.case_id = k.id and f.raised_by is not null
    union select closed_by from case_findings f where f.case_id = k.id and f.closed_by is not null
    union select actor_id from case_steps s where s.case_id = k.id and s.actor_id is not null
      and s.event in ('begin', 'send_letter', 'recommend', 'decide_refuse')
    union select k.recommended_by where k.recommended_by is not null
"""
#: An interest in the enterprise that holds on the day of the certificate, of the person or of the whole body.
INTEREST = """exists (select 1 from reviewer_interests r where r.tenant_id = k.body_id and r.uscc = k.uscc
    and (r.user_id is null or r.user_id = {who}) and (r.until is null or r.until >= c.issued_on))"""
#: The lead of a case when it was decided, with a declaration of independence and a qualification in force that day.
FIT = """
    select 1 from review_assignments a
      join independence_declarations d on d.assignment_id = a.id and d.user_id = a.user_id
      join reviewer_qualifications q on q.tenant_id = k.body_id and q.user_id = a.user_id
    where a.case_id = k.id and a.part = 'lead' and a.user_id = k.recommended_by
      and (a.ended_at is null or a.ended_at >= k.decided_at) and a.independent_at is not null
      and q.withdrawn_at is null and q.valid_until >= c.issued_on
      and q.highest_level >= c.level and q.highest_level >= k.level_claimed
      and cast(q.frameworks as text) like '%"' || k.framework || '"%'
      and cast(q.divisions as text) like '%"' || substr(k.industry, 1, 2) || '"%'
"""
#: What must not be found of any certificate, whatever its standing.
FAULTS = {
    "it has no case": "k.id is null",
    "its case was not certified": "k.state <> 'certified'",
    "the result of its review was not frozen": "k.reviewed_sha256 is null",
    "no level was left": "coalesce(k.level_reviewed, 1) < 1",
    "an answer of the sample was not judged": """
        not exists (select 1 from case_items i where i.case_id = k.id)
        or exists (select 1 from case_items i where i.case_id = k.id and (i.verdict is null or i.judged_by is null))""",
    "a finding is not closed": """exists (select 1 from case_findings f where f.case_id = k.id
        and f.grade in ('major', 'minor') and f.state <> 'closed')""",
    "it was not recommended": "k.recommended_by is null or coalesce(k.recommendation, '') <> 'certify'",
    "nobody decided": "k.decided_by is null",
    "whoever decided had a hand in the review": f"k.decided_by in ({HANDS})",
    "whoever decided has an interest": INTEREST.format(who="k.decided_by"),
    "the lead was not fit to review": f"not exists ({FIT})",
    "the lead has an interest": INTEREST.format(who="k.recommended_by"),
    "the body was not recognised": """not exists (select 1 from certification_bodies b where b.tenant_id = k.body_id
        and b.status = 'recognised' and b.until >= c.issued_on)""",
    "the step was not put on record": """not exists (select 1 from case_steps s where s.case_id = k.id
        and s.event = 'decide_certify' and s.actor_id = k.decided_by)""",
}
FOUND = "select count(*) from certificates c left join certification_cases k on k.id = c.case_id where {fault}"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where something happens: the case with its people, the session and the day."""

    session: Session
    clock: FixedClock
    made: Made

    @property
    def case(self) -> CertificationCase:
        return self.made.case(self.session)

    @property
    def yesterday(self) -> date:
        return self.clock.today() - timedelta(days=1)


def _unqualified(stage: Stage) -> None:
    expire_qualifications(stage.session, stage.made.body_id, stage.made.lead.user_id or 0, stage.yesterday)


def _lead(stage: Stage, **values: Any) -> None:
    for row in assignments_of(stage.session, stage.case):
        if row.part == "lead":
            set_all(row, values)


def _interested(stage: Stage, who: str) -> None:
    user_id = getattr(stage.made, who).user_id if who else None
    given = Interest(user_id, USCC, "青岛海岳数控机床有限公司", "family")
    with for_tenant(stage.session, stage.made.body_id):
        declare_interest(stage.session, stage.made.body_id, given, actor_id=None, clock=stage.clock)


def _unrecognised(stage: Stage) -> None:
    stage.session.get_one(CertificationBody, stage.made.body_id).until = stage.yesterday


def _case(stage: Stage, **values: Any) -> None:
    set_all(stage.case, values)


def _item(stage: Stage, **values: Any) -> None:
    with for_tenant(stage.session, stage.made.client_id):
        query = select(CaseItem).where(CaseItem.case_id == stage.made.case_id, CaseItem.verdict.is_not(None))
        for item in stage.session.scalars(query.limit(1)):
            set_all(item, values)
        stage.session.flush()


def _finding(stage: Stage) -> None:
    write_finding(stage.session, stage.made, stage.clock)


def set_all(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


#: What may go wrong, one thing each and at any moment: as if the world had changed over night, or somebody the rows.
SPOILS: dict[str, Callable[[Stage], None]] = {
    "lead not qualified": _unqualified,
    "lead did not declare": partial(_lead, independent_at=None),
    "lead has left": partial(_lead, ended_at=NOW - timedelta(hours=1)),
    "lead interested": partial(_interested, who="lead"),
    "decider interested": partial(_interested, who="decider"),
    "manager interested": partial(_interested, who="manager"),
    "body interested": partial(_interested, who=""),
    "body not recognised": _unrecognised,
    "no level": partial(_case, level_reviewed=0),
    "recommended by nobody": partial(_case, recommended_by=None),
    "recommended to refuse": partial(_case, recommendation="refuse"),
    "one not judged": partial(_item, verdict=None, judged_by=None, judged_at=None),
    "judged by the manager": lambda stage: _item(stage, judged_by=stage.made.manager.user_id),
    "a finding": _finding,
}
#: Every condition of the decision but that the result is frozen, which the table itself insists on, and what goes wrong
#: without it.
MATTERS = {
    "somebody_else": "judged by the manager",
    "decider_unconflicted": "decider interested",
    "recommended_by_somebody": "recommended by nobody",
    "recommended_certify": "recommended to refuse",
    "body_recognised": "body not recognised",
    "everything_judged": "one not judged",
    "findings_closed": "a finding",
    "level_left": "no level",
    "lead_qualified": "lead not qualified",
    "lead_unconflicted": "lead interested",
    "lead_independent": "lead did not declare",
}


def faults(session: Session) -> list[str]:
    session.flush()
    counted = {words: text(FOUND.format(fault=f"({fault})")) for words, fault in FAULTS.items()}
    return [words for words, query in counted.items() if session.execute(query).scalar_one()]


class Stored(RuleBasedStateMachine):
    """A real case with real people, who try every step at any time; each example is taken back to where it began."""

    certified = 0

    def __init__(self, stage: Stage, what: str) -> None:
        super().__init__()
        self.stage, self.what = stage, what
        self.session, self.clock, self.made = stage.session, stage.clock, stage.made
        self.clock.at = NOW
        self.beginning = self.session.begin_nested()

    @initialize()
    def begin(self) -> None:
        """One step before a decision, with one thing wrong."""
        self.on()
        if self.what:
            self.spoil(self.what)

    @property
    def state(self) -> str:
        return self.stage.case.state

    def tries(self, work: Callable[[], Any], *, keep: bool = True) -> None:
        """Whatever is refused changes nothing; what is not may be looked at and taken back."""
        attempt = self.session.begin_nested()
        try:
            work()
            self.session.flush()
            if not keep:
                self.look()
        except (MaturityError, Conflicted):
            attempt.rollback()
        else:
            attempt.commit() if keep else attempt.rollback()
        self.session.expire_all()

    def take(self, event: str, actor: Actor, reason: str | None = None, *, keep: bool = True) -> None:
        move = partial(step, self.session, self.made, event, actor, self.clock, reason=reason, note="So.")
        self.tries(move, keep=keep)

    def look(self) -> None:
        assert (found := faults(self.session)) == [], f"a certificate that should not be: {found}"
        type(self).certified += self.state == "certified"

    # Rules

    @rule()
    def on(self) -> None:
        """The straight way, one step, with everything it asks for; the decision is tried below."""
        made, state = self.made, self.state
        if state == "correcting":
            answer_findings(self.session, made, self.clock)
            self.take("answer_findings", made.owner)
        elif state == "reviewing":
            judge_all(self.session, made, self.clock)
            close_findings(self.session, made, self.clock)
            self.take("recommend", made.lead, "certify")

    @rule(what=st.sampled_from(tuple(SPOILS)))
    def spoil(self, what: str) -> None:
        if self.stage.case.is_over:
            return
        SPOILS[what](self.stage)
        self.session.flush()

    @rule(
        event=st.sampled_from(("recommend", "decide_certify", "send_letter", "send_back", "decide_refuse")),
        who=st.sampled_from(("manager", "lead", "reviewer", "decider", "owner")),
        reason=st.sampled_from((None, "certify", "refuse")),
    )
    def somebody_takes(self, event: str, who: str, reason: str | None) -> None:
        self.take(event, getattr(self.made, who), reason)

    @rule(days=st.integers(1, 5))
    def days_pass(self, days: int) -> None:
        self.clock.at += timedelta(days=days)
        turn_case(self.session, self.made.case_id, self.clock)

    # What holds

    @invariant()
    def every_certificate_rests_on_a_review_and_on_somebody_elses_decision(self) -> None:
        assert (found := faults(self.session)) == [], found

    @invariant()
    def nor_can_anybody_bring_about_one_that_does_not(self) -> None:
        if self.state == "recommended":
            for who in (self.made.manager, self.made.decider):
                self.take("decide_certify", who, keep=False)

    def teardown(self) -> None:
        """The clock ends whatever nobody moves; then all is as it was."""
        try:
            for _ in range(3):
                if self.stage.case.is_over:
                    break
                self.clock.at += timedelta(days=400)
                turn_case(self.session, self.made.case_id, self.clock)
            assert self.stage.case.is_over
        finally:
            self.beginning.rollback()
            self.session.expire_all()
            self.clock.at = NOW


def run(stage: Stage, what: str, examples: int, steps: int) -> None:
    quick = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate],  # an example is few steps long anyway
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    run_state_machine_as_test(partial(Stored, stage, what), settings=quick)  # made anew for every example


once = pytest.mark.skipif(
    "TEST_DATABASE_URL" in os.environ, reason="the rules are the same on PostgreSQL; once is enough"
)


@pytest.fixture
def stage(app: Any, session: Session, clock: FixedClock) -> Iterator[Stage]:
    """A case under review, to which every example returns."""
    with app.test_request_context():
        yield Stage(session, clock, make_case(session, clock, "reviewing"))


@once
def test_no_path_through_the_database_leads_to_a_certificate_past_the_review(stage: Stage) -> None:
    Stored.certified = 0
    run(stage, "", examples=12, steps=4)
    assert Stored.certified >= 12  # what nothing reaches proves nothing
    for what in SPOILS:
        run(stage, what, examples=1, steps=2)


@once
def test_the_rows_tell_of_every_condition_of_the_decision_that_is_left_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is made to hold always, in turn; a certificate comes of it, and is found out."""
    assert set(MATTERS) | {"rescored"} == set(the_process().events["decide_certify"].guards)
    for guard, what in MATTERS.items():
        monkeypatch.setattr(process, "GUARDS", {**GUARDS, guard: lambda *_: True})
        with pytest.raises(AssertionError, match="a certificate that should not be"):
            run(stage, what, examples=1, steps=1)
