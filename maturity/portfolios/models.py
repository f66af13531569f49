"""What a consultancy owns: the projection of its clients, and its views, tasks, notes, letters, plans and brand."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime


class PortfolioClient(TenantScoped, Base):
    """What the portfolio shows of a client, made by the worker from the client's own rows.

    The row belongs to a grant, not to the client alone: whoever reads it joins the grant and asks whether it is live
    (`maturity.portfolios.clients`), so that a grant taken back hides the row before the worker has deleted it.
    """

    __tablename__ = "portfolio_clients"
    __table_args__ = (
        UniqueConstraint("tenant_id", "client_id"),
        CheckConstraint("(level is null) = (period is null)", name="a_result_has_its_period"),
        CheckConstraint("(draft_id is null) = (fewest_left is null)", name="a_draft_has_its_progress"),
        CheckConstraint("fewest_left <= most_left", name="the_range_is_in_order"),
    )

    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grants.id"), primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    uscc: Mapped[str] = mapped_column(Text)
    industry: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    size: Mapped[str] = mapped_column(Text)
    result_id: Mapped[uuid.UUID | None]  # the assessment of the newest submitted result
    period: Mapped[int | None]
    level: Mapped[int | None]
    capability: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    outcome: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    change: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))  # of the capability since the year before
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    draft_id: Mapped[uuid.UUID | None]
    draft_period: Mapped[int | None]
    answered: Mapped[int | None]
    fewest_left: Mapped[int | None]
    most_left: Mapped[int | None]
    section_due_on: Mapped[date | None]  # the first day by which somebody was asked to answer what is still open
    last_active_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Every year's result, newest first: period, assessment, level, capability, outcome, change, scores by dimension.
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the reading of the client's rows began


class PortfolioView(TenantScoped, Base):
    """A saved view: the words of its address, for one person or for everybody of the consultancy."""

    __tablename__ = "portfolio_views"
    __table_args__ = (UniqueConstraint("tenant_id", "owner_id", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    is_shared: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PortfolioTask(TenantScoped, Base):
    """Something somebody of the consultancy has to do for a client."""

    __tablename__ = "portfolio_tasks"
    __table_args__ = (Index(None, "tenant_id", "client_id", "done_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"))
    title: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PortfolioNote(TenantScoped, Base):
    """A note on a client. A shared one has a copy under the same id in the client's own rows."""

    __tablename__ = "portfolio_notes"
    __table_args__ = (Index(None, "tenant_id", "client_id", "written_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"))
    body: Mapped[str] = mapped_column(Text)
    is_shared: Mapped[bool]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PortfolioReminder(TenantScoped, Base):
    """A letter to a client's people: one a day at most, which the key sees to."""

    __tablename__ = "portfolio_reminders"

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class PortfolioInvitation(TenantScoped, Base):
    """An enterprise asked by letter to let the consultancy in. Nothing here says whether the site knows it."""

    __tablename__ = "portfolio_invitations"
    __table_args__ = (UniqueConstraint("tenant_id", "uscc"), Index(None, "tenant_id", "sent_at"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    uscc: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ImprovementPlan(TenantScoped, Base):
    """One version of a client's improvement plan; the newest counts, the earlier ones stay."""

    __tablename__ = "improvement_plans"
    __table_args__ = (CheckConstraint("version >= 1", name="versions_start_at_one"),)

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)  # see maturity.portfolios.plans
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsultancyBrand(TenantScoped, Base):
    """Name and logo that stand on the consultancy's documents."""

    __tablename__ = "consultancy_brands"

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)  # PNG, made by us
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
