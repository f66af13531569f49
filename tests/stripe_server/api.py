"""The resources of the API: what is made, changed, read and listed, by method and path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.stripe_server.state import State
from tests.stripe_server.wire import Json, bad, is_true, missing, page_of, whole

Handler = Callable[..., Json]
#: Ways to pay that Stripe takes in which currencies, and never for subscriptions.
ONCE_ONLY = {"alipay": ("cny", "usd"), "wechat_pay": ("cny", "usd")}


class Api:
    """One call after another on a state; `base` is where the hosted pages are."""

    def __init__(self, state: State, base: Callable[[], str]) -> None:
        self.state = state
        self.base = base
        self.routes: list[tuple[str, re.Pattern[str], Handler]] = list(self._routes())

    def call(self, method: str, path: str, params: Json) -> Json:
        for wanted, pattern, handler in self.routes:
            if wanted == method and (found := pattern.fullmatch(path)):
                answer = self.state.shown(handler(params, *found.groups()))
                return self._expanded(answer, params.get("expand") or [])
        raise missing("path", path)

    def _routes(self) -> Iterator[tuple[str, re.Pattern[str], Handler]]:
        one = "([A-Za-z0-9_-]+)"
        simple = {
            "customers": ("customers", "customer"),
            "products": ("products", "product"),
            "prices": ("prices", "price"),
            "tax_rates": ("tax_rates", "tax_rate"),
            "coupons": ("coupons", "coupon"),
            "payment_intents": ("payment_intents", "payment_intent"),
            "charges": ("charges", "charge"),
            "refunds": ("refunds", "refund"),
            "subscriptions": ("subscriptions", "subscription"),
            "invoices": ("invoices", "invoice"),
            "checkout/sessions": ("sessions", "checkout.session"),
            "billing_portal/configurations": ("configurations", "billing_portal.configuration"),
        }
        yield self._route("POST", "invoices/create_preview", self.create_preview)
        yield self._route("POST", f"invoices/{one}/pay", self.pay_invoice)
        yield self._route("POST", f"checkout/sessions/{one}/expire", self.expire_session)
        yield self._route("POST", "billing_portal/sessions", self.create_portal)
        yield self._route("GET", "events", self.list_events)
        yield self._route("GET", f"events/{one}", self.retrieve_event)
        for path, (table, kind) in simple.items():
            maker = getattr(self, f"create_{table}", None)
            changer = getattr(self, f"update_{table}", None)
            if maker is not None:
                yield self._route("POST", path, maker)
            if changer is not None:
                yield self._route("POST", f"{path}/{one}", changer)
            yield self._route("GET", f"{path}/{one}", self._reader(table, kind))
            yield self._route("GET", path, self._lister(table, f"/v1/{path}"))
        yield self._route("DELETE", f"subscriptions/{one}", self.cancel_subscription)
        yield self._route("DELETE", f"customers/{one}", self.delete_customer)

    def _route(self, method: str, path: str, handler: Handler) -> tuple[str, re.Pattern[str], Handler]:
        return method, re.compile(f"/v1/{path}"), handler

    def _reader(self, table: str, kind: str) -> Handler:
        return lambda _params, name: self.state.get(table, name, kind)

    def _lister(self, table: str, url: str) -> Handler:
        def listed(params: Json) -> Json:
            rows = [row for row in self.state.tables[table].values() if _matches(row, params)]
            page = page_of(rows, params, url)
            return {**page, "data": [self.state.shown(row) for row in page["data"]]}

        return listed

    def _expanded(self, answer: Json, paths: list[str] | Json) -> Json:
        for path in paths if isinstance(paths, list) else paths.values():
            answer = self._expand(answer, path.split("."))
        return answer

    def _expand(self, value: Any, path: list[str]) -> Any:
        if not path:
            return value
        if isinstance(value, list):
            return [self._expand(part, path) for part in value]
        if not isinstance(value, dict):
            return value
        name, rest = path[0], path[1:]
        if name == "data":
            return {**value, "data": self._expand(value["data"], rest)}
        whole_row = self._row(value)
        held = whole_row.get(name) if whole_row is not None else value.get(name)
        if isinstance(held, str) and (found := self._by_id(held)) is not None:
            held = self.state.shown(found)
        return {**value, name: self._expand(held, rest)}

    def _row(self, value: Json) -> Json | None:
        return self._by_id(str(value.get("id"))) if value.get("id") else None

    def _by_id(self, name: str) -> Json | None:
        return next((table[name] for table in self.state.tables.values() if name in table), None)

    # Customers and the catalogue

    def create_customers(self, params: Json) -> Json:
        given = {"name": params.get("name"), "email": params.get("email"), "metadata": params.get("metadata", {})}
        return self.state.make(
            "customers", "cus", "customer", {**given, "currency": None, "balance": 0}, "customer.created"
        )

    def update_customers(self, params: Json, name: str) -> Json:
        row = self.state.get("customers", name, "customer")
        self.state.change(row, "customer.updated", **{key: params[key] for key in ("name", "email") if key in params})
        return row

    def delete_customer(self, _params: Json, name: str) -> Json:
        row = self.state.get("customers", name, "customer")
        row.update(deleted=True)
        self.state.tell("customer.deleted", row)
        return {"id": name, "object": "customer", "deleted": True}

    def create_products(self, params: Json) -> Json:
        given = {"name": params["name"], "active": True}
        return self.state.make("products", "prod", "product", {**_named(params), **given}, "product.created")

    def update_products(self, params: Json, name: str) -> Json:
        row = self.state.get("products", name, "product")
        self.state.change(row, "product.updated", name=params.get("name", row["name"]))
        return row

    def create_prices(self, params: Json) -> Json:
        amount = whole(params.get("unit_amount"), "unit_amount")
        key = params.get("lookup_key")
        for other in self.state.tables["prices"].values():
            if key is not None and other["lookup_key"] == key:
                if not is_true(params.get("transfer_lookup_key")):
                    raise bad("A price already uses that lookup key.", "lookup_key", "resource_already_exists")
                other["lookup_key"] = None
        given = {
            "product": self.state.get("products", params["product"], "product")["id"],
            "currency": params["currency"],
            "unit_amount": amount,
            "recurring": params.get("recurring"),
            "lookup_key": key,
            "tax_behavior": params.get("tax_behavior", "unspecified"),
            "active": True,
        }
        return self.state.make("prices", "price", "price", given, "price.created")

    def update_prices(self, params: Json, name: str) -> Json:
        if "unit_amount" in params:
            raise bad("Received unknown parameter: unit_amount", "unit_amount", "parameter_unknown")
        row = self.state.get("prices", name, "price")
        if "active" in params:
            self.state.change(row, "price.updated", active=is_true(params["active"]))
        return row

    def create_tax_rates(self, params: Json) -> Json:
        given = {
            "display_name": params["display_name"],
            "percentage": float(params["percentage"]),
            "inclusive": is_true(params["inclusive"]),
            "active": True,
            "metadata": params.get("metadata", {}),
        }
        return self.state.make("tax_rates", "txr", "tax_rate", given, "tax_rate.created")

    def create_coupons(self, params: Json) -> Json:
        given = {
            "name": params.get("name"),
            "duration": params.get("duration", "once"),
            "percent_off": float(params["percent_off"]) if "percent_off" in params else None,
            "amount_off": int(params["amount_off"]) if "amount_off" in params else None,
            "currency": params.get("currency"),
            "valid": True,
        }
        return self.state.make("coupons", "co", "coupon", {**_named(params), **given}, "coupon.created")

    def create_configurations(self, params: Json) -> Json:
        given = {"features": params["features"], "metadata": params.get("metadata", {}), "active": True}
        return self.state.make("configurations", "bpc", "billing_portal.configuration", given)

    def create_portal(self, params: Json) -> Json:
        self.state.get("customers", params["customer"], "customer")
        given = {
            "customer": params["customer"],
            "return_url": params.get("return_url"),
            "locale": params.get("locale"),
            "configuration": self.state.get("configurations", params["configuration"], "configuration")["id"],
        }
        row = self.state.make("portals", "bps", "billing_portal.session", given)
        row["url"] = f"{self.base()}/portal/{row['id']}"
        return row

    # Checkout

    def create_sessions(self, params: Json) -> Json:
        mode, methods = params.get("mode"), params.get("payment_method_types", ["card"])
        if mode not in ("payment", "subscription"):
            raise bad("mode must be payment or subscription.", "mode", "parameter_missing")
        lines = params.get("line_items") or []
        if not lines:
            raise bad("line_items is required.", "line_items", "parameter_missing")
        owner = self.state.get("customers", params["customer"], "customer")
        price = self.state.price_of(lines[0])
        self._check_methods(mode, methods, price["currency"], params)
        if owner["currency"] not in (None, price["currency"]) and mode == "subscription":
            raise bad("A customer pays in one currency.", "currency", "currency_mismatch")
        quantity, coupon = int(lines[0].get("quantity", 1)), _coupon(params)
        amount = price["unit_amount"] * quantity
        if amount <= 0:
            raise bad("The amount must be above zero.", "line_items", "amount_too_small")
        if coupon is not None:
            self.state.get("coupons", coupon, "coupon")
        off = self.state.discount(amount, coupon, price["currency"])
        expires = int(params.get("expires_at", self.state.now + 86_400))
        if not self.state.now + 1_800 <= expires <= self.state.now + 86_400:
            raise bad("expires_at is from 30 minutes to 24 hours ahead.", "expires_at", "parameter_invalid")
        given = {
            "mode": mode,
            "customer": owner["id"],
            "client_reference_id": params.get("client_reference_id"),
            "currency": price["currency"],
            "amount_total": amount - off,
            "status": "open",
            "payment_status": "unpaid",
            "subscription": None,
            "payment_intent": None,
            "payment_method_types": methods,
            "payment_method_collection": params.get("payment_method_collection", "always"),
            "locale": params.get("locale", "auto"),
            "success_url": params["success_url"],
            "cancel_url": params.get("cancel_url"),
            "expires_at": expires,
            "metadata": params.get("metadata", {}),
            "_lines": lines,
            "_coupon": coupon,
            "_subscription_data": params.get("subscription_data", {}),
            "_payment_intent_data": params.get("payment_intent_data", {}),
        }
        row = self.state.make("sessions", "cs_test", "checkout.session", given)
        row["url"] = f"{self.base()}/pay/{row['id']}"
        return row

    def _check_methods(self, mode: str, methods: list[str], currency: str, params: Json) -> None:
        for method in methods:
            if method in ONCE_ONLY and mode == "subscription":
                raise bad(f"{method} cannot be used in subscription mode.", "payment_method_types", "parameter_invalid")
            if method in ONCE_ONLY and currency not in ONCE_ONLY[method]:
                raise bad(f"{method} does not take {currency}.", "payment_method_types", "parameter_invalid")
            options = params.get("payment_method_options", {})
            if method == "wechat_pay" and options.get("wechat_pay", {}).get("client") != "web":
                raise bad("wechat_pay needs a client.", "payment_method_options", "parameter_missing")

    def expire_session(self, _params: Json, name: str) -> Json:
        row = self.state.get("sessions", name, "checkout.session")
        if row["status"] != "open":
            raise bad("Only open sessions can be expired.", "id", "checkout_session_not_open")
        self.state.change(row, "checkout.session.expired", status="expired", url=None)
        return row

    def complete(self, name: str, *, method: str = "card", card: str | None = None) -> Json:
        """What the page does when somebody pays; a card error leaves it open."""
        row = self.state.get("sessions", name, "checkout.session")
        if row["status"] != "open":
            raise bad("This page is over.", "id", "checkout_session_not_open")
        if method not in row["payment_method_types"]:
            raise bad("This way to pay is not offered.", "payment_method", "parameter_invalid")
        if row["mode"] == "subscription":
            self._complete_subscription(row, card)
        else:
            data = row["_payment_intent_data"]
            intent = self.state.charge(
                row["customer"], row["currency"], row["amount_total"], data.get("metadata", {}), method, card or ""
            )
            row.update(payment_intent=intent["id"], payment_status="paid")
        row.update(status="complete", url=None)
        self.state.tell("checkout.session.completed", row)
        return row

    def _complete_subscription(self, row: Json, card: str | None) -> None:
        data = row["_subscription_data"]
        has_trial = int(data.get("trial_period_days", 0)) > 0
        if card is None and not (has_trial and row["payment_method_collection"] == "if_required"):
            raise bad("A card is needed.", "payment_method", "parameter_missing")
        before = self.state.cards.get(row["customer"])
        if card is not None:
            self.state.cards[row["customer"]] = card
        try:
            subscription = self.state.subscribe(row["customer"], row["_lines"][0], data, row["_coupon"])
        except Exception:
            self.state.cards.pop(row["customer"], None)
            if before is not None:
                self.state.cards[row["customer"]] = before
            raise
        row.update(subscription=subscription["id"], payment_status="no_payment_required" if has_trial else "paid")

    # Subscriptions, invoices, refunds

    def update_subscriptions(self, params: Json, name: str) -> Json:
        return self.state.update(self.state.get("subscriptions", name, "subscription"), params)

    def cancel_subscription(self, _params: Json, name: str) -> Json:
        row = self.state.get("subscriptions", name, "subscription")
        if row["status"] == "canceled":
            raise missing("subscription", name)
        return self.state.cancel(row)

    def create_preview(self, params: Json) -> Json:
        row = self.state.get("subscriptions", params["subscription"], "subscription")
        details = params.get("subscription_details", {})
        wanted = details["items"][0]
        price = self.state.price_of({"price": wanted["price"]})
        at = int(details.get("proration_date", self.state.now))
        lines = self.state.prorations(row, price, int(wanted.get("quantity", 1)), at)
        draft = self.state.draft(row, lines, "subscription_update")
        return {"id": f"upcoming_{name(row)}", "object": "invoice", "created": self.state.now, **draft}

    def pay_invoice(self, _params: Json, name: str) -> Json:
        row = self.state.get("invoices", name, "invoice")
        if row["status"] != "open":
            raise bad("Invoice is already paid.", "id", "invoice_already_paid")
        self.state.collect(row)
        return row

    def create_refunds(self, params: Json) -> Json:
        intent = self.state.get("payment_intents", params.get("payment_intent"), "payment_intent")
        amount = whole(params.get("amount", intent["amount"]), "amount")
        return self.state.refund(intent, amount, params.get("metadata", {}))

    # Events

    def list_events(self, params: Json) -> Json:
        wanted = params.get("types") or ([params["type"]] if "type" in params else None)
        rows = [event for event in self.state.events if wanted is None or event["type"] in wanted]
        return page_of(rows, params, "/v1/events")

    def retrieve_event(self, _params: Json, name: str) -> Json:
        found = next((event for event in self.state.events if event["id"] == name), None)
        if found is None:
            raise missing("event", name)
        return found


def name(row: Json) -> str:
    return str(row["id"]).rpartition("_")[2]


def _named(params: Json) -> Json:
    return {"id": params["id"]} if "id" in params else {}


def _coupon(params: Json) -> str | None:
    discounts = params.get("discounts") or []
    return discounts[0]["coupon"] if discounts else None


def _matches(row: Json, params: Json) -> bool:
    """The filters that the product uses."""
    if "lookup_keys" in params and row.get("lookup_key") not in params["lookup_keys"]:
        return False
    if "active" in params and row.get("active") != is_true(params["active"]):
        return False
    status = params.get("status")
    if status not in (None, "all") and row.get("status") != status:
        return False
    if row["object"] == "subscription" and status is None and row["status"] == "canceled":
        return False
    return all(row.get(key) == params[key] for key in ("customer", "payment_intent", "subscription") if key in params)
