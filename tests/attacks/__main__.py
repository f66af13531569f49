"""Prints the table of attacks: `python -m tests.attacks`."""

from tests.attacks.report import table

print(table())  # noqa: T201  # this is what it is for
