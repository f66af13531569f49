"""Who is named in a comment. No database, no web."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

SIGNS = "@＠"


def mentioned(body: str, names: Mapping[int, str]) -> list[int]:
    """The ids of those whose name follows an @, in the order of the text; the longest name that fits is meant.

    Two people of one name are both meant: who is told too much loses less than who is not told.

    >>> mentioned("@王芳芳 看一下，＠王芳 也看", {1: "王芳", 2: "王芳芳", 3: "李明"})
    [2, 1]
    >>> mentioned("@ann, not @annabel or jane@ann", {1: "Ann", 2: "Jane Doe"}), mentioned("@Jane doe?", {2: "Jane Doe"})
    ([1], [2])
    """
    found: list[int] = []
    for start in _places(body):
        longest = max((name for name in names.values() if _stands_at(body, start, name)), key=len, default=None)
        found += [
            who for who, name in names.items() if longest and name.casefold() == longest.casefold() and who not in found
        ]
    return found


def _places(body: str) -> Iterator[int]:
    """Where a name may begin: after an @ that is not part of an address."""
    for place, sign in enumerate(body):
        if sign in SIGNS and not (place and body[place - 1].isascii() and body[place - 1].isalnum()):
            yield place + 1


def _stands_at(body: str, start: int, name: str) -> bool:
    end = start + len(name)
    if not name or body[start:end].casefold() != name.casefold():
        return False
    # A Latin name ends with a word; a Chinese one may be followed by anything.
    return not (name[-1].isascii() and body[end : end + 1].isascii() and body[end : end + 1].isalnum())
