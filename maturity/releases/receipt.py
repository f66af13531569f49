"""What a contributor of a release is given: a signed statement that exactly this result was counted, once.

It is checked without the site, by `python -m maturity verify`: the key is the contributor's own, the leaf is that of
its result, the proof leads to the root that stands in the release, and the signature holds over all of it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from maturity.releases.merkle import DEPTH, commitment, is_in, leaf_hash

FORMAT = "maturity-receipt/1"
#: What can be wrong with a receipt, in the order in which it is looked at.
FINDINGS = ("format", "signature", "key_id", "proof")


def blind_of(salt: bytes, uscc: str) -> bytes:
    """What hides a contributor's key in one release: known to the contributor, of no use for anybody else's."""
    return hmac.digest(salt, b"blind\n" + uscc.encode(), "sha256")


def key_and_leaf(salt: bytes, uscc: str, submission_sha256: str) -> tuple[bytes, bytes]:
    """Where a contributor stands in the tree of a release, and what stands there."""
    key = commitment(blind_of(salt, uscc), uscc)
    return key, leaf_hash(key, bytes.fromhex(submission_sha256))


def public_bytes(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id_of(public: bytes) -> str:
    """The short name under which the site publishes a key."""
    return hashlib.sha256(public).hexdigest()[:16]


def sign(statement: Mapping[str, Any], private: Ed25519PrivateKey) -> dict[str, Any]:
    """The statement with who signed it and the signature, which covers both."""
    public = public_bytes(private.public_key())
    said = dict(statement) | {"format": FORMAT, "key_id": key_id_of(public), "public_key": public.hex()}
    return said | {"signature": private.sign(rfc8785.dumps(said)).hex()}


def problems(receipt: Mapping[str, Any], public: bytes | None = None) -> tuple[str, ...]:
    """What is wrong, as codes of `FINDINGS`; nothing when the receipt holds.

    `public`: the key as the site publishes it. Without it the one in the receipt is believed, and its id is to be
    compared.
    """
    try:
        return tuple(_problems(receipt, public))
    except (KeyError, TypeError, ValueError, AttributeError):
        return ("format",)


def _problems(receipt: Mapping[str, Any], public: bytes | None) -> Iterator[str]:
    if receipt["format"] != FORMAT or receipt["depth"] != DEPTH:
        yield "format"
        return
    said = {name: value for name, value in receipt.items() if name != "signature"}
    given = bytes.fromhex(receipt["public_key"])
    try:
        Ed25519PublicKey.from_public_bytes(public or given).verify(
            bytes.fromhex(receipt["signature"]), rfc8785.dumps(said)
        )
    except InvalidSignature:
        yield "signature"
    if key_id_of(given) != receipt["key_id"] or (public is not None and public != given):
        yield "key_id"
    uscc = receipt["enterprise"]["uscc"]
    key = commitment(bytes.fromhex(receipt["enterprise"]["blind"]), uscc)
    leaf = leaf_hash(key, bytes.fromhex(receipt["submission"]["sha256"]))
    siblings = [bytes.fromhex(item) for item in receipt["proof"]]
    if not is_in(bytes.fromhex(receipt["root"]), key, leaf, siblings):
        yield "proof"
