"""A certification body of the demonstration with a case at every step, and certificates that stand differently.

Every step is taken as people take it, by the same functions and on days of its own. Certificates are made by the worker
once it runs, as all are; `stand_apart` then suspends one of them and withdraws another.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import FRAMEWORK, Assessment, Submission
from maturity.certificates.models import Certificate
from maturity.certification.application import apply_for
from maturity.certification.assignments import assign, declare_independence
from maturity.certification.bodies import Recognition, recognise
from maturity.certification.cases import Actor, assignments_of, case_for, move
from maturity.certification.models import CaseItem, CertificationCase
from maturity.certification.planning import Plan, set_plan
from maturity.certification.reviewers import Qualification, add_qualification
from maturity.certification.standing import change_standing
from maturity.clock import Clock, FixedClock
from maturity.db import for_tenant
from maturity.demo.profiles import INDUSTRIES, SEED
from maturity.jobs.service import ask_for_job
from maturity.organisations.models import Enterprise
from maturity.reviewing.drawing import draw, record_seed
from maturity.reviewing.findings import draft_findings
from maturity.reviewing.opened import ReviewFile, open_review
from maturity.reviewing.rescoring import complete_review
from maturity.reviewing.verdicts import Verdict, judge
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.service import ensure_platform, open_tenant

NAME = "华信评估认证中心（演示）"
INDEPENDENT = "本人近三年未向该企业提供咨询，与该企业无任何利益关系。"
SCOPE = "主要产品的研发设计、生产制造与售后服务；本部及厂区"
#: How far each case has come and how many days ago its enterprise applied; the example's stands first.
CASES = (
    ("certified", 58),
    ("certified", 75),
    ("certified", 70),
    ("certified", 66),
    ("recommended", 40),
    ("correcting", 34),
    ("reviewing", 26),
    ("planned", 12),
    ("accepted", 6),
    ("applied", 2),
)
#: What every step comes after the application, in days.
DAYS = {"accept": 3, "plan": 5, "begin": 12, "judge": 14, "letter": 15, "answer": 26, "recommend": 30, "decide": 34}
ORDER = ("applied", "accepted", "planned", "reviewing", "correcting", "recommended", "certified")
STANDINGS_JOB = "demonstration_standings"
AFTER = timedelta(seconds=30)
STANDINGS = (
    ("suspended", "change_not_reported", "企业迁址未按规定报告。"),
    ("withdrawn", "given_up", "企业主动放弃证书。"),
)


@dataclass(frozen=True, slots=True)
class Body:
    """The body's tenant and its people, as ids: reading an attribute later begins no transaction."""

    tenant_id: uuid.UUID
    manager: Actor
    reviewer: Actor


def certify_some(
    session: Session, enterprises: Sequence[Enterprise], example: Enterprise, people: tuple[User, User], clock: Clock
) -> None:
    """The body, a case for the example and for other enterprises that have reached a level; the session sees all."""
    body = _body(session, people, clock)
    chosen = [example, *(item for item in enterprises if item is not example)]
    reached = [item for item in chosen if _level(session, item) >= 1][: len(CASES)]
    for (state, days), enterprise in zip(CASES, reached, strict=False):
        _Case(session, body, enterprise, clock, days).go_to(state)
    with for_tenant(session, body.tenant_id):
        plan_standings(session, body.tenant_id, 1, clock)


def plan_standings(session: Session, body_id: uuid.UUID, attempt: int, clock: Clock) -> None:
    """Once the worker has made the certificates, some of them are to stand differently."""
    payload, due = {"attempt": attempt}, clock.now() + AFTER
    ask_for_job(session, body_id, STANDINGS_JOB, str(attempt), payload, actor_id=None, clock=clock, due_at=due)


def _body(session: Session, people: tuple[User, User], clock: Clock) -> Body:
    random = Random(SEED + 2)  # noqa: S311  # reproducible data, not a secret
    before = FixedClock(clock.now() - timedelta(days=300))
    tenant_id = uuid.UUID(int=random.getrandbits(128), version=4)
    ensure_platform(session, before)  # the operator recognises it, and has that in its log
    tenant = Tenant(id=tenant_id, kind="certification_body", name=NAME, is_synthetic=True, created_at=before.now())
    session.add(tenant)
    session.flush()
    for user, role in zip(people, ("owner", "reviewer"), strict=True):
        session.add(Membership(tenant_id=tenant_id, user_id=user.id, role=role, created_at=before.now()))
    session.flush()
    until = clock.today() + timedelta(days=900)
    given = Recognition("演示-R-001", "0531-0000 0000（演示，请勿拨打）", (FRAMEWORK,), (1, 2, 3, 4), until)
    recognise(session, tenant, given, actor_id=None, clock=before)
    held = Qualification(tuple(INDUSTRIES), (FRAMEWORK,), 4, "演示-P-0001", until)
    with for_tenant(session, tenant_id):
        for user in people:
            add_qualification(session, tenant_id, user.id, held, actor_id=None, clock=before)
        session.flush()
    return Body(tenant_id, *(Actor(user.id, user.name, "body", tenant_id) for user in people))


def _submission(session: Session, enterprise: Enterprise) -> Submission | None:
    """The latest."""
    query = select(Submission).join(Assessment, Assessment.id == Submission.assessment_id)
    query = query.where(Submission.tenant_id == enterprise.tenant_id).order_by(Assessment.period.desc()).limit(1)
    return session.scalar(query)


def _level(session: Session, enterprise: Enterprise) -> int:
    found = _submission(session, enterprise)
    return found.level if found else 0


class _Case:
    """One enterprise's case, taken from step to step on the days on which it would have been."""

    def __init__(self, session: Session, body: Body, enterprise: Enterprise, clock: Clock, days: int) -> None:
        self.session, self.body, self.today = session, body, clock
        self.client_id = enterprise.tenant_id
        self.began = clock.now() - timedelta(days=days)
        self.signatory = Actor(
            None,
            "演示签署人",
            "enterprise",
            self.client_id,
            frozenset({"CERTIFICATION_APPLY", "CERTIFICATION_ANSWER"}),
        )
        self.case_id = self._apply(enterprise)

    def on(self, step: str) -> FixedClock:
        """The day of a step, or now where that has not come."""
        return FixedClock(min(self.began + timedelta(days=DAYS[step]), self.today.now()))

    def go_to(self, state: str) -> None:
        steps = {
            "accepted": self._accept,
            "planned": self._plan,
            "reviewing": self._begin,
            "correcting": self._correct,
            "recommended": self._recommend,
            "certified": self._decide,
        }
        for name in ORDER[1 : ORDER.index(state) + 1]:
            if name == "correcting" and state != "correcting":
                continue  # nothing was found
            if name == "recommended":
                self._judge(everything=True)
            steps[name]()
        if state == "reviewing":
            self._judge(everything=False)

    @contextmanager
    def _as(self, tenant_id: uuid.UUID) -> Iterator[CertificationCase]:
        self.session.flush()
        with for_tenant(self.session, tenant_id):
            yield case_for(self.session, self.case_id, tenant_id)
            self.session.flush()

    def _apply(self, enterprise: Enterprise) -> uuid.UUID:
        submission = _submission(self.session, enterprise)
        if submission is None:
            raise LookupError("nothing was submitted")
        tenant, submission_id = self.session.get_one(Tenant, self.client_id), submission.id
        with for_tenant(self.session, self.client_id):
            at = FixedClock(self.began)
            case = apply_for(self.session, tenant, submission_id, self.body.tenant_id, SCOPE, self.signatory, at)
            self.session.flush()
            return case.id

    def _accept(self) -> None:
        with self._as(self.body.tenant_id) as case:
            move(self.session, case, "accept", self.body.manager, self.on("accept"))

    def _plan(self) -> None:
        clock, manager = self.on("plan"), self.body.manager
        first = self.on("begin").today()
        with self._as(self.body.tenant_id) as case:
            assign(self.session, case, self.body.reviewer.user_id or 0, "lead", manager, clock)
            set_plan(self.session, case, Plan("on_site", first, first + timedelta(days=20)), manager, clock)
            record_seed(self.session, case, manager, clock)
            draw(self.session, case, manager, clock)
            move(self.session, case, "plan", manager, clock)

    def _begin(self) -> None:
        clock = self.on("begin")
        with self._as(self.client_id) as case:
            for row in assignments_of(self.session, case):
                declare_independence(self.session, case, row, INDEPENDENT, clock)
            move(self.session, case, "begin", self.body.reviewer, clock)

    @contextmanager
    def _file(self, clock: Clock) -> Iterator[ReviewFile]:
        """The review file, opened at the door of the enterprise as the reviewer opens it."""
        self.session.flush()
        access = open_tenant(self.session, self.client_id, self.body.reviewer.user_id, clock)
        with self._as(self.client_id):
            yield open_review(self.session, access, self.case_id, clock)

    def _judge(self, *, everything: bool) -> None:
        """All of the sample, or the first half of it while the reviewer is still on site."""
        clock = self.on("judge")
        with self._file(clock) as opened:
            names = list(opened.items)
            for name in names if everything else names[: len(names) // 2]:
                if opened.items[name].verdict is None:
                    judge(self.session, opened, name, _confirmed(opened, name), self.body.reviewer, clock)
            if everything:
                complete_review(self.session, opened, self.body.reviewer, clock)

    def _correct(self) -> None:
        """One answer is not evidenced: a finding, and the letter that asks for its correction."""
        clock = self.on("letter")
        with self._file(clock) as opened:
            for number, name in enumerate(opened.items):
                given = _confirmed(opened, name) if number else Verdict("not_evidenced", "现场未能提供台账。", {}, 0)
                judge(self.session, opened, name, given, self.body.reviewer, clock)
            draft_findings(self.session, opened, _found, self.body.reviewer, clock)
            move(self.session, opened.case, "send_letter", self.body.reviewer, clock)

    def _recommend(self) -> None:
        with self._as(self.client_id) as case:
            move(self.session, case, "recommend", self.body.reviewer, self.on("recommend"), reason="certify")

    def _decide(self) -> None:
        with self._as(self.body.tenant_id) as case:
            move(self.session, case, "decide_certify", self.body.manager, self.on("decide"))


def _confirmed(opened: ReviewFile, name: str) -> Verdict:
    return Verdict("confirmed", "现场核对台账与系统记录，属实。", {}, opened.items[name].version)


def _found(item: CaseItem) -> str:
    """How the reviewer words the finding."""
    return f"所填内容缺少证据支持：{item.note}"


def stand_apart(session: Session, clock: Clock) -> bool:
    """Suspend one certificate of the demonstration and withdraw another; False while they are still being made."""
    query = (
        select(Certificate).where(Certificate.is_synthetic).order_by(Certificate.first_issued_on, Certificate.number)
    )
    found = list(session.scalars(query))
    if len(found) < 1 + len(STANDINGS) or any(item.status == "issuing" for item in found):
        return False
    for certificate, (kind, reason, note) in zip(_others(session, found), STANDINGS, strict=False):
        if certificate.status == "valid":
            owner = _manager(session, certificate.body_id)
            change_standing(session, certificate, kind, owner, clock, reason=reason, note=note)
    return True


def _others(session: Session, found: Sequence[Certificate]) -> list[Certificate]:
    """Those of enterprises that nobody signs in to."""
    mine = set(session.scalars(select(Membership.tenant_id)))
    return [item for item in found if item.client_id not in mine]


def _manager(session: Session, body_id: uuid.UUID) -> Actor:
    query = select(User).join(Membership, Membership.user_id == User.id)
    user = session.scalars(query.where(Membership.tenant_id == body_id, Membership.role == "owner")).one()
    return Actor(user.id, user.name, "body", body_id)
