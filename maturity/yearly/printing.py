"""A resolved report as the page that the PDF is made of."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from flask_babel import force_locale
from flask_babel import gettext as _

from maturity.reports.typesetting import typeset
from maturity.yearly.book import Book
from maturity.yearly.paper import Paper
from maturity.yearly.pictures import svg_of
from maturity.yearly.resolved import ShownBlock, show
from maturity.yearly.word import word_of

TEMPLATE = "yearly/print.html"
TEMPLATE_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a copy says about itself: `number` of the document, the day, and who stands for it."""

    number: str
    dated: str
    publisher: str
    is_final: bool
    is_synthetic: bool
    correction: str = ""

    @property
    def identity(self) -> str:
        return "|".join(
            (TEMPLATE_VERSION, self.number, self.dated, self.publisher, str(self.is_final), self.correction)
        )


def marks_of(imprint: Imprint, locale: str) -> str:
    """What stands on every page: that the data are synthetic, that it is a draft."""
    with force_locale(locale):
        marks = []
        if imprint.is_synthetic:
            marks.append(_("Synthetic demonstration data, not to be quoted"))
        if not imprint.is_final:
            marks.append(_("Draft, not published"))
        return " · ".join(marks)


def html_of(paper: Paper, book: Book, imprint: Imprint) -> str:
    """The finished page; pictures are drawn as it is made."""

    def drawn(block: ShownBlock) -> str:
        return "" if block.picture is None else svg_of(block.picture, block.caption, block.source)

    return typeset(
        TEMPLATE,
        paper.locale,
        shown=show(paper, book),
        imprint=imprint,
        marks=marks_of(imprint, paper.locale),
        drawn=drawn,
        release=book.release,
    )


def docx_of(paper: Paper, book: Book, imprint: Imprint) -> bytes:
    target = BytesIO()
    with force_locale(paper.locale):
        word_of(
            show(paper, book),
            imprint.number,
            imprint.dated,
            imprint.publisher,
            marks_of(imprint, paper.locale),
            imprint.correction,
            paper.locale,
        ).save(target)
    return target.getvalue()
