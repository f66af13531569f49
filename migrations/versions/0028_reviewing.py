"""reviewing: qualifications and interests of reviewers, refusals for conflicts, declarations of independence"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

CONFLICTS = "('consulted', 'belonged', 'group', 'declared', 'body_consulted', 'body_linked', 'body_declared')"
#: Rows of these are only ever added.
GUARDED = ("independence_declarations",)


def upgrade() -> None:
    _create_reviewer_qualifications()
    _create_reviewer_interests()
    _create_review_refusals()
    _create_independence_declarations()
    op.add_column("case_items", sa.Column("chosen_because", sa.Text(), nullable=True))
    _guard()


def _create_reviewer_qualifications() -> None:
    op.create_table(
        "reviewer_qualifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("divisions", sa.JSON(), nullable=False),
        sa.Column("frameworks", sa.JSON(), nullable=False),
        sa.Column("highest_level", sa.Integer(), nullable=False),
        sa.Column("certificate_number", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdrawn_by is null)",
            name=op.f("ck_reviewer_qualifications_what_is_withdrawn_says_by_whom"),
        ),
        sa.CheckConstraint("highest_level between 1 and 9", name=op.f("ck_reviewer_qualifications_level_is_known")),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_reviewer_qualifications_recorded_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_reviewer_qualifications_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reviewer_qualifications_user_id")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["users.id"], name=op.f("fk_reviewer_qualifications_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewer_qualifications")),
    )
    op.create_index(op.f("ix_reviewer_qualifications_tenant_id"), "reviewer_qualifications", ["tenant_id"])
    op.create_index(
        op.f("ix_reviewer_qualifications_tenant_id_user_id"), "reviewer_qualifications", ["tenant_id", "user_id"]
    )


def _create_reviewer_interests() -> None:
    op.create_table(
        "reviewer_interests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("uscc", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("declared_by", sa.Integer(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind in ('employment', 'consulting', 'ownership', 'family', 'other')",
            name=op.f("ck_reviewer_interests_kind_is_known"),
        ),
        sa.ForeignKeyConstraint(["declared_by"], ["users.id"], name=op.f("fk_reviewer_interests_declared_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_reviewer_interests_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reviewer_interests_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewer_interests")),
    )
    op.create_index(op.f("ix_reviewer_interests_tenant_id"), "reviewer_interests", ["tenant_id"])
    op.create_index(op.f("ix_reviewer_interests_tenant_id_uscc"), "reviewer_interests", ["tenant_id", "uscc"])


def _create_review_refusals() -> None:
    op.create_table(
        "review_refusals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("refused_by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"code in {CONFLICTS}", name=op.f("ck_review_refusals_code_is_known")),
        sa.CheckConstraint("stage in ('apply', 'assign', 'open')", name=op.f("ck_review_refusals_stage_is_known")),
        sa.ForeignKeyConstraint(["refused_by"], ["users.id"], name=op.f("fk_review_refusals_refused_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_review_refusals_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_review_refusals_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_refusals")),
    )
    op.create_index(op.f("ix_review_refusals_case_id"), "review_refusals", ["case_id"])
    op.create_index(op.f("ix_review_refusals_tenant_id"), "review_refusals", ["tenant_id"])


def _create_independence_declarations() -> None:
    op.create_table(
        "independence_declarations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
            name=op.f("fk_independence_declarations_client_id_body_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["review_assignments.id"], name=op.f("fk_independence_declarations_assignment_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_independence_declarations_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_independence_declarations")),
    )
    op.create_index(op.f("ix_independence_declarations_body_id"), "independence_declarations", ["body_id"])
    op.create_index(op.f("ix_independence_declarations_case_id"), "independence_declarations", ["case_id"])
    op.create_index(op.f("ix_independence_declarations_client_id"), "independence_declarations", ["client_id"])


def _guard() -> None:
    """As `maturity.audit.append_only` makes it with the tables."""
    if op.get_bind().dialect.name == "postgresql":
        for name in GUARDED:
            op.execute(
                f"create trigger {name}_append_only before update or delete or truncate on {name} "
                "for each statement execute function audit_refuse()"
            )
        return
    refuse = "begin select raise(abort, 'audit rows are only ever added'); end"
    for name in GUARDED:
        there = f"exists (select 1 from {name} where id = new.id)"  # noqa: S608  # our own names
        op.execute(f"create trigger {name}_no_update before update on {name} {refuse}")
        op.execute(f"create trigger {name}_no_delete before delete on {name} {refuse}")
        op.execute(f"create trigger {name}_no_replace before insert on {name} when {there} {refuse}")


def downgrade() -> None:
    op.drop_column("case_items", "chosen_because")
    for name in ("independence_declarations", "review_refusals", "reviewer_interests", "reviewer_qualifications"):
        op.drop_table(name)
