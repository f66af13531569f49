"""What a price list says: plans, prices, fees, tax and coupons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from maturity.questionnaires.model import Text

#: Those in which something is sold, as Stripe writes them. All have a hundred minor units.
CURRENCIES = ("cny", "usd")
INTERVALS = ("month", "year")
#: What a limit is of: bytes of evidence at a time, people who belong to the tenant, live grants of a consultancy,
#: reporting periods that are compared with each other.
LIMITS = ("evidence_bytes", "members", "clients", "history_periods")


class Feature(Enum):
    """What a plan can open. What is in none of these is free for everybody."""

    CROSSWALK = "crosswalk"
    TRENDS = "trends"


@dataclass(frozen=True, slots=True)
class Tax:
    """`rate` in per cent; an inclusive one is contained in the prices."""

    rate: Decimal
    inclusive: bool
    name: Text


@dataclass(frozen=True, slots=True)
class Plan:
    """What is offered to one kind of tenant; without prices it cannot be bought."""

    code: str
    kind: str
    rank: int
    name: Text
    summary: Text
    features: frozenset[Feature]
    #: None is no limit; what is not named is not limited either
    limits: Mapping[str, int | None]
    per_seat_limits: Mapping[str, int] = field(default_factory=dict)
    #: interval -> currency -> minor units, for a seat where it is sold by the seat
    prices: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    per_seat: bool = False
    least_seats: int = 1
    most_seats: int = 1
    trial_days: int = 0

    @property
    def is_sold(self) -> bool:
        return bool(self.prices)

    @property
    def is_basic(self) -> bool:
        """What a tenant of its kind has without doing anything."""
        return self.rank == 0

    def limits_for(self, seats: int) -> dict[str, int | None]:
        """All limits of so many seats."""
        multiplied = {name: each * seats for name, each in self.per_seat_limits.items()}
        return {**dict.fromkeys(LIMITS), **self.limits, **multiplied}


@dataclass(frozen=True, slots=True)
class Fee:
    """Something paid once, such as for a certification; minor units by currency."""

    code: str
    name: Text
    prices: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Coupon:
    """A reduction of the first term of a plan, for each tenant once. Either `percent` or `amount` by currency."""

    code: str
    name: Text
    plans: frozenset[str]
    intervals: frozenset[str]
    until: date
    most: int
    percent: int | None = None
    amount: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class PriceList:
    """One edition of everything that is sold."""

    version: str
    in_force_from: date
    taxes: Mapping[str, Tax]
    plans: Mapping[str, Plan]
    fees: Mapping[str, Fee]
    coupons: Mapping[str, Coupon]

    def basic(self, kind: str) -> Plan | None:
        """The plan without price of a kind of tenant; None where nothing is limited."""
        return next((plan for plan in self.plans.values() if plan.kind == kind and plan.is_basic), None)

    def sold_to(self, kind: str) -> tuple[Plan, ...]:
        return tuple(plan for plan in self.plans.values() if plan.kind == kind and plan.is_sold)

    def opening(self, feature: Feature) -> Plan | None:
        """The cheapest plan on sale that opens a feature."""
        found = [plan for plan in self.plans.values() if feature in plan.features and plan.is_sold]
        return min(found, key=lambda plan: plan.rank, default=None)
