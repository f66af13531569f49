"""Of an event, what it is about: which object is to be fetched. What the event says of the object is not used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from maturity.billing.gateway import EventFacts

#: By the kind of object that the event carries: as which of our kinds it is brought in, and which of its fields names
#: the object to fetch.
_CARRIED = {
    "subscription": ("subscription", "id"),
    "invoice": ("invoice", "id"),
    "invoice_payment": ("invoice", "invoice"),
    "payment_intent": ("payment", "id"),
    "charge": ("payment", "payment_intent"),
    "refund": ("payment", "payment_intent"),
    "dispute": ("dispute", "payment_intent"),
    "checkout.session": ("checkout", "id"),
    "customer": ("customer", "id"),
}
#: By the beginning of the type, the longest first: what the row of an event is about, where only the type is kept.
_TYPES = (
    ("customer.subscription.", "subscription"),
    ("customer.created", "customer"),
    ("customer.updated", "customer"),
    ("customer.deleted", "customer"),
    ("invoice_payment.", "invoice"),
    ("invoice.", "invoice"),
    ("payment_intent.", "payment"),
    ("charge.dispute.", "dispute"),
    ("charge.", "payment"),
    ("refund.", "payment"),
    ("checkout.session.", "checkout"),
)


def kind_of(event_type: str) -> str:
    """What is to be brought in after an event of this type; empty where it is none of ours.

    >>> kind_of("charge.refunded"), kind_of("customer.subscription.updated"), kind_of("customer.tax_id.created")
    ('payment', 'subscription', '')
    """
    return next((kind for begin, kind in _TYPES if event_type.startswith(begin)), "")


def facts_of_event(event: Mapping[str, Any]) -> EventFacts:
    """An event as Stripe writes it (JSON, or an object of its library as a dict). `ValueError` where it is none.

    `object_kind` is the kind by which `applying.bring_in` knows it, empty for what is ignored.
    """
    try:
        carried: Mapping[str, Any] = event["data"]["object"]
        event_type, event_id = str(event["type"]), str(event["id"])
        created = datetime.fromtimestamp(int(event["created"]), UTC)
        carried_id = str(carried.get("id") or "")
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("not an event") from error
    kind, field = _CARRIED.get(str(carried.get("object")), ("", "id"))
    if kind != kind_of(event_type):
        kind, field = "", "id"
    object_id = _id_in(carried, field)
    if not object_id:
        kind, object_id = "", carried_id
    return EventFacts(event_id, event_type, created, object_id, kind, _subscription_in(carried))


def _id_in(carried: Mapping[str, Any], field: str) -> str:
    """The id that a field holds, whether or not the object was expanded."""
    value = carried.get(field)
    if isinstance(value, Mapping):
        value = value.get("id")
    return str(value or "")


def _subscription_in(carried: Mapping[str, Any]) -> str | None:
    if carried.get("object") == "subscription":
        return _id_in(carried, "id") or None
    parent = carried.get("parent") or {}
    details = parent.get("subscription_details") if isinstance(parent, Mapping) else None
    for place in (carried, details or {}):
        if place.get("subscription"):
            return _id_in(place, "subscription")
    return None
