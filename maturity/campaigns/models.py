"""What a regulator owns: its profile, its campaigns, whom they invite; and what an invited enterprise has of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from maturity.clock import LOCAL
from maturity.db import Base, TenantScoped, UtcDateTime

STATES = ("draft", "open", "extended", "closed")
#: How far an invited enterprise is; each one has passed through those before it.
STEPS = ("invited", "started", "submitted", "reviewed")
SIZES = ("large", "medium", "small", "micro")
_ON_CAMPAIGN = (["tenant_id", "campaign_id"], ["campaigns.tenant_id", "campaigns.id"])


class Regulator(TenantScoped, Base):
    """Where a regulator has a say, as the operator recorded it; `region` is empty for the whole country."""

    __tablename__ = "regulators"

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    region: Mapped[str] = mapped_column(Text, default="")  # a code of GB/T 2260
    #: Whether it prepares and reviews releases of benchmarks.
    releases: Mapped[bool] = mapped_column(default=False, server_default=false())
    office: Mapped[str] = mapped_column(Text, default="")  # what stands under letters and reports
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RegulatorPark(TenantScoped, Base):
    """An industrial park of the regulator's, in one city."""

    __tablename__ = "regulator_parks"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(Text)
    city: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Campaign(TenantScoped, Base):
    """A call to the enterprises of a place to assess themselves under one framework for one period, until a day.

    `region` is empty for the whole country, a code, `g:` and a group of provinces, or `p:` and the id of a park.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint(f"state in {STATES}", name="state_is_known"),
        CheckConstraint("(state = 'draft') = (opened_at is null)", name="what_is_open_says_since_when"),
        CheckConstraint("(state = 'closed') = (closed_at is not null)", name="what_is_closed_says_since_when"),
        CheckConstraint("quota is null or quota between 1 and 100", name="quota_is_a_percentage"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    title: Mapped[str] = mapped_column(Text)
    framework: Mapped[str] = mapped_column(Text)
    period: Mapped[int]
    region: Mapped[str] = mapped_column(Text)
    industries: Mapped[list[str]] = mapped_column(JSON)  # divisions; all of them where it is empty
    sizes: Mapped[list[str]] = mapped_column(JSON)
    #: The share of the list, in percent, that every city and every industry should bring to submit.
    quota: Mapped[int | None]
    reminders: Mapped[list[int]] = mapped_column(JSON)  # days before the deadline
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)  # the end of the deadline's day, or when it was ended
    state: Mapped[str] = mapped_column(Text, default="draft", index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_on: Mapped[date | None]  # the day of the last reminder to those who lag

    @property
    def deadline(self) -> date:
        """The last day on which a submission counts."""
        return (self.closes_at - timedelta(seconds=1)).astimezone(LOCAL).date()

    @property
    def is_running(self) -> bool:
        return self.state in ("open", "extended")


class CampaignQuota(TenantScoped, Base):
    """What one city, one industry or both together should bring; an empty one stands for all of them."""

    __tablename__ = "campaign_quotas"
    __table_args__ = (
        ForeignKeyConstraint(*_ON_CAMPAIGN),
        CheckConstraint("kind in ('number', 'share')", name="kind_is_known"),
        CheckConstraint("amount >= 1 and (kind = 'number' or amount <= 100)", name="amount_is_sensible"),
        CheckConstraint("city <> '' or industry <> ''", name="it_is_about_something"),
    )

    campaign_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    city: Mapped[str] = mapped_column(Text, primary_key=True)
    industry: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]


class CampaignInvitee(TenantScoped, Base):
    """One enterprise on the regulator's list, and how far it is: never an answer and never a score."""

    __tablename__ = "campaign_invitees"
    __table_args__ = (
        ForeignKeyConstraint(*_ON_CAMPAIGN),
        UniqueConstraint("tenant_id", "campaign_id", "uscc"),
        CheckConstraint(f"state in {STEPS}", name="state_is_known"),
        CheckConstraint(
            "state not in ('started', 'submitted') or started_at is not null", name="who_started_has_a_day"
        ),
        CheckConstraint("(state in ('submitted', 'reviewed')) = (submitted_at is not null)", name="a_result_has_a_day"),
        CheckConstraint("(state = 'reviewed') = (reviewed_at is not null)", name="a_review_has_a_day"),
        Index(None, "campaign_id", "state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    campaign_id: Mapped[uuid.UUID]
    uscc: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    city: Mapped[str] = mapped_column(Text)
    county: Mapped[str] = mapped_column(Text, default="")
    industry: Mapped[str] = mapped_column(Text)
    size: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    mobile: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(Text, default="invited")
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the invitation was posted
    code_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # how long the code of the last letter is good
    reminded_on: Mapped[date | None]


class CampaignExtension(TenantScoped, Base):
    """A deadline that was moved, and why; the history is kept."""

    __tablename__ = "campaign_extensions"
    __table_args__ = (
        ForeignKeyConstraint(*_ON_CAMPAIGN),
        CheckConstraint("after > before", name="it_is_later"),
        CheckConstraint("reason <> ''", name="it_has_a_reason"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    campaign_id: Mapped[uuid.UUID] = mapped_column(index=True)
    before: Mapped[date]
    after: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    extended_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    extended_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CampaignUpload(TenantScoped, Base):
    """A list that was uploaded and read and is still to be taken in; the next one replaces it."""

    __tablename__ = "campaign_uploads"
    __table_args__ = (ForeignKeyConstraint(*_ON_CAMPAIGN),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    campaign_id: Mapped[uuid.UUID] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(Text)  # of the file
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # see maturity.campaigns.lists
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CampaignCall(TenantScoped, Base):
    """What a claimed enterprise has of a campaign that invites it: a row of its own, written by the worker.

    The regulator's rows stay with the regulator; the ids of both are kept without a reference across the wall.
    """

    __tablename__ = "campaign_calls"
    __table_args__ = (UniqueConstraint("tenant_id", "campaign_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    campaign_id: Mapped[uuid.UUID] = mapped_column(index=True)
    regulator: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    framework: Mapped[str] = mapped_column(Text)
    period: Mapped[int]
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    called_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def deadline(self) -> date:
        return (self.closes_at - timedelta(seconds=1)).astimezone(LOCAL).date()
