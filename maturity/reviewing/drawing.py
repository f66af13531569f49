"""Drawing the sample of a case: the seed first, on record, and then what it draws and nothing else.

The seed comes from the machine's random source once, and the caller commits it before anything is drawn by it, so that
nobody can look at a sample and throw it away for another. The enterprise gets its hash at once and the seed with the
minutes: it can check that none was exchanged, and cannot work out beforehand what will be asked for. Anybody of the
body can draw the sample again and compare.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.certification.cases import Actor
from maturity.certification.models import CaseItem, CertificationCase
from maturity.certification.sampling import (
    CURRENT,
    Candidate,
    Sampled,
    by_severity,
    candidates_of,
    plan_sample,
    rules_of,
    weights_of,
)
from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.reviewing.opened import ReviewFile, Submitted, hold, items_of, submitted_of

#: In these the sample is drawn: the case is accepted, and nothing has been looked at yet.
DRAWN_IN = ("accepted", "planned")
LONGEST_REASON = 500
ZERO = Fraction(0)


def record_seed(session: Session, case: CertificationCase, actor: Actor, clock: Clock) -> str:
    """The seed of the case and the version of the rules, chosen by nobody; once there, they stay."""
    session.refresh(case, with_for_update=True)
    if case.seed is not None:
        return case.seed
    if case.state not in DRAWN_IN:
        raise Conflict("sample_too_late")
    case.seed, case.sample_rules = secrets.token_hex(32), CURRENT
    seed = case.seed
    _log(session, case, "review.seed_recorded", actor, clock, seed=seed, rules=CURRENT)
    sealed = hashlib.sha256(bytes.fromhex(seed)).hexdigest()
    _log_client(session, case, "review.seed_sealed", actor, clock, sealed=sealed, rules=CURRENT)
    return seed


def draw(session: Session, case: CertificationCase, actor: Actor, clock: Clock) -> int:
    """Draw by the seed that is on record; how many answers are in the sample."""
    session.refresh(case, with_for_update=True)
    if case.seed is None:
        raise Conflict("sample_without_seed")
    if case.state not in DRAWN_IN:
        raise Conflict("sample_too_late")
    if session.scalar(select(CaseItem.question_id).where(CaseItem.case_id == case.id).limit(1)) is not None:
        raise Conflict("sample_drawn_already")
    sample = drawn_again(session, case, submitted_of(session, case))
    session.add_all(
        CaseItem(
            case_id=case.id,
            client_id=case.client_id,
            body_id=case.body_id,
            question_id=item.question_id,
            reason=item.reason,
            weight=three_places(item.weight),
            version=0,
            note="",
        )
        for item in sample
    )
    _log(session, case, "review.drawn", actor, clock, answers=len(sample))
    _log_client(session, case, "review.drawn", actor, clock, answers=len(sample))
    return len(sample)


def drawn_again(session: Session, case: CertificationCase, submitted: Submitted) -> tuple[Sampled, ...]:
    """What the seed and the rules on record draw from what was submitted."""
    rules = rules_of(case.sample_rules or CURRENT)
    return plan_sample(_candidates(submitted, rules.version), rules, case.seed or "")


def _candidates(submitted: Submitted, version: str) -> tuple[Candidate, ...]:
    suspicion = by_severity(rules_of(version))
    return candidates_of(submitted.framework, submitted.profile, submitted.facts, submitted.on, suspicion)


@dataclass(frozen=True, slots=True)
class Compared:
    """The sample held against what the seed draws now: what is missing, and what was drawn otherwise."""

    missing: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return not self.missing and not self.foreign


def compare_sample(session: Session, case: CertificationCase) -> Compared:
    """Draw again and compare; answers added by hand stand beside the sample and are not of it."""
    submitted = submitted_of(session, case)
    drawn = {(item.question_id, item.reason) for item in drawn_again(session, case, submitted)}
    kept = {
        (item.question_id, item.reason)
        for item in items_of(session, case, submitted.framework).values()
        if item.reason != "chosen"
    }
    return Compared(tuple(sorted(name for name, _ in drawn - kept)), tuple(sorted(name for name, _ in kept - drawn)))


def add_by_hand(
    session: Session, opened: ReviewFile, question_id: str, reason: str, actor: Actor, clock: Clock
) -> None:
    """Verify one more answer, for a reason; nothing that was drawn can be taken out."""
    hold(session, opened)
    reason = reason.strip()
    if not reason:
        raise Invalid("item_reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid("item_reason_long")
    question = next((item for item in opened.submitted.answered() if item.id == question_id), None)
    if question is None:
        raise NotFound("question", question_id)
    if question_id in opened.items:
        raise Conflict("item_there_already")
    case = opened.case
    session.add(
        CaseItem(
            case_id=case.id,
            client_id=case.client_id,
            body_id=case.body_id,
            question_id=question_id,
            reason="chosen",
            weight=_weight_of(opened.submitted, question_id),
            note="",
            chosen_because=reason,
            version=0,
        )
    )
    forget_result(case)
    _log(session, case, "review.item_added", actor, clock, question=question_id)


def forget_result(case: CertificationCase) -> None:
    """A result that was completed does not hold any more once something of the review moves."""
    case.reviewed_document = case.reviewed_sha256 = case.level_reviewed = case.weight_reviewed = None


def _weight_of(submitted: Submitted, question_id: str) -> Decimal:
    weights = weights_of(submitted.framework, submitted.profile, submitted.on)
    total = sum((weights.get(question.id, ZERO) for question in submitted.answered()), ZERO)
    return three_places(100 * weights.get(question_id, ZERO) / total if total else ZERO)


def three_places(share: Fraction) -> Decimal:
    """
    >>> three_places(Fraction(200, 3))
    Decimal('66.667')
    """
    return Decimal(round(share * 1000)).scaleb(-3)


def _log(
    session: Session, case: CertificationCase, event: str, actor: Actor, clock: Clock, **details: str | int
) -> None:
    """Into the log of the body."""
    write_log(session, case, case.body_id, event, actor.user_id, clock, other=case.client_name, **details)


def _log_client(
    session: Session, case: CertificationCase, event: str, actor: Actor, clock: Clock, **details: str | int
) -> None:
    write_log(session, case, case.client_id, event, actor.user_id, clock, other=case.body_name, **details)


def write_log(
    session: Session,
    case: CertificationCase,
    tenant_id: uuid.UUID,
    event: str,
    actor_id: int | None,
    clock: Clock,
    **details: str | int,
) -> None:
    """Into the log of one side, from whichever side the session works."""
    session.flush()
    case_id = str(case.id)
    with for_tenant(session, tenant_id):
        record(session, clock, event, actor_id, tenant_id, case_id=case_id, **details)
        session.flush()
