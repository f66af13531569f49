"""What a file is, by its bytes, and whether it may be kept. Runs apart from the site, in `confined`.

The list is closed, so a signature decides which reader looks, and the reader decides whether the file is what the
signature says: pikepdf reads every object of a PDF, Pillow decodes every pixel, zipfile unpacks every part.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST_FILE = 20 * 1024**2
MOST_PIXELS = 64_000_000  # a quarter of a gigabyte once decoded
MOST_PARTS = 5_000
LARGEST_UNPACKED = 300 * 1024**2
MOST_TIMES_LARGER = 100  # than packed, once it is larger than what may be uploaded
_CHUNK = 1024**2
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_LARGEST_LIST = 1024**2


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that may be evidence; `endings` are those of its name, the usual one first."""

    media_type: str
    endings: tuple[str, ...]
    label: str
    has_preview: bool


_WORD = "application/vnd.openxmlformats-officedocument."
KINDS = {
    kind.media_type: kind
    for kind in (
        Kind("application/pdf", (".pdf",), "PDF", has_preview=True),
        Kind("image/png", (".png",), "PNG", has_preview=True),
        Kind("image/jpeg", (".jpg", ".jpeg"), "JPEG", has_preview=True),
        Kind("image/webp", (".webp",), "WebP", has_preview=True),
        Kind(_WORD + "wordprocessingml.document", (".docx",), "Word", has_preview=False),
        Kind(_WORD + "spreadsheetml.sheet", (".xlsx",), "Excel", has_preview=False),
        Kind(_WORD + "presentationml.presentation", (".pptx",), "PowerPoint", has_preview=False),
    )
}
ENDINGS = tuple(ending for kind in KINDS.values() for ending in kind.endings)
_IMAGES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
#: The content type that the main part of a document has without macros.
_MAIN_PARTS = {
    "wordprocessingml.document.main+xml": _WORD + "wordprocessingml.document",
    "spreadsheetml.sheet.main+xml": _WORD + "spreadsheetml.sheet",
    "presentationml.presentation.main+xml": _WORD + "presentationml.presentation",
}
_MACROS = re.compile(r"macroenabled|vbaproject|macrosheet", re.IGNORECASE)


class Refused(Exception):
    """The file may not be kept; `code` has words for whoever uploads it."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def examine(path: Path) -> str:
    """The media type of the file, or `Refused`."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise Refused("empty")
    if path.stat().st_size > LARGEST_FILE:
        raise Refused("too_large")
    if head.startswith(b"%PDF-"):
        return _examine_pdf(path)
    if head.startswith(b"PK\x03\x04"):
        return _examine_office(path)
    if head.startswith(_OLE):
        raise Refused("office_encrypted" if "EncryptedPackage".encode("utf-16-le") in path.read_bytes() else "old")
    return _examine_image(path, _image_type(head))


def _image_type(head: bytes) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    raise Refused("unknown")


@contextmanager
def strict_pillow() -> Iterator[Any]:
    """Pillow's `Image` refusing what is cut off, which WeasyPrint tells it to forgive, and leaving counting to us."""
    from PIL import Image, ImageFile  # only where it is needed: the site itself decodes nothing

    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = None, False
    try:
        yield Image
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = before


def _examine_image(path: Path, media_type: str) -> str:
    """Decoded to the last pixel: a picture that is cut off, or hides something else, does not get through."""
    try:
        with strict_pillow() as pillow:
            with pillow.open(path, formats=(_IMAGES[media_type],)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Refused("too_many_pixels")
                picture.verify()
            with pillow.open(path, formats=(_IMAGES[media_type],)) as picture:
                picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise Refused("damaged") from error
    return media_type


def _examine_pdf(path: Path) -> str:
    import pikepdf

    try:
        with pikepdf.open(path) as document:
            if not len(document.pages):
                raise Refused("damaged")
            for value in document.objects:
                _refuse_actions(value)
                _refuse_unread(value)
    except pikepdf.PasswordError as error:
        raise Refused("pdf_encrypted") from error
    except (pikepdf.PdfError, ValueError, RuntimeError, MemoryError) as error:
        raise Refused("damaged") from error
    return "application/pdf"


def _refuse_actions(value: Any) -> None:
    """Scripts and started programs, wherever in the file they stand. qpdf has undone packing and disguised names."""
    for entries in _dictionaries(value):
        action = str(entries.get("/S", "")) if not _is_container(entries.get("/S")) else ""
        if "/JS" in entries or "/JavaScript" in entries or "/XFA" in entries or action == "/JavaScript":
            raise Refused("pdf_script")
        if action == "/Launch":
            raise Refused("pdf_launch")


def _refuse_unread(value: Any) -> None:
    """Packed objects that cannot be unpacked would be passed over, and a viewer might unpack them all the same."""
    import pikepdf

    if isinstance(value, pikepdf.Stream) and value.get("/Type") == pikepdf.Name.ObjStm:
        value.read_bytes()


def _is_container(value: Any) -> bool:
    return value is not None and value.__class__.__name__ in ("Array", "Dictionary", "Stream")


def _dictionaries(value: Any) -> Iterator[Any]:
    """Every dictionary written inside this object; what it refers to is an object of its own."""
    import pikepdf

    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            yield item
            inside: list[Any] = [entry for _name, entry in item.items()]
        elif isinstance(item, pikepdf.Array):
            inside = list(item)
        else:
            continue
        waiting += [entry for entry in inside if isinstance(entry, pikepdf.Object) and not entry.is_indirect]


def _examine_office(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _refuse_bombs(parts, path.stat().st_size)
            listed = _read_list(archive)
            if _MACROS.search(listed) or any(_MACROS.search(part.filename) for part in parts):
                raise Refused("macros")
            media_type = _office_type(listed)
            for part in parts:  # reading to the end proves the sizes that were declared, and the checksums
                with archive.open(part) as file:
                    while file.read(_CHUNK):
                        pass
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise Refused("damaged") from error
    return media_type


def _refuse_bombs(parts: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("office_encrypted")
    swollen = unpacked > LARGEST_FILE and unpacked > MOST_TIMES_LARGER * packed
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or swollen:
        raise Refused("bomb")


def _read_list(archive: zipfile.ZipFile) -> str:
    """The package's list of what its parts are; without one it is an archive and no document."""
    try:
        part = archive.getinfo("[Content_Types].xml")
    except KeyError as error:
        raise Refused("unknown") from error
    if part.file_size > _LARGEST_LIST:
        raise Refused("damaged")
    return archive.read(part).decode("utf-8", errors="replace")


def _office_type(listed: str) -> str:
    for part, media_type in _MAIN_PARTS.items():
        if part in listed:
            return media_type
    raise Refused("unknown")


def ending_of(name: str) -> str:
    """The ending of a name, in lower case.

    >>> ending_of("Plan.PDF"), ending_of("plan"), ending_of(".pdf")
    ('.pdf', '', '')
    """
    return Path(name).suffix.lower()


_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\"<>|*?:]")
_LONGEST_NAME = 120


def safe_name(name: str, media_type: str | None = None) -> str:
    """The last part of a name without what deceives or breaks out, with the ending of its content.

    >>> safe_name("../../etc/Plan .PDF", "application/pdf"), safe_name("a\u202egpj.exe", "image/png")
    ('Plan .PDF', 'agpj.exe.png')
    >>> safe_name("C:\\\\scans\\\\现场.jpeg", "image/jpeg"), safe_name("..", "image/webp")
    ('现场.jpeg', 'evidence.webp')
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = _UNSAFE.sub("", last).strip(" .")
    ending = ending_of(plain)
    if media_type is None:
        return plain[:_LONGEST_NAME] or "?"
    endings = KINDS[media_type].endings
    if ending in endings and len(plain) <= _LONGEST_NAME:
        return plain
    stem = plain[: -len(ending)] if ending in ENDINGS else plain
    return (stem[: _LONGEST_NAME - 5].strip(" .") or "evidence") + (ending if ending in endings else endings[0])
