"""The printed booklet as a reader and a printer meet it. Printed twice: here, and by the command line elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from maturity.adaptive.framework import Framework
from maturity.reports.booklet import Booklet, variant_booklet
from tests.cli.commands import program
from tests.integration.reports.paper import Paper, alike

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("booklet")]
VARIANT = "discrete_small_batch"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Paper, dict[str, object]]:
    """The Chinese booklet by the command line, in another place and time zone."""
    target = tmp_path_factory.mktemp("booklet") / "booklet.pdf"
    line = ("booklet", "--variant", VARIANT, "--output", str(target), "--json")
    done = program(*line, folder=target.parent, PYTHONHASHSEED="4711", TZ="America/New_York", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    return Paper(target.read_bytes()), json.loads(done.stdout)


@pytest.fixture
def paper(printed: tuple[Paper, dict[str, object]]) -> Paper:
    return printed[0]


@pytest.fixture
def booklet(framework: Framework) -> Booklet:
    return variant_booklet(framework, VARIANT)


def test_the_same_edition_variant_and_language_give_the_same_bytes(
    printed: tuple[Paper, dict[str, object]], framework: Framework, tmp_path: Path
) -> None:
    from maturity.cli_booklet import make_booklet

    made = make_booklet(framework, VARIANT, "zh", tmp_path / "again.pdf")
    assert made["sha256"] == printed[1]["sha256"]
    assert (tmp_path / "again.pdf").read_bytes() == printed[0].content


def test_it_is_a_booklet_and_not_a_stack(paper: Paper) -> None:
    assert 22 <= paper.count <= 40
    assert {(round(float(page.mediabox[2])), round(float(page.mediabox[3]))) for page in paper.pdf.pages} == {
        (595, 842)
    }


def test_no_page_but_the_last_is_mostly_empty(paper: Paper) -> None:
    assert not {page: share for page, share in enumerate(paper.filled[:-1], start=1) if share < 0.5}


def test_every_page_but_the_cover_says_which_it_is_of_how_many(paper: Paper) -> None:
    for number, page in enumerate(paper.pages[1:], start=2):
        assert f"第 {number} 页，共 {paper.count} 页" in page


def test_its_fonts_are_embedded(paper: Paper) -> None:
    assert {font.name.partition("+")[2] for font in paper.fonts()} == {"Noto-Sans-CJK-SC", "Noto-Sans-CJK-SC-Bold"}
    assert all(font.is_embedded and font.is_subset for font in paper.fonts())


def test_different_characters_have_different_ink(paper: Paper) -> None:
    assert not alike(paper.shapes(3, "基础设施与投入"))


def test_it_is_tagged_and_says_language_edition_and_date(paper: Paper, framework: Framework) -> None:
    metadata = paper.metadata()
    assert (metadata["part"], metadata["conformance"]) == ("3", "A")
    assert str(paper.pdf.Root.Lang) == "zh-CN"
    assert "lianghua/2026.1" in str(metadata)
    assert metadata["CreateDate"].startswith(str(framework.edition.valid_from))


def test_parts_sections_and_supplements_are_bookmarked(paper: Paper, booklet: Booklet) -> None:
    outline = paper.outline()
    top = [title for depth, title in outline if depth == 0]
    assert [chapter.title.zh for chapter in booklet.chapters] == top[3:-2]
    assert [chapter.title.zh for chapter in booklet.supplements] == [title for depth, title in outline if depth == 1]


def test_the_contents_lead_to_the_page_each_section_begins_on(paper: Paper, booklet: Booklet) -> None:
    for chapter in (*booklet.chapters, *booklet.supplements):
        line = next(line for line in paper.pages[1].splitlines() if line.strip().startswith(chapter.title.zh))
        page = int(re.findall(r"\d+", line)[-1])
        assert chapter.title.zh in paper.pages[page - 1]
        assert _flat(chapter.entries[0].question.wording.zh) in _flat(paper.raw_pages[page - 1])


def test_no_question_is_split_over_two_pages(paper: Paper, booklet: Booklet) -> None:
    raw = [_flat(page) for page in paper.raw_pages]
    for entry in booklet.entries():
        on = [number for number, page in enumerate(raw) if _flat(entry.question.wording.zh) in page]
        assert any(_flat(entry.question.evidence.zh) in raw[number] for number in on), entry.question.id


def _flat(text: str) -> str:
    return re.sub(r"\s", "", text)
