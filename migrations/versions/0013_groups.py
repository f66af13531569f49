"""groups: a grant to the head of a group is an affiliation; an enterprise has one head at a time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

HEAD = sa.text("revoked_at is null and kind = 'affiliation'")


def upgrade() -> None:
    with op.batch_alter_table("grants") as batch_op:
        batch_op.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="consulting"))
        batch_op.create_check_constraint(batch_op.f("ck_grants_kind_is_known"), "kind in ('consulting', 'affiliation')")
    op.create_index("uq_grants_head", "grants", ["tenant_id"], unique=True, sqlite_where=HEAD, postgresql_where=HEAD)


def downgrade() -> None:
    """Affiliations go: they would be grants to consultancies that are none. Codes of heads go with them."""
    op.execute("delete from grant_visits where grant_id in (select id from grants where kind = 'affiliation')")
    op.execute("delete from consultant_notes where grant_id in (select id from grants where kind = 'affiliation')")
    op.execute("delete from portfolio_clients where grant_id in (select id from grants where kind = 'affiliation')")
    op.execute("delete from grants where kind = 'affiliation'")
    op.execute("update tenants set code = null where kind = 'enterprise'")
    op.drop_index("uq_grants_head", "grants")
    with op.batch_alter_table("grants") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_grants_kind_is_known"), type_="check")
        batch_op.drop_column("kind")
