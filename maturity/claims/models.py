"""Claims: how somebody proves to speak for an enterprise, what was decided, and what a rival's claim stirs up."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

METHODS = ("invitation_code", "licence", "domain")
#: waiting for the operator to look at the licence; proved and open to objections; and the four ways it ends
STATES = ("review", "proved", "confirmed", "handed_over", "refused", "withdrawn")
#: The incumbent stays; the enterprise goes to the rival; the rival's claim ended before anybody had to decide.
DECISIONS = ("upheld", "handed_over", "dropped")
_OPEN = text("state in ('review', 'proved')")


class Claim(TenantScoped, Base):
    """One attempt to prove control of a credit code. It says nothing of others who claim the same one: its tenant
    reads it.

    The code is kept as it was proved; an enterprise that changes its own meanwhile has proved nothing.
    """

    __tablename__ = "claims"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "enterprise_id"], ["enterprises.tenant_id", "enterprises.id"]),
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("method in ('invitation_code', 'licence', 'domain')", name="method_is_known"),
        CheckConstraint(f"state in {STATES}", name="state_is_known"),
        CheckConstraint("(proved_at is null) = (due_at is null)", name="what_is_proved_has_a_day"),
        CheckConstraint("state <> 'review' or proved_at is null", name="what_is_reviewed_is_not_proved"),
        CheckConstraint("state not in ('proved', 'confirmed') or proved_at is not null", name="no_claim_without_proof"),
        CheckConstraint("(state in ('review', 'proved')) = (ended_at is null)", name="what_is_over_has_an_end"),
        Index("uq_claims_open", "tenant_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(None, "state", "started_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    enterprise_id: Mapped[uuid.UUID]
    uscc: Mapped[str] = mapped_column(Text, index=True)
    method: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    claimed_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the time for objections is over
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told: Mapped[str | None] = mapped_column(Text)  # what the operator wrote to the claimant: about the licence alone


class ClaimLicence(TenantScoped, Base):
    """The business licence of a claim. The row outlives the bytes."""

    __tablename__ = "claim_licences"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
        CheckConstraint("state in ('waiting', 'unscanned', 'clean', 'infected')", name="state_is_known"),
        CheckConstraint("size > 0", name="size_is_positive"),
        CheckConstraint("state <> 'infected' or erased_at is not null", name="what_is_infected_is_erased"),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    finding: Mapped[str | None] = mapped_column(Text)
    scan_attempts: Mapped[int] = mapped_column(default=0)
    has_preview: Mapped[bool] = mapped_column(default=False)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def may_be_seen(self) -> bool:
        return self.state in ("clean", "unscanned") and self.erased_at is None


class Dispute(TenantScoped, Base):
    """Somebody else proved the code, too: the incumbent's row, which says nothing of who that is.

    `claim_id` is the rival's claim, of another tenant; no key ties the two, for a key would be a door in the wall.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        UniqueConstraint("tenant_id", "claim_id"),
        CheckConstraint(f"decision in {DECISIONS}", name="decision_is_known"),
        CheckConstraint("(decision is null) = (decided_at is null)", name="a_decision_has_a_day"),
        CheckConstraint("decision is null or reason is not null", name="a_decision_has_a_reason"),
        CheckConstraint("(answer is null) = (answered_at is null)", name="an_answer_has_a_day"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    claim_id: Mapped[uuid.UUID] = mapped_column(index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClaimRecord(TenantScoped, Base):
    """Why the operator decided a claim as it did: a row of the operator, which no claimant reads."""

    __tablename__ = "claim_records"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    claim_id: Mapped[uuid.UUID] = mapped_column(index=True)
    decision: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClaimCode(Base):
    """An invitation code for one credit code, sent to the enterprise by the tenant whose row this is.

    The letter alone holds the code; the row holds its hash. It is redeemed outside the issuer's tenant.
    """

    __tablename__ = "claim_codes"
    __table_args__ = (CheckConstraint("used_at is null or revoked_at is null", name="used_or_taken_back"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    uscc: Mapped[str] = mapped_column(Text, index=True)
    code_hash: Mapped[str] = mapped_column(Text, unique=True)
    sent_to: Mapped[str] = mapped_column(Text)  # the address on the enterprise's record, or how the code went there
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EnterpriseDomain(Base):
    """An internet domain that the operator knows to be an enterprise's: the operator's row, compared outside it."""

    __tablename__ = "enterprise_domains"
    __table_args__ = (UniqueConstraint("tenant_id", "uscc", "domain"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    uscc: Mapped[str] = mapped_column(Text, index=True)
    domain: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)  # where the operator has it from
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
