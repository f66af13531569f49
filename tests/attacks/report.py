"""The table of attacks: success before, which is without rules, and after, under them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

import numpy as np

from maturity.benchmarks import disclosure
from maturity.benchmarks.build import Built, Earlier
from maturity.benchmarks.cells import CellKey
from tests.attacks import attacks
from tests.attacks.attacks import RULES
from tests.attacks.cells import Referee, Rows
from tests.attacks.world import LEVELS, SECRET, World, world

TARGETS, PADS = 60, 120
SIZES = {"20–50": (20, 50), "50–100": (50, 100), "100–300": (100, 300)}


@dataclass(frozen=True)
class Line:
    """One attack: what is counted, before and after, and what guessing gives; None where it cannot be run."""

    number: str
    what: str
    before: float | None
    after: float | None
    baseline: float | None

    def __str__(self) -> str:
        shown = ["–" if value is None else f"{value:.3f}".rstrip("0").rstrip(".") or "0"
                 for value in (self.before, self.after, self.baseline)]  # fmt: skip
        return f"| {self.number} | {self.what} | {shown[0]} | {shown[1]} | {shown[2]} |"


@cache
def lines() -> dict[str, Line]:
    """Every attack run once on the same country."""
    found = world()
    parts = (_cells(found), _queries(found), _knowing(found), _probing(found), _sums(found))
    return {line.number: line for part in parts for line in part}


def table() -> str:
    head = "| attack | success | before | after | guessing |\n|---|---|---|---|---|\n"
    return head + "\n".join(str(line) for line in lines().values())


def _cells(found: World) -> Iterator[Line]:
    referee, before = Referee(found.today), Referee(found.before)
    every, shown = frozenset(referee.cells), found.second.published
    large = frozenset(key for key in every if len(referee.cells[key]) >= 10)
    yield Line("1", "cells of fewer than ten groups published", attacks.small_cells(referee, every),
               attacks.small_cells(referee, shown), 0)  # fmt: skip
    few, _ = attacks.nested_differences(referee, large)
    left, pairs = attacks.nested_differences(referee, shown)
    yield Line("2e", f"of {pairs} published pairs of cells, those differing by one to nine groups", few, left, 0)
    everything = replace_keys(found, frozenset(before.cells))
    few, _ = attacks.vintage_differences(referee, large, everything)
    left, both = attacks.vintage_differences(referee, shown, found.earlier)
    yield Line("3", f"of {both} cells of two years, those with one to nine groups changed", few, left, 0)
    yield Line("4", "cells of one group by more than half", attacks.dominated_cells(referee, large),
               attacks.dominated_cells(referee, shown), 0)  # fmt: skip
    yield Line("8", "cells and differences in which a coalition is left with fewer than ten groups",
               attacks.coalition_differences(referee, large, pairs=False),
               attacks.coalition_differences(referee, shown), 0)  # fmt: skip
    exact, _ = attacks.subtract_sisters(referee)
    hit, guess, tried = attacks.invert_mixtures(referee, found.second)
    yield Line("2d", f"medians of {tried} withheld cells from parent and sisters", exact, hit, guess)


def replace_keys(found: World, keys: frozenset[CellKey]) -> Earlier:
    return found.earlier._replace(published=keys)


def _queries(found: World) -> Iterator[Line]:
    """What free filters give away, and what the closed lattice answers."""
    referee = Referee(found.today)
    values = found.today.values["capability"]
    targets = np.random.default_rng(3).choice(len(values), TARGETS, replace=False).tolist()
    guess = float(np.mean(np.abs(values - np.median(values)) <= 1))
    cells = {cell.key: cell for cell in found.second.cells}
    by_rows = {referee.cells[key]: key for key in cells}

    def finest(row: int) -> CellKey:
        return CellKey(str(found.today.industry[row]), f"{found.today.city[row][:2]}0000", str(found.today.size[row]))

    def mean(rows: Rows) -> float:
        return float(values[list(rows)].mean())

    def median(rows: Rows) -> float:
        return float(np.median(values[list(rows)]))

    def ruled_mean(rows: Rows) -> float | None:
        cell = cells.get(by_rows.get(rows, CellKey("?", "?", "?")))
        return float(cell.means["capability"]) if cell and "capability" in cell.means else None

    def ruled_median(rows: Rows) -> float | None:
        cell = cells.get(by_rows.get(rows, CellKey("?", "?", "?")))
        return float(cell.quantiles["capability"].median) if cell and "capability" in cell.quantiles else None

    yield Line("2a", "score from a mean with and without the target",
               attacks.subtract_one(referee, mean, targets, finest),
               attacks.subtract_one(referee, ruled_mean, targets, finest), guess)  # fmt: skip
    yield Line("2b", "the same from rounded means of many padding sets",
               attacks.average_rounded(referee, lambda rows: round(mean(rows)), targets, PADS, 4),
               attacks.average_rounded(referee, ruled_mean, targets, 1, 4), guess)  # fmt: skip
    yield Line("2c", "score between medians of many padding sets", attacks.bracket(referee, median, targets, 300, 5),
               attacks.bracket(referee, ruled_median, targets, 300, 5), guess)  # fmt: skip
    counts = range(20, 120)
    random = np.random.default_rng(6)
    fresh = np.mean([attacks.average_counts(lambda _, n=n: n // 5 * 5 + 5 * bool(random.random() < n % 5 / 5), n, 400)
                     for n in counts])  # fmt: skip
    sticky = np.mean([
        attacks.average_counts(lambda _, n=n: disclosure.rounded_count(n, n.to_bytes(2, "big"), SECRET, RULES), n, 400)
        for n in counts
    ])  # fmt: skip
    yield Line("5", "exact counts by asking 400 times", float(fresh), float(sticky), 0.2)


def _knowing(found: World) -> Iterator[Line]:
    values = np.rint(found.today.values["capability"] * 100).astype(int)
    for name, sizes in SIZES.items():
        before, after = (attacks.membership(values, publish, sizes, 300, 8)
                         for publish in (attacks.exact_quantiles, attacks.quantiles_of))  # fmt: skip
        yield Line(f"6a {name}", "membership, all other members known (advantage)", before, after, 0.0)
    for name, sizes in SIZES.items():
        before, after = (attacks.exact_score(values, publish, sizes, 40, 9)
                         for publish in (attacks.exact_quantiles, attacks.quantiles_of))  # fmt: skip
        guess = float(np.mean(np.abs(values - np.median(values)) <= 100))
        yield Line(f"6b {name}", "score, all other members known", before, after, guess)

    def level(value: int) -> int:
        return 1 + sum(value >= 100 * cut for cut in LEVELS)

    for name, sizes in list(SIZES.items())[1:]:
        (before, plain), (after, _) = (
            attacks.level_of(values, level, ruled=ruled, sizes=sizes, trials=300, seed=10) for ruled in (False, True)
        )
        yield Line(f"6c {name}", "level, all other members known", before, after, plain)
    before, after = (attacks.outsider(values, publish, (20, 60), 2500, 11)
                     for publish in (attacks.exact_quantiles, attacks.quantiles_of))  # fmt: skip
    yield Line("6d", "membership, the target's score alone known (area under the curve)", before, after, 0.5)


def _probing(found: World) -> Iterator[Line]:
    cells = [cell for cell in found.second.cells if "capability" in cell.quantiles and cell.contributors < 60][:40]
    referee, values = Referee(found.today), found.today.values["capability"]
    before, after, guess = [], [], []
    random = np.random.default_rng(12)
    for cell in cells:
        members = sorted(values[list(referee.cells[cell.key])].tolist())

        def live(score: Decimal, members: list[float] = members) -> float:
            return float(np.searchsorted(members, float(score)))

        own = attacks.own_percentile(cell.quantiles["capability"])
        before.append(attacks.probe(members, live))
        after.append(attacks.probe(members, own))
        # As many places as the percentile moves at, anywhere in the middle of the scores.
        spread = random.choice(values, len(members))
        guess.append(attacks.probe(spread.tolist(), own))
    yield Line(
        "7", "members located by probing the percentile", *(float(np.mean(part)) for part in (before, after, guess))
    )


def _sums(found: World) -> Iterator[Line]:
    referee = Referee(found.today)
    every = _all_means(found)
    before = attacks.sums_left(referee, every, "capability")
    after = sum(attacks.sums_left(referee, found.second, name) for name in RULES.means)
    yield Line("2d means", "sums of one to nine groups that follow from published means", before, after, 0)


def _all_means(found: World) -> Built:
    """Every node of ten groups with its mean, as without primary and complementary suppression."""
    cells = tuple(replace(cell, means={"capability": Decimal(0)}) for cell in found.second.cells if not cell.key.size)
    return replace(found.second, cells=cells)
