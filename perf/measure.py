"""Comparing a subject with its floor: in turns, so that a noisy machine disturbs both alike."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from perf.servers import DATABASES

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds one turn took: processor time of the process that is measured, and time on the wall."""

    cpu: float
    wall: float


def timed(work: Callable[[], object], repeats: int, cpu: Clock) -> Round:
    cpu_before, wall_before = cpu(), time.perf_counter()
    for _ in range(repeats):
        work()
    return Round((cpu() - cpu_before) / repeats, (time.perf_counter() - wall_before) / repeats)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rounds of floor and subject in pairs; every figure is of one repetition."""

    subject: str
    floor: str
    floors: tuple[Round, ...]
    subjects: tuple[Round, ...]
    ratio_target: float | None = None
    cpu_target_ms: float | None = None

    def ratio(self) -> float:
        """The median over the rounds of the ratio of processor times; the two of a round ran one after the other."""
        return median(subject.cpu / floor.cpu for floor, subject in zip(self.floors, self.subjects, strict=True))

    def least_ratio(self) -> float:
        """The quietest subject round over the quietest floor round."""
        return min(r.cpu for r in self.subjects) / min(r.cpu for r in self.floors)

    def meets(self) -> bool:
        ratio = self.ratio_target is None or self.ratio() <= self.ratio_target
        return ratio and (self.cpu_target_ms is None or cpu_ms(self.subjects) <= self.cpu_target_ms)


def cpu_ms(rounds: Sequence[Round]) -> float:
    return 1000 * median(one.cpu for one in rounds)


def least_cpu_ms(rounds: Sequence[Round]) -> float:
    return 1000 * min(one.cpu for one in rounds)


def wall_ms(rounds: Sequence[Round]) -> float:
    return 1000 * median(one.wall for one in rounds)


def compare(
    subject: str,
    floor: str,
    do_subject: Callable[[], object],
    do_floor: Callable[[], object],
    *,
    rounds: int,
    repeats: int,
    cpu: Clock = time.process_time,
    reset: Callable[[], object] = lambda: None,
    ratio_target: float | None = None,
    cpu_target_ms: float | None = None,
) -> Comparison:
    """Floor, subject, floor, subject …; the first turn of both only warms up. `reset` runs before each, untimed."""
    turns: dict[str, list[Round]] = {floor: [], subject: []}
    for _ in range(rounds + 1):
        for name, work in ((floor, do_floor), (subject, do_subject)):
            reset()
            turns[name].append(timed(work, repeats, cpu))
    return Comparison(subject, floor, tuple(turns[floor][1:]), tuple(turns[subject][1:]), ratio_target, cpu_target_ms)


HEADER = ("measure", "cpu ms", "least", "wall ms", "floor cpu", "least", "wall ms", "ratio", "least", "target")


def line(item: Comparison) -> tuple[str, ...]:
    targets = [f"<= {item.ratio_target:g}x"] if item.ratio_target else []
    targets += [f"<= {item.cpu_target_ms:g} ms"] if item.cpu_target_ms else []
    verdict = f"{', '.join(targets)}: {'met' if item.meets() else 'MISSED'}" if targets else "-"
    sides = (
        f"{figure(side):.2f}" for side in (item.subjects, item.floors) for figure in (cpu_ms, least_cpu_ms, wall_ms)
    )
    return (item.subject, *sides, f"{item.ratio():.2f}", f"{item.least_ratio():.2f}", verdict)


def show(items: Sequence[Comparison]) -> None:
    """One table; floors are named below it."""
    rows = [HEADER, *(line(item) for item in items)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    for row in rows:
        figures = [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *figures, row[-1]]))
    for item in items:
        print(f"  floor of “{item.subject}”: {item.floor}")


def options_of(description: str, *, rounds: int, repeats: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--rounds", type=int, default=rounds, help=f"turns of floor and subject (default {rounds})")
    parser.add_argument("--repeats", type=int, default=repeats, help=f"repetitions a turn (default {repeats})")
    return parser.parse_args()
