"""What the guide to certification says is what the process and the pages say."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from maturity.certification.process import the_process
from tests import documents
from tests.documents import ROOT, read

CATALOGUE = ROOT / "maturity/translations/zh_Hans_CN/LC_MESSAGES/messages.po"


@pytest.mark.parametrize(
    ("document", "heading", "language"),
    [("certification.md", "The way", "en"), ("certification.zh.md", "办理过程", "zh")],
)
def test_states_and_periods_are_those_of_the_process(document: str, heading: str, language: str) -> None:
    rows = documents.tables(documents.section(read(f"docs/{document}"), heading))[0][1:]
    running = [state for state in the_process().states.values() if not state.is_over]
    assert [row[0] for row in rows] == [getattr(state.words, language) for state in running]
    for row, state in zip(rows, running, strict=True):
        days = re.search(r"\d+", row[2])
        assert (int(days.group()) if days else None) == state.days, row


@pytest.mark.parametrize(("document", "language"), [("certification.md", "en"), ("certification.zh.md", "zh")])
def test_what_stands_in_bold_stands_on_the_screen(document: str, language: str) -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    labels = {str(entry.id if language == "en" else entry.string) for entry in catalogue if entry.id}
    labels |= {getattr(event.words, language) for event in the_process().events.values()}
    bold = {" ".join(text.split()) for text in re.findall(r"\*\*(.+?)\*\*", read(f"docs/{document}"), re.DOTALL)}
    assert len(bold) > 20
    assert bold - labels == set()
