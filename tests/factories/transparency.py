"""A log without a site: entries, heads and their keys, as whoever downloads them has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.signing.models import SigningKey
from maturity.transparency.checking import Growing, Key, hash_leaf, key_id_of
from maturity.transparency.statement import SignedHead, dated, entry_text, signed_bytes, status_entry

BEGUN = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class PaperLog:
    """Grows by an entry a minute, and signs a head for each."""

    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    entries: list[str] = field(default_factory=list)
    heads: list[SignedHead] = field(default_factory=list)
    tree: Growing = field(default_factory=Growing)

    @property
    def key(self) -> Key:
        der = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return Key(key_id_of(der), "log", self.private.public_key(), BEGUN)

    @property
    def keys(self) -> dict[str, Key]:
        return {self.key.key_id: self.key}

    def time(self, number: int) -> datetime:
        return BEGUN + (number + 1) * MINUTE

    def text(self, number: int, at: datetime | None = None, **changes: Any) -> str:
        entry = status_entry(f"MC-{number:05}", "issued", "valid", None, f"{number:064x}") | changes
        return entry_text(dated(entry, at or self.time(number)))

    def add(self, text: str | None = None) -> None:
        number = len(self.entries)
        self.entries.append(self.text(number) if text is None else text)
        self.tree.add(hash_leaf(self.entries[-1].encode()))
        self.heads.append(self.sign(number + 1, self.tree.root().hex(), self.time(number)))

    def sign(self, size: int, root: str, at: datetime) -> SignedHead:
        signature = self.private.sign(signed_bytes(size, root, at, self.key.key_id)).hex()
        return SignedHead(size, root, at, self.key.key_id, signature)

    def numbered(self) -> list[tuple[int, str]]:
        return list(enumerate(self.entries))


def paper_log(count: int) -> PaperLog:
    log = PaperLog()
    for _ in range(count):
        log.add()
    return log


def keys_of(session: Session) -> dict[str, Key]:
    """The keys that the site publishes for heads and statements, as a checker has them."""
    found = {}
    for row in session.scalars(select(SigningKey).where(SigningKey.purpose.in_(("log", "credential")))):
        public = load_pem_public_key(row.public_key.encode())
        assert isinstance(public, Ed25519PublicKey)
        found[row.key_id] = Key(row.key_id, row.purpose, public, row.not_before, row.retired_at, row.revoked_at)
    return found
