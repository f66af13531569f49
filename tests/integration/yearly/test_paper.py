"""What is on paper: thirty pages and more, every number of the text traced, no glyph missing; and the Word file."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from docx import Document

from maturity.reports.pdf import render_pdf
from maturity.yearly.drafting import draft_of
from maturity.yearly.printing import Imprint, docx_of, html_of
from maturity.yearly.scope import Scope
from tests.unit.yearly.test_drafting import make_book

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("yearly paper")]
SCOPE = Scope("national", "")
IMPRINT = Imprint("YR-2025-CN-01", "2026-11-30", "工业和信息化厅", True, True)
TRACED = ("data-figure", "data-editorial", "data-definition", "data-evidence", "data-drawn")


class Untraced(HTMLParser):
    """Collects digits of the chapters that stand in no traced element; headings of sections carry their own number."""

    VOID = frozenset({"meta", "col", "br", "img", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []
        self.in_chapters = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        if "data-section" in names:
            self.in_chapters = True
        if tag not in self.VOID:
            self.open.append((tag, bool(names & set(TRACED)) or tag in ("h1", "style", "svg")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.in_chapters and not any(traced for _tag, traced in self.open) and re.search(r"\d", data):
            self.found.append(data)


@dataclass(frozen=True, slots=True)
class Printed:
    html: str
    pages: tuple[str, ...]
    word: bytes


@pytest.fixture(scope="module", params=["zh_CN", "en"])
def printed(request: pytest.FixtureRequest, site: Any) -> Printed:
    """Printed once for all that look at it; a missing glyph would have raised."""
    book = make_book(SCOPE)
    paper = draft_of(book, SCOPE, request.param, "{{=2025}} 年度报告", "工业和信息化厅")
    with site.test_request_context():
        html, word = html_of(paper, book, IMPRINT), docx_of(paper, book, IMPRINT)
    document = pypdfium2.PdfDocument(render_pdf(html, "test"))
    pages = tuple(document[number].get_textpage().get_text_range() for number in range(len(document)))
    return Printed(html, pages, word)


def test_the_pdf_has_thirty_pages_and_more_none_of_them_empty(printed: Printed) -> None:
    assert len(printed.pages) >= 30
    assert [number for number, text in enumerate(printed.pages) if len(text.strip()) < 60] == []


def test_every_page_but_the_cover_says_that_the_data_are_made_up(printed: Printed) -> None:
    mark = (
        "合成演示数据，不得引用" if "zh-CN" in printed.html[:200] else "Synthetic demonstration data, not to be quoted"
    )
    assert [n for n, text in enumerate(printed.pages) if mark not in text.replace("\r\n", " ").replace("\n", " ")] == []


def test_every_page_says_which_document_and_page_it_is(printed: Printed) -> None:
    total = len(printed.pages)
    for number, text in enumerate(printed.pages[1:], start=2):
        assert IMPRINT.number in text
        assert str(number) in text
        assert str(total) in text


def test_every_number_of_the_chapters_is_traced(printed: Printed) -> None:
    reader = Untraced()
    reader.feed(printed.html)
    assert reader.found == []


def test_every_raised_number_leads_to_a_row(printed: Printed) -> None:
    led = set(re.findall(r'href="#(e\d+|c\d+)"', printed.html))
    assert led
    assert led <= set(re.findall(r'id="(e\d+|c\d+)"', printed.html))


def test_the_word_file_has_headings_captions_contents_and_repeated_rows(printed: Printed) -> None:
    document = Document(BytesIO(printed.word))
    styles = [paragraph.style.name for paragraph in document.paragraphs if paragraph.style is not None]
    assert styles.count("Heading 1") >= 18
    assert styles.count("Caption") >= 60
    xml = zipfile.ZipFile(BytesIO(printed.word)).read("word/document.xml").decode()
    assert "TOC \\o" in xml
    assert xml.count("SEQ ") == styles.count("Caption")
    assert xml.count("<w:tblHeader") == len(document.tables)
    assert len(document.inline_shapes) >= 30
    anchors = set(re.findall(r'w:anchor="(e\d+)"', xml))
    assert anchors
    assert anchors <= set(re.findall(r'<w:bookmarkStart[^>]*w:name="(e\d+)"', xml))
    footer = "".join(zipfile.ZipFile(BytesIO(printed.word)).read(name).decode() for name in
                     zipfile.ZipFile(BytesIO(printed.word)).namelist() if "footer" in name)  # fmt: skip
    assert "NUMPAGES" in footer
    assert IMPRINT.number in footer


def test_both_files_say_the_same(printed: Printed) -> None:
    """The first paragraph of the summary stands in both."""
    document = Document(BytesIO(printed.word))
    first = next(text for p in document.paragraphs if (text := p.text) and "2025" in text and len(text) > 80)
    words = re.sub(r"\s", "", first)[:40]
    assert words in re.sub(r"\s", "", "".join(printed.pages))
