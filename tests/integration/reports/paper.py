"""A PDF as a reader and a printer meet it: pages, words, fonts, ink."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image

A4 = (297, 210)  # mm
Ink = NDArray[np.bool_]
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]+)</word>')


@dataclass(frozen=True, slots=True)
class Font:
    """A line of pdffonts."""

    name: str
    is_embedded: bool
    is_subset: bool


class Paper:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.pdf = pikepdf.open(io.BytesIO(content))

    @property
    def count(self) -> int:
        return len(self.pdf.pages)

    @cached_property
    def pages(self) -> list[str]:
        """The text of every page."""
        return self._run("pdftotext", "-layout").split("\f")[: self.count]

    @cached_property
    def raw_pages(self) -> list[str]:
        """The text of every page in the order it was written in: columns stay apart."""
        return self._run("pdftotext", "-raw").split("\f")[: self.count]

    @property
    def text(self) -> str:
        return " ".join("".join(self.pages).split())

    def fonts(self) -> list[Font]:
        lines = self._run("pdffonts").splitlines()[2:]
        return [Font(line.split()[0], *(flag == "yes" for flag in line.split()[-5:-3])) for line in lines]

    def outline(self) -> list[tuple[int, str]]:
        """(depth, title) of every bookmark."""
        with self.pdf.open_outline() as outline:
            found: list[tuple[int, str]] = []
            todo = [(0, item) for item in reversed(outline.root)]
            while todo:
                depth, item = todo.pop()
                found.append((depth, item.title))
                todo += [(depth + 1, child) for child in reversed(item.children)]
            return found

    def metadata(self) -> dict[str, str]:
        with self.pdf.open_metadata() as metadata:
            return {key.rpartition("}")[2]: str(value) for key, value in metadata.items()}

    def ink(self, page: int, dpi: int) -> Ink:
        """Where the page (from 1) is not white, as a printer without colours would put it."""
        return self._drawn("-r", str(dpi), "-f", str(page), "-l", str(page))[0]

    @cached_property
    def filled(self) -> list[float]:
        """How far down the type area each page is used, from 0 to 1."""
        return [_filled(ink) for ink in self._drawn("-r", "40")]

    def shapes(self, page: int, word: str, dpi: int = 300) -> list[Ink]:
        """The ink of each character of a word of full-width characters, cut out of the page."""
        places = [found.groups() for found in _WORD.finditer(self._run("pdftotext", "-bbox", "-f", str(page)))]
        left, top, right, bottom = next(tuple(map(float, place[:4])) for place in places if place[4] == word)
        ink, scale = self.ink(page, dpi), dpi / 72
        rows = slice(round(top * scale), round(bottom * scale))
        edges = [round((left + (right - left) * step / len(word)) * scale) for step in range(len(word) + 1)]
        return [ink[rows, begin:end] for begin, end in zip(edges, edges[1:], strict=False)]

    def _run(self, program: str, *options: str) -> str:
        target = ["-"] if program == "pdftotext" else []
        with self._file() as file:
            done = subprocess.run([program, *options, str(file), *target], capture_output=True, check=True)
        # Poppler writes a title with characters beyond the basic plane as surrogates, which is no UTF-8.
        return done.stdout.decode(errors="replace")

    def _drawn(self, *options: str) -> list[Ink]:
        with self._file() as file:
            subprocess.run(["pdftoppm", "-gray", *options, str(file), str(file.with_name("page"))], check=True)
            pages = sorted(file.parent.glob("page*"))
            return [np.asarray(Image.open(io.BytesIO(page.read_bytes()))) < 160 for page in pages]

    @contextmanager
    def _file(self) -> Iterator[Path]:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "paper.pdf"
            file.write_bytes(self.content)
            yield file


def _filled(ink: Ink) -> float:
    top, bottom = (round(ink.shape[0] * mm / A4[0]) for mm in (20, 280))
    rows = np.flatnonzero(ink[top:bottom].any(axis=1))
    return float((rows.max() + 1) / (bottom - top)) if len(rows) else 0.0


def alike(shapes: list[Ink]) -> list[tuple[int, int]]:
    """The pairs of characters that look the same: boxes do, different characters do not."""
    cut = [_cropped(shape) for shape in shapes]
    return [(a, b) for a, b in combinations(range(len(cut)), 2) if _difference(cut[a], cut[b]) < 0.12]


def _cropped(ink: Ink) -> Ink:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else ink[:0, :0]


def _difference(first: Ink, second: Ink) -> float:
    """The share of ink in which two shapes differ, where they match best within a pixel or two."""
    height, width = (max(a, b) + 4 for a, b in zip(first.shape, second.shape, strict=True))
    fixed = np.zeros((height, width), dtype=bool)
    fixed[2 : 2 + first.shape[0], 2 : 2 + first.shape[1]] = first
    apart = []
    for down, right in product(range(5), range(5)):
        moved = np.zeros_like(fixed)
        moved[down : down + second.shape[0], right : right + second.shape[1]] = second
        apart.append(np.logical_xor(fixed, moved).sum())
    return float(min(apart) / max(first.sum(), second.sum(), 1))
