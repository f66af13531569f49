"""the edition of the framework whose results a release counts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    # Added in place: a table made anew would lose the triggers that keep published releases as they are.
    op.add_column("benchmark_releases", sa.Column("edition", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("benchmark_releases", "edition")
