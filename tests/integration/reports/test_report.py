"""The report on paper: fit to be shown to a board, for the weakest workshop and the best factory alike."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.integration.reports.conftest import Press
from tests.integration.reports.paper import Paper, alike

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("report")]

LOCALES = ("zh_CN", "en")
LONG = (
    "内蒙古自治区呼和浩特市和林格尔新区盛乐现代服务业集聚区䶮𠮷㛃牧歌天然有机乳制品科学研究与生产制造集团股份有限公司"
)
SIGNATORY = ("䶮𠮷㛃", "分管信息化与数字化转型工作的副总经理兼首席信息官")
LONG_NAMES: dict[str, Any] = {"name": LONG, "signatory": SIGNATORY}
WITHOUT_PEERS: dict[str, Any] = {"peers": False, "period": 2022}
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "weak, Chinese": ("paper_workshop", "zh_CN", {}),
    "weak, English": ("paper_workshop", "en", {}),
    "process, Chinese": ("process_plant", "zh_CN", {}),
    "most questions, Chinese": ("food_mixed", "zh_CN", {}),
    "most questions and long names, English": ("food_mixed", "en", LONG_NAMES),
    "no peers, English": ("typical_discrete_sme", "en", WITHOUT_PEERS),
    "best, Chinese": ("lighthouse", "zh_CN", {}),
    "best, English": ("lighthouse", "en", {}),
}
HAN = re.compile(r"[\u4e00-\u9fff]+")
#: What stays Chinese in an English report: the names of the enterprise, the signatory and the published sources.
NAMES = re.compile(r"上海远景电气装备集团有限公司|王建国|总经理|新华社|工业和信息化部发布会|年份为推定")
#: What stays Latin in a Chinese report: names, abbreviations of the trade, hosts of sources, hashes.
ENGLISH_SENTENCE = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){3}")


@pytest.fixture(params=CASES)
def report(request: pytest.FixtureRequest, press: Press) -> Paper:
    slug, locale, more = CASES[request.param]
    return press(slug, locale, **more)


@pytest.fixture(params=LOCALES)
def lighthouse(request: pytest.FixtureRequest, press: Press) -> Paper:
    return press("lighthouse", request.param)


def test_it_has_eight_to_fourteen_pages(report: Paper) -> None:
    assert 8 <= report.count <= 14


def test_no_page_is_mostly_empty(report: Paper) -> None:
    assert not {page: share for page, share in enumerate(report.filled, start=1) if share < 0.4}


def test_the_summary_is_exactly_one_page(report: Paper) -> None:
    heads = [page.split("\n")[0].split()[-1] for page in report.pages]
    assert heads.count("摘要") + heads.count("Summary") == 1


def test_every_page_but_the_cover_says_which_it_is_of_how_many(report: Paper) -> None:
    for number, page in enumerate(report.pages[1:], start=2):
        assert re.search(rf"第 {number} 页，共 {report.count} 页|Page {number} of {report.count}\b", page)


def test_every_font_is_embedded_and_subset_and_of_the_one_family(report: Paper) -> None:
    fonts = report.fonts()
    assert all(font.is_embedded and font.is_subset for font in fonts)
    assert {font.name.partition("+")[2] for font in fonts} <= {
        "Noto-Sans-CJK-SC",
        "Noto-Sans-CJK-SC-Bold",
    }


@pytest.mark.parametrize("page", [1, 2])
def test_different_characters_have_different_ink(press: Press, page: int) -> None:
    word = {1: "两化融合成熟度评估报告", 2: "协同与创新"}[page]
    assert not alike(press("lighthouse", "zh_CN").shapes(page, word))


def test_a_level_is_said_in_words(lighthouse: Paper) -> None:
    assert re.search("创新突破|Innovation", lighthouse.pages[0])
    assert re.search("已达到最高阶段|the highest stage is reached", lighthouse.pages[1])


def test_every_answer_is_marked_as_self_declared(press: Press) -> None:
    answers = [page for page in press("lighthouse", "zh_CN").pages if "答案" in page.split("\n")[0]]
    rows = [line for page in answers for line in page.split("\n") if re.match(r"\s*\d+\s{2,}\S", line)]
    assert len(rows) > 60
    assert all(row.rstrip().endswith("自评") for row in rows)


def test_chapters_and_parts_are_bookmarked(lighthouse: Paper) -> None:
    chapters = [title for depth, title in lighthouse.outline() if depth == 0]
    assert len(chapters) == 7
    assert sum(depth == 1 for depth, _ in lighthouse.outline()) > 8


def test_it_says_what_it_is_whose_and_in_which_language(press: Press) -> None:
    chinese, english = (press("lighthouse", locale).pdf for locale in LOCALES)
    assert str(chinese.docinfo.Title) == "两化融合成熟度评估报告 – 上海远景电气装备集团有限公司"
    assert str(english.docinfo.Title) == "Integration maturity report – 上海远景电气装备集团有限公司"
    assert str(english.docinfo.Author) == "上海远景电气装备集团有限公司"
    assert [str(pdf.Root.Lang) for pdf in (chinese, english)] == ["zh-CN", "en"]


def test_it_is_dated_by_its_submission(lighthouse: Paper) -> None:
    assert str(lighthouse.pdf.docinfo.CreationDate).startswith("D:20261124020000")
    assert str(lighthouse.pdf.docinfo.ModDate).startswith("D:20261124020000")


def test_it_is_a_tagged_archive_file(lighthouse: Paper) -> None:
    assert (lighthouse.metadata()["part"], lighthouse.metadata()["conformance"]) == ("3", "A")
    assert bool(lighthouse.pdf.Root.MarkInfo.Marked)
    kinds = {str(tag) for tag in _tags(lighthouse)}
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/Figure"} <= kinds
    assert lighthouse.pdf.Root.OutputIntents


def test_every_picture_tells_its_finding_to_a_screen_reader(lighthouse: Paper) -> None:
    said = [str(node.Alt) for node in _nodes(lighthouse) if str(node.get("/S")) == "/Figure"]
    assert len(said) == 10
    assert all(len(text) > 10 for text in said)


def _nodes(paper: Paper) -> list[object]:
    found, todo = [], [paper.pdf.Root.StructTreeRoot]
    while todo:
        node = todo.pop()
        if hasattr(node, "get") and node.get("/K") is not None:
            found.append(node)
            children = node.K if isinstance(node.K, list) or hasattr(node.K, "append") else [node.K]
            todo += [child for child in children if hasattr(child, "get")]
    return found


def _tags(paper: Paper) -> set[str]:
    return {str(node.get("/S")) for node in _nodes(paper)}


def test_no_chinese_is_left_in_an_english_report(press: Press) -> None:
    assert not HAN.findall(NAMES.sub("", press("lighthouse", "en").text))


def test_no_english_is_left_in_a_chinese_report(press: Press) -> None:
    assert not ENGLISH_SENTENCE.findall(press("food_mixed", "zh_CN").text)


def test_a_long_name_is_printed_whole(press: Press) -> None:
    paper = press("food_mixed", "en", **LONG_NAMES)
    assert LONG in re.sub(r"\s", "", paper.pages[0])


def test_rare_characters_are_no_boxes(press: Press) -> None:
    paper = press("food_mixed", "en", **LONG_NAMES)
    shapes = paper.shapes(paper.count, SIGNATORY[0])
    assert not alike(shapes)
    assert all(shape.any() for shape in shapes)


def test_without_peers_it_says_so(press: Press) -> None:
    assert "no peers to compare with" in press("typical_discrete_sme", "en", **WITHOUT_PEERS).pages[1]
