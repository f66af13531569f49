"""campaigns: what a regulator owns and whom it invites, and what an invited enterprise has of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    _create_campaign_calls()
    _create_campaigns()
    _create_regulator_parks()
    _create_regulators()
    _create_campaign_extensions()
    _create_campaign_invitees()
    _create_campaign_quotas()
    _create_campaign_uploads()


def _create_campaign_calls() -> None:
    op.create_table(
        "campaign_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("regulator", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("framework", sa.Text(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_campaign_calls_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_calls")),
        sa.UniqueConstraint("tenant_id", "campaign_id", name=op.f("uq_campaign_calls_tenant_id_campaign_id")),
    )
    op.create_index(op.f("ix_campaign_calls_campaign_id"), "campaign_calls", ["campaign_id"])
    op.create_index(op.f("ix_campaign_calls_tenant_id"), "campaign_calls", ["tenant_id"])


def _create_campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("framework", sa.Text(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("industries", sa.JSON(), nullable=False),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("reminders", sa.JSON(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at is not null)", name=op.f("ck_campaigns_what_is_closed_says_since_when")
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (opened_at is null)", name=op.f("ck_campaigns_what_is_open_says_since_when")
        ),
        sa.CheckConstraint(
            "state in ('draft', 'open', 'extended', 'closed')", name=op.f("ck_campaigns_state_is_known")
        ),
        sa.CheckConstraint("quota is null or quota between 1 and 100", name=op.f("ck_campaigns_quota_is_a_percentage")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_campaigns_created_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_campaigns_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_campaigns_tenant_id_id")),
    )
    op.create_index(op.f("ix_campaigns_state"), "campaigns", ["state"])
    op.create_index(op.f("ix_campaigns_tenant_id"), "campaigns", ["tenant_id"])


def _create_regulator_parks() -> None:
    op.create_table(
        "regulator_parks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_regulator_parks_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regulator_parks")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_regulator_parks_tenant_id_name")),
    )
    op.create_index(op.f("ix_regulator_parks_tenant_id"), "regulator_parks", ["tenant_id"])


def _create_regulators() -> None:
    op.create_table(
        "regulators",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("releases", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_regulators_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_regulators")),
    )


def _create_campaign_extensions() -> None:
    op.create_table(
        "campaign_extensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("extended_by", sa.Integer(), nullable=True),
        sa.Column("extended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_campaign_extensions_it_has_a_reason")),
        sa.CheckConstraint("after > before", name=op.f("ck_campaign_extensions_it_is_later")),
        sa.ForeignKeyConstraint(["extended_by"], ["users.id"], name=op.f("fk_campaign_extensions_extended_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaigns.tenant_id", "campaigns.id"],
            name=op.f("fk_campaign_extensions_tenant_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_campaign_extensions_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_extensions")),
    )
    op.create_index(op.f("ix_campaign_extensions_campaign_id"), "campaign_extensions", ["campaign_id"])
    op.create_index(op.f("ix_campaign_extensions_tenant_id"), "campaign_extensions", ["tenant_id"])


def _create_campaign_invitees() -> None:
    op.create_table(
        "campaign_invitees",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("mobile", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'reviewed') = (reviewed_at is not null)", name=op.f("ck_campaign_invitees_a_review_has_a_day")
        ),
        sa.CheckConstraint(
            "(state in ('submitted', 'reviewed')) = (submitted_at is not null)",
            name=op.f("ck_campaign_invitees_a_result_has_a_day"),
        ),
        sa.CheckConstraint(
            "state in ('invited', 'started', 'submitted', 'reviewed')", name=op.f("ck_campaign_invitees_state_is_known")
        ),
        sa.CheckConstraint(
            "state not in ('started', 'submitted') or started_at is not null",
            name=op.f("ck_campaign_invitees_who_started_has_a_day"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaigns.tenant_id", "campaigns.id"],
            name=op.f("fk_campaign_invitees_tenant_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_campaign_invitees_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_invitees")),
        sa.UniqueConstraint(
            "tenant_id", "campaign_id", "uscc", name=op.f("uq_campaign_invitees_tenant_id_campaign_id_uscc")
        ),
    )
    op.create_index(op.f("ix_campaign_invitees_campaign_id_state"), "campaign_invitees", ["campaign_id", "state"])
    op.create_index(op.f("ix_campaign_invitees_tenant_id"), "campaign_invitees", ["tenant_id"])
    op.create_index(op.f("ix_campaign_invitees_uscc"), "campaign_invitees", ["uscc"])


def _create_campaign_quotas() -> None:
    op.create_table(
        "campaign_quotas",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "amount >= 1 and (kind = 'number' or amount <= 100)", name=op.f("ck_campaign_quotas_amount_is_sensible")
        ),
        sa.CheckConstraint("city <> '' or industry <> ''", name=op.f("ck_campaign_quotas_it_is_about_something")),
        sa.CheckConstraint("kind in ('number', 'share')", name=op.f("ck_campaign_quotas_kind_is_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaigns.tenant_id", "campaigns.id"],
            name=op.f("fk_campaign_quotas_tenant_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_campaign_quotas_tenant_id")),
        sa.PrimaryKeyConstraint("campaign_id", "city", "industry", name=op.f("pk_campaign_quotas")),
    )
    op.create_index(op.f("ix_campaign_quotas_tenant_id"), "campaign_quotas", ["tenant_id"])


def _create_campaign_uploads() -> None:
    op.create_table(
        "campaign_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaigns.tenant_id", "campaigns.id"],
            name=op.f("fk_campaign_uploads_tenant_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_campaign_uploads_tenant_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_campaign_uploads_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_uploads")),
    )
    op.create_index(op.f("ix_campaign_uploads_campaign_id"), "campaign_uploads", ["campaign_id"])
    op.create_index(op.f("ix_campaign_uploads_tenant_id"), "campaign_uploads", ["tenant_id"])


def downgrade() -> None:
    for name in (
        "campaign_uploads",
        "campaign_quotas",
        "campaign_invitees",
        "campaign_extensions",
        "regulators",
        "regulator_parks",
        "campaigns",
        "campaign_calls",
    ):
        op.drop_table(name)
