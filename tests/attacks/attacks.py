"""Attacks on releases, numbered as in the methods (B.4): what an attacker does, and how often it succeeds.

Each is a function that takes what is published, or a way of asking, and returns a share of successes or a number of
leaks. "Before" is the same attack where figures are published without rules. A success is an estimate within one point
of a hundred of the truth unless said otherwise.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np

from maturity.benchmarks import cells as published
from maturity.benchmarks import disclosure
from maturity.benchmarks.build import Built, Earlier
from maturity.benchmarks.cells import CellKey, Quantiles
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.population import Population
from maturity.reference.regions import macro_region_of
from tests.attacks.cells import Referee, Rows, overlaps

FEW = 10
WINDOW = 60
RULES = load_parameters()
Answers = Callable[[Rows], float | None]


def leaves_few(groups: int) -> bool:
    return 0 < groups < FEW


# 1 Small cells


def small_cells(referee: Referee, keys: frozenset[CellKey]) -> int:
    """Attack 1: published cells of fewer than ten groups, of which somebody in them knows what the others say."""
    return sum(referee.groups(referee.cells[key]) < FEW for key in keys)


# 2 Subtracting


def subtract_one(referee: Referee, ask: Answers, targets: Sequence[int], key: Callable[[int], CellKey]) -> float:
    """Attack 2a: ask for a set with and without the target, and subtract; `ask` gives a mean, or nothing."""
    truth, hits = referee.population.values["capability"], 0
    for target in targets:
        rows = referee.cells[key(target)] | {target}
        with_target, without = ask(rows), ask(rows - {target})
        if with_target is not None and without is not None:
            hits += abs(len(rows) * with_target - (len(rows) - 1) * without - truth[target]) <= 1
    return hits / len(targets)


def average_rounded(referee: Referee, ask: Answers, targets: Sequence[int], pads: int, seed: int) -> float:
    """Attack 2b: the same with many padding sets, averaged, against rounding."""
    random, truth, hits = np.random.default_rng(seed), referee.population.values["capability"], 0
    for target in targets:
        guesses = []
        for _ in range(pads):
            pad = frozenset(random.choice(len(truth), 12, replace=False).tolist()) - {target}
            with_target, without = ask(pad | {target}), ask(pad)
            if with_target is not None and without is not None:
                guesses.append((len(pad) + 1) * with_target - len(pad) * without)
        hits += bool(guesses) and abs(float(np.mean(guesses)) - truth[target]) <= 1
    return hits / len(targets)


def bracket(referee: Referee, ask: Answers, targets: Sequence[int], pads: int, seed: int) -> float:
    """Attack 2c: medians alone. A median that rises when the target joins lies below the target, one that falls above;
    what is left between the two is where it stands."""
    random, truth, hits = np.random.default_rng(seed), referee.population.values["capability"], 0
    order = np.argsort(truth)
    for target in targets:
        low, high = 0.0, 100.0
        for _ in range(pads):
            centre = int(random.integers(WINDOW, len(order) - WINDOW))
            near = random.choice(order[centre - WINDOW : centre + WINDOW], 22, replace=False).tolist()
            # Of an even number the rank moves up, of an odd one it stays: both sides of the target are seen.
            pad = frozenset([row for row in near if row != target][: 20 + centre % 2])
            without, with_target = ask(pad), ask(pad | {target})
            if without is None or with_target is None or without == with_target:
                continue
            if with_target > without:
                low = max(low, without)
            else:
                high = min(high, without)
        hits += high - low < 20 and abs((low + high) / 2 - truth[target]) <= 1
    return hits / len(targets)


def invert_mixtures(referee: Referee, built: Built) -> tuple[float, float, int]:
    """Attack 2d: a withheld province of an industry as its macro-region less the published ones: the distribution of
    what is left, from published quantiles. Returns the share of medians hit, that of guessing, and how many."""
    cells = {cell.key: cell for cell in built.cells}
    truth = referee.population.values["capability"]
    hits = guesses = tried = 0
    for key, rows in referee.cells.items():
        parent = _parent(key)
        if key in cells or parent not in cells or "capability" not in cells[parent].quantiles:
            continue
        sisters = [cells[other] for other in referee.cells if _parent(other) == parent and other in cells]
        left = cells[parent].contributors - sum(cell.contributors for cell in sisters)
        if left <= 0 or any("capability" not in cell.quantiles for cell in sisters):
            continue
        tried += 1
        grid = np.arange(0, 100.5, 0.5)
        mass = cells[parent].contributors * _distribution(cells[parent].quantiles["capability"], grid)
        for cell in sisters:
            mass = mass - cell.contributors * _distribution(cell.quantiles["capability"], grid)
        guess = grid[int(np.argmin(np.abs(np.maximum.accumulate(mass) / left - 0.5)))]
        wanted = float(np.median(truth[sorted(rows)]))
        hits += abs(guess - wanted) <= 1
        guesses += abs(cells[parent].quantiles["capability"].median - wanted) <= 1
    return hits / max(tried, 1), guesses / max(tried, 1), tried


def subtract_sisters(referee: Referee) -> tuple[float, int]:
    """Attack 2d where every cell of ten enterprises has its exact mean and count: smaller ones as the parent less the
    sisters. Returns the share of means hit, of how many cells that have no other small sister."""
    truth, children = referee.population.values["capability"], dict[CellKey, list[CellKey]]()
    for key in referee.cells:
        parent = _parent(key)
        if parent is not None:
            children.setdefault(parent, []).append(key)
    hits = tried = 0
    for parent, sisters in children.items():
        small = [key for key in sisters if len(referee.cells[key]) < FEW]
        if len(small) == 1 and len(referee.cells[parent]) >= FEW:
            sums = [len(rows) * float(truth[sorted(rows)].mean()) for rows in
                    (referee.cells[parent], *(referee.cells[key] for key in sisters if key != small[0]))]  # fmt: skip
            members = referee.cells[small[0]]
            left = (sums[0] - sum(sums[1:])) / len(members)
            tried += 1
            hits += abs(left - float(truth[sorted(members)].mean())) <= 1
    return hits / max(tried, 1), tried


def _parent(key: CellKey) -> CellKey | None:
    return CellKey(key.industry, macro_region_of(key.region), key.size) if key.region.endswith("0000") else None


def _distribution(grid: Quantiles, at: np.ndarray) -> np.ndarray:
    points = [(0.0, 0.0), (100.0, 1.0)]
    for value, level in ((grid.p10, 0.1), (grid.q1, 0.25), (grid.median, 0.5), (grid.q3, 0.75), (grid.p90, 0.9)):
        if value is not None:
            points.append((float(value), level))
    points.sort()
    return np.interp(at, [x for x, _ in points], [y for _, y in points])


def nested_differences(referee: Referee, keys: frozenset[CellKey]) -> tuple[int, int]:
    """Attack 2e: pairs of published cells that differ by one to nine groups, of how many that differ."""
    found = [referee.groups(rows) for _, _, rows in overlaps(referee, keys) if rows]
    return sum(map(leaves_few, found)), len(found)


# 3 Before and after


def vintage_differences(today: Referee, keys: frozenset[CellKey], earlier: Earlier) -> tuple[int, int]:
    """Attack 3: cells published in both vintages in which one to nine groups entered, left or reported anew."""
    before = Referee(earlier.population)
    then = {name: row for row, name in enumerate(earlier.population.enterprise.tolist())}
    names = today.population.enterprise.tolist()
    anew = {
        name
        for row, name in enumerate(names)
        if name in then and _report(today.population, row) != _report(earlier.population, then[name])
    }
    group = {name: ("group", int(earlier.population.group[row])) for name, row in then.items()}
    group |= {name: ("group", int(today.population.group[row])) for row, name in enumerate(names)}
    few = both = 0
    old_names = earlier.population.enterprise.tolist()
    for key in keys & earlier.published:
        now = {names[row] for row in today.cells[key]}
        was = {old_names[row] for row in before.cells[key]}
        both += 1
        few += leaves_few(len({group[name] for name in (now ^ was) | (now & was & anew)}))
    return few, both


def _report(population: Population, row: int) -> tuple[float, ...]:
    return (*(float(np.nan_to_num(column[row], nan=-1)) for column in population.values.values()),
            *(int(column[row]) for column in population.criteria.values()), int(population.level[row]))  # fmt: skip


def framework_differences(mine: Referee, keys: frozenset[CellKey], other: Earlier) -> int:
    """Attack 3 between frameworks: cells published for both whose members differ by one to nine groups."""
    theirs = Referee(other.population)
    names, others = mine.population.enterprise.tolist(), other.population.enterprise.tolist()
    group = {name: int(mine.population.group[row]) for row, name in enumerate(names)}
    few = 0
    for key in keys & other.published:
        now = {names[row] for row in mine.cells[key]}
        then = {others[row] for row in theirs.cells.get(key, ())}
        few += leaves_few(len({group.get(name, name) for name in now ^ then}))
    return few


# 4, 8 One party holds most


def dominated_cells(referee: Referee, keys: frozenset[CellKey]) -> int:
    """Attack 4: published cells more than half of whose enterprises are of one group, whose figures they then are."""
    found = 0
    for key in keys:
        groups = [referee.group[row] for row in referee.cells[key]]
        found += 2 * max(np.bincount(groups)) > len(groups)
    return found


def coalition_differences(referee: Referee, keys: frozenset[CellKey], *, pairs: bool = True) -> int:
    """Attack 8: a coalition takes what it knows from a published cell, or from what one has beyond another, and is left
    with one to nine groups; of a cell, with none is a leak, too."""
    known = [frozenset(rows.tolist()) for rows in referee.population.coalitions]
    by_row: dict[int, list[int]] = {}
    for number, rows in enumerate(known):
        for row in rows:
            by_row.setdefault(row, []).append(number)
    leaks = 0
    sets = [(referee.cells[key], True) for key in keys]
    sets += [(rows, False) for _, _, rows in overlaps(referee, keys) if rows] if pairs else []
    most = max((referee.groups(rows) for rows in known), default=0)
    for rows, is_cell in sets:
        if len(rows) > 40 * (FEW + most) or referee.groups(rows) >= FEW + most:
            continue
        for number in {number for row in rows for number in by_row.get(row, ())}:
            left = referee.groups(rows - known[number])
            leaks += leaves_few(left) or (is_cell and left == 0)
    return leaks


# 5 Asking again


def average_counts(ask: Callable[[int], int], count: int, repeats: int) -> bool:
    """Attack 5: ask for one count again and again, average, and round: is it the true one?"""
    return round(float(np.mean([ask(number) for number in range(repeats)]))) == count


# 6 Membership


def quantiles_of(values: Sequence[int], published_count: int) -> tuple[int | None, ...]:
    """What R4 publishes of values in hundredths, each of a group of its own; with `tests/attacks` it is held against
    the builder of releases."""
    ordered, count = sorted(values), len(values)
    step = int(disclosure.step_of(np.array([published_count]), RULES)[0])
    found: list[int | None] = []
    for levels, least in (
        (disclosure.QUARTILES, RULES.least_for_quartiles),
        (disclosure.DECILES, RULES.least_for_deciles),
    ):
        for level in levels.values():
            rank = disclosure.quantile_rank(level, count)
            below, above = bisect_left(ordered, ordered[rank]), count - bisect_left(ordered, ordered[rank] + 1)
            may = disclosure.may_show_quantile(*(np.array([n]) for n in (count, below, above)), least, RULES)[0]
            total = np.array([sum(ordered[rank - 2 : rank + 3])])
            found.append(int(disclosure.rounded_quantile(total, np.array([step]))[0]) if may else None)
    return tuple(found)


def exact_quantiles(values: Sequence[int], _: int) -> tuple[float, ...]:
    return tuple(np.percentile(values, [25, 50, 75, 10, 90]).tolist())


Publish = Callable[[Sequence[int], int], tuple[float | None, ...]]


def membership(values: np.ndarray, publish: Publish, sizes: tuple[int, int], trials: int, seed: int) -> float:
    """Attack 6a: whoever knows all other members asks whether the target is one: true less false positives.

    A release is a function of its members, so the attacker knows the answer where the two releases differ.
    """
    random, told = np.random.default_rng(seed), 0
    for _ in range(trials):
        members = random.choice(values, int(random.integers(*sizes)), replace=False).tolist()
        shown = len(members) // 5 * 5
        told += publish(members, shown) != publish(members[1:], shown)
    return told / trials


def exact_score(values: np.ndarray, publish: Publish, sizes: tuple[int, int], trials: int, seed: int) -> float:
    """Attack 6b: the same attacker knows that the target is a member, and wants its score: the middle of those that
    give the release that is seen, by how common they are."""
    random, hits = np.random.default_rng(seed), 0
    common = np.sort(random.choice(values, 300, replace=False))
    for _ in range(trials):
        members = random.choice(values, int(random.integers(*sizes)), replace=False).tolist()
        shown = len(members) // 5 * 5
        seen = publish(members, shown)
        fitting = [value for value in common.tolist() if publish([value, *members[1:]], shown) == seen]
        guess = float(np.median(fitting)) if fitting else float(np.median(common))
        hits += abs(guess - members[0]) <= 100
    return hits / trials


def level_of(values: np.ndarray, levels: Callable[[int], int], *, ruled: bool, sizes: tuple[int, int], trials: int,
             seed: int) -> tuple[float, float]:  # fmt: skip
    """Attack 6c: the same attacker wants the target's level, from the shares of levels. Also how often the commonest
    level is right."""
    random, hits, plain = np.random.default_rng(seed), 0, 0
    every = np.array([levels(int(value)) for value in values])
    common = np.bincount(every, minlength=5)
    for _ in range(trials):
        held = random.choice(every, int(random.integers(*sizes)), replace=False)
        others, level = held[1:], int(held[0])
        seen = _shares(held, ruled)
        fitting = [one for one in (1, 2, 3, 4) if _shares(np.append(others, one), ruled) == seen]
        hits += max(fitting, key=lambda one: common[one]) == level
        plain += int(np.argmax(common)) == level
    return hits / trials, plain / trials


def _shares(levels: np.ndarray, ruled: bool) -> object:
    count = np.bincount(levels, minlength=5)[1:]
    if not ruled:
        return tuple(count.tolist())
    numbers = tuple(count.tolist())
    return disclosure.merged_levels(len(levels), numbers, lambda low, high: sum(numbers[low - 1 : high]), RULES)


def outsider(values: np.ndarray, publish: Publish, sizes: tuple[int, int], trials: int, seed: int) -> float:
    """Attack 6d: an attacker who knows the target's score alone: is it nearer to what the cell publishes than to what
    the country does? The area under the curve; a half is guessing."""
    random, inside, outside = np.random.default_rng(seed), [], []
    whole = [value for value in publish(values.tolist(), len(values)) if value is not None]
    scale = 1 if publish is exact_quantiles else 100
    for _ in range(trials):
        members = random.choice(values, int(random.integers(*sizes)) + 1, replace=False).tolist()
        stranger, members = members[0], members[1:]
        shown = publish(members, len(members) // 5 * 5)
        for target, found in ((members[0], inside), (stranger, outside)):
            found.append(sum(abs(target - scale * country) - abs(target - scale * cell)
                             for cell, country in zip(shown, whole, strict=False) if cell is not None))  # fmt: skip
    ranks = np.concatenate([inside, outside]).argsort(kind="stable").argsort(kind="stable")[: len(inside)]
    return float((ranks.sum() - len(inside) * (len(inside) - 1) / 2) / (len(inside) * len(outside)))


# 7 Probing


def probe(values: Sequence[float], percentile: Callable[[Decimal], float]) -> float:
    """Attack 7: try every score from 0 to 100 by tenths and note where the percentile moves: the share of members
    that stand within 0.15 of such a place."""
    scores = [Decimal(tenth) / 10 for tenth in range(1001)]
    answers = [percentile(score) for score in scores]
    jumps = np.array([float(after) - 0.05 for before, after, a, b in
                      zip(scores, scores[1:], answers, answers[1:], strict=False) if a != b])  # fmt: skip
    if not len(jumps):
        return 0.0
    return float(np.mean([np.abs(jumps - value).min() <= 0.15 for value in values]))


def own_percentile(grid: Quantiles) -> Callable[[Decimal], float]:
    """R10, looked up when asked, so that a mutant of it is."""
    return lambda value: published.percentile(grid, value)


# Figures held by a few


def lonely_quantiles(referee: Referee, built: Built) -> int:
    """Published quantiles of cells that are too small for them, or with fewer than five groups on a side (R4)."""
    truth, leaks = referee.population.values, 0
    for cell in built.cells:
        for name, grid in cell.quantiles.items():
            rows = sorted(referee.cells[cell.key])
            values = truth[name][rows]
            kept = [(row, value) for row, value in zip(rows, values, strict=True) if not np.isnan(value)]
            ordered = sorted(value for _, value in kept)
            leaks += referee.groups([row for row, _ in kept]) < 20
            for level, shown in ((25, grid.q1), (50, grid.median), (75, grid.q3), (10, grid.p10), (90, grid.p90)):
                exact = ordered[(level * (len(ordered) - 1) + 50) // 100]
                sides = ([row for row, value in kept if value < exact], [row for row, value in kept if value > exact])
                leaks += shown is not None and min(referee.groups(side) for side in sides) < 5
    return leaks


def lonely_levels(referee: Referee, built: Built) -> int:
    """Published classes of levels held by one to four groups (R6)."""
    level, leaks = referee.population.level, 0
    for cell in built.cells:
        for item in cell.levels:
            held = [row for row in referee.cells[cell.key] if int(level[row]) in item.levels]
            leaks += 0 < referee.groups(held) < 5
    return leaks


def told_criteria(referee: Referee, built: Built) -> int:
    """Published shares of criteria that fewer than five groups meet or miss: it tells what all others do (R6b)."""
    leaks = 0
    for cell in built.cells:
        for name in cell.shares:
            column = referee.population.criteria[name]
            for wanted in (0, 1):
                held = [row for row in referee.cells[cell.key] if int(column[row]) == wanted]
                leaks += referee.groups(held) < 5
    return leaks


# Sums


def sums_left(referee: Referee, built: Built, name: str) -> int:
    """Attack 2d on means: sets of one to nine groups whose sum follows from published means: a published node less the
    published ones within it, in each tree and across."""
    nodes = {cell.key: referee.cells[cell.key] for cell in built.cells if name in cell.means}
    industries = {key: rows for key, rows in nodes.items() if not key.region}
    places = {key: rows for key, rows in nodes.items() if not key.industry}
    leaks = 0
    for tree in (industries, places):
        for rows in tree.values():
            within = {other: held for other, held in tree.items() if held < rows}
            largest = [held for held in within.values() if not any(held < more for more in within.values())]
            left = rows - frozenset[int]().union(*largest)
            leaks += leaves_few(referee.groups(left)) or referee.groups(rows) < FEW
    for mine, theirs in ((industries, places), (places, industries)):
        for rows in mine.values():
            touched = [held for held in theirs.values() if held & rows]
            finest = [held for held in touched if not any(other < held for other in touched)]
            union = frozenset[int]().union(*finest)
            leaks += rows <= union and leaves_few(referee.groups(union - rows))
    return leaks
