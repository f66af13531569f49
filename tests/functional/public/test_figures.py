"""Published figures as everybody sees them: browsed, looked up, cited and taken away; none from memory."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from maturity.public.figure_filters import in_order
from maturity.public.figure_routes import ON_A_PAGE
from maturity.public.figure_views import view
from maturity.reference.figures import (
    KEPT,
    KINDS,
    STANDINGS,
    Series,
    figure,
    figures,
    indicators,
    place,
    populations,
    series_list,
    source_list,
    version,
)
from tests.conftest import Browser

BASE = "/reference-figures"
LANGUAGES = {"zh": "zh_CN", "en": "en"}
SHOWN = [item for item in series_list() if item.points()]
HIDDEN = [item for item in figures(include_unverified=True) if not item.is_verified]
#: One of each kind, population of trap, comparator and source.
TELLING = (
    "cnc-rate-2023",
    "cnc-rate-2025-target",
    "tianjin-2010-internet",
    "ningbo-2007-website",
    "zhejiang-2007-ecommerce",
    "tonghua-2005-beer-investment",
    "shandong-2018-index-target",
    "yangzhou-2023-tier",
    "fujian-2019-rank-provinces",
    "ccid-weight-application",
    "platform-2025-started",
    "dii-2023-very-high-fi",
)


def rows(html: str) -> list[str]:
    return re.findall(r"<tr[^>]*>.*?</tr>", html.partition("<tbody>")[2], flags=re.DOTALL)


def listed(html: str) -> list[str]:
    """The figures of the list, by the address of each."""
    return re.findall(rf'<th scope="row"><a href="{BASE}/([a-z0-9-]+)">', html)


def download(browser: Browser, address: str, lang: str = "zh") -> Any:
    browser.get(f"/privacy?lang={lang}")
    return browser.client.get(address)


# Browsing


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_row_stands_with_place_time_kind_population_and_source(browser: Browser, lang: str) -> None:
    html = unescape(browser.get(f"{BASE}?lang={lang}").html)
    found = listed(html)
    assert found == [item.id for item in in_order()[:ON_A_PAGE]]
    for name, row in zip(found, [row for row in rows(html) if 'scope="row"' in row], strict=True):
        item = figure(name)
        for words in (
            indicators()[item.indicator].title,
            place(item.region),
            KINDS[item.kind],
            populations()[item.population],
            STANDINGS[item.provenance],
        ):
            assert words.to(LANGUAGES[lang]) in row
        assert item.source in row


def test_every_figure_is_on_one_page_of_the_list_and_none_that_is_kept_back(browser: Browser) -> None:
    seen: list[str] = []
    address: str | None = BASE
    while address:
        html = browser.get(address).html
        seen += listed(html)
        after = re.search(rf'href="({BASE}\?page=\d+)">下一页', html)
        address = after[1] if after else None
    assert seen == [item.id for item in in_order()]
    assert len(seen) == len(figures())
    assert not set(seen) & {item.id for item in HIDDEN}


def test_the_page_says_how_many_are_kept_back(browser: Browser) -> None:
    assert "50 figures are known to us from memory alone and 2 were quoted" in browser.get(f"{BASE}?lang=en").text
    assert "有 50 个数只凭记忆记下，2 个引用的数值不确定" in browser.get(f"{BASE}?lang=zh").text


def test_the_landing_page_counts_what_is_shown(browser: Browser) -> None:
    assert f'<dd class="number">{len(figures())}</dd>' in browser.get("/").html


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ("indicator=cnc_rate", lambda item: item.indicator == "cnc_rate"),
        ("indicator=topic:sme", lambda item: indicators()[item.indicator].topic == "sme"),
        ("region=CN&kind=target", lambda item: item.region == "" and item.kind == "target"),
        ("region=330000", lambda item: item.region[:2] == "33"),
        ("region=330200", lambda item: item.region == "330200"),
        ("region=east", lambda item: item.region == "east"),
        ("region=FI", lambda item: item.region == "FI"),
        ("year=2018", lambda item: item.period[:4] == "2018"),
        ("year=undated", lambda item: item.period == ""),
        ("kind=estimate", lambda item: item.kind == "estimate"),
        ("population=backbone", lambda item: item.population == "backbone"),
        ("source=D004&year=2018", lambda item: item.source == "D004" and item.period == "2018"),
        ("provenance=QD&region=CN", lambda item: item.provenance == "QD" and item.region == ""),
        ("q=68&indicator=cnc_rate", lambda item: item.id == "cnc-rate-2025-target"),
        ("q=飞跃", lambda item: item.id.startswith("feiyue")),
        ("q=TIANJIN%20website", lambda item: item.id == "tianjin-2010-website"),
        ("q=６５以上", lambda item: item.id == "tianjin-2015-index-target"),
    ],
)
def test_a_filter_leaves_what_fits_and_nothing_else(browser: Browser, asked: str, fits: Any) -> None:
    html = browser.get(f"{BASE}?{quote(asked, safe='=&%:')}&lang=en").html
    wanted = [item.id for item in in_order() if fits(item)]
    assert wanted
    assert listed(html) == wanted[:ON_A_PAGE]
    assert f"{len(wanted)} figure" in html


def test_the_filters_stay_as_they_were_chosen(browser: Browser) -> None:
    html = browser.get(f"{BASE}?q=rate&region=CN&kind=actual").html
    assert 'value="rate"' in html
    assert '<option value="CN" selected>' in html
    assert '<option value="actual" selected>' in html
    assert "q=rate&amp;region=CN&amp;kind=actual" in html
    assert re.search(r'<details class="figure-filters__more" open', html)


def test_the_language_is_switched_on_the_filtered_page(browser: Browser) -> None:
    assert listed(browser.get(f"{BASE}?kind=estimate&lang=en").html) == listed(
        browser.get(f"{BASE}?kind=estimate").html
    )


@pytest.mark.parametrize("name", ["indicator", "region", "year", "kind", "population", "source", "provenance"])
def test_a_value_that_is_not_offered_is_named_and_nothing_is_shown(browser: Browser, name: str) -> None:
    html = browser.get(f"{BASE}?{name}=nonsense&q=rate&lang=en", status=422).html
    assert f'id="{name}-error"' in html
    assert "Choose one of the list." in html
    assert 'value="rate"' in html, "What else was typed is kept."
    assert not listed(html)


@pytest.mark.parametrize("value", ["M", "M?"])
def test_memory_cannot_be_asked_for(browser: Browser, value: str) -> None:
    assert not listed(browser.get(f"{BASE}?provenance={quote(value)}", status=422).html)


def test_a_search_without_end_is_refused(browser: Browser) -> None:
    assert "at most" in browser.get(f"{BASE}?q={'x' * 101}&lang=en", status=422).text


def test_a_search_without_a_find_says_what_to_do(browser: Browser) -> None:
    page = browser.get(f"{BASE}?q=nothing-of-the-kind&lang=en")
    assert "No figure fits these filters" in page.text
    assert BASE in page.links


@pytest.mark.parametrize("number", ["0", "-1", "x", "99", "99999", "１"])
def test_a_page_that_is_not_there_is_not_found(browser: Browser, number: str) -> None:
    browser.get(f"{BASE}?page={number}", status=404)


def test_what_is_typed_stays_text(browser: Browser) -> None:
    html = browser.get(f"{BASE}?q={quote('<script>alert(1)</script>')}").html
    assert "<script>alert" not in html


# One figure


@pytest.mark.parametrize("name", TELLING)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_figure_has_a_page_with_all_that_is_known_of_it(browser: Browser, name: str, lang: str) -> None:
    item = figure(name)
    page = browser.get(f"{BASE}/{name}?lang={lang}")
    html = unescape(page.html)
    for words in (
        item.printed,
        item.quote,
        item.id,
        item.source,
        KEPT[item.kept].to(LANGUAGES[lang]),
        KINDS[item.kind].to(LANGUAGES[lang]),
        populations()[item.population].to(LANGUAGES[lang]),
        source_list()[item.source].title.to(LANGUAGES[lang]),
        item.note.to(LANGUAGES[lang]) if item.note else "",
        item.decimal.to(LANGUAGES[lang]) if item.decimal else "",
    ):
        assert words in html


def test_a_figure_that_is_kept_back_has_no_page(browser: Browser) -> None:
    for item in HIDDEN:
        browser.get(f"{BASE}/{item.id}", status=404)


def test_an_unknown_figure_or_indicator_is_not_found(browser: Browser) -> None:
    browser.get(f"{BASE}/no-such-figure", status=404)
    browser.get(f"{BASE}/indicators/no_such_indicator", status=404)


def test_an_indicator_known_from_memory_alone_has_no_page(browser: Browser) -> None:
    browser.get(f"{BASE}/indicators/customisation", status=404)
    assert "customisation" not in browser.get(BASE).html


def test_a_figure_can_be_cited_in_both_languages_whatever_the_page_is_in(browser: Browser) -> None:
    for lang in LANGUAGES:
        html = unescape(browser.get(f"{BASE}/shandong-2018-ecommerce-target?lang={lang}").html)
        assert "电子商务年交易额，山东，2018 年：>\u202f26,000 亿元（目标；地区全社会；引用）" in html
        assert "E-commerce transactions a year, Shandong, 2018: >\u202f2.6 trillion yuan (Target;" in html
        assert html.count(f"{BASE}/shandong-2018-ecommerce-target") >= 2
        assert html.count(version()) >= 2


def test_a_citation_never_leads_to_the_host_that_a_request_names(app: Any) -> None:
    app.config["SITE_URL"] = "https://maturity.example.cn"
    try:
        html = app.test_client().get(f"{BASE}/cnc-rate-2023", headers={"Host": "evil.example"}).text
    finally:
        app.config["SITE_URL"] = None
    assert "https://maturity.example.cn/reference-figures/cnc-rate-2023" in html
    assert "evil.example" not in html


def test_a_restored_decimal_point_is_told_before_anything_else(browser: Browser) -> None:
    text = browser.get(f"{BASE}/tianjin-2010-internet?lang=en").text
    assert "The source prints “527%”. A decimal point was put back" in text
    assert text.index("The source prints") < text.index("As printed")


# One indicator


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: item.id)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_national_series_shows_every_point_with_basis_standing_note_and_source(
    browser: Browser, item: Series, lang: str
) -> None:
    html = unescape(browser.get(f"{BASE}/indicators/{item.id}?lang={lang}").html)
    assert item.definition.to(LANGUAGES[lang]) in html
    for point in (*item.points(), *item.targets):
        row = next(row for row in rows(html) if f'href="{BASE}/{point.figure}"' in row)
        assert f"{point.value}" in row
        assert populations()[point.basis].to(LANGUAGES[lang]) in row
        assert STANDINGS[point.provenance].to(LANGUAGES[lang]) in row
        assert source_list()[point.source].title.to(LANGUAGES[lang]) in row
        assert point.note is None or point.note.to(LANGUAGES[lang]) in row


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: item.id)
def test_a_change_of_basis_is_told_where_it_is_and_nowhere_else(browser: Browser, item: Series) -> None:
    html = browser.get(f"{BASE}/indicators/{item.id}").html
    lines = rows(html.partition('id="region-CN"')[2].partition("</section>")[0])
    breaks = [number for number, row in enumerate(lines) if "basis-break" in row]
    assert len(breaks) == len(item.segments()) - 1
    for number, (_, after) in zip(breaks, zip(item.segments(), item.segments()[1:], strict=False), strict=True):
        assert f"{BASE}/{after[0].figure}" in lines[number + 1]


def test_a_line_is_drawn_in_as_many_pieces_as_there_are_populations(browser: Browser) -> None:
    html = browser.get(f"{BASE}/indicators/cnc_rate").html
    picture = html.partition('<svg class="line"')[2].partition("</svg>")[0]
    assert picture.count("<polyline") == 2
    assert picture.count("line__break") == 1
    assert picture.count('class="line__target"') == 1
    three = browser.get(f"{BASE}/indicators/equipment_digital_rate").html
    picture = three.partition('<svg class="line"')[2].partition("</svg>")[0]
    assert picture.count("<polyline") == 0
    assert picture.count("line__break") == 2
    assert picture.count('class="line__point"') == 3


def test_no_target_is_part_of_a_drawn_line(browser: Browser) -> None:
    for name in {item.indicator for item in figures(kind="target")}:
        html = browser.get(f"{BASE}/indicators/{name}").html
        for picture in re.findall(r'<svg class="line".*?</svg>', html, flags=re.DOTALL):
            joined = {
                tuple(place.split(",")) for path in re.findall(r'points="([^"]*)"', picture) for place in path.split()
            }
            points = set(re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', picture))
            assert joined <= points


def test_a_target_is_called_one_wherever_it_stands(browser: Browser) -> None:
    for path in (BASE + "?kind=target", f"{BASE}/indicators/cnc_rate", f"{BASE}/cnc-rate-2025-target"):
        html = browser.get(f"{path}{'&' if '?' in path else '?'}lang=en").html
        assert 'badge badge--accent">Target' in html
        assert "to reach" in html


def test_every_indicator_has_a_page_with_all_its_figures(browser: Browser) -> None:
    for name in {item.indicator for item in figures()}:
        html = browser.get(f"{BASE}/indicators/{name}").html
        assert set(re.findall(rf'href="{BASE}/([a-z0-9-]+)"', html)) == {item.id for item in figures(indicator=name)}


# Taking the list away


@pytest.mark.parametrize(("lang", "name"), [("zh", "参考数据"), ("en", "reference-figures")])
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_the_file_has_a_name_of_the_language_and_the_state(browser: Browser, lang: str, name: str, ending: str) -> None:
    header = download(browser, f"{BASE}.{ending}", lang).headers["Content-Disposition"]
    assert header.startswith("attachment")
    assert quote(f"{name}-{version()}.{ending}") in header


def test_the_table_holds_every_figure_with_all_its_fields(browser: Browser) -> None:
    text = download(browser, f"{BASE}.csv").get_data().decode("utf-8-sig")
    header, *found = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in found] == [item.id for item in in_order()]
    assert {len(row) for row in found} == {len(header)} == {19}
    row = next(row for row in found if row[0] == "shandong-2018-ecommerce-target")
    assert row[1:7] == ["电子商务年交易额", "山东", "370000", "2018 年", "目标", "超过"]
    assert row[7:12] == ["26000", "", "亿元", "超过2.6万亿元", "地区全社会"]
    assert row[13] == "全社会电子商务交易额超过2.6万亿元,年均增长25%左右"


def test_the_table_is_in_the_language_of_the_page(browser: Browser) -> None:
    text = download(browser, f"{BASE}.csv?indicator=cnc_rate", "en").get_data().decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Figure number,Indicator,Place")
    assert "Key industrial enterprises" in text


def test_no_cell_of_the_table_is_a_formula(browser: Browser) -> None:
    text = download(browser, f"{BASE}.csv").get_data().decode("utf-8-sig")
    assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_programs_get_both_languages_and_every_digit(browser: Browser) -> None:
    data = download(browser, f"{BASE}.json?indicator=index&kind=target").get_json()
    assert data["version"] == version()
    assert data["filters"] == {"indicator": "index", "kind": "target"}
    assert data["count"] == len(data["figures"]) == len(figures(indicator="index", kind="target"))
    found = {row["id"]: row for row in data["figures"]}
    tianjin = found["tianjin-2015-index-target"]
    assert (tianjin["value"], tianjin["comparator"], tianjin["kind"]) == ("65", "at_least", "target")
    assert tianjin["source"]["line"] == 19
    assert tianjin["region"] == {"code": "120000", "title": {"zh": "天津", "en": "Tianjin"}}
    assert all(row["verified"] for row in data["figures"])


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_file_holds_what_the_page_shows(browser: Browser, ending: str) -> None:
    wanted = [item.id for item in in_order() if item.region == "" and item.kind == "target"]
    response = download(browser, f"{BASE}.{ending}?region=CN&kind=target")
    if ending == "json":
        found = [row["id"] for row in response.get_json()["figures"]]
    else:
        found = [row[0] for row in csv.reader(io.StringIO(response.get_data().decode("utf-8-sig")))][1:]
    assert found == wanted


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_file_of_a_value_that_is_not_offered_is_refused(browser: Browser, ending: str) -> None:
    assert browser.client.get(f"{BASE}.{ending}?kind=nonsense").status_code == 422


def test_every_target_is_called_so_in_both_languages(app: Any) -> None:
    with app.test_request_context():
        words = {(view(item, "zh_CN").kind, view(item, "en").kind) for item in figures(kind="target")}
    assert words == {("目标", "Target")}
