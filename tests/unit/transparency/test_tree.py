"""The tree and its checker, each against answers of others, and against each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.transparency import tree
from maturity.transparency.checking import Growing, hash_leaf, is_consistent, is_included
from tests.unit.transparency.vectors import CONSISTENCY, INCLUSION, LEAVES, ROOTS

MOST = 70


def kept_of(leaves: list[bytes]) -> dict[int, bytes]:
    """All that a log of these leaves keeps."""
    kept: dict[int, bytes] = {}
    for size, leaf in enumerate(leaves):
        kept |= dict(enumerate(tree.grown(size, leaf, kept), tree.places_of(size)))
    return kept


HASHES = [hash_leaf(leaf) for leaf in LEAVES]
KEPT = kept_of(HASHES)
MANY = [hash_leaf(str(number).encode()) for number in range(MOST)]
KEPT_OF_MANY = kept_of(MANY)
ROOT_OF_MANY = [tree.range_hash(0, size, KEPT_OF_MANY) for size in range(MOST + 1)]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    growing = Growing()
    for leaf in HASHES[:size]:
        growing.add(leaf)
    assert tree.range_hash(0, size, KEPT) == growing.root() == ROOTS[size]


@pytest.mark.parametrize("case", INCLUSION)
def test_proofs_of_inclusion_are_those_of_certificate_transparency(case: tuple[int, int]) -> None:
    leaf, size = case
    proof = [bytes.fromhex(text) for text in INCLUSION[case]]
    assert list(tree.hashes(tree.inclusion_ranges(leaf, size), KEPT)) == proof
    assert is_included(HASHES[leaf], leaf, size, ROOTS[size], proof)


@pytest.mark.parametrize("case", CONSISTENCY)
def test_proofs_of_consistency_are_those_of_certificate_transparency(case: tuple[int, int]) -> None:
    old, new = case
    proof = [bytes.fromhex(text) for text in CONSISTENCY[case]]
    assert list(tree.hashes(tree.consistency_ranges(old, new), KEPT)) == proof
    assert is_consistent(old, new, ROOTS[old], ROOTS[new], proof)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_leaf_is_proved_in_every_size(size: int) -> None:
    for leaf in range(size):
        proof = tree.hashes(tree.inclusion_ranges(leaf, size), KEPT_OF_MANY)
        assert is_included(MANY[leaf], leaf, size, ROOT_OF_MANY[size], proof)
        assert tree.root_with(MANY[leaf], leaf, size, proof) == ROOT_OF_MANY[size]


@pytest.mark.parametrize("new", range(1, MOST + 1))
def test_every_size_is_proved_to_begin_with_every_smaller_one(new: int) -> None:
    for old in range(1, new + 1):
        proof = tree.hashes(tree.consistency_ranges(old, new), KEPT_OF_MANY)
        roots = ROOT_OF_MANY[old], ROOT_OF_MANY[new]
        assert is_consistent(old, new, *roots, proof)
        assert tree.roots_with(old, new, ROOT_OF_MANY[old], proof) == roots


@given(st.data())
def test_a_proof_proves_no_other_leaf_place_or_size(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    leaf = data.draw(st.integers(0, size - 1))
    proof = list(tree.hashes(tree.inclusion_ranges(leaf, size), KEPT_OF_MANY))
    other = data.draw(st.integers(-1, MOST).filter(lambda number: number != leaf))
    root = ROOT_OF_MANY[size]
    assert not is_included(MANY[leaf], other, size, root, proof)
    assert not is_included(MANY[(leaf + 1) % MOST], leaf, size, root, proof)
    assert not is_included(MANY[leaf], leaf, size, ROOT_OF_MANY[size - 1], proof)
    assert not is_included(MANY[leaf], leaf, 0, root, proof)


@given(st.data())
def test_a_changed_proof_of_inclusion_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    leaf = data.draw(st.integers(0, size - 1))
    proof = list(tree.hashes(tree.inclusion_ranges(leaf, size), KEPT_OF_MANY))
    changed = _changed(data, proof)
    assert not is_included(MANY[leaf], leaf, size, ROOT_OF_MANY[size], changed)


@given(st.data())
def test_a_changed_proof_of_consistency_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    proof = list(tree.hashes(tree.consistency_ranges(old, new), KEPT_OF_MANY))
    roots = ROOT_OF_MANY[old], ROOT_OF_MANY[new]
    assert not is_consistent(old, new, *roots, _changed(data, proof))
    assert not is_consistent(old, new, ROOT_OF_MANY[old - 1], roots[1], proof)
    assert not is_consistent(old, new, roots[0], ROOT_OF_MANY[new - 1], proof)
    assert not is_consistent(new, old, *roots, proof)
    assert not is_consistent(0, new, *roots, proof)


def _changed(data: st.DataObject, proof: list[bytes]) -> list[bytes]:
    """A bit turned over, a hash too many, one too few, or two exchanged."""
    at = data.draw(st.integers(0, len(proof) - 1))
    what = data.draw(st.sampled_from(("bit", "more", "less", "order")))
    if what == "more":
        return [*proof[:at], proof[at], *proof[at:]]
    if what == "less":
        return [*proof[:at], *proof[at + 1 :]]
    if what == "order" and len(proof) > 1:
        return [*proof[1:], proof[0]]
    bit = data.draw(st.integers(0, 255))
    turned = int.from_bytes(proof[at]) ^ 1 << bit
    return [*proof[:at], turned.to_bytes(32), *proof[at + 1 :]]


def test_a_leaf_is_not_taken_for_a_node() -> None:
    """Different first bytes: two hashes written as an entry do not make the node over them."""
    assert hash_leaf(HASHES[0] + HASHES[1]) != tree.node_hash(HASHES[0], HASHES[1])
