"""Clients' secrets as they lie in the database: under the keys of the authenticator apps, and changed with them.

AES-256-GCM under a key derived from `MATURITY_TOTP_SECRETS`, of which the newest encrypts and the others still decrypt;
bound to the provider, so that a sealed secret is worth nothing in another row.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from maturity.audit.keys import decrypt, encrypt
from maturity.errors import Unavailable

PURPOSE = b"maturity: secrets of clients at identity providers"


def seal(secrets: Mapping[str, str], provider_id: uuid.UUID, plain: str) -> str:
    """
    >>> row = uuid.UUID(int=1)
    >>> unseal({"2": "b" * 32, "1": "a" * 32}, row, seal({"1": "a" * 32}, row, "s3cret"))
    's3cret'
    """
    name = next(iter(secrets))
    sealed = encrypt(_key(secrets[name]), plain.encode(), str(provider_id))
    return f"{name}:{base64.b64encode(sealed).decode()}"


def unseal(secrets: Mapping[str, str], provider_id: uuid.UUID, sealed: str) -> str:
    """The secret; `Unavailable` when the installation no longer has the key it was sealed with."""
    name, _, data = sealed.partition(":")
    try:
        return decrypt(_key(secrets[name]), base64.b64decode(data), str(provider_id)).decode()
    except (KeyError, InvalidTag) as error:
        raise Unavailable("provider_secret_lost") from error


def _key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
