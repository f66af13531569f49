"""The hash chain, as a pure library: what a link hashes, and what a walk along the chain finds.

    hash = SHA-256(canonical JSON of {position, previous, sealed_at, event})

in RFC 8785 form, hexadecimal, where `event` is the row as stored (what is personal as ciphertext) and `previous` the
hash before it; the first link follows `GENESIS`. Positions count from 1 without a gap, over all tenants.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785

GENESIS = "0" * 64
#: With more misfits than this the places of origin are looked for nearby only; the chain is as broken either way.
MOST_COMPARED = 300
NEARBY = (1, -1, 2, -2, 3, -3)
JOIN = "its seal was made anew: the next one follows another hash"


@dataclass(frozen=True, slots=True)
class Link:
    """A seal with the event it names; `event` is None when there is no such row."""

    position: int
    previous: str
    hash: str
    sealed_at: str
    event_id: str
    event: Mapping[str, Any] | None

    def stands_at(self, position: int, event: Mapping[str, Any] | None = None) -> bool:
        """Whether the hash is the one it had at this position, over its own event or another."""
        content = event or self.event
        return content is not None and link_hash(position, self.previous, self.sealed_at, content) == self.hash


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the chain. kind: tampered, deleted, inserted, reordered, unsealed, replaced."""

    position: int
    kind: str
    note: str
    event_id: str | None = None


@dataclass(slots=True)
class Walk:
    """What one pass along the chain learns."""

    length: int = 0
    head: str = GENESIS
    findings: list[Finding] = field(default_factory=list)
    misfits: list[Link] = field(default_factory=list)


def instant(moment: datetime) -> str:
    """
    >>> instant(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    '2026-11-24T02:00:00.000000Z'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def link_hash(position: int, previous: str, sealed_at: str, event: Mapping[str, Any]) -> str:
    """The hash of one link, from its parts."""
    content: dict[str, Any] = {"position": position, "previous": previous, "sealed_at": sealed_at, "event": dict(event)}
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def walk(links: Iterable[Link], expected: Mapping[int, str] | None = None) -> Walk:
    """Follow the chain in the order of positions. `expected`: hashes that somebody outside noted, by position."""
    found = Walk()
    noted = dict(expected or {})
    before: Link | None = None
    for link in links:
        _look_at(found, link, before)
        if link.position in noted and noted.pop(link.position) != link.hash:
            found.findings.append(Finding(link.position, "replaced", "another hash was noted for it", link.event_id))
        found.length, found.head, before = link.position, link.hash, link
    for position in noted:
        found.findings.append(
            Finding(position, "deleted", f"a hash was noted for it; the chain ends at {found.length}")
        )
    found.findings += explain(found.misfits, found.length)
    inserted = {finding.position for finding in found.findings if finding.kind == "inserted"}
    found.findings = [
        finding for finding in found.findings if finding.note != JOIN or finding.position + 1 not in inserted
    ]
    found.findings.sort(key=lambda finding: (finding.position, finding.kind))
    return found


def _look_at(found: Walk, link: Link, before: Link | None) -> None:
    after = before.position if before else 0
    for position in range(after + 1, link.position):
        found.findings.append(Finding(position, "deleted", "its seal is gone"))
    if link.event is None:
        found.findings.append(Finding(link.position, "deleted", "its event is gone", link.event_id))
    elif not link.stands_at(link.position):
        found.misfits.append(link)
    elif link.position == after + 1 and link.previous != (before.hash if before else GENESIS):
        if before is None:
            found.findings.append(Finding(1, "tampered", "the chain does not begin here", link.event_id))
        elif before.event is not None and before not in found.misfits[-1:]:
            found.findings.append(Finding(before.position, "tampered", JOIN, before.event_id))


def explain(misfits: Sequence[Link], length: int) -> Iterator[Finding]:
    """Say of links whose hash does not fit their place what was done to them."""
    origins = {link.position: _origin(link, misfits) for link in misfits}
    moved = {position: origin for position, origin in origins.items() if origin is not None}
    swapped = set(moved) == set(moved.values())
    inserted: set[int] = set()
    if not swapped:
        for run in _runs(moved):
            offset = moved[run[0]] - run[0]
            if run[-1] != length:
                continue
            if offset < 0:
                inserted |= set(range(run[0] + offset, run[0]))
            else:
                for position in range(run[0], run[0] + offset):
                    yield Finding(position, "deleted", "the rows after it were moved up")
            moved = {position: origin for position, origin in moved.items() if position not in run}
    for position in sorted(inserted):
        yield Finding(position, "inserted", "the rows after it were moved down")
    for link in misfits:
        if link.position in moved:
            yield Finding(link.position, "reordered", f"was sealed at {moved[link.position]}", link.event_id)
        elif origins[link.position] is None and link.position not in inserted:
            yield _exchanged(link, misfits)


def _origin(link: Link, misfits: Sequence[Link]) -> int | None:
    """The position at which the link's hash fits, if it was moved as a whole."""
    near = [link.position + step for step in NEARBY]
    others = [other.position for other in misfits] if len(misfits) <= MOST_COMPARED else []
    return next(
        (position for position in (*near, *others) if position != link.position and link.stands_at(position)), None
    )


def _exchanged(link: Link, misfits: Sequence[Link]) -> Finding:
    """Whether the link names another link's event, or its event says something else than was sealed."""
    if len(misfits) <= MOST_COMPARED:
        for other in misfits:
            if other is not link and link.stands_at(link.position, other.event):
                note = f"names the event of another place; its own stands at {other.position}"
                return Finding(link.position, "reordered", note, link.event_id)
    return Finding(link.position, "tampered", "the event is not what was sealed", link.event_id)


def _runs(moved: Mapping[int, int]) -> list[list[int]]:
    """Consecutive positions that moved by the same number of places."""
    runs: list[list[int]] = []
    for position in sorted(moved):
        offset = moved[position] - position
        if runs and runs[-1][-1] == position - 1 and moved[runs[-1][-1]] - runs[-1][-1] == offset:
            runs[-1].append(position)
        else:
            runs.append([position])
    return runs
