"""other frameworks: answers that are proposed until confirmed, levels from 0, submissions whose level is settled"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

SOURCES = ("typed", "excel", "carried_over", "api")
STATES = ("answered", "skipped", "empty")


def upgrade() -> None:
    _set_checks((*STATES, "proposed"), (*SOURCES, "derived"), "level between 0 and 9")
    with op.batch_alter_table("answers") as table:
        table.add_column(sa.Column("origin", sa.Text(), nullable=True))
    with op.batch_alter_table("submissions") as table:
        table.add_column(sa.Column("capability_most", sa.Numeric(5, 2), nullable=True))
        table.create_check_constraint(
            op.f("ck_submissions_a_range_does_not_end_below"),
            "capability_most is null or capability_most >= capability",
        )


def downgrade() -> None:
    """What only the newer version knows goes: proposals nobody confirmed, results without a level, settled results."""
    for table in ("answer_versions", "answers"):
        op.execute(f"delete from {table} where state = 'proposed'")  # noqa: S608  # two names from above
        op.execute(f"update {table} set source = 'carried_over' where source = 'derived'")  # noqa: S608  # as above
    op.execute("update submissions set level = 1 where level = 0")
    with op.batch_alter_table("submissions") as table:
        table.drop_constraint(op.f("ck_submissions_a_range_does_not_end_below"), type_="check")
        table.drop_column("capability_most")
    with op.batch_alter_table("answers") as table:
        table.drop_column("origin")
    _set_checks(STATES, SOURCES, "level between 1 and 9")


def _set_checks(states: tuple[str, ...], sources: tuple[str, ...], level: str) -> None:
    for table, name, condition in (
        ("answers", "state_is_known", f"state in {states}"),
        ("answers", "source_is_known", f"source in {sources}"),
        ("answer_versions", "source_is_known", f"source in {sources}"),
        ("submissions", "level_is_known", level),
    ):
        full = op.f(f"ck_{table}_{name}")
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(full, type_="check")
            batch.create_check_constraint(full, condition)
