"""claims: who proved to speak for an enterprise; at most one claimed enterprise for each credit code"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

STATES = "('review', 'proved', 'confirmed', 'handed_over', 'refused', 'withdrawn')"
OPEN = sa.text("state in ('review', 'proved')")
CLAIMED = sa.text("claimed_at is not null")


def upgrade() -> None:
    op.create_index(
        "uq_enterprises_claimed",
        "enterprises",
        ["uscc"],
        unique=True,
        sqlite_where=CLAIMED,
        postgresql_where=CLAIMED,
    )
    _create_claims()
    _create_licences()
    _create_disputes()
    _create_records()
    _create_codes()
    _create_domains()


def _create_claims() -> None:
    op.create_table(
        "claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "method in ('invitation_code', 'licence', 'domain')", name=op.f("ck_claims_method_is_known")
        ),
        sa.CheckConstraint(f"state in {STATES}", name=op.f("ck_claims_state_is_known")),
        sa.CheckConstraint("(proved_at is null) = (due_at is null)", name=op.f("ck_claims_what_is_proved_has_a_day")),
        sa.CheckConstraint(
            "state <> 'review' or proved_at is null", name=op.f("ck_claims_what_is_reviewed_is_not_proved")
        ),
        sa.CheckConstraint(
            "state not in ('proved', 'confirmed') or proved_at is not null",
            name=op.f("ck_claims_no_claim_without_proof"),
        ),
        sa.CheckConstraint(
            "(state in ('review', 'proved')) = (ended_at is null)", name=op.f("ck_claims_what_is_over_has_an_end")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "enterprise_id"],
            ["enterprises.tenant_id", "enterprises.id"],
            name=op.f("fk_claims_tenant_id_enterprise_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_claims_tenant_id")),
        sa.ForeignKeyConstraint(["claimed_by"], ["users.id"], name=op.f("fk_claims_claimed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_claims_tenant_id_id")),
    )
    op.create_index(op.f("ix_claims_uscc"), "claims", ["uscc"])
    op.create_index(op.f("ix_claims_tenant_id"), "claims", ["tenant_id"])
    op.create_index(op.f("ix_claims_state_started_at"), "claims", ["state", "started_at"])
    op.create_index("uq_claims_open", "claims", ["tenant_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def _create_licences() -> None:
    op.create_table(
        "claim_licences",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("scan_attempts", sa.Integer(), nullable=False),
        sa.Column("has_preview", sa.Boolean(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('waiting', 'unscanned', 'clean', 'infected')", name=op.f("ck_claim_licences_state_is_known")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_claim_licences_size_is_positive")),
        sa.CheckConstraint(
            "state <> 'infected' or erased_at is not null", name=op.f("ck_claim_licences_what_is_infected_is_erased")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "claim_id"],
            ["claims.tenant_id", "claims.id"],
            name=op.f("fk_claim_licences_tenant_id_claim_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_claim_licences_tenant_id")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_licences")),
    )
    op.create_index(op.f("ix_claim_licences_tenant_id"), "claim_licences", ["tenant_id"])


def _create_disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "decision in ('upheld', 'handed_over', 'dropped')", name=op.f("ck_disputes_decision_is_known")
        ),
        sa.CheckConstraint("(decision is null) = (decided_at is null)", name=op.f("ck_disputes_a_decision_has_a_day")),
        sa.CheckConstraint("decision is null or reason is not null", name=op.f("ck_disputes_a_decision_has_a_reason")),
        sa.CheckConstraint("(answer is null) = (answered_at is null)", name=op.f("ck_disputes_an_answer_has_a_day")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_disputes_tenant_id")),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_disputes_answered_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_disputes_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("tenant_id", "claim_id", name=op.f("uq_disputes_tenant_id_claim_id")),
    )
    op.create_index(op.f("ix_disputes_tenant_id"), "disputes", ["tenant_id"])
    op.create_index(op.f("ix_disputes_claim_id"), "disputes", ["claim_id"])


def _create_records() -> None:
    op.create_table(
        "claim_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_claim_records_tenant_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_claim_records_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_records")),
    )
    op.create_index(op.f("ix_claim_records_tenant_id"), "claim_records", ["tenant_id"])
    op.create_index(op.f("ix_claim_records_claim_id"), "claim_records", ["claim_id"])


def _create_codes() -> None:
    op.create_table(
        "claim_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("used_at is null or revoked_at is null", name=op.f("ck_claim_codes_used_or_taken_back")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_claim_codes_tenant_id")),
        sa.ForeignKeyConstraint(["issued_by"], ["users.id"], name=op.f("fk_claim_codes_issued_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_claim_codes_code_hash")),
    )
    op.create_index(op.f("ix_claim_codes_tenant_id"), "claim_codes", ["tenant_id"])
    op.create_index(op.f("ix_claim_codes_uscc"), "claim_codes", ["uscc"])


def _create_domains() -> None:
    op.create_table(
        "enterprise_domains",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_enterprise_domains_tenant_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_enterprise_domains_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_domains")),
        sa.UniqueConstraint("tenant_id", "uscc", "domain", name=op.f("uq_enterprise_domains_tenant_id_uscc_domain")),
    )
    op.create_index(op.f("ix_enterprise_domains_tenant_id"), "enterprise_domains", ["tenant_id"])
    op.create_index(op.f("ix_enterprise_domains_uscc"), "enterprise_domains", ["uscc"])


def downgrade() -> None:
    """Enterprises stay claimed; the licences in the data folder are orphans then."""
    op.execute("delete from jobs where kind in ('claim_licence', 'claim_examined', 'claim_due', 'claim_forgotten')")
    for name in ("enterprise_domains", "claim_codes", "claim_records", "disputes", "claim_licences", "claims"):
        op.drop_table(name)
    op.drop_index("uq_enterprises_claimed", "enterprises")
