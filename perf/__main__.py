"""Every measure, one after the other, in one table; then the proofs that nothing acknowledged is lost."""

from __future__ import annotations

import argparse
import sys
import time

from perf import (
    crash,
    dashboard,
    express,
    import_many,
    issue,
    portfolio,
    report,
    save_answer,
    scoring,
    section_page,
    settled,
    verify,
)
from perf.measure import Comparison, show
from perf.servers import DATABASES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m perf", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one (default: both)")
    parser.add_argument("--quick", action="store_true", help="a quarter of the rounds: to see that everything runs")
    options = parser.parse_args()
    databases = tuple(options.database or DATABASES)
    share = 4 if options.quick else 1
    items: list[Comparison] = scoring.measure(rounds=20 // share, repeats=50)
    for database in databases:
        items += save_answer.measure(database, rounds=40 // share, repeats=20)
        items += section_page.measure(database, rounds=30 // share, repeats=8)
        items += portfolio.measure(database, rounds=20 // share, repeats=5)
        items += dashboard.measure(database, rounds=8 // share, repeats=5)
        items += verify.measure(database, rounds=12 // share, repeats=20)
        items += import_many.measure(database, rounds=max(1, 4 // share))
    items += report.measure(databases[0], rounds=8 // share)
    items += issue.measure(databases[0], rounds=8 // share)
    items += settled.measure(rounds=3)
    show(items)
    print()
    soon = settled.print_walks(settled.walks(300 // share))
    quick = express.main(["--enterprises", str(200 // share)])
    print()
    held = [crash.prove(database, kills=12 // share, people=4, seed=int(time.time())) for database in databases]
    return 0 if all(held) and soon and quick else 1


if __name__ == "__main__":
    sys.exit(main())
