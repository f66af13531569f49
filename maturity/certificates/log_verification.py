"""Reading the whole log again and holding the certificates against it: what has no leaf did not happen.

Whoever has the database can change rows, and with the installation's key even write the log anew. The first is found
here, the second by a head that somebody else has kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates import files
from maturity.certificates.models import Certificate, CertificateEvent
from maturity.signing.published import keys_document
from maturity.signing.service import public_keys
from maturity.transparency import tree
from maturity.transparency.checking import Malformed, check_log, read_entry, read_keys
from maturity.transparency.models import LogHead, LogLeaf, LogNode
from maturity.transparency.statement import SignedHead, certificate_key, read_instant

#: An event is written in the transaction of its leaf, which may have waited for the leaf before it.
ACCEPTED = timedelta(minutes=10)
#: What can be wrong beside `transparency.checking.CODES`. Of the log: a hash of the tree or a column that does not
#: follow from the entries. Of a certificate: status without a leaf; since when; why; payload; leaf without event and
#: the other way round, or at another time; issued twice; file other than logged, lost, logged twice or not; gone.
CODES = (
    "node",
    "column",
    "not_logged",
    "status_unlogged",
    "status_since",
    "status_reason",
    "payload_changed",
    "event_unlogged",
    "event_missing",
    "event_time",
    "issued_twice",
    "file_changed",
    "file_lost",
    "file_twice",
    "file_unlogged",
    "certificate_missing",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A deviation. `place` is a leaf, a size or a place in the tree; of a certificate its number."""

    code: str
    place: int | str


@dataclass(frozen=True, slots=True)
class Read:
    """How much was looked at, and what was found."""

    leaves: int
    certificates: int
    findings: tuple[Finding, ...]


Logged = tuple[int, Mapping[str, Any]]


def verify_log(session: Session, data_dir: Path, now: datetime, saved: Iterable[SignedHead] = ()) -> Read:
    """Everything in log, certificates and files that does not fit together. `saved`: heads kept outside the site."""
    rows = session.execute(
        select(LogLeaf.number, LogLeaf.entry, LogLeaf.leaf_hash, LogLeaf.certificate, LogLeaf.at).order_by(
            LogLeaf.number
        )
    ).all()
    kept = {place: bytes(found) for place, found in session.execute(select(LogNode.place, LogNode.hash))}
    findings = [
        *_of_the_log(session, [(row.number, row.entry) for row in rows], kept, now, saved),
        *(Finding("column", row.number) for row in rows if not _columns_fit(row)),
        *_nodes(kept),
    ]
    logged = _by_certificate((row.number, row.entry) for row in rows)
    found = session.scalars(select(Certificate).order_by(Certificate.number)).all()
    for certificate in found:
        entries = logged.pop(certificate_key(certificate.number), [])
        codes = (*_of_certificate(session, certificate, entries), *_of_file(data_dir, certificate, entries))
        findings += [Finding(code, certificate.number) for code in codes]
    findings += [Finding("certificate_missing", key) for key in sorted(logged)]
    return Read(len(rows), len(found), tuple(findings))


# The log by itself


def _of_the_log(
    session: Session,
    entries: Sequence[tuple[int, str]],
    kept: Mapping[int, bytes],
    now: datetime,
    saved: Iterable[SignedHead],
) -> Iterator[Finding]:
    keys = read_keys(keys_document(public_keys(session), "", now))
    columns = (LogHead.size, LogHead.root, LogHead.at, LogHead.key_id, LogHead.signature)
    heads = [SignedHead(*row) for row in session.execute(select(*columns).order_by(LogHead.size))]
    size = max((number for number, _text in entries), default=-1) + 1
    leaves = {number: kept[place] for number in range(size) if (place := tree.place_of(0, number)) in kept}
    for one in check_log(entries, heads, keys, saved=saved, kept=leaves):
        yield Finding(one.code, one.place)


def _columns_fit(row: Any) -> bool:
    """The columns beside an entry only repeat it."""
    try:
        entry = read_entry(row.entry)
    except Malformed:
        return False
    hashed = tree.leaf_hash(row.entry.encode())
    told = (bytes(row.leaf_hash), row.certificate, row.at)
    return told == (hashed, entry["certificate"], read_instant(entry["at"]))


def _nodes(kept: Mapping[int, bytes]) -> Iterator[Finding]:
    """The hashes of the tree follow from those of the leaves; one that is gone or other is told by its place."""
    made: dict[int, bytes] = {}
    size = 0
    while (place := tree.place_of(0, size)) in kept:
        grown = dict(enumerate(tree.grown(size, kept[place], made), place))
        yield from (Finding("node", at) for at, found in grown.items() if kept.get(at) != found)
        made |= grown
        size += 1
    yield from (Finding("node", at) for at in sorted(kept.keys() - made.keys()))


def _by_certificate(entries: Iterable[tuple[int, str]]) -> dict[str, list[Logged]]:
    found: dict[str, list[Logged]] = {}
    for number, text in entries:
        try:
            entry = read_entry(text)
        except Malformed:  # told as altered already
            continue
        found.setdefault(entry["certificate"], []).append((number, entry))
    return found


# A certificate against its leaves


def _of_certificate(session: Session, certificate: Certificate, entries: Sequence[Logged]) -> Iterator[str]:
    statuses = [(leaf, entry) for leaf, entry in entries if entry["kind"] == "status"]
    events = session.scalars(select(CertificateEvent).where(CertificateEvent.certificate_id == certificate.id)).all()
    yield from _of_events(events, dict(statuses))
    if not statuses:
        if certificate.status != "issuing":
            yield "not_logged"
        return
    if sum(entry["event"] == "issued" for _leaf, entry in statuses) > 1:
        yield "issued_twice"
    if not _is_payload(certificate, statuses):
        yield "payload_changed"
    if certificate.status != "issuing":
        yield from _of_status(certificate, [entry for _leaf, entry in statuses], _filed_at(entries))


def _of_events(events: Sequence[CertificateEvent], statuses: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    for event in events:
        entry = statuses.get(event.leaf)
        if entry is None or (entry["event"], entry["reason"]) != (event.kind, event.reason):
            yield "event_unlogged"
        elif abs(read_instant(entry["at"]) - event.at) > ACCEPTED:
            yield "event_time"
    if statuses.keys() - {event.leaf for event in events}:
        yield "event_missing"


def _is_payload(certificate: Certificate, statuses: Sequence[Logged]) -> bool:
    digest = hashlib.sha256(certificate.payload.encode()).hexdigest()
    logged = {entry["signed_payload_sha256"] for _leaf, entry in statuses}
    return {digest, certificate.payload_sha256} | logged == {digest}


def _of_status(
    certificate: Certificate, statuses: Sequence[Mapping[str, Any]], filed_at: datetime | None
) -> Iterator[str]:
    """As the last entry that changed it has it: a surveillance that was passed changes nothing."""
    last, before = statuses[0], statuses[0]["status"]
    for entry in statuses[1:]:
        if entry["status"] != before:
            last, before = entry, entry["status"]
    if certificate.status != before:
        yield "status_unlogged"
        return
    if certificate.status_reason != last["reason"]:
        yield "status_reason"
    # a certificate is logged first, and is valid once its file is
    since = read_instant(last["at"]) if last is not statuses[0] or filed_at is None else filed_at
    if abs(certificate.status_since - since) > ACCEPTED:
        yield "status_since"


def _filed_at(entries: Sequence[Logged]) -> datetime | None:
    return next((read_instant(entry["at"]) for _leaf, entry in entries if entry["kind"] == "file"), None)


def _of_file(data_dir: Path, certificate: Certificate, entries: Sequence[Logged]) -> Iterator[str]:
    logged = [entry["pdf_sha256"] for _leaf, entry in entries if entry["kind"] == "file"]
    if len(logged) > 1:
        yield "file_twice"
    if certificate.pdf_sha256 is None:
        return
    if certificate.pdf_sha256 not in logged:
        yield "file_unlogged"
    path = files.path_of(data_dir, certificate)
    if not path.is_file():
        yield "file_lost"
    elif hashlib.sha256(path.read_bytes()).hexdigest() != certificate.pdf_sha256:
        yield "file_changed"
