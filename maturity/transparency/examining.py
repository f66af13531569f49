"""A certificate without the site: what is attached to its file, and what somebody kept of the log. Pure.

Each check has an answer: it holds, it does not, or nothing at hand can tell. `details` say what it is about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature

from maturity.transparency.checking import (
    Keys,
    Malformed,
    check_log,
    hash_leaf,
    head_problem,
    is_consistent,
    is_included,
    latest_status,
    read_entry,
    read_head,
    read_proof,
    read_signed,
)
from maturity.transparency.statement import (
    CONSISTENCY,
    ENTRIES,
    HEAD,
    OF_CERTIFICATE,
    PROOF,
    SignedHead,
    certificate_key,
    entry_text,
)

PAYLOAD_FILE, PROOF_FILE, CREDENTIAL_FILE = "certificate.json", "log-proof.json", "credential.jwt"
#: What is looked at, in this order.
CHECKS = (
    "payload",
    "credential",
    "entry",
    "inclusion",
    "saved_head",
    "log",
    "rolled_back",
    "consistency",
    "same_entry",
    "file_logged",
)


@dataclass(frozen=True, slots=True)
class Check:
    """`is_good` is None where it could not be told."""

    code: str
    is_good: bool | None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a certificate says, how it stands by the log that was given, and the checks."""

    checks: tuple[Check, ...]
    payload: Mapping[str, Any] | None = None
    proof_head: SignedHead | None = None
    #: The latest status entry of the certificate, and the head under which it is the latest.
    standing: Mapping[str, Any] | None = None
    as_of: SignedHead | None = None


@dataclass(slots=True)
class _Examination:
    keys: Keys
    pdf_sha256: str
    checks: list[Check] = field(default_factory=list)
    payload: dict[str, Any] | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)
    head: SignedHead | None = None
    saved: SignedHead | None = None
    standing: Mapping[str, Any] | None = None
    as_of: SignedHead | None = None

    def tell(self, code: str, is_good: bool | None, **details: Any) -> None:
        self.checks.append(Check(code, is_good, details))


def examine(
    attached: Mapping[str, bytes], pdf_sha256: str, keys: Keys, *, saved: Any = None, logs: Sequence[Any] = ()
) -> Examined:
    """Check what is attached to a file, and hold it against a head that was kept and against documents of the log.

    `saved` is a head's document. `logs` are documents of any format that the site gives out under /log. Raises
    `Malformed` for one of these that has none; what is wrong in the certificate itself is a check that fails.
    """
    found = _Examination(keys, pdf_sha256)
    _look_at_payload(found, attached)
    _look_at_credential(found, attached)
    _look_at_proof(found, attached)
    if saved is not None:
        found.saved = read_head(saved)
        problem = head_problem(found.saved, keys)
        found.tell("saved_head", problem is None, size=found.saved.size, problem=problem)
    for document in logs:
        _look_at_log(found, document)
    _compare_with_saved(found)
    return Examined(tuple(found.checks), found.payload, found.head, found.standing, found.as_of)


# What is attached


def _look_at_payload(found: _Examination, attached: Mapping[str, bytes]) -> None:
    """The signed payload, and that what stands beside it in the clear is the same."""
    try:
        document = json.loads(attached[PAYLOAD_FILE])
        signed = read_signed(document["jws"], found.keys)
        shown = rfc8785.dumps(document.get("payload", signed.payload))
        if signed.text != shown or not isinstance(signed.payload["number"], str):
            raise Malformed("payload")
    except KeyError as error:
        found.tell("payload", False, problem="missing" if error.args == (PAYLOAD_FILE,) else "unreadable")
    except LookupError as error:
        found.tell("payload", False, problem="unknown_key", key=str(error))
    except InvalidSignature:
        found.tell("payload", False, problem="signature")
    except (Malformed, TypeError, ValueError, RecursionError):
        found.tell("payload", False, problem="unreadable")
    else:
        found.payload = signed.payload
        found.tell("payload", True, key=signed.key_id)


def _look_at_credential(found: _Examination, attached: Mapping[str, bytes]) -> None:
    """That the credential in the file is signed too; what it says is for wallets to read."""
    if CREDENTIAL_FILE not in attached:
        return
    try:
        read_signed(attached[CREDENTIAL_FILE].decode(), found.keys)
    except (Malformed, LookupError, InvalidSignature, UnicodeDecodeError):
        found.tell("credential", False)
    else:
        found.tell("credential", True)


def _look_at_proof(found: _Examination, attached: Mapping[str, bytes]) -> None:
    """That the log has this very payload of this very certificate."""
    try:
        document = json.loads(attached[PROOF_FILE])
        text = entry_text(document["entry"])
        entry, head, proof = read_entry(text), read_head(document["head"]), read_proof(document["inclusion"])
        if document["format"] != PROOF:
            raise Malformed("proof")
    except (KeyError, TypeError, ValueError, RecursionError):
        found.tell("inclusion", False, problem="missing" if PROOF_FILE not in attached else "unreadable")
        return
    found.proof, found.head = document, head
    found.tell("entry", _is_about(entry, found.payload), leaf=document["leaf"])
    problem = head_problem(head, found.keys)
    is_in = _is_in(text, document["leaf"], head, proof)
    said = {"leaf": document["leaf"], "size": head.size}
    found.tell("inclusion", problem is None and is_in, problem=problem or (None if is_in else "proof"), **said)


def _is_in(text: str, leaf: Any, head: SignedHead, proof: Sequence[bytes]) -> bool:
    root = bytes.fromhex(head.root)
    return type(leaf) is int and is_included(hash_leaf(text.encode()), leaf, head.size, root, proof)


def _is_about(entry: Mapping[str, Any], payload: Mapping[str, Any] | None) -> bool | None:
    if payload is None:
        return None
    digest = sha256(rfc8785.dumps(dict(payload))).hexdigest()
    is_issue = entry.get("kind") == "status" and entry.get("event") == "issued"
    is_same = entry.get("signed_payload_sha256") == digest
    return is_issue and is_same and entry["certificate"] == certificate_key(payload["number"])


# What somebody has of the log


def _look_at_log(found: _Examination, document: Any) -> None:
    try:
        look = _LOOKS[document["format"]]
    except (KeyError, TypeError) as error:
        raise Malformed("log") from error
    try:
        look(found, document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed("log") from error


def _look_at_head(found: _Examination, document: Any) -> None:
    head = read_head(document)
    problem = head_problem(head, found.keys)
    found.tell("log", problem is None, size=head.size, problem=problem)
    _look_whether_shorter(found, head)


def _look_whether_shorter(found: _Examination, newest: SignedHead) -> None:
    """A log that is shorter now than a head which was kept has been rolled back; of the same size it has one root."""
    for known in (found.head, found.saved):
        if known is None:
            continue
        if newest.size < known.size:
            found.tell("rolled_back", False, size=newest.size, kept=known.size)
        elif newest.size == known.size:
            found.tell("consistency", newest.root == known.root, old=known.size, new=newest.size)


def _look_at_whole(found: _Examination, document: Any) -> None:
    """All entries from the first on: nothing is left to believe but that the heads somebody kept are old enough."""
    if document["from"] != 0:
        raise Malformed("log")
    texts = [entry_text(entry) for entry in document["entries"]]
    newest, heads = read_head(document["head"]), [read_head(one) for one in document["heads"]]
    kept = [head for head in (found.head, found.saved) if head is not None]
    is_each = len(heads) == len(texts)
    wrong = check_log(enumerate(texts), [*heads, newest], found.keys, saved=kept, all_heads=is_each)
    named = [{"code": one.code, "place": one.place, "first": one.first} for one in wrong]
    found.tell("log", not wrong, size=len(texts), deviations=named)
    _look_whether_shorter(found, newest)
    _look_at_entries(found, list(enumerate(map(json.loads, texts))), newest)


def _look_at_certificate(found: _Examination, document: Any) -> None:
    """The entries of the certificate alone, each with its proof; that none was left out is not proved by it."""
    head = read_head(document["head"])
    problem = head_problem(head, found.keys)
    entries: list[tuple[int, Mapping[str, Any]]] = []
    are_in = True
    for one in document["leaves"]:
        text = entry_text(one["entry"])
        are_in = are_in and _is_in(text, one["leaf"], head, read_proof(one["inclusion"]))
        entries.append((one["leaf"], read_entry(text)))
    in_order = [leaf for leaf, _entry in entries] == sorted({leaf for leaf, _entry in entries})
    found.tell("log", problem is None and are_in and in_order, size=head.size, problem=problem)
    _look_whether_shorter(found, head)
    _look_at_entries(found, entries, head)


def _look_at_entries(found: _Examination, entries: Sequence[tuple[int, Mapping[str, Any]]], newest: SignedHead) -> None:
    """That the entry of the issue is where it was, that the file is the logged one, and how the certificate stands."""
    if found.payload is None:
        return
    key = certificate_key(found.payload["number"])
    of_ours = [(leaf, entry) for leaf, entry in entries if entry["certificate"] == key]
    if found.proof:
        found.tell("same_entry", (found.proof["leaf"], found.proof["entry"]) in of_ours, leaf=found.proof["leaf"])
    files = [entry["pdf_sha256"] for _leaf, entry in of_ours if entry["kind"] == "file"]
    found.tell("file_logged", found.pdf_sha256 in files)
    found.standing, found.as_of = latest_status((entry for _leaf, entry in of_ours), key), newest


def _look_at_consistency(found: _Examination, document: Any) -> None:
    old, new, proof = read_head(document["old"]), read_head(document["new"]), read_proof(document["consistency"])
    problem = head_problem(old, found.keys) or head_problem(new, found.keys)
    roots = bytes.fromhex(old.root), bytes.fromhex(new.root)
    is_grown = is_consistent(old.size, new.size, *roots, proof)
    known = {(head.size, head.root) for head in (found.head, found.saved) if head is not None}
    forked = sorted(size for size, root in known for one in (old, new) if one.size == size and one.root != root)
    is_good = problem is None and is_grown and not forked
    found.tell("consistency", is_good, old=old.size, new=new.size, problem=problem, forked=forked)


_LOOKS = {
    HEAD: _look_at_head,
    ENTRIES: _look_at_whole,
    OF_CERTIFICATE: _look_at_certificate,
    CONSISTENCY: _look_at_consistency,
}


def _compare_with_saved(found: _Examination) -> None:
    """The head in the file against the one that was kept, where no document given has done it already."""
    if found.head is None or found.saved is None:
        return
    sizes = sorted((found.head.size, found.saved.size))
    if sizes[0] == sizes[1]:
        found.tell("consistency", found.head.root == found.saved.root, old=sizes[0], new=sizes[1])
    elif not any(_has_compared(check, *sizes) for check in found.checks):
        found.tell("consistency", None, old=sizes[0], new=sizes[1])


def _has_compared(check: Check, old: int, new: int) -> bool:
    """A proof compares two sizes, a whole log all up to its own."""
    if check.code == "consistency":
        return (check.details["old"], check.details["new"]) == (old, new)
    return check.code == "log" and "deviations" in check.details
