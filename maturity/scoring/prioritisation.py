"""Which areas of a rated enterprise to improve first: cost, KPI and proximity to the best, weighed by the horizon.

The impact value of an area is IV = Wc·C + Wk·K + Wp·P. C is what its improvement does to the enterprise's costs, K what
it does to the KPIs it cares for, P how far it stands behind the best of its industry. Each is a share of the sum over
all areas before it is weighed, so that no unit and no scale enters (digest 6.1). The degrees of relevance and the best
bands are licensed tables: whoever holds them brings them; none is in this product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

ZERO = Fraction(0)
Amounts = Mapping[str, Fraction]
#: area -> cost category or KPI -> degree of relevance
Table = Mapping[str, Amounts]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much cost, KPI and proximity count; together one."""

    cost: Fraction
    kpi: Fraction
    proximity: Fraction


def _weights(cost: str, kpi: str, proximity: str) -> Weights:
    return Weights(Fraction(cost), Fraction(kpi), Fraction(proximity))


#: the nearer the horizon, the more present cost counts (digest 6.1)
HORIZONS: Mapping[str, Weights] = {
    "strategic": _weights("0.30", "0.40", "0.30"),
    "tactical": _weights("0.45", "0.30", "0.25"),
    "operational": _weights("0.60", "0.20", "0.20"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One product of a raw sum: degree of relevance × share or importance."""

    name: str
    relevance: Fraction
    factor: Fraction

    @property
    def product(self) -> Fraction:
        return self.relevance * self.factor


@dataclass(frozen=True, slots=True)
class Raw:
    """The raw values of one area, with the terms they are the sum of."""

    cost: tuple[Term, ...]
    kpi: tuple[Term, ...]
    best: Fraction
    assessed: Fraction

    @property
    def values(self) -> tuple[Fraction, Fraction, Fraction]:
        """C, K and P; who stands at the best or above it has nothing to catch up."""
        cost = sum((term.product for term in self.cost), ZERO)
        kpi = sum((term.product for term in self.kpi), ZERO)
        return cost, kpi, max(self.best - self.assessed, ZERO)


@dataclass(frozen=True, slots=True)
class Priority:
    """An area with its shares, what each adds, and its impact value; rank 1 comes first."""

    area: str
    block: str
    raw: tuple[Fraction, Fraction, Fraction]  # C, K, P
    shares: tuple[Fraction, Fraction, Fraction]
    parts: tuple[Fraction, Fraction, Fraction]  # weight × share
    impact: Fraction
    rank: int


def raw_values(
    assessed: Amounts, best: Amounts, cost: Table, kpi: Table, cost_shares: Amounts, importances: Amounts
) -> dict[str, Raw]:
    """The raw sums of every assessed area; a table that lacks an area or a column raises KeyError."""
    return {
        area: Raw(_terms(cost[area], cost_shares), _terms(kpi[area], importances), best[area], band)
        for area, band in assessed.items()
    }


def _terms(row: Amounts, factors: Amounts) -> tuple[Term, ...]:
    return tuple(Term(name, row[name], factor) for name, factor in factors.items())


def shares(values: Sequence[Fraction]) -> list[Fraction]:
    """Each value's share of the sum; all zero where the sum is zero.

    >>> shares([Fraction(3), Fraction(1)])
    [Fraction(3, 4), Fraction(1, 4)]
    >>> shares([Fraction(0), Fraction(0)])
    [Fraction(0, 1), Fraction(0, 1)]
    """
    total = sum(values, ZERO)
    return [value / total if total else ZERO for value in values]


def prioritise(
    blocks: Mapping[str, str], raw: Mapping[str, tuple[Fraction, Fraction, Fraction]], weights: Weights
) -> tuple[Priority, ...]:
    """The areas, highest impact first; `blocks` names the building block of each, and its order decides between equals.

    >>> blocks = {"a": "process", "b": "technology"}
    >>> raw = {"a": (Fraction(3), Fraction(0), Fraction(1)), "b": (Fraction(1), Fraction(2), Fraction(1))}
    >>> [(item.area, str(item.impact)) for item in prioritise(blocks, raw, HORIZONS["strategic"])]
    [('b', '5/8'), ('a', '3/8')]
    """
    names = tuple(blocks)
    columns = [shares([raw[name][index] for name in names]) for index in range(3)]
    weighed = (weights.cost, weights.kpi, weights.proximity)
    found = []
    for position, name in enumerate(names):
        cost, kpi, proximity = (column[position] for column in columns)
        parts = (weighed[0] * cost, weighed[1] * kpi, weighed[2] * proximity)
        found.append((name, (cost, kpi, proximity), parts, sum(parts, ZERO)))
    found.sort(key=lambda item: -item[3])  # stable: equals keep their order
    return tuple(
        Priority(name, blocks[name], raw[name], share, parts, impact, rank)
        for rank, (name, share, parts, impact) in enumerate(found, 1)
    )


def begin_with(priorities: Sequence[Priority], count: int) -> tuple[Priority, ...]:
    """The areas to begin with: the first of every building block, then the next by impact up to `count`."""
    first: dict[str, Priority] = {}
    for item in priorities:
        first.setdefault(item.block, item)
    chosen = {item.area for item in first.values()}
    for item in priorities:
        if len(chosen) >= count:
            break
        chosen.add(item.area)
    return tuple(item for item in priorities if item.area in chosen)
