"""What the plans of a tenant come to at a moment. Nothing else decides what a plan opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from maturity.plans.loader import price_list
from maturity.plans.model import Feature, Plan, PriceList


@dataclass(frozen=True, slots=True)
class Term:
    """A plan from one moment until before another; without an end it runs on. `seats` is 1 where none are sold."""

    plan: str
    version: str
    seats: int
    starts_at: datetime
    ends_at: datetime | None

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    def meets(self, since: datetime, until: datetime) -> bool:
        """Whether it ran at any moment from `since` to `until`."""
        return self.starts_at <= until and (self.ends_at is None or since < self.ends_at)

    @property
    def offer(self) -> Plan:
        return price_list(self.version).plans[self.plan]


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What is open now. `plan` is the one shown, `term` the one that gives it, None of the basic plan.

    A kind of tenant for which nothing is sold has no plan, every feature and no limit.
    """

    plan: Plan | None
    term: Term | None
    features: frozenset[Feature]
    limits: Mapping[str, int | None]

    def opens(self, feature: Feature) -> bool:
        return feature in self.features

    def limit(self, name: str) -> int | None:
        return self.limits.get(name)


def entitlements(prices: PriceList, kind: str, terms: Sequence[Term], at: datetime) -> Entitlements:
    """The basic plan of the kind of tenant, and on top of it every plan that runs at the moment.

    Features add up; of a limit the most generous counts, so that a second plan never takes anything away.
    """
    basic = prices.basic(kind)
    if basic is None:
        return Entitlements(None, None, frozenset(Feature), {})
    running = [term for term in terms if term.covers(at)]
    best = max(running, key=lambda term: (term.offer.rank, term.seats, term.ends_at is None), default=None)
    plans = [(basic, 1), *((term.offer, term.seats) for term in running)]
    return Entitlements(
        best.offer if best is not None else basic,
        best,
        frozenset(feature for plan, _seats in plans for feature in plan.features),
        _widest([plan.limits_for(seats) for plan, seats in plans]),
    )


def _widest(all_limits: Sequence[Mapping[str, int | None]]) -> dict[str, int | None]:
    """Of each limit the most generous, where None is none."""
    return {name: _wider([limits[name] for limits in all_limits]) for name in all_limits[0]}


def _wider(limits: Sequence[int | None]) -> int | None:
    return None if None in limits else max(limit for limit in limits if limit is not None)


def opened_since(terms: Sequence[Term], feature: Feature, since: datetime, now: datetime) -> bool:
    """Whether a feature was open at any moment since then: what was open for something stays open for it, so that
    nothing is hidden when a plan ends."""
    return any(term.meets(since, now) and feature in term.offer.features for term in terms)
