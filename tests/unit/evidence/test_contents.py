"""What a file is, is decided by its bytes; what could hurt whoever opens it is refused."""

from __future__ import annotations

import resource
from pathlib import Path

import pikepdf
import pytest

from maturity.evidence import confined, contents
from maturity.evidence.confined import Crashed, examine_confined, preview_confined
from maturity.evidence.contents import KINDS, Refused, examine, safe_name
from tests.factories import files

TAKEN = {
    "application/pdf": files.pdf(),
    "image/png": files.picture("PNG"),
    "image/jpeg": files.picture("JPEG"),
    "image/webp": files.picture("WEBP"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": files.office("docx"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": files.workbook(),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": files.office("pptx"),
}
_JS = {"JS": pikepdf.String("app.alert(1)")}
_MACRO_SHEET = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
REFUSED = {
    "nothing": (b"", "empty"),
    "text": (b"hello, I am a text", "unknown"),
    "program": (b"MZ\x90\x00" + b"\0" * 200, "unknown"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown"),
    "html": (b"<!doctype html><script>alert(1)</script>", "unknown"),
    "gif": (b"GIF89a" + b"\0" * 50, "unknown"),
    "archive": (files.archive({"a.txt": b"a"}), "unknown"),
    "large": (b"%PDF-" + b"0" * contents.LARGEST_FILE, "too_large"),
    "old Word": (files.old_office(encrypted=False), "old"),
    "encrypted Word": (files.old_office(encrypted=True), "office_encrypted"),
    "macros as a part": (files.office("docx", {"word/vbaProject.bin": b"x"}), "macros"),
    "macros by type": (files.office("xlsx", main=_MACRO_SHEET), "macros"),
    "macros of a sheet": (files.office("xlsx", {"xl/macrosheets/sheet1.xml": b"<x/>"}), "macros"),
    "no main part": (files.archive({"[Content_Types].xml": b"<Types/>"}), "unknown"),
    "cut document": (files.workbook()[:-30], "damaged"),
    "lying document": (files.lying_archive(), "damaged"),
    "bomb": (files.office("xlsx", {"xl/sheet.xml": b"0" * 40_000_000}), "bomb"),
    "many parts": (files.office("xlsx", {f"xl/{n}.xml": b"" for n in range(contents.MOST_PARTS)}), "bomb"),
    "cut PDF": (b"%PDF-1.7\n%%EOF", "damaged"),
    "PDF with a password": (files.pdf_with_password(), "pdf_encrypted"),
    "PDF that runs a script": (files.pdf(root={"/OpenAction": files.action("/JavaScript", **_JS)}), "pdf_script"),
    "PDF with a list of scripts": (
        files.pdf(root={"/Names": pikepdf.Dictionary(JavaScript=pikepdf.Dictionary())}),
        "pdf_script",
    ),
    "PDF with packed scripts": (
        files.pdf(
            root={"/OpenAction": files.action("/JavaScript", **_JS)},
            indirect=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        ),
        "pdf_script",
    ),
    "PDF with a script deep inside": (
        files.pdf(
            root={"/AA": pikepdf.Dictionary(WC=pikepdf.Array([files.action("/URI", Next=files.action("/JavaScript"))]))}
        ),
        "pdf_script",
    ),
    "PDF form of the dynamic kind": (
        files.pdf(root={"/AcroForm": pikepdf.Dictionary(XFA=pikepdf.Array())}),
        "pdf_script",
    ),
    "PDF that starts a program": (
        files.pdf(root={"/OpenAction": files.action("/Launch", F=pikepdf.String("calc.exe"))}),
        "pdf_launch",
    ),
    "cut picture": (files.picture("JPEG", (1500, 1500))[:-4000], "damaged"),
    "picture that is none": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "damaged"),
    "huge picture": (files.huge_picture(), "too_many_pixels"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize("media_type", TAKEN)
def test_every_kind_is_known_by_its_content(path: Path, media_type: str) -> None:
    path.write_bytes(TAKEN[media_type])
    assert examine(path) == media_type


def test_every_kind_that_is_offered_has_a_sample() -> None:
    assert TAKEN.keys() == KINDS.keys()


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_be_kept_is_refused_with_its_fault(path: Path, name: str) -> None:
    content, code = REFUSED[name]
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        examine(path)
    assert refused.value.code == code


def test_a_cut_picture_is_refused_whatever_others_in_the_process_forgive(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)
    path.write_bytes(REFUSED["cut picture"][0])
    with pytest.raises(Refused, match="damaged"):
        examine(path)


def test_a_link_in_a_pdf_is_no_fault(path: Path) -> None:
    path.write_bytes(files.pdf(root={"/OpenAction": files.action("/URI", URI=pikepdf.String("https://example.cn"))}))
    assert examine(path) == "application/pdf"


def test_a_pdf_that_only_forbids_changes_is_taken(path: Path) -> None:
    path.write_bytes(files.pdf(encryption=pikepdf.Encryption(owner="owner", user="")))
    assert examine(path) == "application/pdf"


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("设备台账.pdf", "application/pdf", "设备台账.pdf"),
        ("report.pdf", "image/png", "report.png"),
        ("archive.tar.gz", "application/pdf", "archive.tar.gz.pdf"),
        ("/etc/passwd", "image/png", "passwd.png"),
        ("a\r\nSet-Cookie: x.pdf", "application/pdf", "aSet-Cookie x.pdf"),
        ("invoice\u202efdp.exe", "application/pdf", "invoicefdp.exe.pdf"),
        ("长" * 300 + ".pdf", "application/pdf", "长" * 115 + ".pdf"),
        ("", "image/webp", "evidence.webp"),
    ],
)
def test_a_name_can_neither_break_out_nor_deceive(name: str, media_type: str, kept: str) -> None:
    assert safe_name(name, media_type) == kept


@pytest.mark.slow
def test_a_file_is_examined_in_a_process_of_its_own(path: Path) -> None:
    path.write_bytes(files.pdf())
    assert examine_confined(path) == "application/pdf"
    path.write_bytes(b"MZ")
    with pytest.raises(Refused, match="unknown"):
        examine_confined(path)


@pytest.mark.slow
def test_a_file_that_unpacks_to_gigabytes_is_refused_and_takes_no_gigabytes(path: Path) -> None:
    path.write_bytes(files.pdf_bomb())
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with pytest.raises(Refused, match="damaged|too_demanding"):
        examine_confined(path)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(before, 1024**2), "in kilobytes: a gigabyte"


@pytest.mark.slow
def test_a_reader_that_crashes_takes_nothing_with_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a fault inside a library: the process ends without a word."""
    path.write_bytes(files.pdf())
    monkeypatch.setattr(confined.sys, "executable", "/bin/false")
    with pytest.raises(Refused, match="too_demanding"):
        examine_confined(path)


@pytest.mark.slow
@pytest.mark.parametrize("media_type", [name for name, kind in KINDS.items() if kind.has_preview])
def test_a_preview_is_a_picture_made_by_us(path: Path, tmp_path: Path, media_type: str) -> None:
    path.write_bytes(TAKEN[media_type])
    targets = {size: tmp_path / size for size in ("small", "large")}
    preview_confined(path, media_type, targets)
    from PIL import Image

    sizes = {}
    for size, target in targets.items():
        with Image.open(target) as picture:
            assert picture.format == "WEBP"
            sizes[size] = max(picture.size)
    assert sizes["small"] == 360
    assert sizes["large"] == {"application/pdf": 1600}.get(media_type, 640)


@pytest.mark.slow
def test_a_preview_keeps_nothing_of_what_the_camera_noted(path: Path, tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "workshop 3, 36.07N 120.38E", 6
    path.write_bytes(files.picture("JPEG", (400, 200), exif=exif))
    targets = {size: tmp_path / size for size in ("small", "large")}
    preview_confined(path, "image/jpeg", targets)
    assert b"workshop" not in targets["large"].read_bytes()
    with Image.open(targets["large"]) as picture:
        assert picture.size == (200, 400), "turned the way the camera was held"


@pytest.mark.slow
def test_no_picture_of_what_cannot_be_read(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(Crashed):
        preview_confined(path, "application/pdf", {size: tmp_path / size for size in ("small", "large")})
