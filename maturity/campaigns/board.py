"""Coverage: how many of those invited have started, submitted and been reviewed, where, and since when.

Counts of the regulator's own list. Whoever is at a step has passed through those before it, so every figure is the
number of those who are at that step or beyond it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

STEPS = ("invited", "started", "submitted", "reviewed")
MOST_POINTS = 120  # of a line over time


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a city, an industry (division) and a size stand at one step and not beyond it."""

    city: str
    industry: str
    size: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Quota:
    """What is expected: a number of submissions, or a share of the list in percent."""

    kind: str
    amount: int

    def target(self, invited: int) -> int:
        """
        >>> Quota("share", 20).target(11), Quota("number", 5).target(11)
        (3, 5)
        """
        return self.amount if self.kind == "number" else -(-invited * self.amount // 100)


@dataclass(frozen=True, slots=True)
class Cover:
    """Coverage of one group of those invited: cumulative counts, and the target where there is a quota."""

    key: tuple[str, ...]
    invited: int
    started: int
    submitted: int
    reviewed: int
    quota: Quota | None = None

    @property
    def target(self) -> int | None:
        return self.quota.target(self.invited) if self.quota else None

    @property
    def missing(self) -> int:
        """How many submissions are wanting to the target."""
        return max(0, (self.target or 0) - self.submitted)

    @property
    def is_reached(self) -> bool:
        return self.missing == 0

    @property
    def share(self) -> float:
        """Submitted of those invited, in percent."""
        return 100 * self.submitted / self.invited if self.invited else 0.0

    @property
    def progress(self) -> float:
        """Submitted of the target, in percent and at most 100; of those invited where there is none."""
        whole = self.target if self.target is not None else self.invited
        return min(100.0, 100 * self.submitted / whole) if whole else 100.0

    @property
    def not_started(self) -> int:
        return self.invited - self.started


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the board and the closing report count."""

    total: Cover
    cities: tuple[Cover, ...]
    industries: tuple[Cover, ...]
    sizes: tuple[Cover, ...]
    crossed: tuple[Cover, ...]  # of cities and industries together that have a quota of their own

    def lagging(self) -> tuple[Cover, ...]:
        """Cities that are behind their target, the furthest first."""
        return tuple(cover for cover in self.cities if not cover.is_reached)


@dataclass(slots=True)
class _Count:
    at: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STEPS, 0))

    def cover(self, key: tuple[str, ...], quota: Quota | None) -> Cover:
        """From those who stand at a step to those who have reached it."""
        invited, started, submitted, reviewed = (
            sum(self.at[step] for step in STEPS[place:]) for place in range(len(STEPS))
        )
        return Cover(key, invited, started, submitted, reviewed, quota)


def make_board(tallies: Sequence[Tally], default: Quota | None, quotas: Mapping[tuple[str, str], Quota]) -> Board:
    """`quotas` by city and industry, of which one may be empty; `default` for each of them and for the whole."""
    crossed = {key for key in quotas if all(key)}
    return Board(
        total=_covers(tallies, lambda _item: (), lambda _key: default, also=[()])[0],
        cities=_covers(tallies, lambda item: (item.city,), lambda key: quotas.get((key[0], ""), default)),
        industries=_covers(tallies, lambda item: (item.industry,), lambda key: quotas.get(("", key[0]), default)),
        sizes=_covers(tallies, lambda item: (item.size,), lambda _key: None),
        crossed=tuple(
            cover
            for cover in _covers(
                tallies, lambda item: (item.city, item.industry), lambda key: quotas.get((key[0], key[1])), also=crossed
            )
            if cover.key in crossed
        ),
    )


def _covers(
    tallies: Iterable[Tally],
    key_of: Callable[[Tally], tuple[str, ...]],
    quota_of: Callable[[tuple[str, ...]], Quota | None],
    also: Iterable[tuple[str, ...]] = (),
) -> tuple[Cover, ...]:
    """One cover a group, those first that lack most of their target; groups in `also` although they may be empty."""
    counts: dict[tuple[str, ...], _Count] = {key: _Count() for key in also}
    for item in tallies:
        counts.setdefault(key_of(item), _Count()).at[item.state] += item.count
    covers = [count.cover(key, quota_of(key)) for key, count in counts.items()]
    return tuple(sorted(covers, key=lambda cover: (cover.is_reached, cover.progress, -cover.invited, cover.key)))


@dataclass(frozen=True, slots=True)
class Series:
    """How many had started and submitted by the end of each day."""

    days: tuple[date, ...]
    started: tuple[int, ...]
    submitted: tuple[int, ...]


def make_series(first: date, last: date, started: Iterable[date], submitted: Iterable[date]) -> Series:
    """Day by day from the opening; what happened before it counts from the first day. Long ones are thinned.

    >>> make_series(date(2026, 1, 1), date(2026, 1, 3), [date(2025, 9, 1), date(2026, 1, 3)], [date(2026, 1, 2)])
    Series(days=(datetime.date(2026, 1, 1), datetime.date(2026, 1, 2), datetime.date(2026, 1, 3)), started=(1, 1, 2), \
submitted=(0, 1, 1))
    """
    length = max(0, (last - first).days)
    step = -(-(length + 1) // MOST_POINTS)
    places = [*range(length, -1, -step)][::-1]  # the last day is always there
    days = tuple(first + timedelta(days=place) for place in places)
    return Series(days, _by(days, started), _by(days, submitted))


def _by(days: Sequence[date], moments: Iterable[date]) -> tuple[int, ...]:
    ordered = sorted(moments)
    counts, seen = [], 0
    for day in days:
        while seen < len(ordered) and ordered[seen] <= day:
            seen += 1
        counts.append(seen)
    return tuple(counts)
