"""The improvement plan as a Word file: real headings, tables and page numbers, so that it can be worked on."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from flask_babel import gettext as _

from maturity.portfolios.branding import logo_bytes
from maturity.portfolios.outline import Chapter, Grid
from maturity.reports.service import Brand

LATIN, CHINESE = "Arial", "Microsoft YaHei"
ACCENT, GREY = RGBColor(0x0A, 0x44, 0x88), RGBColor(0x4A, 0x55, 0x65)
WIDTH_CM = 17.0  # between the margins of A4


def plan_document(title: str, enterprise: str, dated: str, brand: Brand, chapters: Sequence[Chapter]) -> bytes:
    """The file, in the language that is set; the chapters are numbered here."""
    document = Document()
    _page(document, title, enterprise, brand)
    _cover(document, title, enterprise, dated, brand)
    for number, chapter in enumerate(chapters, start=1):
        document.add_heading(f"{number}  {chapter.title}", level=1)
        for block in chapter.blocks:
            if isinstance(block, str):
                document.add_paragraph(printable(block))
            else:
                _table(document, block)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(character for character in text if character in "\n\t" or character >= " ").replace("\ufffe", "")


def _page(document: Any, title: str, enterprise: str, brand: Brand) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2)
    for name, size in (("Normal", 10.5), ("Heading 1", 15), ("Title", 26)):
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for part in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{part}"), None)
        fonts.set(qn("w:eastAsia"), CHINESE)
        if name != "Normal":
            style.font.color.rgb = ACCENT
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    document.styles["Heading 1"].paragraph_format.space_before = Pt(18)
    document.core_properties.title = printable(f"{title} {enterprise}")
    document.core_properties.author = printable(brand.name)
    header = section.header.paragraphs[0]
    header.text = printable(f"{enterprise}\t\t{brand.name}")
    header.paragraph_format.tab_stops.add_tab_stop(Cm(WIDTH_CM / 2))
    header.paragraph_format.tab_stops.add_tab_stop(Cm(WIDTH_CM), 2)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(footer, "PAGE")
    footer.add_run(" / ")
    _field(footer, "NUMPAGES")


def _field(paragraph: Any, code: str) -> None:
    """A number that Word fills in."""
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, code), ("end", None)):
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = text
        run._r.append(part)  # no API of python-docx makes fields


def _cover(document: Any, title: str, enterprise: str, dated: str, brand: Brand) -> None:
    logo = logo_bytes(brand)
    if logo:
        document.add_picture(BytesIO(logo), height=Cm(1.6))
    document.add_paragraph().paragraph_format.space_after = Pt(90)
    heading = document.add_paragraph(style="Title")
    heading.add_run(printable(title))
    name = document.add_paragraph().add_run(printable(enterprise))
    name.bold, name.font.size = True, Pt(18)
    for line in (brand.name, dated):
        run = document.add_paragraph().add_run(printable(line))
        run.font.size, run.font.color.rgb = Pt(12), GREY
    last = document.add_paragraph(
        _("Drawn up from a self-declared result. This plan is not a certificate of the national management system.")
    )
    last.paragraph_format.space_before = Pt(60)
    document.add_page_break()


def _table(document: Any, grid: Grid) -> None:
    if grid.caption:
        document.add_paragraph().add_run(printable(grid.caption)).bold = True
    table = document.add_table(rows=1, cols=len(grid.header))
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    _fill(table.rows[0].cells, grid.header, grid.numbers, bold=True)
    head = table.rows[0]._tr.get_or_add_trPr()  # no API of python-docx repeats the heading row
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    head.append(repeated)
    for index, row in enumerate(grid.rows):
        _fill(table.add_row().cells, row, grid.numbers, bold=grid.has_total and index == len(grid.rows) - 1)
    for column, share in enumerate(grid.shares()):
        for cell in table.columns[column].cells:
            cell.width = Cm(WIDTH_CM * share / 100)
    document.add_paragraph()


def _fill(cells: Sequence[Any], texts: Sequence[str], numbers: Sequence[int], *, bold: bool) -> None:
    for column, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(2)
        run = paragraph.add_run(printable(text))
        run.bold, run.font.size = bold, Pt(9.5)
        if column in numbers:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
