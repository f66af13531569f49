"""HTML to PDF by WeasyPrint: PDF/A-3a structure, subset fonts, and a missing glyph is an error instead of a box."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from weasyprint import HTML, URLFetcher

VARIANT = "pdf/a-3a"


class MissingGlyph(RuntimeError):
    """A character has no glyph in the report's font; the report would show a box."""


class _Glyphs(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.missing: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "notdef" in record.getMessage():
            self.missing.append(record.getMessage())


@contextmanager
def _watching() -> Iterator[_Glyphs]:
    logger = logging.getLogger("weasyprint")
    handler = _Glyphs()
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)


def render_pdf(html: str, identity: str) -> bytes:
    """The PDF of a finished page; the same page and identity give the same bytes. Nothing is fetched from outside."""
    with _watching() as glyphs:
        document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"], fail_on_errors=True)).render(
            pdf_variant=VARIANT
        )
        content: bytes = document.write_pdf(pdf_variant=VARIANT, pdf_identifier=sha256(identity.encode()).digest()[:16])
    if glyphs.missing:
        raise MissingGlyph(glyphs.missing[0])
    return content
