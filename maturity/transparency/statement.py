"""What stands in the log, byte by byte: its entries, and the statement that a head signs. Pure.

Everything is canonical JSON (RFC 8785): what is hashed or signed is made again from what it says, by any program.
docs/transparency.md describes the formats for those who write one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785

ENTRY, HEAD, PROOF = "maturity-log-entry/1", "maturity-log-head/1", "maturity-log-proof/1"
CONSISTENCY, ENTRIES, OF_CERTIFICATE = "maturity-log-consistency/1", "maturity-log/1", "maturity-log-certificate/1"
#: What an entry of each kind says beside format, kind, certificate and time; nothing else comes into the log.
FIELDS = {"status": ("event", "status", "reason", "signed_payload_sha256"), "file": ("pdf_sha256",)}


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The log at one size: its root as hexadecimal digits, when it was signed, and with which key."""

    size: int
    root: str
    at: datetime
    key_id: str
    signature: str


def instant(value: datetime) -> str:
    """A time as the log writes it, in whole seconds.

    >>> instant(datetime(2027, 3, 1, 8, 0, 5, 999, tzinfo=UTC))
    '2027-03-01T08:00:05Z'
    """
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_instant(text: str) -> datetime:
    """Raises ValueError for a time in any other form than the one and only in which the log writes it."""
    found = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if instant(found) != text:
        raise ValueError(text)
    return found


def certificate_key(number: str) -> str:
    """How the log names a certificate: whoever has the number finds its entries, and nobody finds the number.

    >>> certificate_key("MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT")[:16]
    '06cdea7a065eec2b'
    """
    return sha256(number.encode()).hexdigest()


def status_entry(
    number: str, event: str, status: str, reason: str | None, signed_payload_sha256: str
) -> dict[str, str | None]:
    """The entry for something that happened to a certificate; the log adds the time.

    `signed_payload_sha256`: of the canonical payload that is signed, the bytes that stand in the token in base64url;
    `Certificate.payload_sha256`. Not of the token, whose key may be another when it is made again after a crash.
    """
    said = {"event": event, "status": status, "reason": reason, "signed_payload_sha256": signed_payload_sha256}
    return {"kind": "status", "certificate": certificate_key(number), **said}


def file_entry(number: str, pdf_sha256: str) -> dict[str, str | None]:
    """The entry for the finished file of a certificate."""
    return {"kind": "file", "certificate": certificate_key(number), "pdf_sha256": pdf_sha256}


def entry_text(entry: Mapping[str, Any]) -> str:
    """The entry as it is hashed."""
    return rfc8785.dumps(dict(entry)).decode()


def dated(entry: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The entry as it goes into the log. Raises ValueError where it says more or less than its kind does."""
    kind = str(entry.get("kind"))
    wanted = {"kind", "certificate", *FIELDS.get(kind, ())}
    given = set(entry) - {"format", "at"}
    if kind not in FIELDS or given != wanted:
        raise ValueError(f"no entry of the log: {kind} with {', '.join(sorted(given))}")
    return {**{name: entry[name] for name in sorted(wanted)}, "format": ENTRY, "at": instant(at)}


def signed_bytes(size: int, root: str, at: datetime, key_id: str) -> bytes:
    """What the signature of a head covers."""
    return rfc8785.dumps({"format": HEAD, "size": size, "root": root, "at": instant(at), "key_id": key_id})


def head_document(head: SignedHead) -> dict[str, Any]:
    """A head as it is published."""
    said = {"size": head.size, "root": head.root, "at": instant(head.at), "key_id": head.key_id}
    return {"format": HEAD, **said, "signature": head.signature}
