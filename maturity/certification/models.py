"""Cases of certification. Each row belongs to two tenants, the enterprise that applied and the body that reviews.

Both see it and nobody else does (`maturity.walls`); as with grants, every query names the side it works for. Names are
kept as they were, because neither side sees the other's tenant or people.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maturity.audit.append_only import refuse_changes
from maturity.db import Base, TenantScoped, UtcDateTime

KINDS = ("initial", "change", "renewal")
STATES = (
    "applied",
    "accepted",
    "planned",
    "reviewing",
    "correcting",
    "recommended",
    "certified",
    "refused",
    "rejected",
    "failed",
    "withdrawn",
)
#: From these nothing leads on.
OVER = ("certified", "refused", "rejected", "failed", "withdrawn")
SIDES = ("enterprise", "body", "clock", "operator")
VERDICTS = ("confirmed", "corrected", "not_evidenced")
#: Why an answer is in the sample: what it weighs on the level, that it looks implausible, by lot, or by hand.
REASONS = ("weight", "implausible", "random", "chosen")
GRADES = ("major", "minor", "observation")
FINDING_STATES = ("draft", "open", "answered", "closed")
INTERESTS = ("employment", "consulting", "ownership", "family", "other")
#: Why somebody may not review: they advised the enterprise, belong or belonged to it or its group, or declared an
#: interest; or the body itself did, or somebody who owns it.
CONFLICTS = ("consulted", "belonged", "group", "declared", "body_consulted", "body_linked", "body_declared")
_RUNNING = text(f"state not in {OVER}")


class CertificationCase(Base):
    """One application for one submitted assessment. `due_on` is the last day of the step under way."""

    __tablename__ = "certification_cases"
    __table_args__ = (
        ForeignKeyConstraint(["client_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
        ForeignKeyConstraint(["client_id", "submission_id"], ["submissions.tenant_id", "submissions.id"]),
        UniqueConstraint("client_id", "body_id", "id"),
        CheckConstraint(f"kind in {KINDS}", name="kind_is_known"),
        CheckConstraint(f"state in {STATES}", name="state_is_known"),
        CheckConstraint(f"(state in {OVER}) = (closed_at is not null)", name="what_is_over_says_when"),
        CheckConstraint("state <> 'certified' or decided_by is not null", name="what_is_certified_was_decided"),
        CheckConstraint("decided_by is null or decided_by <> recommended_by", name="two_people"),
        CheckConstraint(
            "recommended_at is null or reviewed_sha256 is not null", name="what_is_recommended_was_reviewed"
        ),
        Index(
            "uq_certification_cases_running",
            "client_id",
            "framework",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    kind: Mapped[str] = mapped_column(Text, default="initial")
    #: The certificate that a change or renewal is to follow.
    certificate_id: Mapped[uuid.UUID | None]
    #: Empty once the enterprise has had its data deleted; what was certified stays in the certificate.
    assessment_id: Mapped[uuid.UUID | None]
    submission_id: Mapped[uuid.UUID | None]
    submission_sha256: Mapped[str] = mapped_column(Text)
    framework: Mapped[str] = mapped_column(Text)
    edition: Mapped[str] = mapped_column(Text)
    period: Mapped[int]
    client_name: Mapped[str] = mapped_column(Text)
    uscc: Mapped[str] = mapped_column(Text)
    industry: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    body_name: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(
        Text
    )  # business and places the certificate is to cover, in the applicant's words
    level_claimed: Mapped[int]
    state: Mapped[str] = mapped_column(Text, default="applied", index=True)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None] = mapped_column(index=True)
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The plan: where and between which days it is reviewed, and the seed the sample was drawn with.
    place: Mapped[str | None] = mapped_column(Text)  # remote, on_site, both
    review_from: Mapped[date | None]
    review_until: Mapped[date | None]
    seed: Mapped[str | None] = mapped_column(Text)
    sample_rules: Mapped[str | None] = mapped_column(Text)
    #: The result with the reviewers' corrections, in canonical JSON of the submission's format.
    reviewed_document: Mapped[str | None] = mapped_column(Text)
    reviewed_sha256: Mapped[str | None] = mapped_column(Text)
    level_reviewed: Mapped[int | None]
    weight_reviewed: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))  # percent of the weight, the rest declared
    recommendation: Mapped[str | None] = mapped_column(Text)  # certify, refuse
    recommended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recommended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_over(self) -> bool:
        return self.state in OVER


class CaseStep(Base):
    """Every step of a case, append-only: who did it, for which side, from where to where, and why."""

    __tablename__ = "case_steps"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
        ),
        CheckConstraint(f"side in {SIDES}", name="side_is_known"),
        CheckConstraint("side = 'clock' or actor_name is not null", name="a_person_has_a_name"),
        UniqueConstraint("case_id", "position"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    position: Mapped[int]
    event: Mapped[str] = mapped_column(Text)
    from_state: Mapped[str] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)  # a code of the process
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


refuse_changes(CaseStep.__table__, "id")


class CaseItem(Base):
    """One answer to be verified, why it was drawn, and what the reviewer found. `version` counts its saves."""

    __tablename__ = "case_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
        ),
        CheckConstraint(f"reason in {REASONS}", name="reason_is_known"),
        CheckConstraint(f"verdict in {VERDICTS}", name="verdict_is_known"),
        CheckConstraint("(verdict is null) = (judged_at is null)", name="what_is_judged_says_when"),
        CheckConstraint("verdict is null or verdict = 'confirmed' or note <> ''", name="what_is_changed_says_why"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(Text)
    chosen_because: Mapped[str | None] = mapped_column(Text)  # of what was added by hand
    weight: Mapped[Decimal] = mapped_column(Numeric(6, 3))  # percent of the whole that the answer weighs
    verdict: Mapped[str | None] = mapped_column(Text)
    #: The facts as they should be, where they were corrected; JSON as answers hold them.
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=0)
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    judged_name: Mapped[str | None] = mapped_column(Text)
    judged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Finding(Base):
    """A non-conformity: what is wrong, until when it is to be put right, what was answered, and whether that held."""

    __tablename__ = "case_findings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
        ),
        UniqueConstraint("case_id", "number"),
        CheckConstraint(f"grade in {GRADES}", name="grade_is_known"),
        CheckConstraint(f"state in {FINDING_STATES}", name="state_is_known"),
        CheckConstraint("(state = 'closed') = (closed_at is not null)", name="what_is_closed_says_when"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    number: Mapped[int]
    question_id: Mapped[str | None] = mapped_column(Text)
    grade: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="draft")
    due_on: Mapped[date | None]
    raised_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    raised_name: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_name: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closing: Mapped[str] = mapped_column(Text, default="")
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


RECOGNITIONS = ("recognised", "suspended", "withdrawn")
COMPLAINTS = ("appeal", "complaint")
OUTCOMES = ("upheld", "partly", "dismissed")
REMINDED = ("case", "surveillance", "expiry", "suspension", "complaint")


class CertificationBody(Base):
    """What the operator recognised a certification body for. Everybody may know it, so that one can be chosen."""

    __tablename__ = "certification_bodies"
    __table_args__ = (CheckConstraint(f"status in {RECOGNITIONS}", name="status_is_known"),)

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    #: Of the demonstration: it certifies synthetic enterprises and nobody else.
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text, unique=True)  # of its approval, as the authority wrote it
    contact: Mapped[str] = mapped_column(Text, default="")  # how an applicant reaches it, for everybody to read
    frameworks: Mapped[list[str]] = mapped_column(JSON)
    levels: Mapped[list[int]] = mapped_column(JSON)
    until: Mapped[date]  # the last day on which it may certify
    status: Mapped[str] = mapped_column(Text, default="recognised")
    status_reason: Mapped[str] = mapped_column(Text, default="")
    recognised_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recognised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Surveillance(Base):
    """One yearly surveillance of a certificate: the last day for it, and what came of it."""

    __tablename__ = "surveillances"
    __table_args__ = (
        UniqueConstraint("certificate_id", "number"),
        CheckConstraint("(done_on is null) = (done_name is null)", name="what_is_done_says_by_whom"),
        CheckConstraint("done_on is null or note <> ''", name="what_is_done_says_what"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), index=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    number: Mapped[int]
    due_on: Mapped[date] = mapped_column(index=True)
    done_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    done_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    done_name: Mapped[str | None] = mapped_column(Text)
    missed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Complaint(Base):
    """What an enterprise brings against a decision (an appeal, for the body) or the body itself (for the operator)."""

    __tablename__ = "certification_complaints"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
        ),
        CheckConstraint(f"kind in {COMPLAINTS}", name="kind_is_known"),
        CheckConstraint(f"outcome in {OUTCOMES}", name="outcome_is_known"),
        CheckConstraint("(outcome is null) = (answered_at is null)", name="what_is_answered_says_when"),
        CheckConstraint("outcome is null or answer <> ''", name="what_is_answered_says_why"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_name: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_name: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CertificationReminder(Base):
    """That the clock has reminded of a day; there can be no second one of the same day and distance."""

    __tablename__ = "certification_reminders"
    __table_args__ = (CheckConstraint(f"subject in {REMINDED}", name="subject_is_known"),)

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


# Who reviews: rows of the certification body


class ReviewerQualification(TenantScoped, Base):
    """What a reviewer of a certification body may review, by a certificate of their own, until a day.

    A row is never changed: what was wrong is withdrawn and entered anew, so that every review keeps its ground.
    """

    __tablename__ = "reviewer_qualifications"
    __table_args__ = (
        CheckConstraint("highest_level between 1 and 9", name="level_is_known"),
        CheckConstraint("(withdrawn_at is null) = (withdrawn_by is null)", name="what_is_withdrawn_says_by_whom"),
        Index(None, "tenant_id", "user_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    #: Divisions of the classification of industries, two digits each, and frameworks by id.
    divisions: Mapped[list[str]] = mapped_column(JSON)
    frameworks: Mapped[list[str]] = mapped_column(JSON)
    highest_level: Mapped[int]
    certificate_number: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReviewerInterest(TenantScoped, Base):
    """An interest in an enterprise that a person of the body declared, or the body for itself where no person is named.

    `until` is the last day of what it came from; without one it lasts.
    """

    __tablename__ = "reviewer_interests"
    __table_args__ = (
        CheckConstraint(f"kind in {INTERESTS}", name="kind_is_known"),
        Index(None, "tenant_id", "uscc"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    uscc: Mapped[str] = mapped_column(Text)
    enterprise: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    until: Mapped[date | None]
    declared_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReviewRefusal(TenantScoped, Base):
    """Somebody, or the whole body, was refused a case for a conflict of interest: what it was and when it came out."""

    __tablename__ = "review_refusals"
    __table_args__ = (
        CheckConstraint("stage in ('apply', 'assign', 'open')", name="stage_is_known"),
        CheckConstraint(f"code in {CONFLICTS}", name="code_is_known"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    case_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    client_name: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    user_name: Mapped[str | None] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    #: The last day of what the conflict comes from, where it is known.
    until: Mapped[date | None]
    refused_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class IndependenceDeclaration(Base):
    """What somebody declared in words before the file of a case opened to them; append-only, seen by both sides."""

    __tablename__ = "independence_declarations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review_assignments.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user_name: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


refuse_changes(IndependenceDeclaration.__table__, "id")
