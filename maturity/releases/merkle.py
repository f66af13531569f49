"""A sparse Merkle tree that tells each of those in it that it is in, and nothing about anybody else.

The tree has 2**64 slots, whatever the number of leaves: a proof has always 64 hashes. A leaf's slot is the beginning of
its key, so one key has one place. Empty parts are filled with hashes that are blinded by a secret and look like any
other; a constant there, as is usual, would show how dense the tree is, and which keys are not in it. Leaves, nodes and
padding are hashed under different first bytes (RFC 6962), so that none can be passed off as another.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

DEPTH = 64
_LEAF, _NODE, _PADDING, _KEY = b"\x00", b"\x01", b"\x02", b"\x03"


class SharedSlot(ValueError):
    """Two leaves want the same slot: one key stands twice, or two keys begin with the same eight bytes."""


def commitment(blind: bytes, name: str) -> bytes:
    """The key of somebody named: only who knows the blind can tell whose it is.

    >>> commitment(bytes(32), "91110000600037341L").hex()[:16]
    '06ecf43b5448c9a4'
    """
    return hashlib.sha256(_KEY + blind + name.encode()).digest()


def leaf_hash(key: bytes, content: bytes) -> bytes:
    """The leaf for what is counted under a key; of the content's hash only the hash goes in."""
    return hashlib.sha256(_LEAF + key + hashlib.sha256(content).digest()).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def padding_hash(depth: int, prefix: int, blind: bytes) -> bytes:
    """What stands for an empty part of the tree."""
    return hashlib.sha256(_PADDING + bytes([depth]) + prefix.to_bytes(8, "big") + blind).digest()


def slot_of(key: bytes) -> int:
    return int.from_bytes(key[: DEPTH // 8], "big")


@dataclass(frozen=True, slots=True)
class Absence:
    """Shows that no leaf stands at a key: the empty part that holds its slot, and the way from there to the root."""

    depth: int
    blind: bytes
    siblings: tuple[bytes, ...]


@dataclass(slots=True)
class Tree:
    """The tree of some leaves by key. `salt` is the secret that blinds what is empty."""

    salt: bytes
    slots: list[int]
    leaves: list[bytes]
    root: bytes = field(init=False)
    _known: dict[tuple[int, int], bytes] = field(init=False, default_factory=dict)

    @classmethod
    def of(cls, leaves: Sequence[tuple[bytes, bytes]], salt: bytes) -> Tree:
        """From keys and leaf hashes in any order; `SharedSlot` when two of them collide."""
        ordered = sorted((slot_of(key), leaf) for key, leaf in leaves)
        slots = [slot for slot, _leaf in ordered]
        for one, next_one in zip(slots, slots[1:], strict=False):
            if one == next_one:
                raise SharedSlot(f"{one:016x}")
        return cls(salt, slots, [leaf for _slot, leaf in ordered])

    def __post_init__(self) -> None:
        self.root = self._hash(0, 0, 0, len(self.slots))

    def prove(self, key: bytes) -> tuple[bytes, ...]:
        """The siblings from the leaf of a key up to the root; `KeyError` where there is none."""
        found, low, _high, siblings = self._descend(slot_of(key), DEPTH)
        if found < DEPTH or self.slots[low : low + 1] != [slot_of(key)]:
            raise KeyError(key.hex())
        return tuple(reversed(siblings))

    def prove_absence(self, key: bytes) -> Absence:
        """That nothing stands at a key; `KeyError` where something does."""
        slot = slot_of(key)
        depth, low, high, siblings = self._descend(slot, DEPTH)
        if low < high:
            raise KeyError(key.hex())
        return Absence(depth, self._blind(depth, slot >> (DEPTH - depth)), tuple(reversed(siblings)))

    def _descend(self, slot: int, to: int) -> tuple[int, int, int, list[bytes]]:
        """Towards a slot until it is reached or what holds it is empty: how deep, which leaves, what stands beside."""
        depth, low, high = 0, 0, len(self.slots)
        siblings: list[bytes] = []
        while depth < to and low < high:
            depth += 1
            prefix = slot >> (DEPTH - depth)
            middle = bisect_left(self.slots, (prefix | 1) << (DEPTH - depth), low, high)
            ours, other = ((middle, high), (low, middle)) if prefix & 1 else ((low, middle), (middle, high))
            siblings.append(self._hash(depth, prefix ^ 1, *other))
            low, high = ours
        return depth, low, high, siblings

    def _hash(self, depth: int, prefix: int, low: int, high: int) -> bytes:
        """The hash of the part under a prefix, which holds the leaves from `low` to before `high`."""
        if low == high:
            return padding_hash(depth, prefix, self._blind(depth, prefix))
        if (known := self._known.get((depth, prefix))) is not None:
            return known
        if high - low == 1:
            found = self._alone(depth, self.slots[low], self.leaves[low])
        else:
            middle = bisect_left(self.slots, (2 * prefix + 1) << (DEPTH - depth - 1), low, high)
            found = node_hash(
                self._hash(depth + 1, 2 * prefix, low, middle), self._hash(depth + 1, 2 * prefix + 1, middle, high)
            )
        self._known[depth, prefix] = found
        return found

    def _alone(self, depth: int, slot: int, leaf: bytes) -> bytes:
        """The hash of a part with one leaf only, from the leaf up."""
        found = leaf
        for level in range(DEPTH, depth, -1):
            prefix = slot >> (DEPTH - level)
            beside = padding_hash(level, prefix ^ 1, self._blind(level, prefix ^ 1))
            found = node_hash(beside, found) if prefix & 1 else node_hash(found, beside)
        return found

    def _blind(self, depth: int, prefix: int) -> bytes:
        return hmac.digest(self.salt, bytes([depth]) + prefix.to_bytes(8, "big"), "sha256")


def root_from(slot: int, depth: int, start: bytes, siblings: Sequence[bytes]) -> bytes:
    """The root that follows from a hash at a place and its siblings from there up."""
    found = start
    for step, beside in enumerate(siblings):
        is_right = slot >> (DEPTH - depth + step) & 1
        found = node_hash(beside, found) if is_right else node_hash(found, beside)
    return found


def is_in(root: bytes, key: bytes, leaf: bytes, siblings: Sequence[bytes]) -> bool:
    """Whether a leaf stands at its key in the tree of this root."""
    return len(siblings) == DEPTH and root_from(slot_of(key), DEPTH, leaf, siblings) == root


def is_absent(root: bytes, key: bytes, proof: Absence) -> bool:
    """Whether nothing stands at a key in the tree of this root."""
    if not 0 <= proof.depth <= DEPTH or len(proof.siblings) != proof.depth:
        return False
    slot = slot_of(key)
    start = padding_hash(proof.depth, slot >> (DEPTH - proof.depth), proof.blind)
    return root_from(slot, proof.depth, start, proof.siblings) == root
