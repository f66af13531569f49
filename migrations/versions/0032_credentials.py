"""certificates as credentials, and the places of their status"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "credentials",
        *_of_certificate("credentials"),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("disclosable", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "credential_places",
        *_of_certificate("credential_places"),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.UniqueConstraint("list_number", "place", name=op.f("uq_credential_places_list_number_place")),
    )
    for table in ("credentials", "credential_places"):
        for column in ("client_id", "body_id"):
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _of_certificate(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name=op.f(f"fk_{table}_certificate_id")),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    op.drop_table("credential_places")
    op.drop_table("credentials")
