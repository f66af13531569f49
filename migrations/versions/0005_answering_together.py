"""who answers what, how answers came, comments, presence, reminders, the signature, and jobs for later"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SOURCE = "source in ('typed', 'excel', 'carried_over', 'api')"
OPEN = sa.text("state = 'open'")
ASSESSMENT = (["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"])


def upgrade() -> None:
    for name in ("answers", "answer_versions"):
        with op.batch_alter_table(name) as batch_op:
            batch_op.add_column(sa.Column("source", sa.Text(), nullable=False, server_default="typed"))
            batch_op.create_check_constraint(op.f(f"ck_{name}_source_is_known"), SOURCE)
        with op.batch_alter_table(name) as batch_op:
            batch_op.alter_column("source", server_default=None)
    op.create_index(op.f("ix_answer_versions_assessment_id_saved_at"), "answer_versions", ["assessment_id", "saved_at"])
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    _create_assignments()
    _create_comments()
    _table(
        "presences",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        people=("user_id",),
        key=("assessment_id", "user_id"),
    )
    _table(
        "reminders",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_by", sa.Integer(), nullable=True),
        people=("user_id", "sent_by"),
        key=("assessment_id", "user_id", "day"),
    )


def _create_assignments() -> None:
    _table(
        "section_assignments",
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("assigned_by", sa.Integer(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        people=("user_id", "assigned_by"),
        key=("assessment_id", "section", "user_id"),
    )
    _table(
        "sign_offs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'signed', 'returned', 'overridden')", name=op.f("ck_sign_offs_state_is_known")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at is null)", name=op.f("ck_sign_offs_what_is_decided_says_when")
        ),
        sa.CheckConstraint("state <> 'returned' or note <> ''", name=op.f("ck_sign_offs_what_is_returned_says_why")),
        people=("requested_by", "decided_by"),
        key=("id",),
    )
    op.create_index(op.f("ix_sign_offs_assessment_id"), "sign_offs", ["assessment_id"])
    op.create_index(
        "uq_sign_offs_open", "sign_offs", ["assessment_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )


def _create_comments() -> None:
    _table(
        "comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("deleted_at is null or body = ''", name=op.f("ck_comments_what_is_deleted_says_nothing")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_comments_tenant_id_id")),
        people=("written_by",),
        key=("id",),
    )
    op.create_index(
        op.f("ix_comments_assessment_id_question_id_written_at"),
        "comments",
        ["assessment_id", "question_id", "written_at"],
    )
    _table(
        "resolved_threads",
        sa.Column("question_id", sa.Text(), nullable=False),
        sa.Column("resolved_by", sa.Integer(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=False),
        people=("resolved_by",),
        key=("assessment_id", "question_id"),
    )
    op.create_table(
        "mentions",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "comment_id"],
            ["comments.tenant_id", "comments.id"],
            name=op.f("fk_mentions_tenant_id_comment_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_mentions_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mentions_user_id")),
        sa.PrimaryKeyConstraint("comment_id", "user_id", name=op.f("pk_mentions")),
    )
    op.create_index(op.f("ix_mentions_tenant_id"), "mentions", ["tenant_id"])
    op.create_index(op.f("ix_mentions_user_id"), "mentions", ["user_id"])


def _table(name: str, *parts: Any, people: tuple[str, ...], key: tuple[str, ...]) -> None:
    """A table of an assessment's tenant, with columns that name people."""
    op.create_table(
        name,
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(*ASSESSMENT, name=op.f(f"fk_{name}_tenant_id_assessment_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{name}_tenant_id")),
        *(sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{name}_{column}")) for column in people),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_tenant_id"), name, ["tenant_id"])


def downgrade() -> None:
    """What was said and agreed is given up; the answers stay, and no longer say how they came."""
    for name in ("reminders", "presences", "mentions", "resolved_threads", "comments", "sign_offs"):
        op.drop_table(name)
    op.drop_table("section_assignments")
    op.execute("delete from jobs where kind in ('mentions', 'reminder')")
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.drop_column("due_at")
    op.drop_index(op.f("ix_answer_versions_assessment_id_saved_at"), table_name="answer_versions")
    for name in ("answer_versions", "answers"):
        with op.batch_alter_table(name) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{name}_source_is_known"), type_="check")
            batch_op.drop_column("source")
