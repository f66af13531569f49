"""What one question of express takes: the estimate after an answer and the choice of the next question.

`--enterprises` of the held-out population answer until it stops. The floor is the exact part of it, path and bounds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from statistics import median, quantiles
from typing import Any

from maturity.adaptive.calibrations import calibration_for
from maturity.adaptive.evaluation import period_end
from maturity.adaptive.express import estimate
from maturity.adaptive.framework import load_framework
from maturity.adaptive.settled import find_bounds
from maturity.cli_express import edition_hash
from maturity.demo.columns import facts_of_row
from maturity.demo.population import build_population
from maturity.express_calibration import HELD_OUT_SEED
from perf.scoring import EDITION

P95_TARGET_MS = 20


def main(argv: Sequence[str] = ()) -> bool:
    """Measure and print; whether the target is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enterprises", type=int, default=200)
    arguments = parser.parse_args(argv)
    framework = load_framework(EDITION)
    calibration = calibration_for(framework, edition_hash(framework)).calibration
    on = period_end(calibration.period)
    people = build_population(framework, calibration.period, arguments.enterprises, HELD_OUT_SEED)
    subject, floor = [], []
    for row in range(arguments.enterprises):
        profile, sheet = people.profiles[row], facts_of_row(framework, people.columns, row)
        given: dict[str, Any] = {}
        while True:
            began = time.perf_counter()
            find_bounds(framework, profile, given, on)
            middle = time.perf_counter()
            found = estimate(framework, calibration, profile, given, on)
            subject.append(1000 * (time.perf_counter() - middle))
            floor.append(1000 * (middle - began))
            if found.question is None:
                break
            given |= {fact: sheet[fact] for fact in found.question.facts}
    p95 = quantiles(subject, n=20)[-1]
    sys.stdout.write(
        f"express question: median {median(subject):.2f} ms, p95 {p95:.2f} ms over {len(subject)} steps; "
        f"{median(subject) / median(floor):.2f}x of path and bounds alone (target p95 {P95_TARGET_MS} ms)\n"
    )
    return p95 <= P95_TARGET_MS


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
