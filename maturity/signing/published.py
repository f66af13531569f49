"""The list of keys as everybody gets it: `signing-keys.json`, which whoever checks without the site keeps beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from maturity.signing.keys import PublishedKey

FORMAT = "maturity-signing-keys/1"


def keys_document(keys: Sequence[PublishedKey], site: str, now: datetime) -> dict[str, Any]:
    """All keys there are and were. Moments are ISO 8601 in UTC; keys and certificates are PEM."""
    return {"format": FORMAT, "site": site, "at": _moment(now), "keys": [key_entry(key) for key in keys]}


def key_entry(key: PublishedKey) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "purpose": key.purpose,
        "source": key.source,
        "public_key": public_pem(key),
        "certificate": certificate_pem(key),
        "issuer_key_id": key.issuer_key_id,
        "not_before": _moment(key.not_before),
        "not_after": _moment(key.not_after),
        "retired_at": _moment(key.retired_at),
        "revoked_at": _moment(key.revoked_at),
    }


def public_pem(key: PublishedKey) -> str:
    return key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def certificate_pem(key: PublishedKey) -> str | None:
    return key.certificate.public_bytes(Encoding.PEM).decode() if key.certificate else None


def fingerprint(key: PublishedKey) -> str:
    """SHA-256 of the certificate, or of the public key where there is none: 64 hexadecimal digits in groups of four."""
    der = (
        key.certificate.public_bytes(Encoding.DER)
        if key.certificate
        else key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    digits = sha256(der).hexdigest()
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
