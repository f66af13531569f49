"""The secrets of releases. All of them follow from one random key of the installation, kept as the audit log's are:
wrapped under the session key, and wrapped anew when that is changed. So a receipt of years ago still bears a key that
the site publishes, and a contributor has the same opaque id in every release.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from maturity.audit.keys import kept_secret, readable_keys
from maturity.clock import Clock
from maturity.releases.receipt import key_id_of, public_bytes

SUBJECT = "installation:releases"


@dataclass(frozen=True, slots=True)
class ReleaseKeys:
    """What is derived from the one secret, each for one purpose (RFC 5869)."""

    secret: bytes

    @property
    def ids(self) -> bytes:
        """Of the opaque ids of contributors, groups and coalitions: the same in all releases, so that two can be
        compared without anybody's name."""
        return self._derived("opaque ids")

    @property
    def rounding(self) -> bytes:
        """Of the rounding of counts (R5): the same question has the same answer for ever."""
        return self._derived("rounding of counts")

    @property
    def signing(self) -> Ed25519PrivateKey:
        """Of the receipts."""
        return Ed25519PrivateKey.from_private_bytes(self._derived("signature of receipts"))

    def salt(self, release_id: int) -> bytes:
        """Of one release's tree of receipts."""
        return self._derived(f"tree of release {release_id}")

    def _derived(self, purpose: str) -> bytes:
        info = f"maturity releases: {purpose}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self.secret)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The key that receipts are checked with, as the site publishes it."""

    key_id: str
    public: str  # 32 bytes in hexadecimal digits


def keys_of(session: Session, clock: Clock) -> ReleaseKeys:
    """The keys, made when they are needed for the first time."""
    return ReleaseKeys(kept_secret(session, clock, SUBJECT))


def public_key(session: Session) -> PublicKey | None:
    """The public key, None before the first release was computed."""
    secret = readable_keys(session, [SUBJECT]).get(SUBJECT)
    if secret is None:
        return None
    public = public_bytes(ReleaseKeys(secret).signing.public_key())
    return PublicKey(key_id_of(public), public.hex())
