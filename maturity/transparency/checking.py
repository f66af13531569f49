"""Checking the log from outside: proofs, heads, signed statements, the whole log. Pure: no site, no database.

Written after RFC 9162 (which has the tree of RFC 6962) and without the module that makes the proofs, so that a fault in
one does not hide in the other. What a checker is given was made by those it does not trust: anything may stand there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from maturity.transparency.statement import ENTRY, HEAD, SignedHead, read_instant, signed_bytes

#: What can be wrong with a log. Of an entry: it is gone; says something else than its head had; is dated before its
#: time; stands at another's place. Of the whole: entries that do not make a head's root; two heads of one size; fewer
#: leaves than a head that somebody kept has. Of a head: missing; of no known key, or out of its time; not signed with
#: it; dated before the one before it.
CODES = (
    "removed",
    "altered",
    "back_dated",
    "reordered",
    "root",
    "forked",
    "rolled_back",
    "head_missing",
    "head_key",
    "head_signature",
    "head_back_dated",
)
#: Of entries that stand at others' places so many are found out one by one.
MOST_MOVED = 20


class Malformed(ValueError):
    """A document has not the form it should have."""


# Proofs


def hash_leaf(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def _hash_pair(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def is_included(leaf: bytes, number: int, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.3.2: whether the leaf of this hash and number is in the tree of this size and root."""
    if not 0 <= number < size:
        return False
    fn, sn, found = number, size - 1, leaf
    for beside in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = _hash_pair(beside, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = _hash_pair(found, beside)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2: whether the tree of `new` leaves begins with that of `old`."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    of_old = of_new = path[0]
    for beside in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            of_old, of_new = _hash_pair(beside, of_old), _hash_pair(beside, of_new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            of_new = _hash_pair(of_new, beside)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and of_old == old_root and of_new == new_root


@dataclass(slots=True)
class Growing:
    """A tree to which leaves are added: the roots of its complete parts, the largest first."""

    size: int = 0
    parts: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        self.parts.append(leaf)
        for _ in range((~self.size & self.size + 1).bit_length() - 1):
            right = self.parts.pop()
            self.parts.append(_hash_pair(self.parts.pop(), right))
        self.size += 1

    def root(self) -> bytes:
        if not self.parts:
            return sha256().digest()
        found = self.parts[-1]
        for part in reversed(self.parts[:-1]):
            found = _hash_pair(part, found)
        return found

    def root_with(self, leaf: bytes) -> bytes:
        """The root if this leaf came next."""
        tried = Growing(self.size, list(self.parts))
        tried.add(leaf)
        return tried.root()


# Keys and what they sign


@dataclass(frozen=True, slots=True)
class Key:
    """A published key that signs tokens or heads, and when it was in force."""

    key_id: str
    purpose: str
    public: Ed25519PublicKey
    not_before: datetime
    retired_at: datetime | None = None
    revoked_at: datetime | None = None

    def was_in_force(self, at: datetime) -> bool:
        """A key that somebody else may have is never believed: who has it can date its signatures as they like.

        The second in which the key was made counts, because heads have no fractions of it.
        """
        begun = self.not_before.replace(microsecond=0)
        return self.revoked_at is None and begun <= at and (self.retired_at is None or at <= self.retired_at)


Keys = Mapping[str, Key]


def key_id_of(der: bytes) -> str:
    """How signatures name a key: the beginning of the hash of its SubjectPublicKeyInfo."""
    return sha256(der).hexdigest()[:16]


def read_head(document: Any) -> SignedHead:
    """A head as it is published. Raises `Malformed`."""
    try:
        if document["format"] != HEAD or type(document["size"]) is not int or document["size"] < 1:
            raise Malformed("head")
        head = SignedHead(
            document["size"],
            _hex(document["root"], 32).hex(),
            read_instant(document["at"]),
            str(document["key_id"]),
            _hex(document["signature"], 64).hex(),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("head") from error
    return head


def _hex(text: str, length: int) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != length or found.hex() != text:
        raise Malformed("hex")
    return found


def read_proof(document: Any) -> list[bytes]:
    """The hashes of a proof. Raises `Malformed`."""
    if not isinstance(document, list) or len(document) > 64:
        raise Malformed("proof")
    try:
        return [_hex(item, 32) for item in document]
    except (TypeError, ValueError) as error:
        raise Malformed("proof") from error


def head_problem(head: SignedHead, keys: Keys) -> str | None:
    """None for a head that is signed with a key of the log which was in force then; otherwise a code."""
    key = keys.get(head.key_id)
    if key is None or key.purpose != "log" or not key.was_in_force(head.at):
        return "head_key"
    try:
        key.public.verify(bytes.fromhex(head.signature), signed_bytes(head.size, head.root, head.at, head.key_id))
    except (InvalidSignature, ValueError):
        return "head_signature"
    return None


@dataclass(frozen=True, slots=True)
class Signed:
    """What a compact JWS says, and the name of the key that signed it."""

    payload: dict[str, Any]
    text: bytes
    key_id: str


def read_signed(text: str, keys: Keys, purpose: str = "credential") -> Signed:
    """The payload of a compact JWS (RFC 7515, EdDSA of RFC 8037) signed with a key of this purpose.

    Raises `Malformed` for what is none, LookupError for an unknown key, InvalidSignature for another signature.
    """
    try:
        head, body, signature = (_decoded(part) for part in text.strip().split("."))
        header, payload = json.loads(head), json.loads(body)
        name = str(header["kid"]).rpartition("#")[2]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Malformed("signed") from error
    if header.get("alg") != "EdDSA" or "crit" in header or not isinstance(payload, dict):
        raise Malformed("signed")
    key = keys.get(name)
    if key is None or key.purpose != purpose or key.revoked_at is not None:
        raise LookupError(name)
    key.public.verify(signature, text.strip().rpartition(".")[0].encode())
    return Signed(payload, body, name)


def _decoded(part: str) -> bytes:
    return base64.b64decode(part.encode() + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)


def read_keys(document: Any) -> dict[str, Key]:
    """The Ed25519 keys of the published list, by name. Raises `Malformed`; a name that is not the key's is refused."""
    try:
        rows = document["keys"]
        found = [_read_key(row) for row in rows if row["purpose"] in ("log", "credential")]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed("keys") from error
    return {key.key_id: key for key in found}


def _read_key(row: Mapping[str, Any]) -> Key:
    public = load_pem_public_key(row["public_key"].encode())
    if not isinstance(public, Ed25519PublicKey):
        raise Malformed("keys")
    name = key_id_of(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    if name != row["key_id"]:
        raise Malformed("keys")
    times = (row["not_before"], row.get("retired_at"), row.get("revoked_at"))
    begun, retired, revoked = (None if text is None else datetime.fromisoformat(text) for text in times)
    if begun is None:
        raise Malformed("keys")
    return Key(name, row["purpose"], public, begun, retired, revoked)


# Entries and the whole log


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something that is not as it was logged. `place`: the number of a leaf, of a head the size.

    `first` is the first leaf that can be meant, where heads are too few to tell which it is.
    """

    code: str
    place: int
    first: int | None = None


def read_entry(text: str) -> dict[str, Any]:
    """An entry from the text that was hashed. Raises `Malformed` also where its JSON is not canonical."""
    try:
        found = json.loads(text)
        if rfc8785.dumps(found).decode() != text or found["format"] != ENTRY:
            raise Malformed("entry")
        read_instant(found["at"])
        str(found["kind"]), str(found["certificate"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Malformed("entry") from error
    return dict(found)


def _time_of(text: str | None) -> datetime | None:
    """When an entry says it was added; None for what is no entry of a log."""
    try:
        return None if text is None else read_instant(read_entry(text)["at"])
    except Malformed:
        return None


def check_log(
    entries: Iterable[tuple[int, str]],
    heads: Iterable[SignedHead],
    keys: Keys,
    *,
    saved: Iterable[SignedHead] = (),
    kept: Mapping[int, bytes] | None = None,
    all_heads: bool = True,
) -> list[Deviation]:
    """Everything in a log that is not as its heads say; nothing where it is sound.

    `entries`: numbers and texts as they stand now. `heads`: the log's own; with `all_heads` there must be one for each
    size. `saved`: heads that somebody kept from before, whom nobody could ask to change them. `kept`: hashes of leaves
    by number from another place, by which what follows a changed entry is still checked.
    """
    return _Check(dict(entries), list(heads), keys, list(saved), kept or {}, all_heads).run()


class _Check:
    """One pass over a log, leaf by leaf, with the tree growing beside it."""

    def __init__(
        self,
        entries: dict[int, str],
        heads: list[SignedHead],
        keys: Keys,
        saved: list[SignedHead],
        kept: Mapping[int, bytes],
        all_heads: bool,
    ) -> None:
        self.entries, self.heads, self.keys, self.saved = entries, heads, keys, saved
        self.kept, self.all_heads = kept, all_heads
        self.found: list[Deviation] = []
        self.of_size: dict[int, SignedHead] = {}
        self.sizes = {head.size for head in heads}
        self.tree = Growing()
        self.roots: dict[int, str] = {}
        self.is_followed = True  # whether the tree is still that of the log as it was signed
        self.good = 0  # the size of the last head whose root came out
        self.moved = 0
        self.last_at: datetime | None = None
        self._places: dict[bytes, int] | None = None

    def run(self) -> list[Deviation]:
        self._look_at_heads()
        ends = [max(self.entries, default=-1) + 1, *self.of_size]
        wanted = {*self.of_size, *(head.size for head in self.saved)}
        for number in range(max(ends)):
            self._look_at(number)
            if self.is_followed and number + 1 in wanted:
                self.roots[number + 1] = self.tree.root().hex()
        for head in self.saved:
            self._look_at_saved(head, max(ends))
        return self.found

    def _tell(self, code: str, place: int, first: int | None = None) -> None:
        self.found.append(Deviation(code, place, first))

    def _look_at_heads(self) -> None:
        before: SignedHead | None = None
        for head in sorted(self.heads, key=lambda head: (head.size, head.at)):
            problem = head_problem(head, self.keys)
            if problem:
                self._tell(problem, head.size)
                continue
            if before is not None and head.at < before.at:
                self._tell("head_back_dated", head.size)
            other = self.of_size.setdefault(head.size, head)
            if other.root != head.root:
                self._tell("forked", head.size)
            before = head

    def _look_at(self, number: int) -> None:
        """Compare a leaf with what its head, or `kept`, has in its place, and let the tree grow by that."""
        head, text = self.of_size.get(number + 1), self.entries.get(number)
        if self.all_heads and number + 1 not in self.sizes:
            self._tell("head_missing", number + 1)
        leaf = None if text is None else hash_leaf(text.encode())
        is_next = self.good == number
        right = self._right_leaf(number, leaf, head)
        at = _time_of(text)
        is_early = None if at is None else self._is_early(at, head)
        code = self._what_became(number, leaf, right, is_early, is_next=is_next)
        if code:
            self._tell(code, number, self.good if code == "root" else None)
        if leaf == right:  # another's time says nothing about those behind
            self.last_at = at or self.last_at
        if right is None:
            self.is_followed = False
        elif self.is_followed:
            self.tree.add(right)
            self.good = number + 1 if head is not None else self.good

    def _right_leaf(self, number: int, leaf: bytes | None, head: SignedHead | None) -> bytes | None:
        """The leaf that belongs here: the one that makes the head's root; where no head can tell, the one kept."""
        known = self.kept.get(number)
        if not self.is_followed or head is None:
            return leaf if known is None else known
        for candidate in (leaf, known):
            if candidate is not None and self.tree.root_with(candidate).hex() == head.root:
                return candidate
        if self.good != number or self.moved == MOST_MOVED:
            return None
        self.moved += 1
        return next((other for other in self._by_hash() if self.tree.root_with(other).hex() == head.root), None)

    def _by_hash(self) -> Mapping[bytes, int]:
        """Where the entries stand now, by hash."""
        if self._places is None:
            self._places = {hash_leaf(text.encode()): number for number, text in self.entries.items()}
        return self._places

    def _is_early(self, at: datetime, head: SignedHead | None) -> bool:
        """Whether an entry has a time before that of the one before it, or before its own head's."""
        if self.last_at is not None and at < self.last_at:
            return True
        return head is not None and self.all_heads and at < head.at

    def _what_became(
        self, number: int, leaf: bytes | None, right: bytes | None, is_early: bool | None, *, is_next: bool
    ) -> str | None:
        """The code for a leaf; None where it is the right one at the right time."""
        if leaf is None:
            return "removed"
        if leaf == right and is_early is not None:
            return "back_dated" if is_early else None
        if right is not None and self._by_hash().get(right, number) != number:
            return "reordered"
        if right is None and not is_next:
            return "root" if self.is_followed else None
        if is_early:
            return "back_dated"
        if right is None and len(self.entries) < max(self.of_size):
            return "removed"
        return "altered"

    def _look_at_saved(self, head: SignedHead, size: int) -> None:
        problem = head_problem(head, self.keys)
        if problem:
            self._tell(problem, head.size)
            return
        known = self.roots.get(head.size)
        if known is None and head.size in self.of_size:
            known = self.of_size[head.size].root
        if head.size > size:
            self._tell("rolled_back", head.size)
        elif known is not None and known != head.root:
            self._tell("forked", head.size)


def latest_status(entries: Iterable[Mapping[str, Any]], certificate: str) -> Mapping[str, Any] | None:
    """The last status entry of a certificate among these, which stand in order."""
    found = None
    for entry in entries:
        if entry["kind"] == "status" and entry["certificate"] == certificate:
            found = entry
    return found
