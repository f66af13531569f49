"""A release built the slow way: sets of rows, one cell after another, straight from the words of the rules.

It shares with the product the lattice's data, the draw of a rounded count and nothing else, so that the two can be held
against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from maturity.benchmarks.build import Built, BuiltCell, Earlier, Withheld
from maturity.benchmarks.cells import CellKey, LevelShare, Quantiles
from maturity.benchmarks.lattice import place_groups, sector_of
from maturity.benchmarks.population import Population
from maturity.reference.regions import macro_region_of

Rows = frozenset[int]
NESTED = [(i, r, s) for i in range(3) for r in range(3) for s in range(2)]


def keys_of(population: Population, row: int) -> Iterator[tuple[int, CellKey]]:
    """Every cell the enterprise lies in, with the number of its table in the order of judgement."""
    industry, city, size = (str(getattr(population, name)[row]) for name in ("industry", "city", "size"))
    industries = ("", sector_of(industry) or None, industry)
    places = ("", macro_region_of(city), f"{city[:2]}0000")
    ordered = sorted(NESTED, key=lambda step: (sum(step), step))
    for number, (i, r, s) in enumerate(ordered):
        if industries[i] is not None:
            yield number, CellKey(str(industries[i]), places[r], ("", size)[s])
    if not city.endswith("0000"):
        yield 18, CellKey("", city, "")
    for number, group in enumerate(place_groups().values()):
        if city in group.places or f"{city[:2]}0000" in group.places:
            yield 19 + number, CellKey("", f"g:{group.id}", "")
    if population.park[row]:
        yield 100, CellKey("", f"p:{population.park[row]}", "")


@dataclass
class Slow:
    population: Population
    rules: Any
    counts: dict[CellKey, int]  # as the product rounds them
    cells: dict[CellKey, Rows] = field(default_factory=dict)
    order: dict[CellKey, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found: dict[CellKey, set[int]] = {}
        for row in range(len(self.population)):
            for number, key in keys_of(self.population, row):
                found.setdefault(key, set()).add(row)
                self.order[key] = number
        self.cells = {key: frozenset(rows) for key, rows in found.items()}
        self.coalitions = [frozenset(rows.tolist()) for rows in self.population.coalitions]

    def groups(self, rows: Any) -> int:
        return len({int(self.population.group[row]) for row in rows})

    def outside(self, rows: Rows) -> list[int]:
        return [self.groups(rows - known) for known in self.coalitions]

    def is_cell(self, rows: Rows) -> str:
        members = [int(self.population.group[row]) for row in rows]
        largest = max((members.count(group) for group in set(members)), default=0)
        if len(set(members)) < self.rules.least_groups or Fraction(largest, len(rows)) > Fraction(1, 2):
            return "R3"
        if any(left < self.rules.least_outside_coalition for left in self.outside(rows)):
            return "R12b"
        return ""

    def is_safe(self, difference: Rows) -> bool:
        return all(left == 0 or left >= self.rules.least_difference for left in [self.groups(difference),
                                                                                *self.outside(difference)])  # fmt: skip

    def nested(self, applying: Rows, status: dict[CellKey, str]) -> None:
        cells = {key: rows & applying for key, rows in self.cells.items()}
        for key in sorted(cells, key=lambda key: (self.order[key], key)):
            for other in sorted(cells, key=lambda key: (self.order[key], key)):
                if self.order[other] >= self.order[key] or status[key] or status[other]:
                    continue
                is_related = bool(cells[key] & cells[other])
                if is_related and not self.is_safe(cells[key] ^ cells[other]):
                    status[key] = "R7"


class Change:
    """R8 and R8b: today's contributors against those of a release that readers have."""

    def __init__(self, new: Slow, release: Earlier, rule: str) -> None:
        self.new, self.rule, self.published = new, rule, release.published
        self.old = Slow(release.population, new.rules, {})
        self.today = {str(who): row for row, who in enumerate(new.population.enterprise)}
        self.then = {str(who): row for row, who in enumerate(release.population.enterprise)}
        self.known = [{str(new.population.enterprise[row]) for row in rows} for rows in new.coalitions]
        self.known += [{str(release.population.enterprise[row]) for row in rows} for rows in self.old.coalitions]
        names = [*new.population.values, *new.population.criteria, "levels"]
        self.anew = {who for who in self.today if who in self.then and any(self.differs(who, name) for name in names)}
        self.owner = {who: ("new", int(new.population.group[row])) for who, row in self.today.items()}
        for who, row in self.then.items():
            if who not in self.today:
                self.owner[who] = self.owner_of_gone(int(release.population.group[row]))

    def owner_of_gone(self, company: int) -> tuple[str, int]:
        group = self.old.population.group
        stayed = [who for who, row in self.then.items() if int(group[row]) == company and who in self.today]
        return ("new", int(self.new.population.group[self.today[stayed[-1]]])) if stayed else ("old", company)

    def differs(self, who: str, name: str) -> bool:
        return bool(_figure(self.new, self.today[who], name) != _figure(self.old, self.then[who], name))

    def forbids(self, key: CellKey, name: str) -> bool:
        """Whether a few are left by subtracting one figure of a cell, or for '' the cell itself."""
        if key not in self.published:
            return False
        new = self.new.population.enterprise
        old = self.old.population.enterprise
        now = {str(new[row]) for row in self.new.cells[key] if _applies(self.new, row, name)}
        before = {str(old[row]) for row in self.old.cells.get(key, ()) if _applies(self.old, row, name)}
        differing = now ^ before
        if self.rule == "R8":
            differing |= now & before & self.anew
        if name and (self.rule == "R8b" or name == "reviewed"):
            differing |= {who for who in now & before if self.differs(who, name)}
        lefts = [len({self.owner[who] for who in differing - known}) for known in [set[str](), *self.known]]
        return any(0 < left < self.new.rules.least_difference for left in lefts)


def _figure(slow: Slow, row: int, name: str) -> Any:
    population = slow.population
    if name in population.values:
        value = float(population.values[name][row])
        return None if value != value else round(value * 100)
    if name in population.criteria:
        return int(population.criteria[name][row])
    return int(population.level[row]) if name == "levels" else bool(population.reviewed[row])


def _applies(slow: Slow, row: int, name: str) -> bool:
    return name == "" or _figure(slow, row, name) not in (None, -1)


def build_slowly(
    population: Population,
    rules: Any,
    product: Built,
    *,
    earlier: Sequence[Earlier] = (),
    others: Sequence[Earlier] = (),
) -> Built:
    """The release; rounded counts are taken from the product, for a draw has no second opinion."""
    slow = Slow(population, rules, {cell.key: cell.contributors for cell in product.cells})
    changes = [Change(slow, release, "R8") for release in earlier]
    changes += [Change(slow, release, "R8b") for release in others]

    def against(key: CellKey, name: str) -> str:
        return next((change.rule for change in changes if change.forbids(key, name)), "")

    everyone = frozenset(range(len(population)))
    status = {key: slow.is_cell(rows) or against(key, "") for key, rows in slow.cells.items()}
    slow.nested(everyone, status)
    names = [*population.values, *population.criteria, "levels", "reviewed"]
    applying = {name: frozenset(row for row in everyone if _applies(slow, row, name)) for name in names}
    frames: dict[Rows, dict[CellKey, str]] = {everyone: status}
    for rows in set(applying.values()) - {everyone}:
        frames[rows] = {key: status[key] or slow.is_cell(slow.cells[key] & rows) for key in status}
        slow.nested(rows, frames[rows])

    def rule_of(key: CellKey, name: str) -> str:
        return frames[applying[name]][key] or against(key, name)

    cells = []
    withheld = [Withheld(key, rule, "") for key, rule in status.items() if rule]
    for key in sorted(key for key, rule in status.items() if not rule):
        cell = _cell(slow, key, applying, rule_of, withheld)
        cells.append(cell)
        groups = slow.groups(slow.cells[key])
        withheld += [Withheld(key, "R4", "quantiles")] if groups < 20 else []
        withheld += [Withheld(key, "R6b", "shares")] if groups < 50 else []
    return Built(tuple(cells), tuple(sorted(withheld)), slow.counts.get(CellKey("", "", ""), 0))


def _cell(slow: Slow, key: CellKey, applying: dict[str, Rows], rule_of: Any, withheld: list[Withheld]) -> BuiltCell:
    quantiles: dict[str, Quantiles] = {}
    shares: dict[str, int] = {}
    population, groups = slow.population, slow.groups(slow.cells[key])
    for name in population.values:
        rule, rows = rule_of(key, name), slow.cells[key] & applying[name]
        is_whole = len(applying[name]) == len(population)
        grid = None if rule else _quantiles(slow, key, rows, name, is_whole=is_whole)
        if grid is not None:
            quantiles[name] = grid
        elif groups >= 20:
            withheld.append(Withheld(key, rule or "R4", name))
    for name in [*population.criteria, "reviewed"]:
        rule = rule_of(key, name)
        share = None if rule else _share(slow, slow.cells[key] & applying[name], name)
        if share is not None:
            shares[name] = share
        elif groups >= 50 and name != "reviewed":
            withheld.append(Withheld(key, rule or "R6b", name))
    rule = rule_of(key, "levels")
    levels = () if rule else _levels(slow, slow.cells[key])
    if not levels and groups >= 50:
        withheld.append(Withheld(key, rule or "R6", "levels"))
    reviewed = shares.pop("reviewed", None)
    return BuiltCell(key, slow.counts[key], reviewed, quantiles, shares, levels, {})


def _quantiles(slow: Slow, key: CellKey, rows: Rows, name: str, *, is_whole: bool) -> Quantiles | None:
    groups = slow.groups(rows)
    if groups < 20:
        return None
    values = {row: Decimal(str(slow.population.values[name][row])) for row in rows}
    ordered = sorted(values.values())
    step = 1 if is_whole and slow.counts[key] >= 100 else 2

    def of(level: int) -> int | None:
        rank = int((Decimal(level) / 100 * (len(ordered) - 1) + Decimal("0.5")).to_integral_value(ROUND_FLOOR))
        below = slow.groups([row for row in rows if values[row] < ordered[rank]])
        above = slow.groups([row for row in rows if values[row] > ordered[rank]])
        if min(below, above) < 5:
            return None
        mean = sum(ordered[rank - 2 : rank + 3], Decimal(0)) / 5
        return int((mean / step + Decimal("0.5")).to_integral_value(ROUND_FLOOR)) * step

    q1, median, q3 = of(25), of(50), of(75)
    if q1 is None or median is None or q3 is None:
        return None
    p10, p90 = (of(10), of(90)) if groups >= 50 else (None, None)
    return Quantiles(q1, median, q3, p10, p90)


def _rounded(part: int, whole: int) -> int:
    return int((Fraction(100 * part, whole) / 5 + Fraction(1, 2)).__floor__()) * 5


def _share(slow: Slow, rows: Rows, name: str) -> int | None:
    met = {row for row in rows if _figure(slow, row, name) == 1}
    if slow.groups(rows) < 50 or min(slow.groups(met), slow.groups(rows - met)) < 5:
        return None
    return _rounded(len(met), len(rows))


def _levels(slow: Slow, rows: Rows) -> tuple[LevelShare, ...]:
    if slow.groups(rows) < 50:
        return ()
    most = int(slow.population.level.max())
    classes = [([level], {row for row in rows if int(slow.population.level[row]) == level})
               for level in range(1, most + 1)]  # fmt: skip
    while len(classes) > 1 and slow.groups(classes[-1][1]) < 5:
        top = classes.pop()
        classes[-1] = (classes[-1][0] + top[0], classes[-1][1] | top[1])
    while len(classes) > 1 and any(slow.groups(held) < 5 for _, held in classes):
        at = next(at for at, (_, held) in enumerate(classes) if slow.groups(held) < 5)
        if at == len(classes) - 1:
            at -= 1
        classes[at : at + 2] = [(classes[at][0] + classes[at + 1][0], classes[at][1] | classes[at + 1][1])]
    if len(classes) < 2 or max(len(held) for _, held in classes) * 10 > 9 * len(rows):
        return ()
    return tuple(LevelShare(tuple(levels), _rounded(len(held), len(rows))) for levels, held in classes)
