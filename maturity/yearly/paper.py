"""A report as data: sections of blocks, kept as JSON version by version, independent of how it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from maturity.yearly.tokens import FigureRef, Reference, Unreadable, faults, read_token, references

#: What a person writes; charts, tables and the generated annexes are data, of which only the caption is written.
WRITTEN = ("finding", "paragraph", "heading", "note", "list")
DRAWN = ("chart", "table")
GENERATED = ("evidence", "cells", "sources")
KINDS = (*WRITTEN, *DRAWN, *GENERATED)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a section. `text` is what is written, of a chart or table its caption; `spec` is its data."""

    kind: str
    text: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)
    is_hidden: bool = False

    def texts(self) -> Iterator[str]:
        """Everything in it that a person reads and that may hold a reference."""
        yield self.text
        for row in self.spec.get("rows", ()) if self.kind == "table" else ():
            yield from row
        yield from self.spec.get("head", ())
        if note := self.spec.get("note"):
            yield note

    def references(self) -> Iterator[Reference]:
        for text in self.texts():
            try:
                yield from references(text)
            except Unreadable:
                continue
        for token in self.spec.get("tokens", ()):
            found = read_token(token)
            if isinstance(found, FigureRef):
                yield found


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    blocks: tuple[Block, ...]
    is_hidden: bool = False
    is_annex: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written of a report. The signatories are lines of text under the title."""

    locale: str
    title: str
    subtitle: str
    signatories: tuple[str, ...]
    sections: tuple[Section, ...]

    def section(self, section_id: str) -> Section | None:
        return next((section for section in self.sections if section.id == section_id), None)

    def with_section(self, changed: Section) -> Paper:
        return replace(self, sections=tuple(changed if one.id == changed.id else one for one in self.sections))

    def shown(self) -> tuple[Section, ...]:
        """What is printed: neither hidden sections nor hidden blocks."""
        kept = (section for section in self.sections if not section.is_hidden)
        return tuple(replace(one, blocks=tuple(block for block in one.blocks if not block.is_hidden)) for one in kept)

    def references(self) -> Iterator[Reference]:
        for section in self.sections:
            for block in section.blocks:
                yield from block.references()

    def body(self) -> dict[str, Any]:
        return {
            "locale": self.locale,
            "title": self.title,
            "subtitle": self.subtitle,
            "signatories": list(self.signatories),
            "sections": [
                {
                    "id": section.id,
                    "title": section.title,
                    "is_hidden": section.is_hidden,
                    "is_annex": section.is_annex,
                    "blocks": [
                        {"kind": block.kind, "text": block.text, "spec": dict(block.spec), "is_hidden": block.is_hidden}
                        for block in section.blocks
                    ],
                }
                for section in self.sections
            ],
        }

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        sections = tuple(
            Section(
                item["id"], item["title"], tuple(Block(**block) for block in item["blocks"]), item["is_hidden"],
                item["is_annex"],
            )
            for item in body["sections"]
        )  # fmt: skip
        return cls(body["locale"], body["title"], body["subtitle"], tuple(body["signatories"]), sections)


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A fault with where it stands: section, number of the block, and what is wrong there."""

    section: str
    block: int
    code: str
    piece: str


def wrong_with(paper: Paper) -> list[Misplaced]:
    """Every untraced figure of a paper: its cover, headings, captions and tables, too."""
    cover = [paper.title, paper.subtitle, *paper.signatories]
    found = [Misplaced("", 0, fault.code, fault.piece) for text in cover for fault in faults(text)]
    for section in paper.sections:
        found += wrong_with_section(section)
    return found


def wrong_with_section(section: Section) -> list[Misplaced]:
    found = [Misplaced(section.id, 0, fault.code, fault.piece) for fault in faults(section.title)]
    return found + [
        Misplaced(section.id, number, fault.code, fault.piece)
        for number, block in enumerate(section.blocks)
        for text in block.texts()
        for fault in faults(text)
    ]
