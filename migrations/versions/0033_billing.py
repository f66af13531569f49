"""plans of tenants, and all that is kept about paying for them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

#: Rows of these are only ever added.
GUARDED = {"payments": ("id", "external_id")}


def upgrade() -> None:
    _create_billing_numbers()
    _create_billing_customers()
    _create_billing_findings()
    _create_billing_letters()
    _create_billing_orders()
    _create_billing_settings()
    _create_checkouts()
    _create_coupon_uses()
    _create_payments()
    _create_stripe_events()
    _create_stripe_invoices()
    _create_stripe_objects()
    _create_subscriptions()
    _create_billing_refunds()
    _create_plan_terms()
    _guard()


def _create_billing_numbers() -> None:
    op.create_table(
        "billing_numbers",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_billing_numbers")),
    )


def _create_billing_customers() -> None:
    op.create_table(
        "billing_customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("invoice_kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "currency is null or currency in ('cny', 'usd')", name=op.f("ck_billing_customers_currency_is_known")
        ),
        sa.CheckConstraint(
            "invoice_kind in ('ordinary', 'special', 'none')", name=op.f("ck_billing_customers_invoice_kind_is_known")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_billing_customers_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_customers")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_billing_customers_stripe_id")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_billing_customers_tenant_id")),
    )
    op.create_index(op.f("ix_billing_customers_tenant_id"), "billing_customers", ["tenant_id"], unique=False)


def _create_billing_findings() -> None:
    op.create_table(
        "billing_findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("theirs", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('repaired', 'open', 'settled')", name=op.f("ck_billing_findings_state_is_known")),
        sa.ForeignKeyConstraint(["settled_by"], ["users.id"], name=op.f("fk_billing_findings_settled_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_billing_findings_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_findings")),
    )
    op.create_index(op.f("ix_billing_findings_tenant_id"), "billing_findings", ["tenant_id"], unique=False)
    op.create_index(
        "uq_billing_findings_open",
        "billing_findings",
        ["code", "object_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _create_billing_letters() -> None:
    op.create_table(
        "billing_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_billing_letters_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_letters")),
        sa.UniqueConstraint("tenant_id", "cause", name=op.f("uq_billing_letters_tenant_id_cause")),
    )
    op.create_index(op.f("ix_billing_letters_tenant_id"), "billing_letters", ["tenant_id"], unique=False)


def _create_billing_orders() -> None:
    op.create_table(
        "billing_orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("coupon", sa.Text(), nullable=False),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("payment_intent", sa.Text(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("marked_by", sa.Integer(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state in ('paid', 'refunded')) = (paid_at is not null)",
            name=op.f("ck_billing_orders_what_is_paid_says_when"),
        ),
        sa.CheckConstraint("currency in ('cny', 'usd')", name=op.f("ck_billing_orders_currency_is_known")),
        sa.CheckConstraint(
            "item in ('plan', 'certification', 'surveillance')", name=op.f("ck_billing_orders_item_is_known")
        ),
        sa.CheckConstraint(
            "method in ('card', 'alipay', 'wechat_pay', 'transfer')", name=op.f("ck_billing_orders_method_is_known")
        ),
        sa.CheckConstraint(
            "state in ('open', 'marked', 'paid', 'cancelled', 'expired', 'refunded')",
            name=op.f("ck_billing_orders_state_is_known"),
        ),
        sa.CheckConstraint(
            "confirmed_by is null or confirmed_by <> marked_by", name=op.f("ck_billing_orders_two_people_agree")
        ),
        sa.CheckConstraint(
            "net_minor + tax_minor = total_minor and total_minor > 0 and discount_minor >= 0",
            name=op.f("ck_billing_orders_amounts_add_up"),
        ),
        sa.CheckConstraint(
            "refunded_minor between 0 and total_minor", name=op.f("ck_billing_orders_no_more_goes_back_than_came")
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_billing_orders_confirmed_by")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_billing_orders_created_by")),
        sa.ForeignKeyConstraint(["marked_by"], ["users.id"], name=op.f("fk_billing_orders_marked_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_billing_orders_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_billing_orders_number")),
        sa.UniqueConstraint("payment_intent", name=op.f("uq_billing_orders_payment_intent")),
        sa.UniqueConstraint("receipt", name=op.f("uq_billing_orders_receipt")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_billing_orders_tenant_id_id")),
    )
    op.create_index(op.f("ix_billing_orders_state_created_at"), "billing_orders", ["state", "created_at"], unique=False)
    op.create_index(op.f("ix_billing_orders_tenant_id"), "billing_orders", ["tenant_id"], unique=False)
    op.create_index(
        "uq_billing_orders_subject",
        "billing_orders",
        ["item", "subject_id"],
        unique=True,
        sqlite_where=sa.text("state in ('open', 'marked', 'paid')"),
        postgresql_where=sa.text("state in ('open', 'marked', 'paid')"),
    )


def _create_billing_settings() -> None:
    op.create_table(
        "billing_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("swift", sa.Text(), nullable=False),
        sa.Column("second_person_cny", sa.BigInteger(), nullable=False),
        sa.Column("second_person_usd", sa.BigInteger(), nullable=False),
        sa.Column("transfer_days", sa.Integer(), nullable=False),
        sa.Column("charges_fees", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_billing_settings_there_is_one")),
        sa.CheckConstraint(
            "second_person_cny >= 0 and second_person_usd >= 0",
            name=op.f("ck_billing_settings_thresholds_are_not_negative"),
        ),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_billing_settings_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_settings")),
    )


def _create_checkouts() -> None:
    op.create_table(
        "checkouts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("coupon", sa.Text(), nullable=False),
        sa.Column("trial_days", sa.Integer(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_by", sa.Integer(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state in ('open', 'complete', 'expired')", name=op.f("ck_checkouts_state_is_known")),
        sa.ForeignKeyConstraint(["begun_by"], ["users.id"], name=op.f("fk_checkouts_begun_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_checkouts_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkouts")),
        sa.UniqueConstraint("session_id", name=op.f("uq_checkouts_session_id")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_checkouts_tenant_id_id")),
    )
    op.create_index(op.f("ix_checkouts_tenant_id"), "checkouts", ["tenant_id"], unique=False)
    op.create_index(
        "uq_checkouts_open",
        "checkouts",
        ["tenant_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _create_coupon_uses() -> None:
    op.create_table(
        "coupon_uses",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("coupon", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_for", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_coupon_uses_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "coupon", name=op.f("pk_coupon_uses")),
    )
    op.create_index(op.f("ix_coupon_uses_tenant_id"), "coupon_uses", ["tenant_id"], unique=False)


def _create_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("of_payment", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("invoice_id", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'payment') = (amount_minor > 0) and amount_minor <> 0",
            name=op.f("ck_payments_the_sign_tells_the_way"),
        ),
        sa.CheckConstraint("currency in ('cny', 'usd')", name=op.f("ck_payments_currency_is_known")),
        sa.CheckConstraint("kind in ('payment', 'refund')", name=op.f("ck_payments_kind_is_known")),
        sa.CheckConstraint("source in ('stripe', 'transfer')", name=op.f("ck_payments_source_is_known")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_payments_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("external_id", name=op.f("uq_payments_external_id")),
    )
    op.create_index(op.f("ix_payments_at"), "payments", ["at"], unique=False)
    op.create_index(op.f("ix_payments_tenant_id"), "payments", ["tenant_id"], unique=False)


def _create_stripe_events() -> None:
    op.create_table(
        "stripe_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('waiting', 'applied', 'ignored', 'foreign', 'failed')",
            name=op.f("ck_stripe_events_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_stripe_events_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_events")),
    )
    op.create_index(
        op.f("ix_stripe_events_object_id_created_at"), "stripe_events", ["object_id", "created_at"], unique=False
    )
    op.create_index(op.f("ix_stripe_events_subscription_id"), "stripe_events", ["subscription_id"], unique=False)
    op.create_index(op.f("ix_stripe_events_tenant_id"), "stripe_events", ["tenant_id"], unique=False)


def _create_stripe_invoices() -> None:
    op.create_table(
        "stripe_invoices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("page_url", sa.Text(), nullable=False),
        sa.Column("pdf_url", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("currency in ('cny', 'usd')", name=op.f("ck_stripe_invoices_currency_is_known")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_stripe_invoices_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_invoices")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_stripe_invoices_stripe_id")),
    )
    op.create_index(op.f("ix_stripe_invoices_subscription_id"), "stripe_invoices", ["subscription_id"], unique=False)
    op.create_index(op.f("ix_stripe_invoices_tenant_id"), "stripe_invoices", ["tenant_id"], unique=False)


def _create_stripe_objects() -> None:
    op.create_table(
        "stripe_objects",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_stripe_objects_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_objects")),
    )
    op.create_index(op.f("ix_stripe_objects_tenant_id"), "stripe_objects", ["tenant_id"], unique=False)


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("currency in ('cny', 'usd')", name=op.f("ck_subscriptions_currency_is_known")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_subscriptions_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_subscriptions_stripe_id")),
    )
    op.create_index(op.f("ix_subscriptions_tenant_id"), "subscriptions", ["tenant_id"], unique=False)


def _create_billing_refunds() -> None:
    op.create_table(
        "billing_refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("payment_intent", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ends_term", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('asked', 'agreed', 'done', 'failed', 'dropped')", name=op.f("ck_billing_refunds_state_is_known")
        ),
        sa.CheckConstraint(
            "agreed_by is null or agreed_by <> asked_by", name=op.f("ck_billing_refunds_two_people_agree")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_billing_refunds_something_goes_back")),
        sa.ForeignKeyConstraint(["agreed_by"], ["users.id"], name=op.f("fk_billing_refunds_agreed_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_billing_refunds_asked_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["billing_orders.tenant_id", "billing_orders.id"],
            name=op.f("fk_billing_refunds_tenant_id_order_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_billing_refunds_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_refunds")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_billing_refunds_stripe_id")),
    )
    op.create_index(op.f("ix_billing_refunds_tenant_id"), "billing_refunds", ["tenant_id"], unique=False)


def _create_plan_terms() -> None:
    op.create_table(
        "plan_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "source in ('subscription', 'order', 'operator', 'trial')", name=op.f("ck_plan_terms_source_is_known")
        ),
        sa.CheckConstraint(
            "ends_at is null or ends_at >= starts_at", name=op.f("ck_plan_terms_it_does_not_end_before_it_starts")
        ),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_plan_terms_there_is_a_seat")),
        sa.ForeignKeyConstraint(["given_by"], ["users.id"], name=op.f("fk_plan_terms_given_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_plan_terms_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_terms")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_plan_terms_source_source_id")),
    )
    op.create_index(op.f("ix_plan_terms_tenant_id"), "plan_terms", ["tenant_id"], unique=False)


def _guard() -> None:
    """As `maturity.audit.append_only` makes it with the tables."""
    if op.get_bind().dialect.name == "postgresql":
        for name in GUARDED:
            op.execute(
                f"create trigger {name}_append_only before update or delete or truncate on {name} "
                "for each statement execute function audit_refuse()"
            )
        return
    refuse = "begin select raise(abort, 'audit rows are only ever added'); end"
    for name, keys in GUARDED.items():
        same = " or ".join(f"{key} = new.{key}" for key in keys)
        there = f"exists (select 1 from {name} where {same})"  # noqa: S608  # our own names
        op.execute(f"create trigger {name}_no_update before update on {name} {refuse}")
        op.execute(f"create trigger {name}_no_delete before delete on {name} {refuse}")
        op.execute(f"create trigger {name}_no_replace before insert on {name} when {there} {refuse}")


def downgrade() -> None:
    for name in (
        "plan_terms",
        "billing_refunds",
        "subscriptions",
        "stripe_objects",
        "stripe_invoices",
        "stripe_events",
        "payments",
        "coupon_uses",
        "checkouts",
        "billing_settings",
        "billing_orders",
        "billing_letters",
        "billing_findings",
        "billing_customers",
        "billing_numbers",
    ):
        op.drop_table(name)
