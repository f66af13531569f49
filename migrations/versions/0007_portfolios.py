"""what a consultancy owns: its clients' figures, views, tasks, notes, letters, plans and brand; notes it leaves"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
SCORE = sa.Numeric(precision=5, scale=2)
TABLES = (
    "consultant_notes", "portfolio_clients", "portfolio_views", "portfolio_tasks", "portfolio_notes",
    "portfolio_reminders", "portfolio_invitations", "improvement_plans", "consultancy_brands",
)  # fmt: skip


def upgrade() -> None:
    _table(
        "consultant_notes",
        _column("id", sa.Uuid()),
        _column("grant_id", sa.Uuid()),
        _column("consultancy_name", sa.Text()),
        _column("author_name", sa.Text()),
        _column("body", sa.Text()),
        _column("written_at", MOMENT),
        others={"grant_id": "grants.id"},
        indexes=(["tenant_id"], ["tenant_id", "written_at"]),
    )
    _create_clients()
    _create_work()
    _table(
        "portfolio_reminders",
        _column("client_id", sa.Uuid()),
        _column("day", sa.Date()),
        _column("sent_by", sa.Integer(), null=True),
        others={"client_id": "tenants.id", "sent_by": "users.id"},
        key=("tenant_id", "client_id", "day"),
    )
    _table(
        "portfolio_invitations",
        _column("id", sa.Uuid()),
        _column("uscc", sa.Text()),
        _column("name", sa.Text()),
        _column("email", sa.Text()),
        _column("sent_by", sa.Integer(), null=True),
        _column("sent_at", MOMENT),
        sa.UniqueConstraint("tenant_id", "uscc", name=op.f("uq_portfolio_invitations_tenant_id_uscc")),
        others={"sent_by": "users.id"},
        indexes=(["tenant_id"], ["tenant_id", "sent_at"]),
    )
    _table(
        "improvement_plans",
        _column("client_id", sa.Uuid()),
        _column("version", sa.Integer()),
        _column("body", sa.JSON()),
        _column("saved_by", sa.Integer(), null=True),
        _column("saved_at", MOMENT),
        sa.CheckConstraint("version >= 1", name=op.f("ck_improvement_plans_versions_start_at_one")),
        others={"client_id": "tenants.id", "saved_by": "users.id"},
        key=("tenant_id", "client_id", "version"),
    )
    _table(
        "consultancy_brands",
        _column("name", sa.Text()),
        _column("logo", sa.LargeBinary(), null=True),
        _column("changed_at", MOMENT),
        key=("tenant_id",),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_clients() -> None:
    _table(
        "portfolio_clients",
        _column("grant_id", sa.Uuid()),
        _column("client_id", sa.Uuid()),
        *(_column(name, sa.Text()) for name in ("name", "uscc", "industry", "region", "size")),
        _column("result_id", sa.Uuid(), null=True),
        *(_column(name, sa.Integer(), null=True) for name in ("period", "level")),
        *(_column(name, SCORE, null=True) for name in ("capability", "outcome", "change")),
        _column("submitted_at", MOMENT, null=True),
        _column("draft_id", sa.Uuid(), null=True),
        *(_column(name, sa.Integer(), null=True) for name in ("draft_period", "answered", "fewest_left", "most_left")),
        _column("section_due_on", sa.Date(), null=True),
        _column("last_active_at", MOMENT, null=True),
        _column("results", sa.JSON()),
        _column("seen_at", MOMENT),
        sa.CheckConstraint(
            "(draft_id is null) = (fewest_left is null)", name=op.f("ck_portfolio_clients_a_draft_has_its_progress")
        ),
        sa.CheckConstraint(
            "(level is null) = (period is null)", name=op.f("ck_portfolio_clients_a_result_has_its_period")
        ),
        sa.CheckConstraint("fewest_left <= most_left", name=op.f("ck_portfolio_clients_the_range_is_in_order")),
        sa.UniqueConstraint("tenant_id", "client_id", name=op.f("uq_portfolio_clients_tenant_id_client_id")),
        others={"client_id": "tenants.id", "grant_id": "grants.id"},
        key=("grant_id",),
        indexes=(["client_id"], ["tenant_id"]),
    )


def _create_work() -> None:
    _table(
        "portfolio_views",
        _column("id", sa.Uuid()),
        _column("name", sa.Text()),
        _column("query", sa.Text()),
        _column("owner_id", sa.Integer()),
        _column("is_shared", sa.Boolean()),
        _column("created_at", MOMENT),
        sa.UniqueConstraint("tenant_id", "owner_id", "name", name=op.f("uq_portfolio_views_tenant_id_owner_id_name")),
        others={"owner_id": "users.id"},
        indexes=(["tenant_id"],),
    )
    _table(
        "portfolio_tasks",
        _column("id", sa.Uuid()),
        _column("client_id", sa.Uuid()),
        _column("title", sa.Text()),
        _column("due_on", sa.Date(), null=True),
        _column("person_id", sa.Integer(), null=True),
        _column("created_by", sa.Integer(), null=True),
        _column("created_at", MOMENT),
        _column("done_at", MOMENT, null=True),
        others={"client_id": "tenants.id", "created_by": "users.id", "person_id": "users.id"},
        indexes=(["tenant_id"], ["tenant_id", "client_id", "done_at"]),
    )
    _table(
        "portfolio_notes",
        _column("id", sa.Uuid()),
        _column("client_id", sa.Uuid()),
        _column("body", sa.Text()),
        _column("is_shared", sa.Boolean()),
        _column("written_by", sa.Integer(), null=True),
        _column("written_at", MOMENT),
        others={"client_id": "tenants.id", "written_by": "users.id"},
        indexes=(["tenant_id"], ["tenant_id", "client_id", "written_at"]),
    )


def _column(name: str, kind: Any, *, null: bool = False) -> Any:
    return sa.Column(name, kind, nullable=null)


def _table(
    name: str,
    *parts: Any,
    others: dict[str, str] | None = None,
    key: tuple[str, ...] = ("id",),
    indexes: tuple[list[str], ...] = (),
) -> None:
    """A table of a tenant; `others` are its foreign keys besides."""
    op.create_table(
        name,
        _column("tenant_id", sa.Uuid()),
        *parts,
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{name}_{column}"))
            for column, target in ({"tenant_id": "tenants.id"} | (others or {})).items()
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    )
    for columns in indexes:
        op.create_index(op.f(f"ix_{name}_{'_'.join(columns)}"), name, columns)
