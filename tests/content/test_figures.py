"""The published figures are all there, as printed and as read, and none says more than its source.

What is expected was copied from the digests of the sources: counts for each source and samples of each table.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

import pytest

from maturity.reference.figure_store import EXACT, IN_WORDS, MEMORY, STANDINGS, every_figure, source_list
from maturity.reference.figures import (
    COMPARATORS,
    KINDS,
    Figure,
    figure,
    figures,
    indicators,
    line,
    place,
    populations,
    series_list,
    topics,
    units,
)

ALL = tuple(every_figure().values())
#: How many figures each source gave: fewer means that one was lost.
COUNTS = {
    "D001": 97,
    "D002": 50,
    "D003": 26,
    "D004": 23,
    "S9": 25,
    "S10": 96,
    "S11": 11,
    "S19": 11,
    "S23": 7,
    "S24": 17,
    "S34": 53,
    "S37": 19,
    "S39": 13,
    "S40": 6,
    "S44": 20,
    "S45": 6,
    "S47": 13,
    "MEMORY": 50,
}
#: (figure, printed, value, comparator, kind, population, region, period, source, line)
SAMPLES = [
    ("tianjin-2010-it-lever", "96%", "96", "", "actual", "key_local", "120000", "2010", "D001", 19),
    ("tianjin-2015-index-target", "65以上", "65", "at_least", "target", "region", "120000", "2015", "D001", 19),
    ("tianjin-2010-internet", "527%", "52.7", "reach", "actual", "population", "120000", "2010", "D001", 19),
    ("tianjin-2010-software", "2713亿元", "271.3", "", "actual", "region", "120000", "2010", "D001", 19),
    ("zhejiang-2007-degree", "50%以上", "50", "at_least", "actual", "backbone", "330000", "2007", "D001", 93),
    ("zhejiang-2007-cad", "80%以上", "80", "at_least", "actual", "main", "330000", "2007", "D001", 93),
    ("ningbo-2007-full-management", "25%", "25", "", "actual", "designated", "330200", "2007", "D001", 93),
    ("zhejiang-2007-index", "6044", "60.44", "", "actual", "region", "330000", "2007", "D001", 93),
    ("zhejiang-2007-ecommerce", "超过5000亿元", "5000", "above", "estimate", "region", "330000", "2007", "D001", 93),
    ("tonghua-2005-online", "31户", "31", "", "actual", "dragon", "220500", "2005", "D001", 81),
    ("tonghua-2005-beer-investment", "近900万元", "900", "nearly", "actual", "firm", "220500", "2005", "D001", 81),
    ("guangdong-2012-rfid", "36%", "36", "reach", "actual", "logistics_key", "440000", "2012", "D001", 87),
    ("guangdong-2020-rfid-target", "70%", "70", "reach", "target", "logistics_key", "440000", "2020", "D001", 87),
    ("jiangxi-2010-website-target", "80％以上", "80", "at_least", "target", "all", "360000", "2010", "D001", 23),
    ("programme-2014-whole-regions", "5个左右", "5", "about", "target", "places", "", "2014", "D001", 75),
    ("zhejiang-tax-review-after", "15个工作日", "1.5", "", "actual", "government", "330000", "", "D001", 71),
    ("shandong-2018-index-target", "88", "88", "reach", "target", "region", "370000", "2018", "D004", 110),
    ("shandong-2018-rd-tools-target", "65%", "65", "reach", "target", "region", "370000", "2018", "D004", 110),
    ("shandong-2018-cnc-target", "45%", "45", "reach", "target", "region", "370000", "2018", "D004", 110),
    (
        "shandong-2018-ecommerce-target",
        "超过2.6万亿元",
        "26000",
        "above",
        "target",
        "region",
        "370000",
        "2018",
        "D004",
        111,
    ),
    ("shandong-2018-3g-target", "65%", "65", "reach", "target", "population", "370000", "2018", "D004", 113),
    ("wenzhou-2013-top", "92.7 分", "92.7", "", "actual", "sites", "330300", "2013", "D002", 150),
    ("fujian-2019-satisfaction", "89.55分", "89.55", "", "actual", "population", "350000", "2019", "D003", 51),
    ("longgang-2014-firms", "15110 家", "15110", "", "actual", "region", "440307", "2014-06", "D002", 340),
    ("cnc-rate-2023", "62.9", "62.9", "", "actual", "key", "", "2023", "S16", None),
    ("index-2025-target", "105", "105", "reach", "target", "designated", "", "2025", "S11", None),
    ("sample-2019-06", ">140,000", "140000", "above", "actual", "assessed", "", "2019-06", "S4", None),
    ("suzhou-2023-tier", ">=120", "120", "at_least", "actual", "region", "320500", "2023", "S24", None),
    ("gansu-2025-upgrade", "68.2%", "68.2", "", "actual", "designated", "620000", "2025-11", "S57", None),
    ("platform-2025-started", "89.6%", "89.6", "", "actual", "platform", "", "2025-12", "S19", None),
    ("ccid-2014-total", "66.14", "66.14", "", "actual", "region", "", "2014", "S9", None),
    ("ccid-2014-central", "63.94", "63.94", "", "actual", "region", "central", "2014", "S9", None),
    ("ccid-2015-320000-benefit", "135.9", "135.9", "", "actual", "region", "320000", "2015", "S10", None),
    ("smart-2024-sample", "113,792", "113792", "", "actual", "self_diagnosed", "", "2024-10", "S37", None),
    ("sme-2024-score-3", ">=60", "60", "at_least", "rule", "none", "", "2024", "S39", None),
    ("impuls-weight-employees", "18", "18", "", "rule", "none", "DE", "2015", "S44", None),
    ("acatech-2020-stage-2", "80%", "80", "", "actual", "study", "DE", "2020", "S45", None),
    ("dii-2023-very-high-fi", "13.0", "13.0", "", "actual", "eu_sme", "FI", "2023", "S47", None),
    ("dii-2030-target", ">90%", "90", "above", "target", "eu_sme", "EU", "2030", "S47", None),
]
#: The table of 2015, copied whole: province, [environment, application, benefit, total].
PROVINCES = {
    "440000": "94.9 82.4 135.6 98.8",
    "330000": "91.6 94.0 112.9 98.2",
    "320000": "91.7 80.9 135.9 97.4",
    "310000": "94.5 84.3 119.2 95.5",
    "370000": "85.8 85.8 114.7 93.0",
    "110000": "97.0 74.7 120.0 91.6",
    "350000": "91.0 76.9 101.9 86.7",
    "340000": "70.1 88.2 92.0 84.6",
    "420000": "74.0 81.6 92.4 82.4",
    "430000": "76.9 81.4 89.1 82.2",
    "120000": "79.4 70.1 106.9 81.6",
    "510000": "76.7 66.1 104.4 78.3",
    "500000": "81.1 65.2 97.6 77.3",
    "230000": "80.2 80.8 64.2 76.5",
    "210000": "85.5 60.2 96.6 75.6",
    "130000": "84.7 70.2 71.3 74.1",
    "450000": "67.3 76.1 70.9 72.6",
}
PARTS = ("environment", "application", "benefit", "total")
#: How the source says that a value is a bound, and what we must have read it as.
HEDGES = {
    "以上": "at_least",
    "超过": "above",
    "左右": "about",
    "近": "nearly",
    ">=": "at_least",
    ">": "above",
    "~": "about",
}
OPEN_IN_OTHER_WORDS = {"wenzhou-2013-above-80"}  # 半数以上 is more than half, not half or more
#: A scale hides the digits of the source: 2.6 万亿元 is read as 26,000 亿元, three years as 36 months.
RESCALED = {
    "shandong-2018-ecommerce-target",
    "shandong-2018-it-industry-target",
    "certificate-validity",
    "jiangxi-2006-mobile-users",
    "jiangxi-2006-trading-platform",
    "wenzhou-2013-above-80",
}
CHINESE_DIGITS = {"一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "六": "6"}
ENGLISH_DIGITS = {"four": "4", "five": "5", "six": "6"}


def by_id(item: Figure) -> str:
    return item.id


@pytest.mark.parametrize(("source", "count"), COUNTS.items())
def test_no_figure_of_a_source_was_lost(source: str, count: int) -> None:
    assert sum(item.source == source for item in ALL) == count


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample[0])
def test_a_figure_is_as_the_digest_has_it(sample: tuple[object, ...]) -> None:
    item = figure(str(sample[0]))
    value = None if item.value is None else str(item.value)
    assert sample == (
        item.id,
        item.printed,
        value,
        item.comparator,
        item.kind,
        item.population,
        item.region,
        item.period,
        item.source,
        item.line,
    )


@pytest.mark.parametrize(("region", "values"), PROVINCES.items())
def test_a_province_has_its_row_of_the_index(region: str, values: str) -> None:
    found = [figures(indicator=f"ccid_{part}", region=region, period="2015") for part in PARTS]
    assert [str(item.value) for (item,) in found] == values.split()


def test_the_provinces_are_ranked_as_published_and_no_further() -> None:
    ranks = {item.region: item.value for item in figures(indicator="ccid_rank")}
    assert ranks == {region: Decimal(number) for number, region in enumerate(PROVINCES, 1)}


@pytest.mark.parametrize("item", ALL, ids=by_id)
def test_the_quote_holds_what_was_printed(item: Figure) -> None:
    assert item.printed
    assert _solid(item.printed) in _solid(item.quote)


@pytest.mark.parametrize("item", [item for item in ALL if item.kept == "quote"], ids=by_id)
def test_a_quote_of_the_source_is_one_sentence_of_one_place(item: Figure) -> None:
    assert item.source.startswith("D")
    assert item.line is not None
    assert "…" not in item.quote


@pytest.mark.parametrize("item", [item for item in ALL if item.value is not None], ids=by_id)
def test_the_value_has_the_digits_that_were_printed(item: Figure) -> None:
    """Read and printed differ by a decimal point alone, which has its reason, by a scale, or by arithmetic told."""
    if item.provenance == "QD" or item.id in RESCALED or item.indicator == "ccid_rank":
        return
    numbers = _numbers(item.printed)
    read = {format(value.normalize(), "f") for value in (item.value, item.upper) if value is not None}
    if item.is_decimal_restored:
        assert {value.replace(".", "") for value in read} <= {number.replace(".", "") for number in numbers}
    elif item.unit == "%" and item.printed.startswith("."):
        assert item.value == Decimal(numbers[0]) * 100
    else:
        assert read <= {format(Decimal(number).normalize(), "f") for number in numbers}


@pytest.mark.parametrize("item", [item for item in ALL if item.is_decimal_restored], ids=by_id)
def test_a_restored_decimal_point_is_told_and_reasoned(item: Figure) -> None:
    assert item.source == "D001", "Only this source has lost its decimal points."
    assert item.decimal is not None
    assert len(item.decimal.zh) > 8
    assert len(item.decimal.en) > 15
    if item.kept == "quote":
        assert item.value is not None
        assert str(item.value) not in item.quote


def test_every_decimal_that_the_digest_restored_is_restored() -> None:
    read = {str(item.value) for item in ALL if item.is_decimal_restored}
    assert read == {"52.7", "12.7", "271.3", "60.44", "19.9", "269.7", "58.5", "16.1", "36.7", "49.33", "29.33", "1.5"}


@pytest.mark.parametrize("item", ALL, ids=by_id)
def test_a_hedge_of_the_source_is_read_as_a_bound(item: Figure) -> None:
    if item.kept == "notes" and item.source.startswith("D"):
        return
    found = next((meant for hedge, meant in HEDGES.items() if hedge in item.printed), None)
    if found is not None and item.value is not None and item.id not in OPEN_IN_OTHER_WORDS:
        assert item.comparator == found


@pytest.mark.parametrize("item", ALL, ids=by_id)
def test_a_figure_has_all_that_belongs_beside_it(item: Figure) -> None:
    about = indicators()[item.indicator]
    assert item.kind in KINDS
    assert item.comparator in COMPARATORS
    assert item.population in populations()
    assert item.unit in units()
    assert about.topic in topics()
    assert item.provenance in (*STANDINGS, *MEMORY)
    assert place(item.region).zh
    assert item.period == "" or re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", item.period)
    assert item.period or item.when, "A figure without a year says so."
    assert re.fullmatch(r"[a-z0-9-]+", item.id), "The id is part of an address."


@pytest.mark.parametrize("item", ALL, ids=by_id)
def test_what_has_no_number_says_it_in_words_and_the_other_way_round(item: Figure) -> None:
    assert (item.value is None) == (item.comparator in IN_WORDS)
    assert (item.value is None) == (item.reading is not None)
    assert item.upper is None or (item.value is not None and item.value < item.upper)


@pytest.mark.parametrize("item", ALL, ids=by_id)
def test_a_rule_is_no_statistic(item: Figure) -> None:
    assert (item.kind == "rule") == (item.population == "none") or item.id.startswith("tianxin")


@pytest.mark.parametrize("item", [item for item in ALL if item.unit == "%" and item.value is not None], ids=by_id)
def test_a_share_stays_within_a_hundred(item: Figure) -> None:
    if indicators()[item.indicator].measure in ("share", "mean", "weight"):
        assert item.value is not None
        assert 0 <= item.value <= 100


@pytest.mark.parametrize("item", [item for item in ALL if item.unit == "rank"], ids=by_id)
def test_a_rank_names_its_peer_group(item: Figure) -> None:
    assert item.note is not None


def test_what_is_from_memory_has_no_source_and_no_other_lacks_one() -> None:
    for item in ALL:
        assert (item.source == "MEMORY") == item.is_from_memory
    assert set(source_list()) == {item.source for item in ALL}


def test_every_indicator_and_population_is_used() -> None:
    assert set(indicators()) == {item.indicator for item in ALL}
    assert set(populations()) == {item.population for item in ALL}


def test_the_six_populations_that_documents_mix_up_are_six() -> None:
    used = {item.population for item in figures()}
    assert {"key_local", "backbone", "main", "designated", "all", "dragon"} <= used
    assert len({populations()[name].zh for name in populations()}) == len(populations())


def test_two_that_are_equal_in_number_stay_two() -> None:
    equal = Counter(item.value for item in figures(region="370000", kind="target"))
    assert equal[Decimal(65)] == 2
    assert equal[Decimal(85)] == 2


LINES = sorted({(item.indicator, item.region) for item in figures()})


@pytest.mark.parametrize(("indicator", "region"), LINES)
def test_no_line_joins_two_populations_or_a_target_to_a_result(indicator: str, region: str) -> None:
    drawn = line(indicator, region)
    for segment in drawn.segments():
        items = [figure(point.figure) for point in segment]
        assert len({(item.indicator, item.region, item.population, item.unit, item.kind) for item in items}) == 1
        assert all(item.kind == "actual" and item.comparator in EXACT and item.is_verified for item in items)
        assert [item.ends_on for item in items] == sorted({item.ends_on for item in items})
    assert not {point.figure for point in drawn.points} & {point.figure for point in drawn.targets}


@pytest.mark.parametrize("item", series_list(), ids=lambda item: item.id)
def test_a_national_series_is_cut_as_its_line_is(item: object) -> None:
    found = next(each for each in series_list() if each is item)
    assert [tuple(point.figure for point in part) for part in found.segments()] == [
        tuple(point.figure for point in part) for part in line(found.id).segments()
    ]


def _solid(text: str) -> str:
    return re.sub(r"\s", "", text)


def _numbers(text: str) -> list[str]:
    for words, digit in (*CHINESE_DIGITS.items(), *ENGLISH_DIGITS.items()):
        text = text.replace(words, digit)
    return re.findall(r"\d*\.?\d+", text.replace(",", "").replace("..", " "))
