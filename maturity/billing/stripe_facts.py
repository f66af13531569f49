"""From Stripe's objects, as dicts, to facts. Pure; a field that Stripe leaves out is as good as null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from maturity.billing.gateway import (
    CheckoutFacts,
    CustomerFacts,
    InvoiceFacts,
    PaymentFacts,
    PreviewLine,
    RefundFacts,
    SubscriptionFacts,
)

Found = Mapping[str, Any]


def moment(seconds: int | None) -> datetime | None:
    """
    >>> moment(0), moment(None)
    (datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def id_of(value: Any) -> str | None:
    """Of what is an id, or the object itself where it was expanded.

    >>> id_of("in_1"), id_of({"id": "in_1", "object": "invoice"}), id_of(None)
    ('in_1', 'in_1', None)
    """
    return value.get("id") if isinstance(value, Mapping) else value


def customer_facts(found: Found) -> CustomerFacts:
    """Of a deleted customer Stripe tells the id alone."""
    is_deleted = bool(found.get("deleted"))
    return CustomerFacts(found["id"], _metadata(found), found.get("currency"), is_deleted)


def subscription_facts(found: Found) -> SubscriptionFacts:
    item = found["items"]["data"][0]
    price = item["price"]
    return SubscriptionFacts(
        id=found["id"],
        customer=str(id_of(found["customer"])),
        metadata=_metadata(found),
        status=found["status"],
        item=item["id"],
        price=price.get("lookup_key") or price["id"],
        interval=(price.get("recurring") or {}).get("interval", ""),
        seats=item.get("quantity") or 1,
        currency=found["currency"],
        started_at=_required(found.get("start_date") or found["created"]),
        period_ends_at=moment(item.get("current_period_end")),
        trial_ends_at=moment(found.get("trial_end")),
        ends_at=moment(_settled_end(found, item)),
    )


def _settled_end(found: Found, item: Found) -> int | None:
    """When it ended, or will; None while it goes on from period to period."""
    at_period_end = item.get("current_period_end") if found.get("cancel_at_period_end") else None
    return found.get("ended_at") or found.get("cancel_at") or at_period_end


def refund_facts(found: Found) -> RefundFacts:
    return RefundFacts(
        id=found["id"],
        payment=str(id_of(found.get("payment_intent")) or ""),
        amount_minor=found["amount"],
        status=found.get("status") or "pending",
        created_at=_required(found["created"]),
        metadata=_metadata(found),
    )


def payment_facts(found: Found) -> PaymentFacts:
    """With `latest_charge.refunds` expanded."""
    charge = found.get("latest_charge")
    charge = charge if isinstance(charge, Mapping) else {}
    is_paid = found["status"] == "succeeded"
    return PaymentFacts(
        id=found["id"],
        customer=id_of(found.get("customer")),
        metadata=_metadata(found),
        status=found["status"],
        currency=found["currency"],
        received_minor=found.get("amount_received") or 0,
        method=(charge.get("payment_method_details") or {}).get("type") or _only_method(found),
        succeeded_at=moment(charge.get("created") or found["created"]) if is_paid else None,
        refunds=[refund_facts({"payment_intent": found["id"], **refund}) for refund in _listed(charge.get("refunds"))],
    )


def _only_method(found: Found) -> str:
    methods: Sequence[str] = found.get("payment_method_types") or ("card",)
    return methods[0]


def invoice_facts(found: Found) -> InvoiceFacts:
    """With `payments` expanded."""
    details = (found.get("parent") or {}).get("subscription_details") or {}
    return InvoiceFacts(
        id=found["id"],
        customer=str(id_of(found.get("customer")) or ""),
        subscription=id_of(details.get("subscription")),
        metadata=_metadata(details) or _metadata(found),
        number=found.get("number") or "",
        status=found.get("status") or "draft",
        currency=found["currency"],
        total_minor=found["total"],
        tax_minor=sum(tax["amount"] for tax in found.get("total_taxes") or ()),
        paid_minor=found.get("amount_paid") or 0,
        attempts=found.get("attempt_count") or 0,
        next_attempt_at=moment(found.get("next_payment_attempt")),
        page_url=found.get("hosted_invoice_url") or "",
        pdf_url=found.get("invoice_pdf") or "",
        created_at=_required(found["created"]),
        payments=[str(payment) for payment in _paid_by(found)],
    )


def _paid_by(found: Found) -> list[str | None]:
    paid = [entry.get("payment") or {} for entry in _listed(found.get("payments")) if entry.get("status") == "paid"]
    return [id_of(payment["payment_intent"]) for payment in paid if payment.get("payment_intent")]


def checkout_facts(found: Found) -> CheckoutFacts:
    """The address is null once the page is over."""
    return CheckoutFacts(
        id=found["id"],
        url=found.get("url") or "",
        status=found.get("status") or "open",
        payment_status=found.get("payment_status") or "unpaid",
        customer=id_of(found.get("customer")),
        subscription=id_of(found.get("subscription")),
        payment=id_of(found.get("payment_intent")),
        metadata=_metadata(found),
        expires_at=_required(found["expires_at"]),
    )


def preview_lines(found: Found) -> list[PreviewLine]:
    return [
        PreviewLine(line.get("description") or "", line["amount"], _is_proration(line))
        for line in _listed(found.get("lines"))
    ]


def _is_proration(line: Found) -> bool:
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))


def _listed(found: Found | None) -> Sequence[Found]:
    return (found or {}).get("data") or ()


def _metadata(found: Found) -> dict[str, str]:
    return {str(name): str(value) for name, value in (found.get("metadata") or {}).items()}


def _required(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
