"""Storing editions and getting a framework back, cached by hash: the same hash is the same framework for ever."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework, parse_framework
from maturity.clock import Clock
from maturity.editions.models import EditionRecord
from maturity.errors import NotFound
from maturity.questionnaires.loader import editions, read_bundle

_SURROGATE = re.compile("[\ud800-\udfff]")
_EXACT = 2**53 - 1
_frameworks: dict[str, Framework] = {}


class EditionChanged(ValueError):
    """The stored bundle is not the one its hash names: somebody changed what never changes."""


def canonical(data: Any) -> bytes:
    """The canonical JSON of RFC 8785: the same data always gives the same bytes.

    >>> canonical({"b": "é", "a": [1, None]}) == rfc8785.dumps({"b": "é", "a": [1, None]})
    True
    """
    if _is_plain(data):
        return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return rfc8785.dumps(data)


def _is_plain(data: Any) -> bool:
    """Whether Python's own encoder, several times faster, writes the very same bytes.

    It does without floats, with integers every reader keeps exact, with keys whose order is the same in every
    encoding, and with text that is text (no half of a surrogate pair).
    """
    kind = type(data)
    if kind is str:
        return data.isascii() or not _SURROGATE.search(data)
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_plain(value) for key, value in data.items())
    if kind is list or kind is tuple:
        return all(map(_is_plain, data))
    return data is None or kind is bool or (kind is int and -_EXACT <= data <= _EXACT)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def store_library(session: Session, clock: Clock) -> list[EditionRecord]:
    """Insert every edition of the library that is not stored yet; an unchanged one is left alone."""
    added = []
    for slug in editions():
        content = canonical(read_bundle(slug))
        sha256 = digest(content)
        if session.scalar(select(EditionRecord.id).where(EditionRecord.sha256 == sha256)) is None:
            added.append(_record(content, sha256, clock))
    session.add_all(added)
    session.flush()
    return added


def _record(content: bytes, sha256: str, clock: Clock) -> EditionRecord:
    bundle = json.loads(content)
    edition = parse_framework(bundle).edition
    return EditionRecord(
        sha256=sha256,
        framework=edition.framework,
        edition=edition.edition,
        status=edition.status,
        bundle=content.decode(),
        created_at=clock.now(),
    )


def edition_from_elsewhere(content: bytes, sha256: str, clock: Clock) -> EditionRecord:
    """The row of an edition that another installation published: results rest on it, and nobody starts with it."""
    record = _record(content, sha256, clock)
    record.status = "retired"
    return record


def framework_by_hash(session: Session, sha256: str) -> Framework:
    """The framework of a stored edition; one whose bytes no longer have their hash is refused."""
    if sha256 not in _frameworks:
        bundle = session.scalar(select(EditionRecord.bundle).where(EditionRecord.sha256 == sha256))
        if bundle is None:
            raise NotFound("edition", sha256)
        if digest(bundle.encode()) != sha256:
            raise EditionChanged(sha256)
        _frameworks[sha256] = parse_framework(json.loads(bundle))
    return _frameworks[sha256]


def edition_hash(session: Session, framework: str, edition: str) -> str:
    """The hash of one edition; the last one stored where it was corrected."""
    query = select(EditionRecord.sha256).where(EditionRecord.framework == framework, EditionRecord.edition == edition)
    sha256 = session.scalar(query.order_by(EditionRecord.id.desc()).limit(1))
    if sha256 is None:
        raise NotFound("edition", f"{framework}/{edition}")
    return sha256


def current_editions(session: Session) -> dict[str, str]:
    """The hash of the newest published edition of every framework."""
    query = select(EditionRecord.framework, EditionRecord.sha256).where(EditionRecord.status == "published")
    found = session.execute(query.order_by(EditionRecord.edition, EditionRecord.id))
    return {framework: sha256 for framework, sha256 in found}  # noqa: C416  # a result is taken for a mapping by dict()


def current_edition(session: Session, framework: str) -> str:
    """The hash of the framework's newest edition; the last one stored where an edition was corrected."""
    query = select(EditionRecord.sha256).where(EditionRecord.framework == framework, EditionRecord.status != "retired")
    sha256 = session.scalar(query.order_by(EditionRecord.edition.desc(), EditionRecord.id.desc()).limit(1))
    if sha256 is None:
        raise NotFound("framework", framework)
    return sha256
