"""Small real files of every kind that may be evidence, and of many that may not. Made here, none is stored."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import openpyxl
import pikepdf
from PIL import Image

MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
}
#: The harmless text that every scanner calls malware, in two halves, so that no scanner finds it in this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 480), colour: str = "seagreen", **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, kind, **options)
    return target.getvalue()


def huge_picture(side: int = 9000) -> bytes:
    """A PNG of one colour: a few kilobytes that would unpack to a quarter of a gigabyte."""
    rows = zlib.compress((b"\0" + b"\0" * side) * side, 9)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))

    head = struct.pack("!IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf(text: str = "Certificate", *, root: Mapping[str, Any] | None = None, **saving: Any) -> bytes:
    """One page with a text on it; `root` adds entries to the catalogue."""
    document = pikepdf.Pdf.new()
    page = document.add_blank_page(page_size=(300, 400))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = document.make_stream(f"BT /F1 24 Tf 40 300 Td ({text}) Tj ET 40 80 120 120 re f".encode())
    for name, value in (root or {}).items():
        document.Root[name] = document.make_indirect(value) if saving.pop("indirect", False) else value
    target = io.BytesIO()
    document.save(target, **saving)
    return target.getvalue()


def action(kind: str, **entries: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(kind), **entries)


def pdf_with_password() -> bytes:
    return pdf(encryption=pikepdf.Encryption(owner="owner", user="secret"))


def office(kind: str, parts: Mapping[str, bytes] | None = None, listed: str = "", main: str | None = None) -> bytes:
    """A package with its list of contents and a main part; `parts` are added, and `listed` to the list."""
    name, content = MAIN[kind]
    main = main or f"application/vnd.openxmlformats-officedocument.{content}.main+xml"
    contents = f'<Types><Override PartName="/{name}" ContentType="{main}"/>{listed}</Types>'
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", contents)
        archive.writestr(name, "<x/>")
        for part, data in (parts or {}).items():
            archive.writestr(part, data)
    return target.getvalue()


def workbook() -> bytes:
    """As openpyxl, and so a spreadsheet program, writes it."""
    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "首件检验记录"
    book.save(target)
    return target.getvalue()


def archive(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return target.getvalue()


def old_office(*, encrypted: bool) -> bytes:
    """The container of Office before 2007, in which encrypted documents come to this day."""
    return (
        bytes.fromhex("d0cf11e0a1b11ae1")
        + b"\0" * 500
        + ("EncryptedPackage" if encrypted else "Book").encode("utf-16-le")
    )


def lying_archive() -> bytes:
    """A document whose list says that a part is small while it unpacks to far more."""
    made = bytearray(office("xlsx", {"xl/sheet.xml": b"0" * 5_000_000}))
    real, told = struct.pack("<I", 5_000_000), struct.pack("<I", 10)
    return bytes(made.replace(real, told))


def pdf_bomb() -> bytes:
    """A page and packed objects that unpack to more than a gigabyte; packed twice, since once gains a thousandfold."""
    packer = zlib.compressobj(9)
    block = b"\0" * 2**24
    once = b"".join(packer.compress(block) for _ in range(5 * 2**28 // len(block))) + packer.flush()
    twice = zlib.compress(once, 9)
    objects = (
        b"1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n",
        b"2 0 obj <</Type/Pages/Kids[6 0 R]/Count 1>> endobj\n",
        b"3 0 obj <</Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]/Length %d>> stream\n" % len(twice)
        + twice
        + b"\nendstream endobj\n",
        b"6 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R>> endobj\n",
    )
    body, offsets = b"%PDF-1.7\n", []
    for item in objects:
        offsets.append(len(body))
        body += item
    plain = [struct.pack("!BIB", 1, offset, 0) for offset in (*offsets, len(body))]
    free, packed = struct.pack("!BIB", 0, 0, 0), struct.pack("!BIB", 2, 3, 0)
    rows = b"".join((free, *plain[:3], packed, plain[4], plain[3]))
    table = b"5 0 obj <</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Length %d>> stream\n" % len(rows) + rows
    return body + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(body)
