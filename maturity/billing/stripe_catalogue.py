"""What is sold, at Stripe: products, prices, tax rates, coupons and the portal's settings, looked up and made.

Prices are found by their lookup key, coupons and products by the id that we give them, tax rates and the portal by
their metadata. What was found is remembered for the process until `forget`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from stripe import StripeClient

from maturity.billing.gateway import Gone, NotInPlace
from maturity.billing.stripe_client import ask, listed

#: In the metadata of tax rates and of the portal's settings, by which they are found.
NAME = "maturity_name"
PORTAL = "portal:1"
_PORTAL_FEATURES: dict[str, Any] = {
    "customer_update": {"enabled": False},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    # changes of the plan go through our own page, which knows how many people are in use
    "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
    "subscription_update": {"enabled": False},
}


@dataclass(frozen=True, slots=True)
class PriceAtStripe:
    id: str
    currency: str
    amount_minor: int
    interval: str


@dataclass(frozen=True, slots=True)
class CouponAtStripe:
    percent: Decimal | None
    amount_minor: int | None
    currency: str | None


@dataclass(slots=True)
class StripeCatalogue:
    """`require_…` raise `NotInPlace`; `find_…` ask Stripe anew, `make_…` take the name as idempotency key."""

    client: StripeClient
    _known: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """What was found may have changed: the catalogue was put in place, or Stripe does not know something more."""
        self._known.clear()

    def require_price(self, lookup_key: str) -> str:
        return self._require(lookup_key, lambda: self._id_of_price(lookup_key))

    def require_tax(self, name: str) -> str:
        return self._require(name, lambda: self.find_tax(name))

    def require_portal(self) -> str:
        return self._require(PORTAL, self.find_portal)

    def _require(self, name: str, find: Callable[[], str | None]) -> str:
        found = self._known.get(name) or find()
        if found is None:
            raise NotInPlace(name)
        self._known[name] = found
        return found

    def _id_of_price(self, lookup_key: str) -> str | None:
        found = self.find_prices([lookup_key]).get(lookup_key)
        return found.id if found is not None else None

    def find_prices(self, lookup_keys: Iterable[str]) -> dict[str, PriceAtStripe]:
        """Those that there are; Stripe takes ten keys at a time."""
        asked, found = list(lookup_keys), {}
        for start in range(0, len(asked), 10):
            params = {"lookup_keys": asked[start : start + 10], "active": True}
            for price in listed(self.client.v1.prices.list, params):
                found[str(price["lookup_key"])] = _price(price)
        return found

    def make_product(self, product_id: str, name: str) -> None:
        """Make it, or bring its name up to date."""
        try:
            ask(self.client.v1.products.update, product_id, {"name": name})
        except Gone:
            ask(self.client.v1.products.create, {"id": product_id, "name": name}, key=product_id)

    def make_price(
        self, lookup_key: str, product_id: str, currency: str, amount_minor: int, interval: str, *, inclusive: bool
    ) -> None:
        params = {
            "product": product_id,
            "currency": currency,
            "unit_amount": amount_minor,
            "recurring": {"interval": interval},
            "lookup_key": lookup_key,
            "tax_behavior": "inclusive" if inclusive else "exclusive",
        }
        ask(self.client.v1.prices.create, params, key=lookup_key)

    def find_tax(self, name: str) -> str | None:
        rates = listed(self.client.v1.tax_rates.list, {"active": True})
        return next((rate["id"] for rate in rates if (rate.get("metadata") or {}).get(NAME) == name), None)

    def make_tax(self, name: str, words: str, percent: Decimal, *, inclusive: bool) -> None:
        params = {
            "display_name": words[:50],
            "percentage": float(percent),
            "inclusive": inclusive,
            "metadata": {NAME: name},
        }
        ask(self.client.v1.tax_rates.create, params, key=name)

    def find_coupon(self, coupon_id: str) -> CouponAtStripe | None:
        try:
            found = ask(self.client.v1.coupons.retrieve, coupon_id)
        except Gone:
            return None
        percent = found.get("percent_off")
        percent = None if percent is None else Decimal(str(percent))
        return CouponAtStripe(percent, found.get("amount_off"), found.get("currency"))

    def make_coupon(self, coupon_id: str, name: str, wanted: CouponAtStripe) -> None:
        params: dict[str, Any] = {"id": coupon_id, "name": name[:40], "duration": "once"}
        if wanted.percent is not None:
            params["percent_off"] = float(wanted.percent)
        else:
            params |= {"amount_off": wanted.amount_minor, "currency": wanted.currency}
        ask(self.client.v1.coupons.create, params, key=coupon_id)

    def find_portal(self) -> str | None:
        """The settings of the customer portal that are ours."""
        found = listed(self.client.v1.billing_portal.configurations.list, {"active": True})
        return next((entry["id"] for entry in found if (entry.get("metadata") or {}).get(NAME) == PORTAL), None)

    def make_portal(self) -> None:
        params = {"features": _PORTAL_FEATURES, "metadata": {NAME: PORTAL}}
        ask(self.client.v1.billing_portal.configurations.create, params, key=PORTAL)


def _price(found: dict[str, Any]) -> PriceAtStripe:
    interval = (found.get("recurring") or {}).get("interval", "")
    return PriceAtStripe(found["id"], found["currency"], found.get("unit_amount") or 0, interval)
