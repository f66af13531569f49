"""Verifying by number and by file. Nothing is kept of what is asked, and what is uploaded stays in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.files import stored_pdf
from maturity.certificates.models import Certificate
from maturity.certificates.numbering import WrongNumber, read_number
from maturity.clock import Clock
from maturity.errors import Invalid, NotFound
from maturity.verification.anchors import anchors_of
from maturity.verification.comparing import compare
from maturity.verification.confined import read_confined
from maturity.verification.freshness import latest_head
from maturity.verification.statement import FileFinding, Statement, tell

LARGEST_FILE = 10 * 1024**2
LONGEST_ASKED = 60
#: Where in a file its beginning may stand, as readers of PDF allow.
_HEAD_WITHIN = 1024
_END = re.compile(rb"%%EOF(?:\r\n|\n|\r)?")
_MOST_ENDS = 20


def ask_by_number(session: Session, text: str, clock: Clock) -> Statement:
    """What is known of a number, however it is written."""
    text = text.strip()[:LONGEST_ASKED]
    head = latest_head(session)
    try:
        number = read_number(text)
    except WrongNumber as error:
        return Statement("unknown", clock.now(), head, asked=text, problem=error.code)
    certificate = _issued(session, Certificate.number == number)
    if certificate is None:
        return Statement("unknown", clock.now(), head, asked=number, problem="not_found")
    told = tell(session, certificate, clock)
    return Statement(told.status, clock.now(), head, asked=number, told=told)


def _issued(session: Session, *terms: Any) -> Certificate | None:
    """A certificate that has been handed out; one that is still being made is known to nobody."""
    return session.scalar(select(Certificate).where(*terms, Certificate.status != "issuing"))


def examine_file(session: Session, data_dir: Path, content: bytes, asked: str, clock: Clock) -> Statement:
    """What is known of a file: whether it is one of ours as it was issued, and how that certificate stands.

    `asked` is the number as somebody read it from the paper, for files that do not tell it any more.
    """
    _refuse_other_kinds(content)
    read = read_confined(content, anchors_of(session), clock.now())
    if read.is_locked:
        raise Invalid("verify_locked")
    finding = read.signature
    digest, head = sha256(content).hexdigest(), latest_head(session)
    certificate = _issued(session, Certificate.pdf_sha256 == digest)
    if certificate is not None:
        told = tell(session, certificate, clock)
        file = FileFinding("identical", digest, len(content), finding)
        return Statement(told.status, clock.now(), head, asked=told.number, told=told, file=file)
    certificate = _meant(session, content, (*read.numbers, asked))
    if certificate is None:
        file = FileFinding("unknown", digest, len(content), finding)
        return Statement("unknown", clock.now(), head, asked=asked, problem="not_found", file=file)
    told = tell(session, certificate, clock)
    issued = _stored(data_dir, certificate)
    comparison = compare(issued, content) if issued else None
    file = FileFinding("altered", digest, len(content), finding, comparison)
    return Statement("altered", clock.now(), head, asked=told.number, told=told, file=file)


def _refuse_other_kinds(content: bytes) -> None:
    """`Invalid` for what is no PDF; what is locked, so that nobody can look inside, is told by reading it."""
    if not content:
        raise Invalid("verify_no_file")
    if len(content) > LARGEST_FILE:
        raise Invalid("verify_too_large")
    if b"%PDF-" not in content[:_HEAD_WITHIN]:
        raise Invalid("verify_not_pdf")


def _meant(session: Session, content: bytes, numbers: Iterable[str]) -> Certificate | None:
    """The certificate a changed file was made from: by its beginning, by what it says, by the number on the paper."""
    for digest in _beginnings(content):
        certificate = _issued(session, Certificate.pdf_sha256 == digest)
        if certificate is not None:
            return certificate
    for number in _numbers(numbers):
        certificate = _issued(session, Certificate.number == number)
        if certificate is not None:
            return certificate
    return None


def _beginnings(content: bytes) -> Iterator[str]:
    """Hashes of what the file was before something was added to it."""
    digest, at = sha256(), 0
    for match in list(_END.finditer(content))[:_MOST_ENDS]:
        for end in (match.start() + len(b"%%EOF"), match.end()):
            digest.update(content[at:end])
            at = end
            yield digest.hexdigest()


def _numbers(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        try:
            yield read_number(text[:LONGEST_ASKED])
        except WrongNumber:
            continue


def _stored(data_dir: Path, certificate: Certificate) -> bytes | None:
    """The file as it was issued, if the storage has it unharmed."""
    try:
        return stored_pdf(data_dir, certificate)
    except NotFound:
        return None
