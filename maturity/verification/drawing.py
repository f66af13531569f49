"""Drawing certificates by lot so that anybody can draw them again. Pure.

Each number is hashed together with the seed, and those with the smallest hashes are drawn. So the same seed and the
same list give the same certificates, in whatever order the list stands and on whatever machine.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256


def draw(numbers: Collection[str], size: int, seed: str) -> tuple[str, ...]:
    """`size` of the numbers.

    >>> draw(["A", "B", "C"], 2, "7") == draw(["C", "B", "A"], 2, "7")
    True
    >>> draw(["A", "B"], 5, "7") == draw(["A", "B"], 2, "7")
    True
    """
    return tuple(sorted(set(numbers), key=lambda number: (_lot(seed, number), number))[:size])


def _lot(seed: str, number: str) -> str:
    return sha256(f"{seed}\n{number}".encode()).hexdigest()


def list_hash(numbers: Collection[str]) -> str:
    """The hash of a list of numbers, one to a line, in order."""
    return sha256("".join(f"{number}\n" for number in sorted(set(numbers))).encode()).hexdigest()
