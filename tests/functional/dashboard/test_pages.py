"""The dashboard's pages: questions, views, filters, and what is not published."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.benchmarks.models import AggregateRead, BenchmarkRelease
from maturity.clock import FixedClock
from maturity.dashboard.asked import PAGES
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.campaigns import join
from tests.factories.dashboard import built_years, publish_year
from tests.factories.people import make_user, sign_in
from tests.page import Page

pytestmark = pytest.mark.xdist_group("dashboard")

Releases = dict[int, BenchmarkRelease]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def rows_of(page: Page) -> list[list[str]]:
    """The rows of the page's table, heading first."""
    table = re.search(r"<table.*?</table>", page.html, re.S)
    assert table, page.text[:400]
    found = re.findall(r"<tr.*?</tr>", table[0], re.S)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in found]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]


def finding(page: Page) -> str:
    heading = re.search(r"<figcaption>\s*<h2>(.*?)</h2>", page.html)
    assert heading, page.text[:600]
    return unescape(heading[1])


# Every view


@pytest.mark.parametrize("page", PAGES)
def test_every_view_shows_a_chart_with_finding_source_and_table(
    desk: Browser, url: str, releases: Releases, page: str
) -> None:
    shown = desk.get(f"{url}/{page}")
    assert finding(shown)
    assert len(rows_of(shown)) > 1
    assert "data:image/svg+xml" in shown.html
    assert str(releases[2025].sha256)[:12].upper() in shown.text
    assert "Synthetic data" in shown.text


@pytest.mark.parametrize("page", PAGES)
def test_every_view_is_there_in_chinese(
    app: Any, session: Session, clock: FixedClock, regulator: Tenant, url: str, releases: Releases, page: str
) -> None:
    user = join(session, regulator, clock, "viewer")
    user.locale = "zh_CN"
    session.commit()
    browser = Browser(app.test_client())
    sign_in(browser.client, user)
    shown = browser.get(f"{url}/{page}")
    assert CHINESE.search(finding(shown))
    assert all(CHINESE.search(cell) for cell in rows_of(shown)[0])
    assert "合成演示数据，非真实企业" in shown.text


def test_questions_lead_to_views_that_answer_them(desk: Browser, url: str, releases: Releases) -> None:
    start = desk.get(url)
    assert "In which industries is the CNC rate of key processes below" in start.text
    assert re.search(r"Which (cities of Shandong|provinces) lead\?", start.text)
    links = [link.replace("&amp;", "&") for link in start.links if "/dashboard/" in link and "?" in link]
    assert len(links) >= 8
    for link in links:
        assert finding(desk.get(link))


@pytest.mark.parametrize("page", ["", *(f"/{page}" for page in PAGES)])
def test_without_a_release_the_page_says_so(desk: Browser, url: str, page: str) -> None:
    assert "Nothing is released yet" in desk.get(f"{url}{page}").text


def test_an_unknown_page_is_not_found(desk: Browser, url: str) -> None:
    assert "no such page of the dashboard" in desk.get(f"{url}/nothing", status=404).text


# Where one begins, and what one may see


def test_a_regulator_begins_at_its_own_region_and_may_look_elsewhere(
    desk: Browser, url: str, releases: Releases
) -> None:
    assert finding(desk.get(f"{url}/profile")).startswith("Shandong: ")
    assert finding(desk.get(f"{url}/profile?region=")).startswith("The nation: ")
    assert finding(desk.get(f"{url}/profile?region=320000")).startswith("Jiangsu: ")


def test_every_role_of_a_regulator_reads_it_and_an_enterprise_does_not(
    app: Any, session: Session, clock: FixedClock, regulator: Tenant, url: str, releases: Releases
) -> None:
    for role in ("owner", "editor", "reviewer", "viewer"):
        browser = Browser(app.test_client())
        sign_in(browser.client, join(session, regulator, clock, role))
        browser.get(f"{url}/levels")
    outsider = Browser(app.test_client())
    sign_in(outsider.client, make_user(session))
    outsider.get(f"{url}/levels", status=404)


def test_what_is_read_stands_in_the_ledger_before_it_is_shown(
    desk: Browser, url: str, session: Session, regulator: Tenant, releases: Releases
) -> None:
    desk.get(f"{url}/trend?region=370000&indicator=capability")
    session.rollback()
    noted = session.scalars(select(AggregateRead).where(AggregateRead.reader_id == regulator.id)).all()
    assert {row.release_id for row in noted} == {release.id for release in releases.values()}
    assert {(row.asked["region"][0], row.cells, row.purpose) for row in noted} == {
        ("370000", 1, "dashboard, trend: page")
    }


def test_looking_at_questions_reads_no_figure(
    desk: Browser, url: str, session: Session, regulator: Tenant, releases: Releases
) -> None:
    desk.get(url)
    session.rollback()
    assert session.scalars(select(AggregateRead)).all() == []


# Comparison, ranks and drilling down


def test_industries_below_the_province_are_counted_as_the_table_says(
    desk: Browser, url: str, releases: Releases
) -> None:
    page = desk.get(f"{url}/compare?indicator=cnc_rate&by=division&region=")
    standing = [row[5] for row in rows_of(page)[1:]]
    below, above = standing.count("below"), standing.count("above")
    assert below + above > 0
    assert f"{below} are below the nation" in finding(page)
    assert f"and {above} above" in finding(page)


def test_a_rank_names_how_many_are_compared_and_rounding_makes_no_difference(
    desk: Browser, url: str, releases: Releases
) -> None:
    page = desk.get(f"{url}/compare?indicator=capability&by=province&region=")
    header, *rows = rows_of(page)
    published = [row for row in rows if row[1] != "not published"]
    assert header[4] == f"Rank (of {len(published)} published)"
    for first in published:
        for second in published:
            if first[1] == second[1]:  # the places that rounding leaves open overlap; small cells are rounded coarser
                assert places(first[4]) & places(second[4])
                assert first is second or "(same)" in first[4]


def places(rank: str) -> set[int]:
    """The places that a rank such as “3–5 (same)” leaves open."""
    ends = [int(word) for word in re.findall(r"\d+", rank)]
    return set(range(ends[0], ends[-1] + 1))


def test_rows_lead_deeper_only_where_something_is_published(desk: Browser, url: str, releases: Releases) -> None:
    page = desk.get(f"{url}/compare?indicator=capability&by=sector&region=")
    rows = dict(
        zip([row[0] for row in rows_of(page)[1:]], re.findall(r"<th scope=\"row\">(.*?)</th>", page.html), strict=True)
    )
    assert "by=division" in rows["Equipment"]
    assert "industry=s:equipment" in rows["Equipment"] or "industry=s%3Aequipment" in rows["Equipment"]
    assert "<a" not in rows["Electricity, heat, gas and water"]


def test_a_province_leads_to_its_cities(desk: Browser, url: str, releases: Releases) -> None:
    page = desk.get(f"{url}/map?region=")
    link = re.search(r'<a href="([^"]*region=370000[^"]*)"', page.html)
    assert link
    assert "Jinan" in desk.get(link[1].replace("&amp;", "&")).text


# Filters


def test_a_filter_offers_what_is_published_and_shows_the_rest_as_not_published(
    desk: Browser, url: str, releases: Releases
) -> None:
    page = desk.get(f"{url}/profile?region=370000")
    published = {
        cell.key.industry
        for cell in built_years()[2025].cells
        if cell.key.region == "370000" and not cell.key.size and (cell.quantiles or cell.shares or cell.levels)
    }
    for code in ("34", "06", "12", "43"):
        option = re.search(rf'<option value="{code}"[^>]*>[^<]*</option>', page.html)
        assert option
        assert ("disabled" in option[0]) is (code not in published)
        assert ("(not published)" in option[0]) is (code not in published)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("region=999999", "“999999” is no region that is known here"),
        ("industry=zz", "“zz” is no industry that is known here"),
        ("size=huge", "“huge” is no size that is known here"),
        ("year=1999", "There is no release of 1999. The one of 2025 is shown."),
        ("year=x", "“x” is no year that is known here"),
        ("framework=nothing", "There is no release of the framework “nothing”."),
    ],
)
def test_a_wrong_value_is_named_and_left_out(
    desk: Browser, url: str, releases: Releases, query: str, words: str
) -> None:
    page = desk.get(f"{url}/profile?{query}")
    assert words in page.text
    assert finding(page)


def test_an_address_with_a_script_is_shown_as_text(desk: Browser, url: str, releases: Releases) -> None:
    page = desk.get(f"{url}/profile?region=<script>alert(1)</script>")
    assert "<script>alert" not in page.html


def test_cities_are_compared_over_all_industries_and_sizes(desk: Browser, url: str, releases: Releases) -> None:
    page = desk.get(f"{url}/compare?indicator=capability&by=city&region=370000&industry=34&size=small")
    assert "over all industries and sizes alone" in page.text
    assert finding(page)


# What is not published


def test_a_withheld_cell_and_one_that_never_was_look_the_same(desk: Browser, url: str, releases: Releases) -> None:
    """No contributor at all, too few, a place of the lattice or none: the answer differs in the name alone."""
    keys = built_years()[2025].published
    withheld = next(
        item.key for item in built_years()[2025].withheld if not item.what and item.key.industry and item.key.size
    )
    assert withheld not in keys
    never = ("industry=12&region=540000&size=large", "industry=43&region=630000&size=micro")
    asked = [f"industry={withheld.industry}&region={withheld.region}&size={withheld.size}", *never]
    for query in asked:
        page = desk.get(f"{url}/profile?{query}")
        assert "is not published. Shown instead is the closest population that holds it" in page.text
        assert not re.search(r"too few|withheld|R3|R7|rule", page.text.replace("rules", ""))


def test_rows_without_a_figure_say_nothing_of_why(desk: Browser, url: str, releases: Releases) -> None:
    """Of divisions in which nobody is and of those with too few the table says the same."""
    rows = rows_of(desk.get(f"{url}/compare?indicator=capability&by=division&region=east"))
    unpublished = {tuple(row[1:]) for row in rows[1:] if row[1] == "not published"}
    assert unpublished == {("not published", "—", "—", "—", "—", "—")}


def test_no_page_or_file_holds_a_figure_that_is_not_in_the_release(desk: Browser, url: str, releases: Releases) -> None:
    cells = {cell.key.region: cell for cell in built_years()[2025].cells if not cell.key.industry and not cell.key.size}
    rows = rows_of(desk.get(f"{url}/compare?indicator=capability&by=province&region="))
    names = {row[0] for row in rows[1:] if row[1] != "not published"}
    from maturity.reference.regions import regions

    assert names == {
        regions()[code].en for code in cells if code.endswith("0000") and "capability" in cells[code].quantiles
    }


# Bases


def test_real_and_synthetic_releases_are_never_joined(
    desk: Browser, url: str, session: Session, clock: FixedClock, releases: Releases
) -> None:
    publish_year(session, clock, 2025, period=2026, is_synthetic=False)
    trend = desk.get(f"{url}/trend?region=&indicator=capability")
    assert "The basis changes between 2025 and 2026 (synthetic and real data); the line is cut." in trend.text
    assert finding(trend).endswith("in 2026")
    change = desk.get(f"{url}/change?region=&indicator=capability&by=sector")
    assert "must not be subtracted" in finding(change)
    assert {row[3] for row in rows_of(change)[1:]} == {"not comparable"}


def test_a_release_under_other_rules_cuts_the_line(
    desk: Browser, url: str, session: Session, clock: FixedClock, releases: Releases
) -> None:
    publish_year(session, clock, 2024, period=2023, rules_version="0")
    page = desk.get(f"{url}/trend?region=&indicator=capability")
    assert "(rules of release changed)" in page.text


def test_a_release_of_another_edition_cuts_the_line(
    desk: Browser, url: str, session: Session, clock: FixedClock, releases: Releases
) -> None:
    for period, edition in ((2026, "2026.1"), (2027, "2026.1"), (2028, "2028.1")):
        publish_year(session, clock, 2025, period=period, is_synthetic=False, edition=edition)
    page = desk.get(f"{url}/trend?region=&indicator=capability")
    assert "The basis changes between 2027 and 2028 (the edition of the framework changed from" in page.text
    assert "between 2026 and 2027" not in page.text
    assert finding(page).endswith("in 2028")
    assert {row[-1].split(", ")[1] for row in rows_of(page)[1:]} >= {"edition 2026.1", "edition 2028.1"}


def test_a_correction_stands_for_its_period(
    desk: Browser, url: str, session: Session, clock: FixedClock, releases: Releases
) -> None:
    corrected = publish_year(session, clock, 2024, period=2025)
    page = desk.get(f"{url}/profile")
    assert str(corrected.sha256)[:12].upper() in page.text
    assert str(releases[2025].sha256)[:12].upper() not in page.text


def test_real_figures_carry_no_mark_of_synthetic_ones(
    desk: Browser, url: str, session: Session, clock: FixedClock
) -> None:
    publish_year(session, clock, 2025, is_synthetic=False)
    page = desk.get(f"{url}/profile")
    assert "Synthetic data" not in page.text
    assert "Synthetic" not in desk.client.get(f"{url}/profile.svg").text


def test_a_release_that_two_people_have_not_signed_is_not_seen(
    desk: Browser, url: str, session: Session, clock: FixedClock, releases: Releases
) -> None:
    unsigned = publish_year(session, clock, 2024, period=2026, is_published=False)
    page = desk.get(f"{url}/profile")
    assert str(unsigned.sha256)[:12].upper() not in page.text
    assert "2026" not in [row[0] for row in rows_of(desk.get(f"{url}/trend?region="))]


# Targets


def test_targets_say_how_they_are_meant_and_are_judged_on_one_basis_alone(
    desk: Browser, url: str, releases: Releases
) -> None:
    page = desk.get(f"{url}/targets?indicator=cnc_rate&region=")
    rows = rows_of(page)
    target = next(row for row in rows if row[1] == "target" and row[0] == "2025")
    assert target[2] == "≥ 68"
    assert "cannot be judged" in finding(page)
    assert "background, and not set against the targets" in page.text


def test_a_user_without_a_jurisdiction_sees_the_nation(
    app: Any, session: Session, clock: FixedClock, releases: Releases
) -> None:
    from tests.factories.campaigns import make_regulator

    owner: User = make_user(session, locale="en")
    tenant = make_regulator(session, clock, region="", owner=owner, name="工业和信息化部")
    browser = Browser(app.test_client())
    sign_in(browser.client, session.get_one(User, owner.id))
    assert finding(browser.get(f"/t/{tenant.id}/dashboard/profile")).startswith("The nation")
