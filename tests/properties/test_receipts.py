"""Receipts of inclusion: every proof holds, every changed bit breaks it, and it tells nothing about anybody else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from maturity.releases.merkle import (
    DEPTH,
    Absence,
    SharedSlot,
    Tree,
    commitment,
    is_absent,
    is_in,
    leaf_hash,
    node_hash,
    padding_hash,
    slot_of,
)
from maturity.releases.receipt import blind_of, key_and_leaf, key_id_of, problems, public_bytes, sign

SALT = b"salt of a release".ljust(32, b"-")
KEYS = st.binary(min_size=32, max_size=32)
FORESTS = st.dictionaries(KEYS, KEYS, min_size=1, max_size=40)


def tree(leaves: dict[bytes, bytes]) -> Tree:
    return Tree.of([(key, leaf_hash(key, content)) for key, content in leaves.items()], SALT)


@given(FORESTS)
def test_every_leaf_is_proved(leaves: dict[bytes, bytes]) -> None:
    made = tree(leaves)
    for key, content in leaves.items():
        assert is_in(made.root, key, leaf_hash(key, content), made.prove(key))


@given(FORESTS, st.data())
def test_any_changed_bit_breaks_a_proof(leaves: dict[bytes, bytes], data: st.DataObject) -> None:
    made = tree(leaves)
    key = data.draw(st.sampled_from(sorted(leaves)))
    parts = [made.root, key, leaf_hash(key, leaves[key]), *made.prove(key)]
    number, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    changed = bytearray(parts[number])
    changed[bit // 8] ^= 1 << bit % 8
    if number == 1 and bit >= DEPTH:
        return  # the rest of a key is bound by the leaf, which is made from it
    parts[number] = bytes(changed)
    assert not is_in(parts[0], parts[1], parts[2], parts[3:])


@given(KEYS, KEYS)
def test_a_leaf_is_bound_to_its_whole_key(key: bytes, content: bytes) -> None:
    other = key[:-1] + bytes([key[-1] ^ 1])
    assert leaf_hash(key, content) != leaf_hash(other, content)


@given(FORESTS, KEYS)
def test_absence_is_proved_for_who_is_not_in_and_for_nobody_else(leaves: dict[bytes, bytes], key: bytes) -> None:
    made = tree(leaves)
    if slot_of(key) in {slot_of(known) for known in leaves}:
        return
    assert is_absent(made.root, key, made.prove_absence(key))
    with pytest.raises(KeyError):
        made.prove(key)
    for known in leaves:
        with pytest.raises(KeyError):
            made.prove_absence(known)


@given(FORESTS, KEYS, st.integers(0, 255))
def test_a_changed_proof_of_absence_fails(leaves: dict[bytes, bytes], key: bytes, bit: int) -> None:
    made = tree(leaves)
    if slot_of(key) in {slot_of(known) for known in leaves}:
        return
    proof = made.prove_absence(key)
    blind = bytearray(proof.blind)
    blind[bit // 8] ^= 1 << bit % 8
    assert not is_absent(made.root, key, Absence(proof.depth, bytes(blind), proof.siblings))


@given(FORESTS)
def test_the_order_of_leaves_does_not_matter(leaves: dict[bytes, bytes]) -> None:
    turned = dict(reversed(list(leaves.items())))
    assert tree(leaves).root == tree(turned).root


@given(FORESTS, st.data())
def test_nobody_is_counted_twice(leaves: dict[bytes, bytes], data: st.DataObject) -> None:
    """Another result under the same key has no place, and a tree with it has another root."""
    key = data.draw(st.sampled_from(sorted(leaves)))
    twice = [(known, leaf_hash(known, content)) for known, content in leaves.items()]
    twice.append((key, leaf_hash(key, b"a second result".ljust(32))))
    with pytest.raises(SharedSlot):
        Tree.of(twice, SALT)
    other = leaves | {key: b"a second result".ljust(32)}
    assert tree(other).root != tree(leaves).root


@given(st.integers(1, 40), st.integers(1, 40))
def test_proofs_tell_no_count(few: int, many: int) -> None:
    """As long as each other, and without a hash that stands in both: nothing in them is a constant of emptiness."""

    def proof(count: int, salt: bytes) -> tuple[bytes, ...]:
        leaves = [key_and_leaf(salt, f"{number:018}", "ab" * 32) for number in range(count)]
        return Tree.of(leaves, salt).prove(leaves[0][0])

    one, other = proof(few, b"one".ljust(32)), proof(many, b"other".ljust(32))
    assert len(one) == len(other) == DEPTH
    assert not set(one) & set(other)
    assert len(set(one)) == DEPTH


def test_known_values() -> None:
    """Fixed for ever: receipts of years ago must be checked by whoever writes a checker of their own."""
    key, leaf = key_and_leaf(bytes(32), "91110000600037341L", "00" * 32)
    assert key.hex() == KNOWN["key"]
    assert leaf.hex() == KNOWN["leaf"]
    assert node_hash(bytes(32), bytes(32)).hex() == KNOWN["node"]
    assert padding_hash(64, 1, bytes(32)).hex() == KNOWN["padding"]
    assert Tree.of([(key, leaf)], bytes(32)).root.hex() == KNOWN["root"]
    assert commitment(blind_of(bytes(32), "91110000600037341L"), "91110000600037341L") == key


KNOWN = {
    "key": "a1b8795ec2eaeb2b8533bcd5414aa0e21d97ba24d5b896403cc6d218a465848f",
    "leaf": "081ca1f3a9df50591ad9783add9b9d6a6c8f036023f2b1ae3c38b5766fe70523",
    "node": "ae0798d0ecaed2b778eddebf18f071a561c53658c05e76cedecc27cafbdbc577",
    "padding": "ec1616788e3f3e4fff03739190895b3823766b9c986709638b0c2f6ba38a2f8b",
    "root": "0e28decbc7fc10fbd5ba8a4f0d158ca4822e1949dd9a3178c86a8922400c98bf",
}


def receipt(**changes: Any) -> dict[str, Any]:
    """A receipt of one contributor among thirty."""
    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    codes = [f"9137{number:014}" for number in range(30)]
    made = Tree.of([key_and_leaf(SALT, code, "cd" * 32) for code in codes], SALT)
    key, _leaf = key_and_leaf(SALT, codes[3], "cd" * 32)
    statement = {
        "release": {"number": 1, "framework": "lianghua", "period": 2025, "sha256": "ef" * 32},
        "root": made.root.hex(),
        "depth": DEPTH,
        "enterprise": {"uscc": codes[3], "blind": blind_of(SALT, codes[3]).hex()},
        "submission": {"sha256": "cd" * 32},
        "proof": [item.hex() for item in made.prove(key)],
    }
    return sign(statement | changes, private)


def test_a_receipt_holds() -> None:
    public = public_bytes(Ed25519PrivateKey.from_private_bytes(b"k" * 32).public_key())
    assert problems(receipt()) == ()
    assert problems(receipt(), public) == ()
    assert receipt()["key_id"] == key_id_of(public)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("release", "sha256"), "00" * 32),
        (("release", "period"), 2024),
        (("root",), "00" * 32),
        (("enterprise", "uscc"), "91370000000000000X"),
        (("enterprise", "blind"), "00" * 32),
        (("submission", "sha256"), "00" * 32),
        (("key_id",), "0" * 16),
    ],
)
def test_a_changed_receipt_does_not_hold(path: tuple[str, ...], value: Any) -> None:
    changed = copy.deepcopy(receipt())
    place: Any = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert "signature" in problems(changed)


def test_a_well_signed_lie_about_the_proof_is_found() -> None:
    """Who holds the key cannot make a place in the tree that is not there."""
    assert problems(receipt(submission={"sha256": "00" * 32})) == ("proof",)
    assert problems(receipt(root="00" * 32)) == ("proof",)


def test_a_receipt_of_another_key_is_not_ours() -> None:
    other = public_bytes(Ed25519PrivateKey.from_private_bytes(b"o" * 32).public_key())
    assert problems(receipt(), other) == ("signature", "key_id")


@pytest.mark.parametrize(
    "broken", [{}, {"format": "maturity-receipt/1"}, {"format": 1, "depth": 64}, receipt() | {"proof": None}]
)
def test_what_is_no_receipt_is_said_to_be_none(broken: dict[str, Any]) -> None:
    assert "format" in problems(broken)
