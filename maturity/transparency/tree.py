"""The Merkle tree of RFC 6962: hashes, the subtrees to keep, and both kinds of proof.

Of n leaves the hash of every complete subtree is kept, at a place that follows from its level and number alone, in the
order in which they come to be. A leaf adds two places on the average and changes none. A proof names ranges of leaves;
each is put together from at most log n kept hashes. So both take O(log n), and nothing here knows where they are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

_LEAF, _NODE = b"\x00", b"\x01"
HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf.

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return hashlib.sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def place_of(level: int, index: int) -> int:
    """Where the hash of the complete subtree over the leaves from index * 2**level stands.

    >>> [place_of(0, 0), place_of(0, 1), place_of(1, 0), place_of(0, 2), place_of(0, 3), place_of(1, 1), place_of(2, 0)]
    [0, 1, 2, 3, 4, 5, 6]
    """
    last = ((index + 1) << level) - 1  # the leaf that completes it
    return 2 * last - last.bit_count() + level


def places_of(size: int) -> int:
    """How many hashes a tree of this size keeps."""
    return place_of(0, size)


def beside(size: int) -> Iterator[tuple[int, int]]:
    """Level and index of the subtrees that the next leaf of a tree of this size completes a larger one with."""
    level = 0
    while size >> level & 1:
        yield level, (size >> level) - 1
        level += 1


def grown(size: int, leaf: bytes, kept: Mapping[int, bytes]) -> tuple[bytes, ...]:
    """The hashes that the next leaf adds, for the places from `places_of(size)` on."""
    added = [leaf]
    for level, index in beside(size):
        added.append(node_hash(kept[place_of(level, index)], added[-1]))
    return tuple(added)


Range = tuple[int, int]  # leaves, the last not included


def _split(size: int) -> int:
    """The largest power of two below a size of at least two."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_ranges(leaf: int, size: int) -> tuple[Range, ...]:
    """The ranges whose hashes prove that a leaf is in a tree of this size, from the leaf up."""
    if not 0 <= leaf < size:
        raise ValueError(f"no leaf {leaf} in a tree of {size}")
    found: list[Range] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if leaf < middle:
            found.append((middle, high))
            high = middle
        else:
            found.append((low, middle))
            low = middle
    return tuple(reversed(found))


def consistency_ranges(old: int, new: int) -> tuple[Range, ...]:
    """The ranges whose hashes prove that the tree of `new` leaves begins with that of `old`."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} cannot follow one of {old}")
    found: list[Range] = []
    low, high, is_whole = 0, new, True  # whether the part is still that of the old tree from its beginning
    while old < high:
        middle = low + _split(high - low)
        if old <= middle:
            found.append((middle, high))
            high = middle
        else:
            found.append((low, middle))
            low, is_whole = middle, False
    if not is_whole:
        found.append((low, high))
    return tuple(reversed(found))


def subtrees(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees that make up a range of a proof, as level and index, from left to right."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def places(ranges: Sequence[Range]) -> frozenset[int]:
    """All kept hashes that these ranges need, to be read at once."""
    return frozenset(place_of(*part) for one in ranges for part in subtrees(*one))


def range_hash(low: int, high: int, kept: Mapping[int, bytes]) -> bytes:
    """The hash of a range of leaves from those of its complete subtrees."""
    parts = [kept[place_of(*part)] for part in subtrees(low, high)]
    if not parts:
        return EMPTY_ROOT
    found = parts.pop()
    while parts:
        found = node_hash(parts.pop(), found)
    return found


def hashes(ranges: Sequence[Range], kept: Mapping[int, bytes]) -> tuple[bytes, ...]:
    """A proof: the hash of each range."""
    return tuple(range_hash(low, high, kept) for low, high in ranges)


def root_with(leaf: bytes, number: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root of a tree in which a leaf stands at its number; None where the proof has not its length."""
    if not 0 <= number < size:
        return None
    ranges = inclusion_ranges(number, size)
    if len(ranges) != len(proof):
        return None
    found = leaf
    for (low, _high), sibling in zip(ranges, proof, strict=True):
        found = node_hash(sibling, found) if low <= number and _high <= number else node_hash(found, sibling)
    return found


def roots_with(old: int, new: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The roots of the old and the new tree as a proof of consistency tells them; None where it has not its length."""
    if not 0 < old <= new:
        return None
    ranges = consistency_ranges(old, new)
    if len(ranges) != len(proof):
        return None
    waiting = list(zip(ranges, proof, strict=True))
    # The first range is the end of the old tree, unless the old tree itself is a complete part: then it is its root.
    first = old_root if not waiting or waiting[0][0][0] >= old else waiting.pop(0)[1]
    of_old = of_new = first
    for (low, _high), sibling in waiting:
        if low < old:
            of_old, of_new = node_hash(sibling, of_old), node_hash(sibling, of_new)
        else:
            of_new = node_hash(of_new, sibling)
    return of_old, of_new
