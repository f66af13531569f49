"""Who read figures of the releases that an enterprise was counted in, as it may know: which, for what, how many."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from maturity.benchmarks.models import AggregateRead, BenchmarkRelease
from maturity.benchmarks.queries import ledger_of
from maturity.questionnaires.model import Text
from maturity.releases.receipts import receipts_of
from maturity.standing.peer_groups import SIZE_WORDS, industry_words, region_words

LISTED = 3
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Ledger:
    """Reads of the releases that counted the enterprise; `readers` are all of them, whatever was filtered."""

    releases: tuple[BenchmarkRelease, ...]
    readers: tuple[tuple[uuid.UUID, str], ...]
    reads: tuple[AggregateRead, ...]

    def release_of(self, read: AggregateRead) -> BenchmarkRelease | None:
        return next((one for one in self.releases if one.id == read.release_id), None)


def ledger_for(session: Session, *, release_id: int | None = None, reader: str = "") -> Ledger:
    """The ledger of the tenant the session works for; an enterprise that no release counted has an empty one."""
    releases = tuple(release for _, release in receipts_of(session))
    every = ledger_of(session, [release.id for release in releases], SHOWN) if releases else []
    readers = sorted({(read.reader_id, read.reader_name) for read in every}, key=lambda pair: pair[1])
    chosen = [
        read
        for read in every
        if (release_id is None or read.release_id == release_id) and (not reader or str(read.reader_id) == reader)
    ]
    return Ledger(releases, tuple(readers), tuple(chosen))


def asked_words(asked: Mapping[str, Any]) -> Text:
    """What somebody asked for: industries, regions and sizes; a long list as its length.

    >>> asked_words({"industry": ["34"], "region": ["", "370000"], "size": None}).zh
    '通用设备制造业；全国、山东省；各规模'
    >>> asked_words({"industry": None, "region": ["1", "2", "3", "4"], "size": ["large"]}).en
    'every industry; 4 regions; large'
    """
    parts = [
        _listed(asked.get("industry"), industry_words, Text("各行业", "every industry"), Text("个行业", "industries")),
        _listed(asked.get("region"), region_words, Text("各区域", "every region"), Text("个区域", "regions")),
        _listed(asked.get("size"), SIZE_WORDS.__getitem__, Text("各规模", "every size"), Text("种规模", "sizes")),
    ]
    return Text("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def _listed(codes: Sequence[str] | None, words: Callable[[str], Text], every: Text, counted: Text) -> Text:
    if codes is None:
        return every
    if len(codes) > LISTED:
        return Text(f"{len(codes)} {counted.zh}", f"{len(codes)} {counted.en}")
    named = [words(code) for code in codes]
    return Text("、".join(one.zh for one in named), ", ".join(one.en for one in named))
