"""A resolved report as a Word file: real headings, a table of contents, captions that count, repeated heading rows."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import count
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from flask_babel import gettext as _

from maturity.portfolios.outline import Grid
from maturity.portfolios.word import printable
from maturity.yearly.pictures import png_of
from maturity.yearly.resolved import Line, Shown, ShownBlock, ShownSection

LATIN, BODY, HEADING = "Arial", "SimSun", "Microsoft YaHei"
ACCENT, GREY, RED = RGBColor(0x0A, 0x44, 0x88), RGBColor(0x4A, 0x55, 0x65), RGBColor(0x8A, 0x2D, 0x1F)
WIDTH_CM = 16.6  # between the margins of A4
#: style, size, font of Chinese, bold, colour
STYLES = (
    ("Normal", 10.5, BODY, False, None),
    ("Title", 28, HEADING, True, ACCENT),
    ("Subtitle", 15, HEADING, False, GREY),
    ("Heading 1", 17, HEADING, True, ACCENT),
    ("Heading 2", 12.5, HEADING, True, ACCENT),
    ("Caption", 9.5, HEADING, True, None),
    ("List Bullet", 10.5, BODY, False, None),
)


def word_of(shown: Shown, number: str, dated: str, publisher: str, marks: str, correction: str, locale: str) -> Any:
    """The document, in the language that is set."""
    document = Document()
    _styles(document, locale)
    _page(document, shown, number, publisher, marks)
    _cover(document, shown, number, dated, publisher, marks, correction)
    _imprint(document, shown, number, dated, marks)
    _contents(document, shown)
    ids = count(1)
    for section in shown.sections:
        _section(document, section, shown, ids)
    return document


def _styles(document: Any, locale: str) -> None:
    for name, size, chinese, bold, colour in STYLES:
        style = document.styles[name]
        style.font.name, style.font.size, style.font.bold = LATIN, Pt(size), bold
        style.font.italic = False
        properties = style.element.get_or_add_rPr()
        fonts = properties.get_or_add_rFonts()
        for part in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{part}"), None)
        fonts.set(qn("w:eastAsia"), chinese)
        if colour is not None:
            style.font.color.rgb = colour
        if name == "Caption":
            style.font.color.rgb = RGBColor(0x1F, 0x27, 0x33)
            style.paragraph_format.keep_with_next = True
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:eastAsia"), "zh-CN")
    document.styles["Normal"].element.get_or_add_rPr().append(language)
    normal = document.styles["Normal"].paragraph_format
    normal.space_after, normal.line_spacing = Pt(6), 1.35
    document.styles["Heading 1"].paragraph_format.page_break_before = True
    document.styles["Heading 1"].paragraph_format.space_after = Pt(10)
    document.styles["Heading 2"].paragraph_format.space_before = Pt(14)
    document.styles["Caption"].paragraph_format.space_before = Pt(10)
    document.core_properties.language = "zh-CN" if locale.startswith("zh") else "en-GB"


def _page(document: Any, shown: Shown, number: str, publisher: str, marks: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.4), Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.3), Cm(2.1)
    section.different_first_page_header_footer = True
    document.core_properties.title = printable(shown.title)
    document.core_properties.subject = printable(shown.subtitle)
    document.core_properties.author = printable(publisher)
    document.core_properties.identifier = number
    header = section.header.paragraphs[0]
    header.text = printable(f"{shown.title}\t{publisher}")
    header.paragraph_format.tab_stops.add_tab_stop(Cm(WIDTH_CM), WD_TAB_ALIGNMENT.RIGHT)
    for run in header.runs:
        run.font.size, run.font.color.rgb = Pt(8), GREY
    footer = section.footer.paragraphs[0]
    footer.paragraph_format.tab_stops.add_tab_stop(Cm(WIDTH_CM / 2), WD_TAB_ALIGNMENT.CENTER)
    footer.paragraph_format.tab_stops.add_tab_stop(Cm(WIDTH_CM), WD_TAB_ALIGNMENT.RIGHT)
    footer.add_run(f"{number}\t").font.size = Pt(8)
    marked = footer.add_run(marks)
    marked.bold, marked.font.size, marked.font.color.rgb = True, Pt(8), RED
    footer.add_run("\t")
    before, _x, rest = _("Page X of Y").partition("X")
    middle, _y, after = rest.partition("Y")
    footer.add_run(before).font.size = Pt(8)
    _field(footer, "PAGE", "1")
    footer.add_run(middle).font.size = Pt(8)
    _field(footer, "NUMPAGES", "1")
    footer.add_run(after).font.size = Pt(8)


def _field(paragraph: Any, code: str, cached: str, *, dirty: bool = False, size: float = 8) -> None:
    """A field with what it shows until Word works it out; no API of python-docx makes fields."""
    for kind in ("begin", "code", "separate", "cached", "end"):
        run = paragraph.add_run()
        run.font.size = Pt(size)
        if kind == "code":
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = f" {code} "
        elif kind == "cached":
            run.text = cached
            continue
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
            if kind == "begin" and dirty:
                part.set(qn("w:dirty"), "true")
        run._r.append(part)


def _cover(document: Any, shown: Shown, number: str, dated: str, publisher: str, marks: str, correction: str) -> None:
    document.add_paragraph().paragraph_format.space_after = Pt(110)
    kicker = document.add_paragraph().add_run(_("Integration of informatization and industrialization"))
    kicker.font.size, kicker.font.color.rgb = Pt(12), GREY
    document.add_paragraph(printable(shown.title), style="Title")
    document.add_paragraph(printable(shown.subtitle), style="Subtitle").paragraph_format.space_after = Pt(150)
    name = document.add_paragraph().add_run(printable(publisher))
    name.bold, name.font.size = True, Pt(15)
    for line in (dated, _("Document %(number)s", number=number)):
        run = document.add_paragraph().add_run(printable(line))
        run.font.size, run.font.color.rgb = Pt(11), GREY
    for line in (marks, _("Correction: %(what)s", what=correction) if correction else ""):
        if line:
            run = document.add_paragraph().add_run(printable(line))
            run.bold, run.font.color.rgb = True, RED


def _imprint(document: Any, shown: Shown, number: str, dated: str, marks: str) -> None:
    heading = document.add_paragraph()
    heading.paragraph_format.page_break_before = True
    run = heading.add_run(_("Signatories"))
    run.bold, run.font.size, run.font.color.rgb = True, Pt(17), ACCENT
    for line in shown.signatories:
        document.add_paragraph(printable(line))
    for line in (_("Document number") + _(": ") + number, _("Date") + _(": ") + dated, marks):
        if line:
            document.add_paragraph(printable(line))


def _contents(document: Any, shown: Shown) -> None:
    heading = document.add_paragraph()
    heading.paragraph_format.page_break_before = True
    run = heading.add_run(_("Contents"))
    run.bold, run.font.size, run.font.color.rgb = True, Pt(17), ACCENT
    paragraph = document.add_paragraph()
    titles = "\n".join(_heading_of(section) for section in shown.sections)
    _field(paragraph, 'TOC \\o "1-2" \\h \\z \\u', titles, dirty=True, size=10.5)


def _heading_of(section: ShownSection) -> str:
    title = section.title
    return (
        f"{_('Annex %(letter)s', letter=section.number)}  {title}" if section.is_annex else f"{section.number}  {title}"
    )


def _section(document: Any, section: ShownSection, shown: Shown, ids: Any) -> None:
    document.add_heading(printable(_heading_of(section)), level=1)
    for block in section.blocks:
        _block(document, section, block, shown, ids)


def _block(document: Any, section: ShownSection, block: ShownBlock, shown: Shown, ids: Any) -> None:
    match block.kind:
        case "heading":
            document.add_heading(printable("".join(span.text for span in block.lines[0])), level=2)
        case "paragraph" | "finding" | "note":
            for line in block.lines:
                _spans(document.add_paragraph(), line, bold=block.kind == "finding", small=block.kind == "note")
        case "list":
            for line in block.lines:
                _spans(document.add_paragraph(style="List Bullet"), line)
        case "chart":
            _caption(document, section, block, "figure")
            if block.picture is not None:
                _picture(document, block)
            _source(document, block.source)
        case "table":
            _caption(document, section, block, "table")
            _table(document, block, size=7.5 if block.is_wide else 8.5)
            _source(document, " ".join(part for part in (block.note, block.source) if part))
        case _:
            _annex(document, block, shown, ids)


def _annex(document: Any, block: ShownBlock, shown: Shown, ids: Any) -> None:
    """The lists that follow from everything before them."""
    if block.kind == "evidence":
        _evidence(document, shown, ids)
    elif block.kind == "cells":
        head = (_("No."), _("Benchmark cell"), _("Key"), _("Year"), _("Enterprises, about"), _("Release"))
        rows = [(f"C{r.number}", r.name, r.code, str(r.period), r.contributors, r.release) for r in shown.cells]
        _plain_table(document, head, rows, (4,))
    elif block.kind == "sources":
        _plain_table(document, (_("Mark"), _("Source")), shown.sources, ())


def _spans(paragraph: Any, line: Line, *, bold: bool = False, small: bool = False) -> None:
    for span in line:
        run = paragraph.add_run(printable(span.text))
        run.bold = bold or None
        if small:
            run.font.size, run.font.color.rgb = Pt(9), GREY
        if span.number:
            _raised(paragraph, span.number)


def _raised(paragraph: Any, number: int) -> None:
    """The number of the evidence, leading to its row."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), f"e{number}")
    run = paragraph.add_run(str(number))
    run.font.superscript, run.font.size, run.font.color.rgb = True, Pt(8), GREY
    link.append(run._r)
    paragraph._p.append(link)


def _caption(document: Any, section: ShownSection, block: ShownBlock, kind: str) -> None:
    """“Figure 3-2”: the last number is a field, so that it follows when something is moved."""
    paragraph = document.add_paragraph(style="Caption")
    head, _dash, last = block.label.rpartition("-")
    paragraph.add_run(f"{head}-")
    _field(paragraph, f"SEQ {kind}_{section.number} \\* ARABIC", last, size=9.5)
    paragraph.add_run(printable(f"  {block.caption}"))


def _picture(document: Any, block: ShownBlock) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if block.picture is None:
        return
    shape = paragraph.add_run().add_picture(BytesIO(png_of(block.picture)), width=Cm(WIDTH_CM))
    described = shape._inline.docPr
    described.set("descr", printable(f"{block.label} {block.caption}. {block.source}"))
    described.set("title", printable(block.caption))
    paragraph.paragraph_format.keep_with_next = True


def _source(document: Any, text: str) -> None:
    if text:
        run = document.add_paragraph().add_run(printable(text))
        run.font.size, run.font.color.rgb = Pt(7.5), GREY


def _table(document: Any, block: ShownBlock, *, size: float) -> None:
    texts = [["".join(span.text for span in line) for line in row] for row in block.rows]
    _plain_table(document, block.head, texts, sorted(block.numbers), size=size)


def _plain_table(
    document: Any, head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int], *, size: float = 8
) -> Any:
    table = document.add_table(rows=1, cols=len(head))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    shares = Grid(tuple(head), tuple(tuple(row) for row in rows)).shares()
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Cm(WIDTH_CM * share / 100)
    _fill(table.rows[0], head, numbers, bold=True, size=size)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)  # no API of python-docx repeats the heading row
    for row in rows:
        _fill(table.add_row(), row, numbers, bold=False, size=size)
    for row in table.rows:
        kept = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(kept)
        for cell, share in zip(row._tr.tc_lst, shares, strict=True):
            cell.width = Cm(WIDTH_CM * share / 100)
    return table


def _fill(row: Any, texts: Sequence[str], numbers: Sequence[int], *, bold: bool, size: float) -> None:
    # `row.cells` looks every cell of the table up anew: over long annexes that is minutes.
    for column, (cell, text) in enumerate(zip(row._tr.tc_lst, texts, strict=True)):
        paragraph = cell.p_lst[0]
        properties = paragraph.get_or_add_pPr()
        spacing = properties.get_or_add_spacing()
        spacing.set(qn("w:after"), "20")
        spacing.set(qn("w:line"), "250")
        spacing.set(qn("w:lineRule"), "auto")
        if column in numbers:
            properties.jc_val = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_r()
        run.text = printable(text)
        marks = run.get_or_add_rPr()
        marks.sz_val = Pt(size)
        if bold:
            marks._add_b()


def _evidence(document: Any, shown: Shown, ids: Any) -> None:
    head = (_("No."), _("Figure"), _("What it is"), _("Benchmark cell"), _("Release or source"), _("Reference"))
    rows = [
        (str(row.number), row.text, row.what, f"C{row.cell}" if row.cell else "", row.release, row.token)
        for row in shown.evidence
    ]
    table = _plain_table(document, head, rows, (), size=7)
    for row, line in zip(shown.evidence, table._tbl.tr_lst[1:], strict=True):
        _bookmark(line.tc_lst[0].p_lst[0], f"e{row.number}", next(ids))


def _bookmark(paragraph: Any, name: str, number: int) -> None:
    for tag in ("bookmarkStart", "bookmarkEnd"):
        mark = OxmlElement(f"w:{tag}")
        mark.set(qn("w:id"), str(number))
        if tag == "bookmarkStart":
            mark.set(qn("w:name"), name)
        paragraph.append(mark)
