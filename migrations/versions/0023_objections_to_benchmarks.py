"""objections of enterprises to how they were placed or counted in a release, or to its figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

KNOWN = {
    "about_is_known": "about in ('placement', 'counting', 'figure')",
    "state_is_known": "state in ('open', 'answered', 'withdrawn')",
    "finding_is_known": "finding in ('founded', 'partly_founded', 'unfounded')",
    "what_is_answered_says_when": "(state = 'answered') = (answered_at is not null)",
    "what_is_answered_says_what": "state <> 'answered' or (finding is not null and answer is not null)",
    "what_is_withdrawn_says_when": "(state = 'withdrawn') = (withdrawn_at is not null)",
    "what_is_corrected_was_founded": "correction_id is null or finding <> 'unfounded'",
}


def upgrade() -> None:
    op.create_table(
        "objections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("figure", sa.Text(), server_default="", nullable=False),
        sa.Column("cell", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("correction_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_objections_{name}")) for name, rule in KNOWN.items()),
        sa.ForeignKeyConstraint(["release_id"], ["benchmark_releases.id"], name=op.f("fk_objections_release_id")),
        sa.ForeignKeyConstraint(["correction_id"], ["benchmark_releases.id"], name=op.f("fk_objections_correction_id")),
        sa.ForeignKeyConstraint(["raised_by"], ["users.id"], name=op.f("fk_objections_raised_by")),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_objections_answered_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_objections_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_tenant_id"), "objections", ["tenant_id"])
    op.create_index(op.f("ix_objections_release_id"), "objections", ["release_id"])
    op.create_index(op.f("ix_objections_state_due_on"), "objections", ["state", "due_on"])


def downgrade() -> None:
    op.drop_table("objections")
