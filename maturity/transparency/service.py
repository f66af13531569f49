"""Adding to the log and proving what is in it. A leaf, its hashes and the head that has it come into being together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.signing.service import signing_key
from maturity.transparency import tree
from maturity.transparency.models import LogHead, LogLeaf, LogNode
from maturity.transparency.statement import (
    CONSISTENCY,
    ENTRIES,
    OF_CERTIFICATE,
    PROOF,
    SignedHead,
    certificate_key,
    dated,
    entry_text,
    file_entry,
    head_document,
    signed_bytes,
    status_entry,
)

__all__ = ["ClockBehindLog", "SignedHead", "append", "certificate_key", "file_entry", "status_entry"]

LOCK = 0x10C  # the number of our advisory lock; nothing else takes one
#: Machines that share the database differ by less; an entry then takes the time of the one before it.
ACCEPTED_SKEW = timedelta(seconds=1)


class ClockBehindLog(RuntimeError):
    """The clock shows a time before the last leaf: what is added now would be dated back."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry with its number, as text byte by byte what was hashed."""

    number: int
    text: str

    @property
    def entry(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


def append(session: Session, entry: Mapping[str, Any], clock: Clock) -> int:
    """Add an entry and sign the head of the new size; the number of its leaf.

    The time of the entry is the log's own, whatever the entry says: two writers get theirs in the order of their
    leaves. What is added is there when the caller's transaction is committed, and leaves no gap when it is not.
    Raises `ClockBehindLog` where the clock was set back, ValueError for what is no entry.
    """
    _wait_for_turn(session)
    size, last = _end(session)
    at = _time_after(last, clock)
    said = dated(entry, at)
    text = entry_text(said)
    leaf = tree.leaf_hash(text.encode())
    kept = _kept(session, [(0, size)])
    added = dict(enumerate(tree.grown(size, leaf, kept), tree.places_of(size)))
    row = {"number": size, "entry": text, "leaf_hash": leaf, "certificate": said["certificate"], "at": at}
    session.execute(insert(LogLeaf), [row])
    session.execute(insert(LogNode), [{"place": place, "hash": found} for place, found in added.items()])
    _sign(session, size + 1, tree.range_hash(0, size + 1, {**kept, **added}).hex(), at, clock)
    return size


def _wait_for_turn(session: Session) -> None:
    """One writer at a time, until its transaction is over. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _end(session: Session) -> tuple[int, datetime | None]:
    """The size of the log, and the time of its last leaf."""
    last = select(LogLeaf.number, LogLeaf.at).order_by(LogLeaf.number.desc()).limit(1)
    row = session.execute(last).one_or_none()
    return (row[0] + 1, row[1]) if row else (0, None)


def _time_after(last: datetime | None, clock: Clock) -> datetime:
    now = clock.now().replace(microsecond=0)
    if last is None or now >= last:
        return now
    if last - now > ACCEPTED_SKEW:
        raise ClockBehindLog(f"{now:%F %T} is before the last leaf, {last:%F %T}")
    return last


def _sign(session: Session, size: int, root: str, at: datetime, clock: Clock) -> None:
    key_id, key = signing_key(session, "log", clock)
    signature = key.sign(signed_bytes(size, root, at, key_id)).hex()
    row = {"size": size, "root": root, "at": at, "key_id": key_id, "signature": signature}
    session.execute(insert(LogHead), [row])


def _kept(session: Session, ranges: Sequence[tree.Range]) -> dict[int, bytes]:
    """The kept hashes that these ranges are put together from."""
    wanted = tree.places(ranges)
    query = select(LogNode.place, LogNode.hash).where(LogNode.place.in_(wanted))
    return {place: bytes(found) for place, found in session.execute(query)}


def _heads() -> Select[tuple[int, str, datetime, str, str]]:
    return select(LogHead.size, LogHead.root, LogHead.at, LogHead.key_id, LogHead.signature)


def latest_head(session: Session) -> SignedHead | None:
    """The head of the whole log; None while it is empty."""
    row = session.execute(_heads().order_by(LogHead.size.desc()).limit(1)).one_or_none()
    return SignedHead(*row) if row else None


def head_of(session: Session, size: int) -> SignedHead:
    """The head as it was signed when the log had this size. LookupError where it never had."""
    row = session.execute(_heads().where(LogHead.size == size)).one_or_none()
    if row is None:
        raise LookupError(f"the log has no head of {size}")
    return SignedHead(*row)


def inclusion(session: Session, leaf: int, size: int) -> list[str]:
    """RFC 6962, 2.1.1: the hashes from a leaf up to the root of this size. LookupError where there is no such leaf."""
    _refuse_beyond(session, size)
    return _proof_of(session, leaf, size)


def _proof_of(session: Session, leaf: int, size: int) -> list[str]:
    """Of a size that the log is known to have had."""
    try:
        ranges = tree.inclusion_ranges(leaf, size)
    except ValueError as error:
        raise LookupError(str(error)) from error
    return _proof(session, ranges)


def consistency(session: Session, old: int, new: int) -> list[str]:
    """RFC 6962, 2.1.2: that the log of `new` leaves begins with that of `old`. LookupError where it never had them."""
    _refuse_beyond(session, new)
    try:
        ranges = tree.consistency_ranges(old, new)
    except ValueError as error:
        raise LookupError(str(error)) from error
    return _proof(session, ranges)


def _refuse_beyond(session: Session, size: int) -> None:
    if size > size_of(session):
        raise LookupError(f"the log has not {size} leaves yet")


def size_of(session: Session) -> int:
    return session.scalar(select(func.max(LogHead.size))) or 0


def _proof(session: Session, ranges: Sequence[tree.Range]) -> list[str]:
    kept = _kept(session, ranges)
    return [found.hex() for found in tree.hashes(ranges, kept)]


def leaf_of(session: Session, number: int) -> Leaf:
    """LookupError where the log has no such leaf."""
    text = session.scalar(select(LogLeaf.entry).where(LogLeaf.number == number))
    if text is None:
        raise LookupError(f"the log has no leaf {number}")
    return Leaf(number, text)


def leaves_between(session: Session, first: int, end: int) -> list[Leaf]:
    """The leaves from `first` to before `end`."""
    query = select(LogLeaf.number, LogLeaf.entry).where(LogLeaf.number >= first, LogLeaf.number < end)
    return [Leaf(*row) for row in session.execute(query.order_by(LogLeaf.number))]


def leaves_of(session: Session, number: str, size: int | None = None) -> list[Leaf]:
    """What the log says of the certificate of this number, in order; with `size`, as it said it then."""
    query = select(LogLeaf.number, LogLeaf.entry).where(LogLeaf.certificate == certificate_key(number))
    if size is not None:
        query = query.where(LogLeaf.number < size)
    return [Leaf(*row) for row in session.execute(query.order_by(LogLeaf.number))]


def proof_document(session: Session, leaf: int, size: int | None = None, *, origin: str = "") -> dict[str, Any]:
    """An entry with the signed head of a size, the latest without one, and the proof that it is in: log-proof.json.

    `origin` is the address of the site whose log it is, for people; programs go by the key of the head.
    """
    head = latest_head(session) if size is None else head_of(session, size)
    if head is None:
        raise LookupError("the log is empty")
    found = leaf_of(session, leaf)
    said = {"origin": origin, "entry": found.entry, "leaf": leaf, "head": head_document(head)}
    return {"format": PROOF, **said, "inclusion": _proof_of(session, leaf, head.size)}


def consistency_document(session: Session, old: int, new: int, *, origin: str = "") -> dict[str, Any]:
    """Two signed heads and the proof that the newer log begins with the older one."""
    heads = {"old": head_document(head_of(session, old)), "new": head_document(head_of(session, new))}
    return {"format": CONSISTENCY, "origin": origin, **heads, "consistency": consistency(session, old, new)}


def entries_document(session: Session, first: int, end: int, *, origin: str = "") -> dict[str, Any]:
    """The entries from leaf `first` to before `end` with the head of each size that they led to.

    From leaf 0 on it is a whole log, which is checked by itself. LookupError where the log has not so many leaves.
    """
    head = head_document(head_of(session, end))
    entries = [leaf.entry for leaf in leaves_between(session, first, end)]
    heads = session.execute(_heads().where(LogHead.size > first, LogHead.size <= end).order_by(LogHead.size))
    documents = [head_document(SignedHead(*row)) for row in heads]
    said = {"origin": origin, "from": first, "to": end, "entries": entries, "heads": documents, "head": head}
    return {"format": ENTRIES, **said}


def certificate_document(session: Session, number: str, *, origin: str = "") -> dict[str, Any]:
    """All that the log says of a certificate, each entry with its proof under the latest head.

    LookupError where it says nothing. That nothing was left out is seen only from the whole log.
    """
    head = latest_head(session)
    found = leaves_of(session, number, head.size) if head else []
    if head is None or not found:
        raise LookupError("the log has no such certificate")
    leaves = [
        {"leaf": one.number, "entry": one.entry, "inclusion": _proof_of(session, one.number, head.size)}
        for one in found
    ]
    said = {"origin": origin, "certificate": certificate_key(number), "head": head_document(head), "leaves": leaves}
    return {"format": OF_CERTIFICATE, **said}
