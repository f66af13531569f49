"""releases of benchmarks: their states, what they withhold, and the ledger of reading"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

REFUSAL = "audit rows are only ever added"
STATES = "('computing', 'review', 'published', 'withdrawn', 'failed')"


def upgrade() -> None:
    _change_releases()
    _change_cells()
    _create_withheld()
    _create_reads()


def _change_releases() -> None:
    """What was released before stands as published under the rules of its day."""
    with op.batch_alter_table("benchmark_releases") as batch:
        batch.add_column(sa.Column("state", sa.Text(), server_default="published", nullable=False))
        batch.add_column(sa.Column("cut_off_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("rules_version", sa.Text(), nullable=True))
        batch.add_column(sa.Column("input_sha256", sa.Text(), nullable=True))
        batch.add_column(sa.Column("merkle_root", sa.Text(), nullable=True))
        batch.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("notice", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("requested_by", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
        batch.alter_column("sha256", existing_type=sa.Text(), nullable=True)
    op.execute("update benchmark_releases set cut_off_at = created_at, published_at = created_at, rules_version = '0'")
    with op.batch_alter_table("benchmark_releases") as batch:
        batch.alter_column("cut_off_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch.alter_column("rules_version", existing_type=sa.Text(), nullable=False)
        batch.create_foreign_key(
            op.f("fk_benchmark_releases_replaces_id"), "benchmark_releases", ["replaces_id"], ["id"]
        )
        batch.create_foreign_key(op.f("fk_benchmark_releases_requested_by"), "users", ["requested_by"], ["id"])
        batch.create_check_constraint(op.f("ck_benchmark_releases_state_is_known"), f"state in {STATES}")
        batch.create_check_constraint(
            op.f("ck_benchmark_releases_what_is_computed_has_its_hash"),
            "state not in ('review', 'published') or sha256 is not null",
        )
        batch.create_check_constraint(
            op.f("ck_benchmark_releases_what_is_published_says_when"),
            "(state = 'published') = (published_at is not null)",
        )


def _change_cells() -> None:
    with op.batch_alter_table("benchmark_cells") as batch:
        batch.add_column(sa.Column("reviewed", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("shares", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
        batch.add_column(sa.Column("levels", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
        batch.add_column(sa.Column("means", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
        batch.drop_constraint(op.f("ck_benchmark_cells_a_cell_has_enough_contributors"), type_="check")
        batch.create_check_constraint(op.f("ck_benchmark_cells_a_cell_has_enough_contributors"), "contributors >= 10")


def _create_withheld() -> None:
    op.create_table(
        "withheld_cells",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["benchmark_releases.id"], name=op.f("fk_withheld_cells_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withheld_cells")),
    )
    op.create_index(op.f("ix_withheld_cells_release_id"), "withheld_cells", ["release_id"])


def _create_reads() -> None:
    op.create_table(
        "aggregate_reads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("reader_name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["benchmark_releases.id"], name=op.f("fk_aggregate_reads_release_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["tenants.id"], name=op.f("fk_aggregate_reads_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aggregate_reads")),
    )
    op.create_index(op.f("ix_aggregate_reads_release_id"), "aggregate_reads", ["release_id"])
    op.create_index(op.f("ix_aggregate_reads_reader_id"), "aggregate_reads", ["reader_id"])
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "create trigger aggregate_reads_append_only before update or delete or truncate on aggregate_reads "
            "for each statement execute function audit_refuse()"
        )
    else:
        refuse = f"begin select raise(abort, '{REFUSAL}'); end"
        op.execute(f"create trigger aggregate_reads_no_update before update on aggregate_reads {refuse}")
        op.execute(f"create trigger aggregate_reads_no_delete before delete on aggregate_reads {refuse}")
        there = "exists (select 1 from aggregate_reads where id = new.id)"
        op.execute(f"create trigger aggregate_reads_no_replace before insert on aggregate_reads when {there} {refuse}")


def downgrade() -> None:
    """Cells of fewer than twenty, and releases that are not published, had no place before."""
    op.drop_table("aggregate_reads")
    op.drop_table("withheld_cells")
    op.execute(
        "delete from benchmark_cells where contributors < 20 or release_id in "
        "(select id from benchmark_releases where state <> 'published')"
    )
    with op.batch_alter_table("benchmark_cells") as batch:
        batch.drop_constraint(op.f("ck_benchmark_cells_a_cell_has_enough_contributors"), type_="check")
        batch.create_check_constraint(op.f("ck_benchmark_cells_a_cell_has_enough_contributors"), "contributors >= 20")
        for name in ("means", "levels", "shares", "reviewed"):
            batch.drop_column(name)
    op.execute("update benchmark_releases set replaces_id = null")
    op.execute("delete from benchmark_releases where state <> 'published'")
    with op.batch_alter_table("benchmark_releases") as batch:
        batch.drop_constraint(op.f("ck_benchmark_releases_what_is_published_says_when"), type_="check")
        batch.drop_constraint(op.f("ck_benchmark_releases_what_is_computed_has_its_hash"), type_="check")
        batch.drop_constraint(op.f("ck_benchmark_releases_state_is_known"), type_="check")
        batch.drop_constraint(op.f("fk_benchmark_releases_requested_by"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_benchmark_releases_replaces_id"), type_="foreignkey")
        batch.alter_column("sha256", existing_type=sa.Text(), nullable=False)
        for name in (
            "published_at",
            "requested_by",
            "notice",
            "replaces_id",
            "merkle_root",
            "input_sha256",
            "rules_version",
            "cut_off_at",
            "state",
        ):
            batch.drop_column(name)
