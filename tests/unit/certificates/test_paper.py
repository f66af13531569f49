"""The certificate on paper: one sheet whatever the names, both languages, and a file as archives want it."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from maturity.certificates.paper import certificate_pdf
from maturity.certificates.payload import Dates, Party
from maturity.reports.pdf import MissingGlyph
from tests.unit.certificates.sheets import LAST_DAY, NUMBER, Sheet

LONG_NAME = "内蒙古自治区呼和浩特市新能源汽车零部件智能制造产业技术研究院集团股份有限公司（中外合资）"
LONG_BODY = "中国质量认证与两化融合评定技术服务（华东）有限责任公司"
LONG_SCOPE = "高端数控机床、工业机器人及其核心零部件（含伺服电机、减速器、控制器）的研发、设计、制造、销售与服务；" * 8
LATIN = "Volkswagen FAW Engine & Transmission Components (Dalian) Company Limited"


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return Sheet()


@pytest.fixture(scope="module")
def plain(sheet: Sheet) -> bytes:
    return certificate_pdf(sheet.issue({name: date(2027, 2, 28) for name in sheet.answered}))


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"holder": Party(LONG_NAME, "91370200MA3C5D7Y7X"), "body": Party(LONG_BODY, "CNCA-R-2026-118")},
        {"holder": Party(LATIN, "91370200MA3C5D7Y7X"), "scope": LONG_SCOPE},
        {"holder": Party(LONG_NAME, "91370200MA3C5D7Y7X"), "body": Party(LONG_BODY, ""), "scope": LONG_SCOPE},
    ],
    ids=["usual", "long names", "long scope", "everything long"],
)
def test_the_certificate_is_one_sheet_whatever_the_names(sheet: Sheet, changes: dict[str, Any]) -> None:
    issue = sheet.issue(**changes)
    pages = pages_of(certificate_pdf(issue))
    first = squeezed(pages[0])
    for said in (issue.payload["holder"]["name"], issue.payload["body"]["name"], issue.payload["scope"][:100]):
        assert squeezed(said) in first
    assert squeezed(issue.payload["scope"]) in first + squeezed(pages[1])
    assert "Issuedon" in first
    assert "不是两化融合管理体系评定证书" in first
    assert "Annextothecertificate" in squeezed(pages[1])


def boxes_of(pdf: bytes, *texts: str) -> list[tuple[float, float]]:
    """Top and bottom of where texts stand on the first page, from its lower edge."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0].get_textpage()
        found = []
        for text in texts:
            index, count = page.search(text, match_case=True).get_next()
            boxes = [page.get_charbox(index + n) for n in range(count)]
            found.append((max(box[3] for box in boxes), min(box[1] for box in boxes)))
        return found
    finally:
        document.close()


def test_with_everything_long_nothing_runs_into_each_other(sheet: Sheet) -> None:
    dates = Dates(date(2026, 12, 1), LAST_DAY, date(2023, 12, 1))
    changes: dict[str, Any] = {"holder": Party(LONG_NAME, "91370200MA3C5D7Y7X"), "scope": LONG_SCOPE, "dates": dates}
    level, scope = boxes_of(certificate_pdf(sheet.issue(**changes)), "Level 2 of 4", "Scope")
    assert level[1] > scope[0]


def test_what_everybody_asks_for_stands_on_the_first_page_in_both_languages(plain: bytes) -> None:
    first = squeezed(pages_of(plain)[0])
    for said in (
        NUMBER,
        "91370200MA3C5D7Y7X",
        "单项覆盖",
        "Single-applicationcoverage",
        "58.45",
        "61.25%/38.75%",
        "2026年12月1日",
        "30November2029",
        "CNCA-R-2026-118",
        "评估证书",
        "CERTIFICATEOFASSESSMENT",
    ):
        assert said in first


def test_the_annex_says_who_stands_behind_what_and_what_is_at_risk(plain: bytes) -> None:
    annex = squeezed("".join(pages_of(plain)[1:]))
    for said in ("≥60.00", "未满足", "Whostandsbehindwhichpart", "atriskfromMarch2027", "3f" * 32, "b" * 64, "d" * 64):
        assert said in annex


def test_a_demonstration_is_marked_on_every_page_that_could_be_shown_alone(sheet: Sheet) -> None:
    pages = pages_of(certificate_pdf(sheet.issue(is_demonstration=True)))
    assert "演示样本" in squeezed(pages[0])
    assert "DEMONSTRATION" in squeezed(pages[0])
    assert "本证书不具任何效力" in squeezed(pages[1])
    assert not [page for page in pages_of(certificate_pdf(sheet.issue())) if "演示" in page]


def test_the_same_issue_gives_the_same_bytes(sheet: Sheet, plain: bytes) -> None:
    assert certificate_pdf(sheet.issue({name: date(2027, 2, 28) for name in sheet.answered})) == plain


def test_a_character_without_a_glyph_is_an_error_and_no_box(sheet: Sheet) -> None:
    with pytest.raises(MissingGlyph):
        certificate_pdf(sheet.issue(holder=Party("机床\U000f0000公司", "91370200MA3C5D7Y7X")))


# The file


def test_it_is_built_as_tagged_pdf_a_3a(plain: bytes) -> None:
    with pikepdf.open(BytesIO(plain)) as pdf:
        root = pdf.Root
        assert pdf.pdf_version == "1.7"
        assert root.MarkInfo.Marked is True
        assert "/StructTreeRoot" in root
        assert str(root.Lang) == "zh-CN"
        assert [str(intent.S) for intent in root.OutputIntents] == ["/GTS_PDFA1"]
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert str(pdf.docinfo["/Subject"]) == NUMBER
        assert "/Encrypt" not in pdf.trailer


def structure(element: Any) -> list[Any]:
    """The structure elements of a file, itself first."""
    if isinstance(element, pikepdf.Array):
        return [found for item in element for found in structure(item)]
    if not isinstance(element, pikepdf.Dictionary):
        return []
    below = element.get("/K")
    return [element, *(structure(below) if below is not None else [])]


def test_its_structure_has_headings_tables_and_a_described_code(plain: bytes) -> None:
    with pikepdf.open(BytesIO(plain)) as pdf:
        found = structure(pdf.Root.StructTreeRoot)
        kinds = {str(element.get("/S")) for element in found}
        assert {"/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/Figure", "/L", "/LI"} <= kinds
        pictures = [element for element in found if str(element.get("/S")) == "/Figure"]
        assert [str(picture.Alt).partition(" ")[2] for picture in pictures] == [
            f"https://maturity.example/verify/{NUMBER}"
        ]


def test_every_font_is_embedded(plain: bytes) -> None:
    with pikepdf.open(BytesIO(plain)) as pdf:
        described = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/FontName" in item]
        assert described
        assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(item.keys()) for item in described)


def test_its_data_travel_with_it_each_once(plain: bytes, sheet: Sheet) -> None:
    with pikepdf.open(BytesIO(plain)) as pdf:
        listed = [(str(item.UF), str(item.AFRelationship), str(item.EF.F.Subtype)) for item in pdf.Root.AF]
        assert listed == [
            ("certificate.json", "/Data", "/application/json"),
            ("log-proof.json", "/Data", "/application/json"),
            ("credential.jwt", "/Data", "/application/vc+jwt"),
        ]
        carried = json.loads(pdf.attachments["certificate.json"].get_file().read_bytes())
    assert carried["payload"]["number"] == NUMBER
    assert carried["jws"] == "a.b.c"


def test_qpdf_finds_nothing_wrong(plain: bytes, tmp_path: Path) -> None:
    program = shutil.which("qpdf")
    assert program, "qpdf is missing; scripts/setup.sh installs it"
    path = tmp_path / "certificate.pdf"
    path.write_bytes(plain)
    done = subprocess.run([program, "--check", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_in_it_runs_or_points_elsewhere(plain: bytes) -> None:
    with pikepdf.open(BytesIO(plain)) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary):
                assert not {"/JS", "/JavaScript", "/AA", "/OpenAction", "/Launch"} & set(item.keys())
