"""reviews of releases, receipts of inclusion, and what makes a published release immutable"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"

ADDED = "audit rows are only ever added"
REFUSAL = "a release that is published or withdrawn never changes"
OVER = "state in ('published', 'withdrawn')"
PARTS = ("benchmark_cells", "withheld_cells")
PUBLISHED = "state = 'published'"
UNDER_WAY = "state in ('computing', 'review') and not is_synthetic"
SIGNED = "decision = 'signed'"


def upgrade() -> None:
    with op.batch_alter_table("benchmark_releases") as batch:
        batch.add_column(sa.Column("judged_against", sa.JSON(), nullable=True))
        batch.drop_constraint(op.f("uq_benchmark_releases_framework_period_sha256"), type_="unique")
    _index("published", ["framework", "period", "sha256"], PUBLISHED)
    _index("under_way", ["framework", "period"], UNDER_WAY)
    _create_reviews()
    _create_receipts()
    if op.get_context().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    name = f"uq_benchmark_releases_{name}"
    op.create_index(name, "benchmark_releases", columns, unique=True, sqlite_where=where, postgresql_where=where)


def _create_reviews() -> None:
    op.create_table(
        "release_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision in ('signed', 'returned', 'withdrawn')", name=op.f("ck_release_reviews_decision_is_known")
        ),
        sa.CheckConstraint(
            "(decision = 'signed') = (reason = '')", name=op.f("ck_release_reviews_who_does_not_sign_says_why")
        ),
        sa.CheckConstraint(
            "decision = 'withdrawn' or sha256 is not null",
            name=op.f("ck_release_reviews_what_is_looked_at_has_its_hash"),
        ),
        sa.ForeignKeyConstraint(["release_id"], ["benchmark_releases.id"], name=op.f("fk_release_reviews_release_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_release_reviews_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_reviews")),
    )
    op.create_index(op.f("ix_release_reviews_release_id"), "release_reviews", ["release_id"])
    where = sa.text(SIGNED)
    op.create_index(
        "uq_release_reviews_signed",
        "release_reviews",
        ["release_id", "user_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "create trigger release_reviews_append_only before update or delete or truncate on release_reviews "
            "for each statement execute function audit_refuse()"
        )
        return
    refuse = f"begin select raise(abort, '{ADDED}'); end"
    op.execute(f"create trigger release_reviews_no_update before update on release_reviews {refuse}")
    op.execute(f"create trigger release_reviews_no_delete before delete on release_reviews {refuse}")
    there = "exists (select 1 from release_reviews where id = new.id)"
    op.execute(f"create trigger release_reviews_no_replace before insert on release_reviews when {there} {refuse}")


def _create_receipts() -> None:
    op.create_table(
        "inclusion_receipts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["benchmark_releases.id"], name=op.f("fk_inclusion_receipts_release_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_inclusion_receipts_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inclusion_receipts")),
        sa.UniqueConstraint("tenant_id", "release_id", name=op.f("uq_inclusion_receipts_tenant_id_release_id")),
    )
    op.create_index(op.f("ix_inclusion_receipts_release_id"), "inclusion_receipts", ["release_id"])
    op.create_index(op.f("ix_inclusion_receipts_tenant_id"), "inclusion_receipts", ["tenant_id"])


def _guard_sqlite() -> None:
    refuse = f"begin select raise(abort, '{REFUSAL}'); end"
    name = "benchmark_releases"
    op.execute(f"create trigger {name}_no_update before update on {name} when old.{OVER} {refuse}")
    op.execute(f"create trigger {name}_no_delete before delete on {name} when old.{OVER} {refuse}")
    there = f"exists (select 1 from {name} where id = new.id and {OVER})"  # noqa: S608  # names of our own tables
    op.execute(f"create trigger {name}_no_replace before insert on {name} when {there} {refuse}")
    for part in PARTS:
        for action, row in (("insert", "new"), ("update", "new"), ("update", "old"), ("delete", "old")):
            over = f"exists (select 1 from {name} where id = {row}.release_id and {OVER})"  # noqa: S608  # our own
            suffix = "_from" if (action, row) == ("update", "old") else ""
            op.execute(f"create trigger {part}_no_{action}{suffix} before {action} on {part} when {over} {refuse}")


def _guard_postgresql() -> None:
    op.execute(FUNCTION)
    for name in ("benchmark_releases", *PARTS):
        actions = "update or delete" if name == "benchmark_releases" else "insert or update or delete"
        call = "execute function release_refuse()"
        op.execute(f"create trigger {name}_frozen before {actions} on {name} for each row {call}")
        op.execute(f"create trigger {name}_kept before truncate on {name} for each statement {call}")


FUNCTION = """
create or replace function release_refuse() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $body$
declare
  over boolean := true;
begin
  if tg_op <> 'TRUNCATE' then
    if tg_table_name = 'benchmark_releases' then
      over := old.state in ('published', 'withdrawn');
    else
      over := exists (
        select from benchmark_releases
        where state in ('published', 'withdrawn') and id in (
          case when tg_op = 'INSERT' then new.release_id else old.release_id end,
          case when tg_op = 'DELETE' then old.release_id else new.release_id end
        )
      );
    end if;
  end if;
  if over then
    raise exception 'a release that is published or withdrawn never changes' using errcode = 'restrict_violation';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$body$
"""


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for name in ("benchmark_releases", *PARTS):
            for trigger in ("frozen", "kept"):
                op.execute(f"drop trigger {name}_{trigger} on {name}")
        op.execute("drop function release_refuse()")
    else:
        for trigger in ("no_update", "no_delete", "no_replace"):
            op.execute(f"drop trigger benchmark_releases_{trigger}")
        for part in PARTS:
            for trigger in ("no_insert", "no_update", "no_update_from", "no_delete"):
                op.execute(f"drop trigger {part}_{trigger}")
    op.drop_table("inclusion_receipts")
    op.drop_table("release_reviews")
    op.drop_index("uq_benchmark_releases_under_way", "benchmark_releases")
    op.drop_index("uq_benchmark_releases_published", "benchmark_releases")
    # What the unique constraint did not allow: the same computed twice, of which one was withdrawn.
    op.execute(
        "delete from benchmark_cells where release_id in (select id from benchmark_releases where state = 'withdrawn')"
    )
    op.execute(
        "delete from withheld_cells where release_id in (select id from benchmark_releases where state = 'withdrawn')"
    )
    op.execute("delete from benchmark_releases where state = 'withdrawn'")
    with op.batch_alter_table("benchmark_releases") as batch:
        batch.create_unique_constraint(
            op.f("uq_benchmark_releases_framework_period_sha256"), ["framework", "period", "sha256"]
        )
        batch.drop_column("judged_against")
