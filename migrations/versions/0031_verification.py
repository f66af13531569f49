"""figures of certification bodies, samples for re-checks and what came of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "body_figures",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cases_decided", sa.Integer(), nullable=True),
        sa.Column("corrected_share", sa.Integer(), nullable=True),
        sa.Column("refused_share", sa.Integer(), nullable=True),
        sa.Column("median_days", sa.Integer(), nullable=True),
        sa.Column("certificates_valid", sa.Integer(), nullable=True),
        sa.Column("certificates_suspended", sa.Integer(), nullable=True),
        sa.Column("certificates_withdrawn", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["tenants.id"], name=op.f("fk_body_figures_body_id")),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_body_figures")),
    )
    _create_spot_samples()
    _create_spot_checks()


def _create_spot_samples() -> None:
    op.create_table(
        "spot_samples",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("drawn_from", sa.JSON(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("numbers_sha256", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sa.Integer(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "size between 1 and population", name=op.f("ck_spot_samples_the_sample_is_within_the_population")
        ),
        sa.ForeignKeyConstraint(["drawn_by"], ["users.id"], name=op.f("fk_spot_samples_drawn_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_spot_samples_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_samples")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_spot_samples_tenant_id_id")),
    )
    op.create_index(op.f("ix_spot_samples_tenant_id"), "spot_samples", ["tenant_id"])


def _create_spot_checks() -> None:
    people = ("asked_by", "result_by", "acted_by")
    op.create_table(
        "spot_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("regulator_id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("body_name", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("result_by", sa.Integer(), nullable=True),
        sa.Column("result_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("acted_by", sa.Integer(), nullable=True),
        sa.Column("acted_name", sa.Text(), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('drawn', 'asked', 'upheld', 'deviation', 'refused')",
            name=op.f("ck_spot_checks_state_is_known"),
        ),
        sa.CheckConstraint(
            "(state = 'drawn') = (asked_at is null)", name=op.f("ck_spot_checks_what_is_asked_says_when")
        ),
        sa.CheckConstraint(
            "(state in ('upheld', 'deviation', 'refused')) = (result_at is not null)",
            name=op.f("ck_spot_checks_what_is_over_says_when"),
        ),
        sa.CheckConstraint("state <> 'deviation' or note <> ''", name=op.f("ck_spot_checks_a_deviation_is_described")),
        sa.CheckConstraint("(action = '') = (acted_at is null)", name=op.f("ck_spot_checks_what_is_done_says_when")),
        sa.ForeignKeyConstraint(
            ["regulator_id", "sample_id"],
            ["spot_samples.tenant_id", "spot_samples.id"],
            name=op.f("fk_spot_checks_regulator_id_sample_id"),
        ),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name=op.f("fk_spot_checks_certificate_id")),
        *[sa.ForeignKeyConstraint([one], ["users.id"], name=op.f(f"fk_spot_checks_{one}")) for one in people],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_checks")),
        sa.UniqueConstraint("sample_id", "certificate_id", name=op.f("uq_spot_checks_sample_id_certificate_id")),
    )
    for column in ("regulator_id", "certificate_id", "client_id", "body_id"):
        op.create_index(op.f(f"ix_spot_checks_{column}"), "spot_checks", [column])


def downgrade() -> None:
    op.drop_table("spot_checks")
    op.drop_table("spot_samples")
    op.drop_table("body_figures")
