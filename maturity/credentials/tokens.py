"""JSON Web Tokens over Ed25519 (RFC 7515, RFC 8037): the algorithm is called EdDSA there, which every wallet reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

ALGORITHM = "EdDSA"


class NotReadable(ValueError):
    """It is no credential of this kind, or its signature does not hold."""


def sign_token(payload: Mapping[str, Any], kind: str, key_id: str, key: Ed25519PrivateKey) -> str:
    """The compact token; `key_id` is the key's address in the issuer's document."""
    token = JWS(json.dumps(dict(payload), ensure_ascii=False, separators=(",", ":")).encode())
    header = {"alg": ALGORITHM, "typ": kind, "kid": key_id}
    token.add_signature(JWK.from_pyca(key), alg=ALGORITHM, protected=json.dumps(header))
    signed: str = token.serialize(compact=True)
    return signed


def read_token(typed: str, keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    """The payload, once the signature holds under one of our keys; `NotReadable` otherwise."""
    token = JWS()
    try:
        token.deserialize(typed)
        token.verify(key_named(token.jose_header, keys), alg=ALGORITHM)
        found = json.loads(token.payload)
    except NotReadable:
        raise
    except (JWException, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotReadable(str(error)) from error
    if not isinstance(found, dict):
        raise NotReadable("no claims")
    return found


def key_named(header: Mapping[str, Any], keys: Mapping[str, Ed25519PublicKey]) -> JWK:
    """The key that a header names. Nothing else of the header decides how it is checked."""
    name = str(header.get("kid", "")).rpartition("#")[2]
    if header.get("alg") != ALGORITHM or name not in keys:
        raise NotReadable("unknown key")
    return JWK.from_pyca(keys[name])
