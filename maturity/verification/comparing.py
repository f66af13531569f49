"""Where a file differs from the one that was issued, in bytes and in parts of the document. Pure: bytes in, spans out.

Only the issued file is taken apart. It is ours and sound; what somebody uploads is compared byte by byte and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf

#: Parts of a document, the one that tells most first.
PARTS = ("page", "attachment", "signature", "proof", "particulars", "structure", "added", "cut")
#: Differences that lie closer together than this are one: a changed word is not five changed letters.
GAP = 16
MOST_SPANS = 20
_BLOCK = 4096
#: Below this share of equal bytes the file was written anew, and single bytes say nothing.
LEAST_ALIKE = 0.5
_OBJECT = re.compile(rb"(?:^|[\r\n])(\d{1,9}) (\d{1,5}) obj\b")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of the issued file that are others in the file at hand, `end` not included, and what they belong to.

    Of what was added behind its end, or cut off there, the span is that of the longer file.
    """

    start: int
    end: int
    part: str
    name: str = ""  # of a page its number, of an attachment its name


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a file differs from the issued one. `spans` are the first few; `kind` says whether they mean anything."""

    kind: str  # changed, added, cut, rewritten
    spans: tuple[Span, ...]
    more: int = 0

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """What was touched, each part once, the most telling first."""
        found = {(span.part, span.name) for span in self.spans}
        return tuple(sorted(found, key=lambda one: (PARTS.index(one[0]), one[1])))


def compare(issued: bytes, given: bytes) -> Comparison:
    """How `given` differs from the issued file; they must not be the same."""
    if issued == given:
        raise ValueError("the files are the same")
    if given.startswith(issued):
        return Comparison("added", (Span(len(issued), len(given), "added"),))
    if issued.startswith(given):
        return Comparison("cut", (Span(len(given), len(issued), "cut"),))
    ranges = list(_changed(issued, given))
    if _alike(issued, given, ranges) < LEAST_ALIKE:
        return Comparison("rewritten", ())
    objects = _objects(issued)
    spans = [span for start, end in ranges for span in _named(start, end, objects)]
    return Comparison("changed", tuple(spans[:MOST_SPANS]), max(0, len(spans) - MOST_SPANS))


def _alike(issued: bytes, given: bytes, ranges: Sequence[tuple[int, int]]) -> float:
    same = len(issued) - sum(end - start for start, end in ranges)
    return same / max(len(issued), len(given))


def _changed(issued: bytes, given: bytes) -> Iterator[tuple[int, int]]:
    """Ranges of the issued file that are others in the given one."""
    if len(issued) == len(given):
        yield from _joined(_single(issued, given))
        return
    # something was put in or taken out: what stands before and after it is the same
    start = _common(issued, given)
    longest = min(len(issued), len(given)) - start
    tail = min(longest, _common(issued[::-1], given[::-1]))
    yield start, max(len(issued) - tail, start + 1)


def _single(issued: bytes, given: bytes) -> Iterator[int]:
    for at in range(0, len(issued), _BLOCK):
        ours, theirs = issued[at : at + _BLOCK], given[at : at + _BLOCK]
        if ours != theirs:
            yield from (at + i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)


def _joined(places: Iterator[int]) -> Iterator[tuple[int, int]]:
    start = end = -1
    for place in places:
        if start < 0:
            start = place
        elif place - end > GAP:
            yield start, end
            start = place
        end = place + 1
    if start >= 0:
        yield start, end


def _common(one: bytes, other: bytes) -> int:
    """How many bytes the two begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True, slots=True)
class _Object:
    start: int
    end: int
    part: str
    name: str


def _named(start: int, end: int, objects: Sequence[_Object]) -> list[Span]:
    """The range cut at the borders of the parts it runs over; parts that follow each other and are alike stay one."""
    found: list[Span] = []

    def put(begin: int, stop: int, part: str, name: str = "") -> None:
        if found and (found[-1].part, found[-1].name) == (part, name):
            begin = found.pop().start
        found.append(Span(begin, stop, part, name))

    at = start
    for item in objects:
        if item.end <= at or item.start >= end:
            continue
        if item.start > at:
            put(at, item.start, "structure")
        put(max(at, item.start), min(end, item.end), item.part, item.name)
        at = min(end, item.end)
    if at < end:
        put(at, end, "structure")
    return found


def _objects(issued: bytes) -> list[_Object]:
    """Every object that stands on its own in the file, where it stands and what it is part of."""
    owners = _owners(issued)
    found = []
    for match in _OBJECT.finditer(issued):
        end = issued.find(b"endobj", match.end())
        if end >= 0:
            part, name = owners.get(int(match[1]), ("structure", ""))
            found.append(_Object(match.start(1), end + len(b"endobj"), part, name))
    return found


def _owners(issued: bytes) -> Mapping[int, tuple[str, str]]:
    """Number of an object -> the part of the document it belongs to."""
    owners: dict[int, tuple[str, str]] = {}
    try:
        with pikepdf.open(BytesIO(issued)) as pdf:
            root: Any = pdf.Root
            for name, spec in pdf.attachments.items():
                _own(owners, spec.obj, ("attachment", name))
            for field in root.get("/AcroForm", {}).get("/Fields", ()):
                if field.get("/FT") == "/Sig":
                    _own(owners, field, ("signature", ""), stop=("/P", "/Parent"))
            if "/DSS" in root:
                _own(owners, root.DSS, ("proof", ""))
            if "/Metadata" in root:
                _own(owners, root.Metadata, ("particulars", ""))
            _own(owners, pdf.docinfo, ("particulars", ""))
            for number, page in enumerate(pdf.pages, 1):
                _own(owners, page.obj, ("page", str(number)), stop=("/Parent", "/StructParents", "/Annots"))
    except pikepdf.PdfError:  # what stands there cannot be told; the bytes still can
        return {}
    return owners


def _own(
    owners: dict[int, tuple[str, str]], start: Any, part: tuple[str, str], stop: Sequence[str] = ("/P", "/Parent")
) -> None:
    """The object and all it leads to, unless somebody else owns it already."""
    waiting = [start]
    while waiting:
        item = waiting.pop()
        number = getattr(item, "objgen", (0, 0))[0]
        if number:
            if number in owners:
                continue
            owners[number] = part
        if isinstance(item, pikepdf.Array):
            waiting.extend(_holders(item))
        else:
            waiting.extend(_holders(value for key, value in item.items() if key not in stop))


def _holders(items: Any) -> Iterator[Any]:
    return (item for item in items if isinstance(item, (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)))
