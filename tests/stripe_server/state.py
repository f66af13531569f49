"""What the server knows, and how money moves in it: periods, prorations, taxes, invoices, charges, dunning."""

from __future__ import annotations

import calendar
import copy
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.stripe_server.wire import Json, bad, card_fault, missing

API_VERSION = "2026-10-28.endive"
#: Cards by number: what comes of charging one.
GOOD, DECLINED, POOR, FAILS_LATER, ASKS = (
    "4242424242424242",
    "4000000000000002",
    "4000000000009995",
    "4000000000000341",
    "4000002500003155",
)
_REASONS = {DECLINED: "generic_decline", POOR: "insufficient_funds", FAILS_LATER: "generic_decline"}
DAY = 86_400
#: After a failed renewal, days until each further attempt.
RETRIES = (3, 5, 7)
TABLES = (
    "customers",
    "products",
    "prices",
    "tax_rates",
    "coupons",
    "sessions",
    "subscriptions",
    "invoices",
    "invoice_items",
    "payment_intents",
    "charges",
    "refunds",
    "configurations",
    "portals",
)


def rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def months_later(anchor: int, months: int) -> int:
    """The same day and time so many months after an anchor, or the last day of a shorter month."""
    start = datetime.fromtimestamp(anchor, UTC)
    year, month = divmod(start.month - 1 + months, 12)
    year += start.year
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


class State:
    """The account. Every change makes an event; nothing here knows of HTTP."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.tables: dict[str, dict[str, Json]] = {name: {} for name in TABLES}
        self.events: list[Json] = []
        self.after_dunning = "canceled"
        #: customer -> number of the card that is charged
        self.cards: dict[str, str] = {}
        self._count = 0
        self._anchors: dict[str, int] = {}

    # Objects

    def new_id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}_{self._count:08d}"

    def make(self, table: str, prefix: str, kind: str, given: Json, event: str | None = None) -> Json:
        row: Json = {"id": given.pop("id", None) or self.new_id(prefix), "object": kind, "created": self.now}
        row |= {"livemode": False, "metadata": {}, **given}
        if row["id"] in self.tables[table]:
            raise bad(f"{kind} already exists.", "id", "resource_already_exists")
        self.tables[table][row["id"]] = row
        if event:
            self.tell(event, row)
        return row

    def get(self, table: str, name: Any, kind: str = "object") -> Json:
        row = self.tables[table].get(str(name))
        if row is None:
            raise missing(kind, str(name))
        return row

    def tell(self, kind: str, row: Json, before: Json | None = None) -> None:
        """An event with a snapshot of the object."""
        data: Json = {"object": copy.deepcopy(self.shown(row))}
        if before:
            data["previous_attributes"] = before
        event = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "livemode": False,
            "type": kind,
            "data": data,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
        }
        self.events.append(event)

    def change(self, row: Json, event: str, **values: Any) -> None:
        before = {name: copy.deepcopy(row.get(name)) for name, value in values.items() if row.get(name) != value}
        row.update(values)
        if before:
            self.tell(event, row, before)

    def shown(self, row: Json) -> Json:
        """As the API shows it: the parts that are only there when asked for are left out."""
        hidden = {"charge": ("refunds",), "invoice": ("payments",)}.get(row["object"], ())
        return {name: value for name, value in row.items() if name not in hidden and not name.startswith("_")}

    # Prices and amounts

    def price_of(self, item: Json) -> Json:
        if "price" in item:
            price = self.get("prices", item["price"], "price")
            if not price["active"]:
                raise bad("The price specified is inactive.", "line_items", "price_inactive")
            return price
        data = item.get("price_data")
        if not isinstance(data, dict):
            raise bad("A line needs a price or price_data.", "line_items", "parameter_missing")
        return {
            "id": self.new_id("price"),
            "object": "price",
            "currency": data["currency"],
            "unit_amount": int(data["unit_amount"]),
            "recurring": None,
            "lookup_key": None,
            "product": data["product_data"]["name"],
            "tax_behavior": data.get("tax_behavior", "unspecified"),
        }

    def taxed(self, amount: int, rates: list[str]) -> tuple[int, int, list[Json]]:
        """Tax and total of an amount under tax rates, and the entries that say so."""
        total, tax, entries = amount, 0, []
        for name in rates:
            rate = self.get("tax_rates", name, "tax_rate")
            percent = Decimal(str(rate["percentage"]))
            if rate["inclusive"]:
                part = rounded(amount * percent / (100 + percent))
            else:
                part = rounded(amount * percent / 100)
                total += part
            tax += part
            behaviour = "inclusive" if rate["inclusive"] else "exclusive"
            entries.append({"amount": part, "tax_behavior": behaviour, "tax_rate_details": {"tax_rate": name}})
        return tax, total, entries

    def discount(self, amount: int, coupon: str | None, currency: str) -> int:
        if coupon is None or amount <= 0:
            return 0
        found = self.get("coupons", coupon, "coupon")
        if found["percent_off"] is not None:
            return rounded(amount * Decimal(str(found["percent_off"])) / 100)
        if found["currency"] != currency:
            raise bad("The coupon is of another currency.", "discounts", "coupon_currency_mismatch")
        return min(amount, int(found["amount_off"]))

    # Charging

    def charge(self, customer: str, currency: str, amount: int, metadata: Json, method: str, card: str) -> Json:
        """A payment intent that succeeded; a card error where the card refuses."""
        if method == "card" and card not in (GOOD, ASKS):
            self._failed(customer, currency, amount, metadata, card)
            raise card_fault(_REASONS.get(card, "generic_decline"))
        intent = self.make(
            "payment_intents",
            "pi",
            "payment_intent",
            {
                "customer": customer,
                "currency": currency,
                "amount": amount,
                "amount_received": amount,
                "status": "succeeded",
                "payment_method_types": [method],
                "metadata": dict(metadata),
            },
        )
        charge = self.make(
            "charges",
            "ch",
            "charge",
            {
                "customer": customer,
                "currency": currency,
                "amount": amount,
                "amount_refunded": 0,
                "refunded": False,
                "status": "succeeded",
                "paid": True,
                "payment_intent": intent["id"],
                "payment_method_details": {"type": method},
                "refunds": {"object": "list", "data": [], "has_more": False},
            },
        )
        intent["latest_charge"] = charge["id"]
        self.tell("payment_intent.succeeded", intent)
        self.tell("charge.succeeded", charge)
        return intent

    def _failed(self, customer: str, currency: str, amount: int, metadata: Json, card: str) -> None:
        intent = self.make(
            "payment_intents",
            "pi",
            "payment_intent",
            {
                "customer": customer,
                "currency": currency,
                "amount": amount,
                "amount_received": 0,
                "status": "requires_payment_method",
                "payment_method_types": ["card"],
                "metadata": dict(metadata),
                "latest_charge": None,
                "last_payment_error": {"code": "card_declined", "decline_code": _REASONS.get(card)},
            },
        )
        self.tell("payment_intent.payment_failed", intent)

    def refund(self, intent: Json, amount: int, metadata: Json) -> Json:
        charge = self.get("charges", intent.get("latest_charge"), "charge")
        left = charge["amount"] - charge["amount_refunded"]
        if left == 0:
            raise bad("Charge has already been refunded.", "payment_intent", "charge_already_refunded")
        if not 0 < amount <= left:
            raise bad("Refund amount is greater than unrefunded amount on charge", "amount", "amount_too_large")
        refund = self.make(
            "refunds",
            "re",
            "refund",
            {
                "amount": amount,
                "currency": charge["currency"],
                "charge": charge["id"],
                "payment_intent": intent["id"],
                "status": "succeeded",
                "metadata": dict(metadata),
            },
            "refund.created",
        )
        charge["refunds"]["data"].insert(0, refund)
        whole = charge["amount_refunded"] + amount
        self.change(charge, "charge.refunded", amount_refunded=whole, refunded=whole == charge["amount"])
        return refund

    # Subscriptions

    def period_end(self, subscription: Json) -> int:
        """The first end of a period after the present beginning, counted from the anchor."""
        item = subscription["items"]["data"][0]
        step = {"month": 1, "year": 12}[item["price"]["recurring"]["interval"]]
        anchor, number = self._anchors[subscription["id"]], 1
        while (end := months_later(anchor, step * number)) <= item["current_period_start"]:
            number += 1
        return end

    def subscribe(self, customer: str, line: Json, data: Json, coupon: str | None) -> Json:
        """A subscription with its first invoice; a card error leaves nothing behind."""
        price = self.price_of(line)
        if price["recurring"] is None:
            raise bad("The price is not recurring.", "line_items", "price_not_recurring")
        owner = self.get("customers", customer, "customer")
        if owner["currency"] not in (None, price["currency"]):
            raise bad("A customer pays in one currency.", "currency", "currency_mismatch")
        trial = int(data.get("trial_period_days", 0)) * DAY
        name = self.new_id("sub")
        item: Json = {
            "id": self.new_id("si"),
            "object": "subscription_item",
            "subscription": name,
            "price": price,
            "quantity": int(line.get("quantity", 1)),
            "current_period_start": self.now,
            "current_period_end": self.now + trial,
        }
        subscription = {
            "id": name,
            "object": "subscription",
            "created": self.now,
            "livemode": False,
            "customer": customer,
            "currency": price["currency"],
            "metadata": dict(data.get("metadata", {})),
            "status": "trialing" if trial else "active",
            "start_date": self.now,
            "trial_start": self.now if trial else None,
            "trial_end": self.now + trial if trial else None,
            "trial_settings": data.get("trial_settings"),
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "ended_at": None,
            "latest_invoice": None,
            "default_tax_rates": list(data.get("default_tax_rates", [])),
            "items": {"object": "list", "data": [item], "has_more": False},
            "_coupon": coupon,
            "_told_trial": False,
        }
        self._anchors[name] = self.now + trial
        if not trial:
            item["current_period_end"] = self.period_end(subscription)
        self.tables["subscriptions"][name] = subscription
        lines = [self._line(subscription, 0 if trial else price["unit_amount"], item["quantity"])]
        try:
            invoice = self.bill(subscription, lines, "subscription_create", must_pay=True)
        except Exception:
            del self.tables["subscriptions"][name]
            raise
        owner["currency"] = price["currency"]
        subscription["latest_invoice"] = invoice["id"]
        self.tell("customer.subscription.created", subscription)
        return subscription

    def _line(self, subscription: Json, unit: int, quantity: int, *, words: str = "", proration: bool = False) -> Json:
        item = subscription["items"]["data"][0]
        details = {"subscription": subscription["id"], "subscription_item": item["id"], "proration": proration}
        return {
            "id": self.new_id("il"),
            "object": "line_item",
            "amount": unit * quantity,
            "currency": subscription["currency"],
            "quantity": quantity,
            "description": words or f"{quantity} × {item['price']['lookup_key'] or item['price']['id']}",
            "period": {"start": item["current_period_start"], "end": item["current_period_end"]},
            "parent": {"type": "subscription_item_details", "subscription_item_details": details},
            "pricing": {"price_details": {"price": item["price"]["id"]}, "type": "price_details"},
        }

    def draft(self, subscription: Json, lines: list[Json], reason: str) -> Json:
        """An invoice that nobody has seen yet: discount before tax, then the customer's credit."""
        amount = sum(line["amount"] for line in lines)
        off = self.discount(amount, subscription["_coupon"], subscription["currency"])
        tax, total, entries = self.taxed(amount - off, subscription["default_tax_rates"])
        balance = self.get("customers", subscription["customer"])["balance"]
        due = max(0, total + balance) if total > 0 else 0
        return {
            "customer": subscription["customer"],
            "currency": subscription["currency"],
            "billing_reason": reason,
            "number": None,
            "status": "draft",
            "subtotal": amount,
            "total": total,
            "total_taxes": entries,
            "total_discount_amounts": [{"amount": off}] if off else [],
            "amount_due": due,
            "amount_paid": 0,
            "amount_remaining": due,
            "attempt_count": 0,
            "attempted": False,
            "next_payment_attempt": None,
            "hosted_invoice_url": None,
            "invoice_pdf": None,
            "lines": {"object": "list", "data": lines, "has_more": False},
            "parent": {
                "type": "subscription_details",
                "subscription_details": {
                    "subscription": subscription["id"],
                    "metadata": dict(subscription["metadata"]),
                },
            },
            "payments": {"object": "list", "data": [], "has_more": False},
            "status_transitions": {"finalized_at": None, "paid_at": None},
        }

    def bill(self, subscription: Json, lines: list[Json], reason: str, *, must_pay: bool = False) -> Json:
        """Make, finalize and pay an invoice. With `must_pay` a card error leaves nothing behind."""
        given = self.draft(subscription, lines, reason)
        card = self.cards.get(subscription["customer"], "")
        if must_pay and given["amount_due"] and card not in (GOOD, ASKS, FAILS_LATER):
            raise card_fault(_REASONS.get(card, "generic_decline"))
        if must_pay and given["amount_due"] and card == FAILS_LATER and reason != "subscription_create":
            raise card_fault("generic_decline")
        invoice = self.make("invoices", "in", "invoice", given, "invoice.created")
        subscription["_coupon"] = None  # once
        invoice["number"] = f"INV-{invoice['id'].rpartition('_')[2]}"
        invoice["hosted_invoice_url"] = f"https://invoice.stripe.example/{invoice['id']}"
        invoice["invoice_pdf"] = f"https://invoice.stripe.example/{invoice['id']}.pdf"
        invoice["status_transitions"]["finalized_at"] = self.now
        self.change(invoice, "invoice.finalized", status="open")
        customer = self.get("customers", subscription["customer"])
        if invoice["total"] < 0:
            customer["balance"] += invoice["total"]
        elif invoice["total"] > invoice["amount_due"]:
            customer["balance"] += invoice["total"] - invoice["amount_due"]
        self.collect(invoice, first=reason == "subscription_create")
        return invoice

    def collect(self, invoice: Json, *, first: bool = False) -> bool:
        """One attempt to have an invoice paid; whether it is."""
        customer, due = invoice["customer"], invoice["amount_due"]
        if due == 0:
            return self._paid(invoice, None)
        card = self.cards.get(customer, "")
        usable = GOOD if first and card == FAILS_LATER else card
        details = invoice["parent"]["subscription_details"]
        attempts = invoice["attempt_count"] + 1
        try:
            intent = self.charge(customer, invoice["currency"], due, details["metadata"], "card", usable)
        except Exception:
            later = self.now + RETRIES[attempts - 1] * DAY if attempts <= len(RETRIES) else None
            invoice.update(attempt_count=attempts, attempted=True, next_payment_attempt=later)
            self.tell("invoice.payment_failed", invoice)
            return False
        invoice["attempt_count"] = attempts
        return self._paid(invoice, intent)

    def _paid(self, invoice: Json, intent: Json | None) -> bool:
        if intent is not None:
            payment = {
                "id": self.new_id("inpay"),
                "object": "invoice_payment",
                "invoice": invoice["id"],
                "status": "paid",
                "amount_paid": intent["amount"],
                "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
            }
            invoice["payments"]["data"].append(payment)
            self.tell("invoice_payment.paid", payment)
        invoice["status_transitions"]["paid_at"] = self.now
        paid = {"status": "paid", "attempted": True, "amount_paid": invoice["amount_due"], "amount_remaining": 0}
        self.change(invoice, "invoice.paid", **paid, next_payment_attempt=None)
        self.tell("invoice.payment_succeeded", invoice)
        subscription = self.tables["subscriptions"].get(invoice["parent"]["subscription_details"]["subscription"])
        if subscription is not None and subscription["status"] in ("past_due", "unpaid"):
            self.change(subscription, "customer.subscription.updated", status="active")
        return True

    # Changing

    def prorations(self, subscription: Json, price: Json, quantity: int, at: int) -> list[Json]:
        """The lines of a change at a moment: what is not used comes back, what is to come is charged."""
        item = subscription["items"]["data"][0]
        start, end = item["current_period_start"], item["current_period_end"]
        if subscription["status"] == "trialing":
            return []
        left = Decimal(end - at) / Decimal(end - start)
        back = -rounded(item["price"]["unit_amount"] * item["quantity"] * left)
        lines = [self._line(subscription, back, 1, words="Unused time", proration=True)]
        if price["recurring"] == item["price"]["recurring"]:
            ahead = rounded(price["unit_amount"] * quantity * left)
            lines.append(self._line(subscription, ahead, 1, words="Remaining time", proration=True))
        else:
            lines.append(self._line(subscription, price["unit_amount"], quantity))
        return lines

    def update(self, subscription: Json, params: Json) -> Json:
        before = {"items": copy.deepcopy(subscription["items"])}
        if subscription["status"] in ("canceled", "incomplete_expired"):
            raise bad("A canceled subscription can only update its cancellation_details.", "id", "invalid_canceled")
        if "items" in params:
            self._replace(subscription, params)
            self.tell("customer.subscription.updated", subscription, before)
        if "metadata" in params:
            subscription["metadata"] = {**subscription["metadata"], **params["metadata"]}
        if "cancel_at_period_end" in params:
            wanted = str(params["cancel_at_period_end"]).lower() == "true"
            end = subscription["items"]["data"][0]["current_period_end"]
            values = {"cancel_at_period_end": wanted, "cancel_at": end if wanted else None}
            canceled = self.now if wanted else None
            self.change(subscription, "customer.subscription.updated", **values, canceled_at=canceled)
        if params.get("trial_end") == "now" and subscription["status"] == "trialing":
            self.end_trial(subscription)
        return subscription

    def _replace(self, subscription: Json, params: Json) -> None:
        item, wanted = subscription["items"]["data"][0], params["items"][0]
        if wanted.get("id") != item["id"]:
            raise bad("No such subscription item", "items", "resource_missing")
        price = self.price_of({"price": wanted.get("price", item["price"]["id"])})
        if price["currency"] != subscription["currency"]:
            raise bad("The price is of another currency.", "items", "currency_mismatch")
        quantity = int(wanted.get("quantity", item["quantity"]))
        at = int(params.get("proration_date", self.now))
        if not item["current_period_start"] <= at <= item["current_period_end"]:
            raise bad("proration_date is outside of the period.", "proration_date", "parameter_invalid")
        lines = []
        if params.get("proration_behavior", "create_prorations") != "none":
            lines = self.prorations(subscription, price, quantity, at)
        if lines and params.get("proration_behavior") == "always_invoice":
            must = params.get("payment_behavior") == "error_if_incomplete"
            invoice = self.bill(subscription, lines, "subscription_update", must_pay=must)
            subscription["latest_invoice"] = invoice["id"]
        renewed = price["recurring"] != item["price"]["recurring"] and subscription["status"] != "trialing"
        item.update(price=price, quantity=quantity)
        if renewed:
            self._anchors[subscription["id"]] = item["current_period_start"] = at
            item["current_period_end"] = self.period_end(subscription)

    def cancel(self, subscription: Json) -> Json:
        values = {"status": "canceled", "canceled_at": self.now, "ended_at": self.now}
        self.change(subscription, "customer.subscription.deleted", **values)
        return subscription

    # Time

    def end_trial(self, subscription: Json) -> None:
        item = subscription["items"]["data"][0]
        behaviour = ((subscription.get("trial_settings") or {}).get("end_behavior") or {}).get("missing_payment_method")
        if subscription["customer"] not in self.cards and behaviour == "cancel":
            self.cancel(subscription)
            return
        self._anchors[subscription["id"]] = self.now
        subscription["trial_end"] = min(subscription["trial_end"], self.now)
        self._next_period(subscription, item, "active")

    def _next_period(self, subscription: Json, item: Json, status: str) -> None:
        item["current_period_start"] = self.now
        item["current_period_end"] = self.period_end(subscription)
        lines = [self._line(subscription, item["price"]["unit_amount"], item["quantity"])]
        invoice = self.bill(subscription, lines, "subscription_cycle")
        subscription["latest_invoice"] = invoice["id"]
        status = status if invoice["status"] == "paid" else "past_due"
        before = {"status": subscription["status"]}
        subscription["status"] = status
        self.tell("customer.subscription.updated", subscription, before)

    def due(self) -> list[tuple[int, str, Json]]:
        """What falls due when: the next thing of each subscription, invoice and session."""
        found: list[tuple[int, str, Json]] = []
        for row in self.tables["sessions"].values():
            if row["status"] == "open":
                found.append((row["expires_at"], "session", row))
        for row in self.tables["subscriptions"].values():
            found += self._due_of(row)
        for row in self.tables["invoices"].values():
            if row["status"] == "open" and row["next_payment_attempt"] is not None:
                found.append((row["next_payment_attempt"], "retry", row))
        return found

    def _due_of(self, row: Json) -> list[tuple[int, str, Json]]:
        if row["status"] not in ("trialing", "active", "past_due"):
            return []
        end = row["items"]["data"][0]["current_period_end"]
        if row["status"] == "trialing":
            told = (
                [] if row["_told_trial"] else [(max(row["trial_end"] - 3 * DAY, row["start_date"]), "trial_near", row)]
            )
            return [*told, (row["trial_end"], "trial_end", row)]
        return [(end, "period_end", row)]

    def advance(self, to: int) -> None:
        """Let time go on, doing what falls due in its order."""
        while True:
            ripe = [entry for entry in self.due() if entry[0] <= to]
            if not ripe:
                break
            at, what, row = min(ripe, key=lambda entry: (entry[0], entry[1], entry[2]["id"]))
            self.now = max(self.now, at)
            getattr(self, f"_do_{what}")(row)
        self.now = to

    def _do_session(self, row: Json) -> None:
        self.change(row, "checkout.session.expired", status="expired", url=None)

    def _do_trial_near(self, row: Json) -> None:
        row["_told_trial"] = True
        self.tell("customer.subscription.trial_will_end", row)

    def _do_trial_end(self, row: Json) -> None:
        if row["cancel_at_period_end"]:
            self.cancel(row)
        else:
            self.end_trial(row)

    def _do_period_end(self, row: Json) -> None:
        if row["cancel_at_period_end"]:
            self.cancel(row)
            return
        self._next_period(row, row["items"]["data"][0], row["status"])

    def _do_retry(self, row: Json) -> None:
        if self.collect(row) or row["next_payment_attempt"] is not None:
            return
        subscription = self.tables["subscriptions"][row["parent"]["subscription_details"]["subscription"]]
        if self.after_dunning == "canceled":
            self.cancel(subscription)
        else:
            self.change(subscription, "customer.subscription.updated", status=self.after_dunning)
