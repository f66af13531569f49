"""The rules of disclosure control, each as one small function: what may be published, and as what.

Numbers of the rules are those of the methods (R0 to R13). Every count is of distinct ultimate groups (R0): a holding
with eight companies is one contributor. Functions take arrays, one element for each cell, where a release asks for
thousands; they know nothing of the lattice. What they are for, in words a lawyer reads, is in docs/disclosure.md; what
they withstand is measured by tests/attacks.

R1 (closed lattice) and R11 (fallback) are in `lattice`, R2 (frozen vintages) in the workflow of releases, R9 (additive
statistics) in `additive`, R10 (own percentile) in `cells`, R12 (what a regulator sees) in `queries`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maturity.benchmarks.parameters import Parameters

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: order statistics in the mean that a quantile is published as (R4)
SMOOTHED = 5
#: level in percent of each quantile (R4)
QUARTILES = {"q1": 25, "median": 50, "q3": 75}
DECILES = {"p10": 10, "p90": 90}
#: classes of levels as ((lowest, highest), share in percent)
Classes = tuple[tuple[tuple[int, int], int], ...]
_FRACTION = 2**64


@dataclass(frozen=True, slots=True)
class Standing:
    """What of an assessment decides whether it contributes (R0, R13)."""

    is_submitted: bool
    is_whole_path: bool
    is_settled_early: bool
    has_open_errors: bool
    is_claimed: bool
    is_demonstration: bool


def reason_against(standing: Standing, *, is_synthetic: bool = False) -> str | None:
    """R0, R13: why an assessment does not contribute, None where it does.

    A draft, an express result, a level settled early and an answer that fails a check are no measurement of an
    enterprise; an enterprise that nobody has claimed has not consented. Demonstration data stay out of a release of
    real data, and a synthetic release holds nothing else.

    >>> reason_against(Standing(True, True, False, False, True, False)) is None
    True
    >>> reason_against(Standing(True, True, True, False, True, False))
    'settled_early'
    """
    reasons = {
        "draft": not standing.is_submitted,
        "express": not standing.is_whole_path,
        "settled_early": standing.is_settled_early,
        "open_errors": standing.has_open_errors,
        "unclaimed": not standing.is_claimed,
        "demonstration": standing.is_demonstration != is_synthetic,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def has_enough_groups(groups: Ints, rules: Parameters) -> Bools:
    """R3: a cell holds at least `least_groups` distinct groups."""
    return groups >= rules.least_groups


def is_led_by_none(largest: Ints, enterprises: Ints, rules: Parameters) -> Bools:
    """R3: no group has more than `largest_share` percent of a cell's enterprises."""
    return 100 * largest <= rules.largest_share * enterprises


def leaves_enough_outside(outside: Ints, rules: Parameters) -> Bools:
    """R12b: without the enterprises that one coalition knows, `least_outside_coalition` groups remain.

    `outside` is, for the coalition that knows most of the cell, the number of groups with a company it does not know.
    """
    return outside >= rules.least_outside_coalition


def is_safe_nested_difference(groups: Ints, rules: Parameters) -> Bools:
    """R7: what a published cell has beyond another published one is no group, or `least_difference` at least."""
    return _none_or_many(groups, rules)


def is_safe_period_difference(groups: Ints, rules: Parameters) -> Bools:
    """R8: against an earlier published vintage no group entered, left or changed, or `least_difference` did."""
    return _none_or_many(groups, rules)


def is_safe_framework_difference(groups: Ints, rules: Parameters) -> Bools:
    """R8b: one cell in the releases of two frameworks differs by no group, or by `least_difference` at least."""
    return _none_or_many(groups, rules)


def is_safe_outside_coalition(outside: Ints, rules: Parameters) -> Bools:
    """R12b in R7, R8 and R8b: of what differs, a coalition knows all, or `least_difference` groups it does not know.

    Otherwise it takes its own companies from the difference and is left with a few of others.
    """
    return _none_or_many(outside, rules)


def _none_or_many(groups: Ints, rules: Parameters) -> Bools:
    found: Bools = (groups == 0) | (groups >= rules.least_difference)
    return found


def quantile_rank(level: int, count: Any) -> Any:
    """R4: the rank, from 0, of the order statistic that stands for a level: floor(q(n-1) + 1/2).

    >>> quantile_rank(25, 20), quantile_rank(50, 20), quantile_rank(75, 20)
    (5, 10, 14)
    """
    return (level * (count - 1) + 50) // 100


def may_show_quantile(groups: Ints, below: Ints, above: Ints, least: int, rules: Parameters) -> Bools:
    """R4: enough groups in the cell, and `least_beside` strictly below the quantile and strictly above it."""
    return (groups >= least) & (np.minimum(below, above) >= rules.least_beside)


def rounded_quantile(sum_of_five: Ints, step: Ints) -> Ints:
    """R4: the mean of the five order statistics around the rank, rounded half up to a step of whole points.

    Sums are in hundredths of a point, so that the arithmetic is exact.

    >>> rounded_quantile(np.array([25000, 25500]), np.array([2, 2])).tolist()  # means of 50 and 51
    [50, 52]
    """
    hundredths = 100 * SMOOTHED
    found: Ints = (2 * sum_of_five + hundredths * step) // (2 * hundredths * step) * step
    return found


def step_of(published: Ints, rules: Parameters) -> Ints:
    """R4: quantiles are rounded by a step chosen from the published count, so that the step tells nothing."""
    return np.where(published >= rules.fine_from, rules.fine_step, rules.coarse_step)


def rounded_count(count: int, members: bytes, secret: bytes, rules: Parameters) -> int:
    """R5: a count rounded to the base at random but for ever alike: up or down as the set of members decides.

    5a + r becomes 5(a+1) with probability r/5. The draw is a keyed hash of the members alone, whatever the cell is
    called and whenever it is asked for: a province that is the whole of its macro-region shows one count in both.
    Published from `least_groups` on.

    >>> rules = __import__("maturity.benchmarks.parameters", fromlist=["_"]).load_parameters()
    >>> {rounded_count(23, bytes([n]), b"secret", rules) for n in range(50)} == {20, 25}
    True
    """
    whole, rest = divmod(count, rules.count_base)
    draw = int.from_bytes(hmac.new(secret, members, sha256).digest()[:8], "big")
    up = draw * rules.count_base < rest * _FRACTION
    return max((whole + up) * rules.count_base, rules.least_groups)


def merged_levels(
    groups: int, enterprises: tuple[int, ...], groups_of: Callable[[int, int], int], rules: Parameters
) -> Classes:
    """R6: the classes of levels that may be shown, the lowest first; () where none may.

    `enterprises` counts them by level, the lowest first, levels being numbered from 1; `groups_of(a, b)` counts the
    groups with a company from level a to b. Levels held by too few are merged with the one below, from the top; what is
    then too few at the bottom with the one above. A cell in which one class has nearly everyone shows none.

    >>> rules = __import__("maturity.benchmarks.parameters", fromlist=["_"]).load_parameters()
    >>> counts = (30, 24, 5, 1)
    >>> merged_levels(60, counts, lambda low, high: sum(counts[low - 1 : high]), rules)
    (((1, 1), 50), ((2, 2), 40), ((3, 4), 10))
    """
    if groups < rules.least_for_levels:
        return ()
    classes = [(level, level) for level in range(1, len(enterprises) + 1)]
    while len(classes) > 1 and groups_of(*classes[-1]) < rules.least_in_class:
        classes[-2:] = [(classes[-2][0], classes[-1][1])]
    at = 0
    while at < len(classes) - 1:  # the last one holds enough, and more only join it
        if groups_of(*classes[at]) >= rules.least_in_class:
            at += 1
        else:
            classes[at : at + 2] = [(classes[at][0], classes[at + 1][1])]
    total = sum(enterprises)
    parts = [sum(enterprises[low - 1 : high]) for low, high in classes]
    if len(classes) < 2 or 100 * max(parts) > rules.largest_class * total:
        return ()
    return tuple((span, rounded_share(part, total, rules)) for span, part in zip(classes, parts, strict=True))


def may_show_share(groups: Ints, meeting: Ints, missing: Ints, rules: Parameters) -> Bools:
    """R6b: enough groups, and `least_in_class` of them on each side of the criterion."""
    found: Bools = (groups >= rules.least_for_shares) & (np.minimum(meeting, missing) >= rules.least_in_class)
    return found


def rounded_share(part: Any, whole: Any, rules: Parameters) -> Any:
    """R6, R6b: a part of a whole in percent, rounded half up to the base.

    >>> rules = __import__("maturity.benchmarks.parameters", fromlist=["_"]).load_parameters()
    >>> rounded_share(1, 8, rules), rounded_share(12, 100, rules)
    (15, 10)
    """
    base = rules.share_base
    return (200 * part + base * whole) // (2 * base * whole) * base
