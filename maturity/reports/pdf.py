"""HTML to PDF by WeasyPrint: PDF/A-3a structure, subset fonts, and a missing glyph is an error instead of a box."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from weasyprint import HTML, Attachment, URLFetcher
from weasyprint.urls import FatalURLFetchingError

from maturity.results.fonts import cjk_font_file

VARIANT = "pdf/a-3a"


class MissingGlyph(RuntimeError):
    """A character has no glyph in the report's font; the report would show a box."""

    def __init__(self, character: str) -> None:
        self.character = character
        super().__init__(f"no glyph for {character!r}")


class ForeignResource(RuntimeError):
    """The page asks for something from outside itself."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that travels inside the PDF, as the data behind what it shows (PDF/A-3)."""

    name: str
    description: str
    content: bytes
    at: datetime


class _Watcher(logging.Handler):
    """Hears what WeasyPrint logs in this thread: pages laid out, characters without a glyph."""

    def __init__(self, step: Callable[[], None]) -> None:
        super().__init__(logging.INFO)
        self.step = step
        self.thread = threading.get_ident()
        self.missing: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if threading.get_ident() != self.thread:
            return
        if str(record.msg).startswith(".notdef"):
            self.missing.append(str(record.args[0]) if isinstance(record.args, tuple) else "?")
        elif str(record.msg).endswith("Page %d"):
            self.step()


@contextmanager
def _watching(step: Callable[[], None]) -> Iterator[_Watcher]:
    watcher = _Watcher(step)
    logger, progress = logging.getLogger("weasyprint"), logging.getLogger("weasyprint.progress")
    level = progress.level
    logger.addHandler(watcher)
    progress.setLevel(logging.INFO)
    try:
        yield watcher
    finally:
        logger.removeHandler(watcher)
        progress.setLevel(level)


def render_pdf(
    html: str, identity: str, step: Callable[[], None] = lambda: None, attached: Sequence[Attached] = ()
) -> bytes:
    """The PDF of a finished page; the same page and identity give the same bytes. Nothing is fetched from outside."""
    cjk_font_file()
    try:
        return _render(html, identity, step, attached)
    except FatalURLFetchingError as error:  # a BaseException, which would pass every handler of ours
        raise ForeignResource(str(error)) from error


def _render(html: str, identity: str, step: Callable[[], None], attached: Sequence[Attached]) -> bytes:
    with _watching(step) as watcher:
        document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"], fail_on_errors=True)).render(
            pdf_variant=VARIANT
        )
        document.metadata.attachments += [_attachment(one) for one in attached]
        identifier = sha256(identity.encode()).digest()[:16]
        content: bytes = document.write_pdf(pdf_variant=VARIANT, pdf_identifier=identifier, finisher=_name_once)
    if watcher.missing:
        raise MissingGlyph(watcher.missing[0])
    return content


def _name_once(_document: Any, pdf: Any) -> None:
    """WeasyPrint 70 lists every attachment twice among the associated files."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = list(dict.fromkeys(pdf.catalog["AF"]))


def _attachment(one: Attached) -> Attachment:
    at = one.at.astimezone(UTC)
    return Attachment(
        file_obj=BytesIO(one.content),
        name=one.name,
        description=one.description,
        created=at,
        modified=at,
        relationship="Data",
    )
