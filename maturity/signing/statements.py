"""Signed statements: canonical JSON of what is certified, as a compact token (RFC 7515) that travels with the file."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.signing.keys import signing_key

ALGORITHM = "EdDSA"
PURPOSE = "credential"


def sign_document(session: Session, payload: Mapping[str, Any], clock: Clock) -> str:
    """`header.payload.signature` over the payload's canonical JSON (RFC 8785), with the key for credentials in force.

    The key is made when it is needed first; the caller commits. `ClockSetBack` as for every signature.
    """
    key_id, key = signing_key(session, PURPOSE, clock)
    return compact(payload, key_id, key)


def compact(payload: Mapping[str, Any], key_id: str, key: Ed25519PrivateKey) -> str:
    """The token itself: the same payload under the same key is the same text (RFC 8032 has no chance in it)."""
    header = {"alg": ALGORITHM, "kid": key_id, "typ": "JWS"}
    signed = f"{_encoded(json.dumps(header, separators=(',', ':')).encode())}.{_encoded(rfc8785.dumps(dict(payload)))}"
    return f"{signed}.{_encoded(key.sign(signed.encode()))}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
