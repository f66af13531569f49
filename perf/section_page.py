"""The heaviest page of the largest section over HTTP, against the frame of the site with nothing in it."""

from __future__ import annotations

import sys

from perf.client import Client
from perf.data import EMAIL, PASSWORD, Subject, prepare
from perf.measure import Comparison, compare, options_of, show
from perf.servers import installation, serving

CPU_MS = 60


def measure(database: str, rounds: int, repeats: int) -> list[Comparison]:
    with installation(database) as environment:
        subject = prepare(environment)
        with serving(environment, application="perf.floor:application()") as web:
            client = Client(web.port)
            client.sign_in(EMAIL, PASSWORD)
            page, size = heaviest_page(client, subject)
            empty = subject.path(f"floor/{subject.floor_id}/page")
            return [
                compare(
                    f"page of {size} questions, {database}",
                    "session, tenant check, and the frame every page has",
                    lambda: client.get(page),
                    lambda: client.get(empty),
                    rounds=rounds,
                    repeats=repeats,
                    cpu=web.cpu_seconds,
                    cpu_target_ms=CPU_MS,
                )
            ]


def heaviest_page(client: Client, subject: Subject) -> tuple[str, int]:
    """The page with the most HTML in the section with the most questions, and how many it asks."""
    section, pages = subject.largest_section
    bodies = {}
    for number in range(1, pages + 1):
        path = subject.path(f"assessments/{subject.draft_id}/sections/{section}?page={number}")
        bodies[path] = client.get(path).body
    path = max(bodies, key=lambda item: len(bodies[item]))
    return path, bodies[path].count("<fieldset")


def main() -> int:
    options = options_of(__doc__ or "", rounds=30, repeats=8)
    show(measure(options.database, options.rounds, options.repeats))
    return 0


if __name__ == "__main__":
    sys.exit(main())
