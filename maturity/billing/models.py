"""What is kept about money. Amounts are whole minor units of their currency.

Of Stripe's objects only what the pages need is kept: each row can be made anew from Stripe (`applying`), and none holds
card data. The ledger (`payments`) is append-only: every movement of money stands there once.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maturity.audit.append_only import refuse_changes
from maturity.db import Base, TenantScoped, UtcDateTime

METHODS = ("card", "alipay", "wechat_pay", "transfer")
#: What an order can be of: a term of a plan, or a fee.
ITEMS = ("plan", "certification", "surveillance")
#: open: waits for the money; marked: one person says it came, a second has to agree; refunded: all of it went back.
ORDER_STATES = ("open", "marked", "paid", "cancelled", "expired", "refunded")
EVENT_STATES = ("waiting", "applied", "ignored", "foreign", "failed")
_CURRENCY = "currency in ('cny', 'usd')"
_OPEN_CHECKOUT = text("state = 'open'")


class BillingSettings(Base):
    """The one row about the installation's own side: who sells, where transfers go, and what needs a second person."""

    __tablename__ = "billing_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="there_is_one"),
        CheckConstraint("second_person_cny >= 0 and second_person_usd >= 0", name="thresholds_are_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: Stands in the metadata of everything we make at Stripe: what carries another mark is another installation's.
    mark: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    seller: Mapped[str] = mapped_column(Text, default="")
    tax_number: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    bank: Mapped[str] = mapped_column(Text, default="")
    account: Mapped[str] = mapped_column(Text, default="")
    swift: Mapped[str] = mapped_column(Text, default="")
    #: Above these, a second person has to agree that a transfer came, or to a refund.
    second_person_cny: Mapped[int] = mapped_column(BigInteger, default=500_000)
    second_person_usd: Mapped[int] = mapped_column(BigInteger, default=75_000)
    transfer_days: Mapped[int] = mapped_column(default=30)
    charges_fees: Mapped[bool] = mapped_column(default=False)  # whether certification waits for its fee
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    @property
    def takes_transfers(self) -> bool:
        """Whether a customer can be told where to send the money."""
        return bool(self.seller and self.bank and self.account)


class NumberSeries(Base):
    """The last number of each series of documents, such as PI-2026: numbers without gaps, given under a lock."""

    __tablename__ = "billing_numbers"

    series: Mapped[str] = mapped_column(Text, primary_key=True)
    last: Mapped[int]


class StripeObject(Base):
    """How far an object of Stripe's has been brought in, and to which tenant it belongs.

    `asked` counts the times somebody set out to fetch it, `applied` is the latest of these whose answer was written.
    An answer is written only where its number is higher, so what was fetched earlier never replaces what was fetched
    later, in whatever order the answers come.
    """

    __tablename__ = "stripe_objects"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    tenant_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tenants.id"), index=True)
    asked: Mapped[int] = mapped_column(default=0)
    applied: Mapped[int] = mapped_column(default=0)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StripeEvent(Base):
    """An event that Stripe sent, once however often it comes. Its contents are not kept: the object is fetched."""

    __tablename__ = "stripe_events"
    __table_args__ = (
        CheckConstraint(f"state in {EVENT_STATES}", name="state_is_known"),
        Index(None, "object_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    object_id: Mapped[str] = mapped_column(Text)
    #: The subscription that it is about, where it is about one, for the history of it.
    subscription_id: Mapped[str | None] = mapped_column(Text, index=True)
    tenant_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tenants.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)  # at Stripe
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")


class BillingCustomer(TenantScoped, Base):
    """A tenant as a customer: its number at Stripe, the currency it pays in, and what stands on its invoices (发票)."""

    __tablename__ = "billing_customers"
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        CheckConstraint(f"currency is null or {_CURRENCY}", name="currency_is_known"),
        CheckConstraint("invoice_kind in ('ordinary', 'special', 'none')", name="invoice_kind_is_known"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    stripe_id: Mapped[str | None] = mapped_column(Text, unique=True)
    #: Fixed by the first purchase, as Stripe fixes it.
    currency: Mapped[str | None] = mapped_column(Text)
    invoice_kind: Mapped[str] = mapped_column(Text, default="ordinary")  # 普通发票, 专用发票, none
    title: Mapped[str] = mapped_column(Text, default="")
    tax_number: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    bank: Mapped[str] = mapped_column(Text, default="")
    account: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Subscription(TenantScoped, Base):
    """A subscription at Stripe as it was fetched last."""

    __tablename__ = "subscriptions"
    __table_args__ = (CheckConstraint(_CURRENCY, name="currency_is_known"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    stripe_id: Mapped[str] = mapped_column(Text, unique=True)
    plan: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    interval: Mapped[str] = mapped_column(Text)
    seats: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)  # Stripe's own word
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    period_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trial_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The moment at which it ends, where that is settled (cancelled at the end of the period, or over).
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_over(self) -> bool:
        return self.status in ("canceled", "incomplete_expired")


class StripeInvoice(TenantScoped, Base):
    """An invoice of Stripe's as it was fetched last, so that the list is there when Stripe is not."""

    __tablename__ = "stripe_invoices"
    __table_args__ = (CheckConstraint(_CURRENCY, name="currency_is_known"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    stripe_id: Mapped[str] = mapped_column(Text, unique=True)
    subscription_id: Mapped[str | None] = mapped_column(Text, index=True)
    number: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text)  # draft, open, paid, uncollectible, void
    currency: Mapped[str] = mapped_column(Text)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    paid_minor: Mapped[int] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    page_url: Mapped[str] = mapped_column(Text, default="")
    pdf_url: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)  # at Stripe
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Checkout(TenantScoped, Base):
    """A way to Stripe's page that somebody began, written before Stripe is asked, so that no crash loses it.

    A tenant has one open at a time: of two browsers the second is led to the page of the first.
    """

    __tablename__ = "checkouts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("state in ('open', 'complete', 'expired')", name="state_is_known"),
        Index(
            "uq_checkouts_open", "tenant_id", unique=True, sqlite_where=_OPEN_CHECKOUT, postgresql_where=_OPEN_CHECKOUT
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    session_id: Mapped[str | None] = mapped_column(Text, unique=True)
    url: Mapped[str] = mapped_column(Text, default="")
    #: The order that it pays; None where it begins a subscription.
    order_id: Mapped[uuid.UUID | None]
    plan: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    interval: Mapped[str] = mapped_column(Text)
    seats: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)
    coupon: Mapped[str] = mapped_column(Text, default="")
    #: Days without payment that it begins with; 0 where the first term is paid at once.
    trial_days: Mapped[int] = mapped_column(default=0)
    #: Of Stripe's page: that of whoever began, so that the second browser asks for exactly the same.
    locale: Mapped[str] = mapped_column(Text, default="zh")
    state: Mapped[str] = mapped_column(Text, default="open")
    begun_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Order(TenantScoped, Base):
    """Something paid once: a year of a plan, or a fee. What it was sold under is written down, not looked up anew.

    `marked_by` says that the money came; above the threshold of `BillingSettings` somebody else agrees,
    `confirmed_by`.
    """

    __tablename__ = "billing_orders"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint(f"item in {ITEMS}", name="item_is_known"),
        CheckConstraint(f"method in {METHODS}", name="method_is_known"),
        CheckConstraint(f"state in {ORDER_STATES}", name="state_is_known"),
        CheckConstraint(_CURRENCY, name="currency_is_known"),
        CheckConstraint(
            "net_minor + tax_minor = total_minor and total_minor > 0 and discount_minor >= 0", name="amounts_add_up"
        ),
        CheckConstraint("confirmed_by is null or confirmed_by <> marked_by", name="two_people_agree"),
        CheckConstraint("(state in ('paid', 'refunded')) = (paid_at is not null)", name="what_is_paid_says_when"),
        CheckConstraint("refunded_minor between 0 and total_minor", name="no_more_goes_back_than_came"),
        Index(None, "state", "created_at"),
        Index(
            "uq_billing_orders_subject",
            "item",
            "subject_id",
            unique=True,
            sqlite_where=text("state in ('open', 'marked', 'paid')"),
            postgresql_where=text("state in ('open', 'marked', 'paid')"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    number: Mapped[str] = mapped_column(Text, unique=True)  # of the pro-forma invoice: PI-2026-000001
    receipt: Mapped[str | None] = mapped_column(Text, unique=True)  # of the receipt, once paid: RC-2026-000001
    item: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text, default="")
    seats: Mapped[int] = mapped_column(default=1)
    version: Mapped[str] = mapped_column(Text)
    #: The case or surveillance that a fee is for; of each one fee is asked.
    subject_id: Mapped[uuid.UUID | None]
    method: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    unit_minor: Mapped[int] = mapped_column(BigInteger)
    discount_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    coupon: Mapped[str] = mapped_column(Text, default="")
    #: Seller and customer as they stood on the day, for the papers.
    parties: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(Text, default="open")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    payment_intent: Mapped[str | None] = mapped_column(Text, unique=True)
    received_on: Mapped[date | None]  # value day of the transfer
    bank_reference: Mapped[str] = mapped_column(Text, default="")
    marked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    marked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The term that it gave, of a plan.
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Payment(TenantScoped, Base):
    """One movement of money, written once and never changed: what came, and what went back (negative).

    `external_id` names it at whoever moved it (a payment, refund or the bank's reference with the order), so that it
    cannot be written twice.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("external_id"),
        CheckConstraint("kind in ('payment', 'refund')", name="kind_is_known"),
        CheckConstraint("source in ('stripe', 'transfer')", name="source_is_known"),
        CheckConstraint(_CURRENCY, name="currency_is_known"),
        CheckConstraint("(kind = 'payment') = (amount_minor > 0) and amount_minor <> 0", name="the_sign_tells_the_way"),
        Index(None, "at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str] = mapped_column(Text)
    #: Of a refund, the payment that it gives back.
    of_payment: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    item: Mapped[str] = mapped_column(Text)  # plan, certification, surveillance
    plan: Mapped[str] = mapped_column(Text, default="")
    currency: Mapped[str] = mapped_column(Text)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    tax_minor: Mapped[int] = mapped_column(BigInteger)
    order_id: Mapped[uuid.UUID | None]
    invoice_id: Mapped[str | None] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


refuse_changes(Payment.__table__, "id", "external_id")


class Refund(TenantScoped, Base):
    """Money that is to go back: asked for by one person, above the threshold agreed to by another, and done."""

    __tablename__ = "billing_refunds"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "order_id"], ["billing_orders.tenant_id", "billing_orders.id"]),
        CheckConstraint("state in ('asked', 'agreed', 'done', 'failed', 'dropped')", name="state_is_known"),
        CheckConstraint("agreed_by is null or agreed_by <> asked_by", name="two_people_agree"),
        CheckConstraint("amount_minor > 0", name="something_goes_back"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    order_id: Mapped[uuid.UUID | None]
    #: The payment at Stripe (payment intent); None of a transfer.
    payment_intent: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    ends_term: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(Text, default="asked")
    stripe_id: Mapped[str | None] = mapped_column(Text, unique=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CouponUse(TenantScoped, Base):
    """A coupon that a tenant used, once."""

    __tablename__ = "coupon_uses"

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True, index=True)
    coupon: Mapped[str] = mapped_column(Text, primary_key=True)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: What it was used for: checkout or order.
    used_for: Mapped[uuid.UUID]


class BillingLetter(TenantScoped, Base):
    """A letter about money that was written, named by its cause, so that nobody is told of it twice."""

    __tablename__ = "billing_letters"
    __table_args__ = (UniqueConstraint("tenant_id", "cause"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BillingFinding(Base):
    """Something that reconciliation found to differ from Stripe: repaired, or for a person to look at."""

    __tablename__ = "billing_findings"
    __table_args__ = (
        CheckConstraint("state in ('repaired', 'open', 'settled')", name="state_is_known"),
        Index("uq_billing_findings_open", "code", "object_id", unique=True, sqlite_where=text("state = 'open'"),
              postgresql_where=text("state = 'open'")),
    )  # fmt: skip  # the index reads better on two lines

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    code: Mapped[str] = mapped_column(Text)  # the page has words for it
    object_id: Mapped[str] = mapped_column(Text)
    tenant_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tenants.id"), index=True)
    ours: Mapped[str] = mapped_column(Text, default="")
    theirs: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")  # of whoever settled it
