"""The synthetic population: enterprises over industries, regions, sizes and years, in columns, from one seed.

A latent capability by enterprise, shifted by size, industry, region and year, with a deviation by dimension and noise
by question, is turned into facts through each question's difficulty. The shifts are ours; the totals are held to the
published distributions: the CNC rate and its growth, the use of digital design tools, and the share of enterprises at
the two upper stages. Everything made from this is marked synthetic wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.framework import Framework
from maturity.questionnaires.conditions import All, AnyOf, Condition, Leaf, holds
from maturity.questionnaires.model import Fact, FactValue, Pair
from maturity.reference.industries import is_energy_intensive
from maturity.reference.regions import children, macro_region_of
from maturity.scoring.batch import BatchScore, score_columns
from maturity.scoring.engine import prepare, rounded

SEED = 20261124
PERIODS = (2023, 2024, 2025)
SIZE = 10_400  # enterprises, each present in every year
#: division -> (share of enterprises, shift of capability, production type shares mass/batch/process/mixed)
INDUSTRIES: Mapping[str, tuple[int, float, tuple[int, int, int, int]]] = {
    "13": (5, -0.25, (0, 0, 3, 7)), "14": (5, 0.0, (0, 0, 3, 7)), "15": (3, 0.15, (0, 0, 6, 4)),
    "17": (5, -0.2, (2, 0, 2, 6)), "18": (5, -0.15, (7, 3, 0, 0)), "21": (3, -0.2, (6, 4, 0, 0)),
    "22": (3, -0.1, (0, 0, 6, 4)), "25": (2, 0.4, (0, 0, 10, 0)), "26": (7, 0.15, (0, 0, 9, 1)),
    "27": (4, 0.3, (0, 0, 5, 5)), "29": (6, -0.1, (6, 1, 1, 2)), "30": (7, -0.25, (1, 0, 8, 1)),
    "31": (2, 0.25, (0, 0, 9, 1)), "32": (3, 0.1, (0, 0, 8, 2)), "33": (8, -0.25, (5, 5, 0, 0)),
    "34": (8, 0.0, (4, 6, 0, 0)), "35": (7, 0.1, (2, 8, 0, 0)), "36": (6, 0.35, (9, 1, 0, 0)),
    "37": (2, 0.25, (3, 7, 0, 0)), "38": (8, 0.25, (7, 3, 0, 0)), "39": (7, 0.45, (9, 1, 0, 0)),
    "40": (3, 0.25, (4, 6, 0, 0)),
}  # fmt: skip
PROVINCES: Mapping[str, int] = {
    "320000": 16, "330000": 13, "440000": 15, "370000": 10, "310000": 3, "350000": 5, "130000": 4, "120000": 2,
    "110000": 2, "410000": 6, "420000": 5, "430000": 5, "340000": 6, "360000": 4, "140000": 2, "510000": 5,
    "500000": 3, "610000": 3, "450000": 2, "520000": 1, "530000": 1, "210000": 2, "220000": 1, "230000": 1,
}  # fmt: skip
MACRO_SHIFT = {"east": 0.15, "central": -0.05, "west": -0.2, "northeast": -0.2}
SIZES = ("micro", "small", "medium", "large")
SIZE_SHARES = (0.06, 0.62, 0.25, 0.07)
SIZE_SHIFT = {"micro": -0.9, "small": -0.3, "medium": 0.3, "large": 0.75}
YEAR_SHIFT = {2023: -0.18, 2024: -0.09, 2025: 0.0}
TYPES = ("discrete_mass", "discrete_small_batch", "process", "mixed")
#: how hard a topic is compared with the rest, by section
DIFFICULTY = {
    "infrastructure": -0.05, "governance": 0.1, "rd": -0.25, "production": 0.0, "management": -0.15, "ecommerce": 0.3,
    "integration": 0.4, "collaboration": 0.85, "security": 0.1, "outcomes": 0.0,
}  # fmt: skip
DIMENSION_SPREAD, NOISE, BASE = 0.3, 0.8, -0.06
Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Population:
    """One year: profiles, facts in columns, scores. `ids` are stable over the years."""

    period: int
    profiles: tuple[dict[str, Any], ...]
    columns: Columns
    score: BatchScore

    def __len__(self) -> int:
        return len(self.profiles)


def build_profiles(count: int, seed: int = SEED) -> tuple[dict[str, Any], ...]:
    """The enterprises; the same for every year."""
    random = np.random.default_rng(seed)
    codes, shares = list(INDUSTRIES), np.array([row[0] for row in INDUSTRIES.values()], dtype=float)
    industry = random.choice(codes, count, p=shares / shares.sum())
    places, weights = list(PROVINCES), np.array(list(PROVINCES.values()), dtype=float)
    province = random.choice(places, count, p=weights / weights.sum())
    size = random.choice(SIZES, count, p=SIZE_SHARES)
    draws = random.random((count, 5))
    return tuple(_profile(*row) for row in zip(industry, province, size, draws, strict=True))


def _profile(industry: str, province: str, size: str, draw: Floats) -> dict[str, Any]:
    shares = np.cumsum(INDUSTRIES[industry][2]) / sum(INDUSTRIES[industry][2])
    kind = TYPES[int(np.searchsorted(shares, draw[0], side="right"))]
    cities = children(province)
    low, high = {"micro": (5, 19), "small": (20, 299), "medium": (300, 999), "large": (1000, 9000)}[size]
    headcount = int(low * (high / low) ** draw[1])
    floor = {"micro": 60, "small": 300, "medium": 2000, "large": 40000}[size]
    revenue = max(int(headcount * (40 + 120 * draw[2])), floor)
    return {
        "production_type": kind,
        "size": str(size),
        "industry": str(industry),
        "region": cities[int(draw[3] * len(cities))].code,
        "energy_intensive": is_energy_intensive(str(industry)),
        "headcount": headcount,
        "revenue": str(revenue),
        "is_group": bool(size == "large" and draw[4] < 0.5),
        "designs_products": bool(draw[4] < 0.85),
        "exports": bool(draw[2] < 0.4),
    }


def build_population(framework: Framework, period: int, count: int = SIZE, seed: int = SEED) -> Population:
    """The population of one year, scored; the few cases the batch calls doubtful are scored exactly."""
    profiles = build_profiles(count, seed)
    capability = _capability(profiles, period, seed)
    columns = _facts(framework, profiles, capability, period, seed)
    score = _score(framework, profiles, columns, period)
    return Population(period, profiles, columns, score)


def _capability(profiles: tuple[dict[str, Any], ...], period: int, seed: int) -> Floats:
    """An enterprise keeps its own level over the years and drifts slowly."""
    own = np.random.default_rng(seed + 1).normal(0, 0.62, len(profiles))
    drift = np.random.default_rng(seed + period).normal(0, 0.15, len(profiles))
    shift = [
        SIZE_SHIFT[p["size"]] + INDUSTRIES[p["industry"]][1] + MACRO_SHIFT[macro_region_of(p["region"])]
        for p in profiles
    ]
    return own + drift + np.array(shift) + YEAR_SHIFT[period] + BASE


def _facts(
    framework: Framework, profiles: tuple[dict[str, Any], ...], capability: Floats, period: int, seed: int
) -> Columns:
    maker = _Maker(profiles, np.random.default_rng(seed * 10 + period))
    columns: Columns = {}
    for section in framework.edition.sections:
        level = capability + maker.random.normal(0, DIMENSION_SPREAD, len(profiles)) - DIFFICULTY[section.id]
        for name in section.questions:
            question = framework.edition.questions[name]
            latent = level + maker.random.normal(0, NOISE, len(profiles))
            for fact_id in question.facts:
                columns[fact_id] = maker.column(framework.edition.facts[fact_id], latent)
    maker.reconcile(columns)
    return columns


class _Maker:
    """Turns a latent level into the column of one fact."""

    def __init__(self, profiles: tuple[dict[str, Any], ...], random: np.random.Generator) -> None:
        self.random = random
        self.count = len(profiles)
        self.headcount = np.array([p["headcount"] for p in profiles], dtype=float)
        self.revenue = np.array([float(p["revenue"]) for p in profiles])

    def column(self, fact: Fact, latent: Floats) -> NDArray[Any]:
        if fact.type == "choice":
            return self.rank(latent, len(fact.options))
        if fact.type == "matrix":
            rows = [latent + self.random.normal(0, 0.5, self.count) for _ in fact.rows]
            return np.stack([self.rank(row, len(fact.columns)) for row in rows], axis=1)
        if fact.type == "multi":
            return self.multi(fact, latent)
        if fact.type == "pair":
            return self.pair(fact.id, latent)
        return self.share(latent)  # numbers: a share for now, turned into counts and amounts by reconcile

    def rank(self, latent: Floats, options: int) -> NDArray[np.int64]:
        cuts = np.linspace(-1.5, 1.9, options - 1)
        return np.sum(latent[:, None] > cuts, axis=1)

    def multi(self, fact: Fact, latent: Floats) -> NDArray[np.bool_]:
        chosen = np.zeros((self.count, len(fact.options)), dtype=np.bool_)
        ids = fact.option_ids()
        for index, option in enumerate(ids):
            if option != fact.exclusive:
                chosen[:, index] = latent + self.random.normal(0, 0.6, self.count) > -0.6 + 0.35 * index
        chosen[:, ids.index(fact.exclusive or "")] = ~chosen.any(axis=1)
        return chosen

    def share(self, latent: Floats) -> Floats:
        return 1 / (1 + np.exp(-(1.35 * latent + 0.35)))

    def pair(self, fact_id: str, latent: Floats) -> Floats:
        """Current and prior year; one enterprise in fifty has no prior year on record."""
        base, spread, gain, least, most = OUTCOMES[fact_id]
        prior = np.clip(base + spread * (latent + self.random.normal(0, 0.5, self.count)), least, most)
        change = gain * (0.5 * latent + self.random.normal(0, 0.6, self.count))
        relative = fact_id not in ("first_pass_yield", "on_time_delivery", "new_product_share", "profit_margin")
        current = np.clip(prior * (1 + change / 100) if relative else prior + change, least, most)
        prior = np.where(self.random.random(self.count) < 0.02, np.nan, prior)
        years: Floats = np.round(np.stack([current, prior], axis=1), 2).astype(np.float64)
        return years

    def reconcile(self, columns: Columns) -> None:
        """Counts and amounts that fit each other and the enterprise: parts never exceed their wholes."""
        people, revenue = self.headcount, self.revenue
        wholes: dict[str, Floats] = {
            "staff_total": people,
            "operating_revenue": revenue,
            "sales_total": np.round(revenue * 0.98),
            "purchase_total": np.round(revenue * self.random.uniform(0.35, 0.7, self.count)),
            "export_total": np.round(revenue * self.random.uniform(0.05, 0.5, self.count)),
            "it_total_5y": np.maximum(np.round(revenue * 0.03), 5),
            "staff_relevant": np.maximum(np.round(people * 0.5), 2),
            "designs_new": np.maximum(np.round(people / 12), 2),
            "parts_in_designs": np.maximum(np.round(people * 4), 30),
            "sheets_valid": np.maximum(np.round(people * 2), 20),
            "key_processes_total": np.clip(np.round(6 + people / 25), 6, 160),
            "equipment_total": np.maximum(np.round(people / 2.5), 6),
            "assets_equipment": np.maximum(np.round(revenue * 0.25), 20),
            "loops_total": np.maximum(np.round(people / 2), 8),
            "units_key": np.clip(np.round(people / 150), 2, 40),
            "workshops_total": np.clip(np.round(people / 90), 1, 40),
            "orders_total": np.maximum(np.round(revenue / 15), 20),
            "interfaces_needed": np.clip(np.round(people / 60) + 4, 4, 60),
        }
        shares = {name: columns[name] for name in PARTS}
        columns.update(wholes)
        for part, (whole, factor) in PARTS.items():
            columns[part] = np.floor(columns[whole] * np.clip(shares[part] * factor, 0, 1))


#: part -> (its whole, factor on the share); order matters where parts are wholes of others
PARTS: Mapping[str, tuple[str, float]] = {
    "it_investment": ("operating_revenue", 0.016), "it_operations_5y": ("it_total_5y", 0.5),
    "computers": ("staff_total", 0.95), "it_staff": ("staff_total", 0.03), "staff_trained": ("staff_relevant", 1.1),
    "designs_3d": ("designs_new", 1.2), "parts_reused": ("parts_in_designs", 0.95),
    "sheets_in_system": ("sheets_valid", 1.15), "key_processes_controlled": ("key_processes_total", 1.05),
    "key_processes_inspected": ("key_processes_total", 0.6), "equipment_digital": ("equipment_total", 1.0),
    "equipment_networked": ("equipment_digital", 1.0), "equipment_collecting": ("equipment_networked", 0.95),
    "assets_automated": ("assets_equipment", 1.0), "loops_automatic": ("loops_total", 1.15),
    "units_apc": ("units_key", 0.7), "workshops_mes": ("workshops_total", 1.1),
    "orders_in_system": ("orders_total", 1.2),
    "purchase_online": ("purchase_total", 0.55), "sales_online": ("sales_total", 0.45),
    "export_online": ("sales_online", 0.25), "interfaces_automatic": ("interfaces_needed", 1.1),
}  # fmt: skip
#: fact -> (mean, spread by capability, typical yearly change, least, most)
OUTCOMES: Mapping[str, tuple[float, float, float, float, float]] = {
    "first_pass_yield": (95.5, 1.6, 0.8, 70, 99.9), "on_time_delivery": (90, 4, 1.5, 50, 100),
    "inventory_turnover": (6, 1.2, 6, 1, 30), "development_cycle": (150, -18, -6, 20, 500),
    "new_product_share": (16, 5, 1.2, 0, 70), "closing_days": (8, -1.6, -6, 1, 25),
    "labour_productivity": (32, 6, 6, 5, 200), "profit_margin": (6, 2, 0.8, -20, 30),
    "energy_intensity": (0.35, -0.04, -3, 0.02, 3), "accident_rate": (3.2, -0.8, -10, 0, 20),
}  # fmt: skip


def _score(framework: Framework, profiles: tuple[dict[str, Any], ...], columns: Columns, period: int) -> BatchScore:
    """Score by production type, since parameters depend on it, and put the rows together again."""
    applies, exists = path_masks(framework, profiles, columns)
    kinds = np.array([profile["production_type"] for profile in profiles])
    parts: list[tuple[NDArray[np.int64], BatchScore]] = []
    for kind in TYPES:
        rows = np.flatnonzero(kinds == kind)
        prepared = prepare(framework.scoring, period_end(period), kind)
        parts.append(
            (
                rows,
                score_columns(
                    prepared,
                    {name: column[rows] for name, column in columns.items()},
                    {name: mask[rows] for name, mask in exists.items()},
                    {name: mask[rows] for name, mask in applies.items()},
                    len(rows),
                ),
            )
        )
    score = _joined(parts, len(profiles))
    _redo_exactly(framework, profiles, columns, score, period)
    return score


def _joined(parts: list[tuple[NDArray[np.int64], BatchScore]], count: int) -> BatchScore:
    def join(pick: Any, kind: Any = float) -> NDArray[Any]:
        whole = np.empty(count, dtype=kind)
        for rows, score in parts:
            whole[rows] = pick(score)
        return whole

    first = parts[0][1]
    return BatchScore(
        capability=join(lambda s: s.capability),
        outcome=join(lambda s: s.outcome),
        dimensions={name: join(lambda s, name=name: s.dimensions[name]) for name in first.dimensions},
        values={name: join(lambda s, name=name: s.values[name]) for name in first.values},
        level=join(lambda s: s.level, np.int64),
        doubtful=join(lambda s: s.doubtful, np.bool_),
    )


def _redo_exactly(
    framework: Framework, profiles: tuple[dict[str, Any], ...], columns: Columns, score: BatchScore, period: int
) -> None:
    for row in np.flatnonzero(score.doubtful):
        facts = facts_of_row(framework, columns, int(row))
        exact = evaluate(framework, profiles[row], facts, period_end(period)).score
        score.level[row] = exact.level
        score.capability[row] = float(rounded(exact.capability))
        score.outcome[row] = float(rounded(exact.outcome))


def path_masks(
    framework: Framework, profiles: tuple[dict[str, Any], ...], columns: Columns
) -> tuple[dict[str, NDArray[np.bool_]], dict[str, NDArray[np.bool_]]]:
    """Which indicators apply and which facts exist, by row: the path over columns."""
    count = len(profiles)
    exists: dict[str, NDArray[np.bool_]] = {}
    live: dict[str, NDArray[np.bool_]] = {}
    for name in framework.edition.order:
        question = framework.edition.questions[name]
        live[name] = np.fromiter((holds(question.applies, p, {}) for p in profiles), dtype=np.bool_, count=count)
        asked = live[name] & _holds(framework, question.requires, columns, exists, count)
        exists.update(dict.fromkeys(question.facts, asked))
    asked_by = framework.edition.asked_by
    applies = {
        indicator.id: np.logical_and.reduce([live[asked_by[fact]] for fact in indicator.facts.values()])
        for indicator in framework.scoring.indicators.values()
    }
    return applies, exists


def _holds(
    framework: Framework,
    condition: Condition | None,
    columns: Columns,
    exists: Mapping[str, NDArray[np.bool_]],
    count: int,
) -> NDArray[np.bool_]:
    match condition:
        case All(parts):
            return np.logical_and.reduce([_holds(framework, part, columns, exists, count) for part in parts])
        case AnyOf(parts):
            return np.logical_or.reduce([_holds(framework, part, columns, exists, count) for part in parts])
        case Leaf(name=name, value={"row": row, "column": wanted}, order=order):
            index = framework.edition.facts[name].row_ids().index(row)
            return exists[name] & (columns[name][:, index] >= order.index(wanted))
        case Leaf():
            return exists[condition.name] & _compare(condition, columns[condition.name])
        case _:
            return np.ones(count, dtype=np.bool_)


def _compare(leaf: Leaf, column: NDArray[Any]) -> NDArray[np.bool_]:
    """The upward comparisons that the edition's `requires` use, over one column."""
    if leaf.op == "at_least" and leaf.order:
        return column >= leaf.order.index(leaf.value)
    operators = {"more_than": np.greater, "at_least": np.greater_equal}
    result: NDArray[np.bool_] = operators[leaf.op](column, float(leaf.value))
    return result


def facts_of_row(framework: Framework, columns: Columns, row: int) -> dict[str, FactValue]:
    """One enterprise's facts as the exact engine takes them."""
    return {name: _fact_value(fact, columns[name][row]) for name, fact in framework.edition.facts.items()}


def _fact_value(fact: Fact, cell: Any) -> FactValue:
    match fact.type:
        case "choice":
            return fact.option_ids()[int(cell)]
        case "multi":
            return frozenset(option for option, chosen in zip(fact.option_ids(), cell, strict=True) if chosen)
        case "matrix":
            return {row: fact.column_ids()[int(index)] for row, index in zip(fact.row_ids(), cell, strict=True)}
        case "pair":
            current, prior = (None if np.isnan(part) else Fraction(str(round(float(part), 2))) for part in cell)
            return Pair(current or Fraction(0), prior)
        case _:
            return Fraction(int(cell))
