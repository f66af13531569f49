"""Saved views: a name for an address, for oneself or for the office."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.benchmarks.models import AggregateRead, BenchmarkRelease
from maturity.clock import FixedClock
from maturity.dashboard.models import DashboardView
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.campaigns import join, make_regulator
from tests.factories.people import make_user, sign_in
from tests.functional.dashboard.test_pages import finding

pytestmark = pytest.mark.xdist_group("dashboard")

Releases = dict[int, BenchmarkRelease]
QUERY = "indicator=capability&by=sector&region=east&size=small"


@pytest.fixture
def colleague(app: Any, session: Session, clock: FixedClock, regulator: Tenant) -> Browser:
    browser = Browser(app.test_client())
    user = join(session, regulator, clock, "viewer")
    user.locale = "en"
    session.commit()
    sign_in(browser.client, user)
    return browser


def save(desk: Browser, url: str, name: str = "小企业 ERP", **more: str) -> str:
    """The id of the view."""
    desk.post(f"{url}/compare/views?{QUERY}", {"name": name, **more})
    found = re.search(r"/dashboard/views/([0-9a-f-]{36})\">" + re.escape(name), desk.get(url).html)
    assert found
    return found[1]


def test_a_view_is_saved_under_a_name_and_opens_where_it_was(
    desk: Browser, url: str, session: Session, releases: Releases
) -> None:
    view = save(desk, url)
    session.rollback()
    kept = session.scalars(select(DashboardView)).one()
    assert (kept.page, kept.is_shared) == ("compare", False)
    session.rollback()
    opened = desk.client.get(f"{url}/views/{view}")
    assert opened.status_code == 302
    for part in ("indicator=capability", "by=sector", "region=east", "size=small"):
        assert part in opened.location
    assert "Capability score" in finding(desk.get(f"{url}/views/{view}"))


def test_a_view_of_the_whole_country_stays_one(desk: Browser, url: str, releases: Releases) -> None:
    """Without a region in its address it would become the reader's own."""
    desk.post(f"{url}/profile/views?region=", {"name": "全国"})
    view = re.search(r"/dashboard/views/([0-9a-f-]{36})\">全国", desk.get(url).html)
    assert view
    assert finding(desk.get(f"{url}/views/{view[1]}")).startswith("The nation")


def test_without_a_name_nothing_is_saved_and_the_chart_stays(
    desk: Browser, url: str, session: Session, releases: Releases
) -> None:
    page = desk.post(f"{url}/compare/views?{QUERY}", {"name": "  "}, status=422)
    assert "Give the view a name." in page.text
    assert "Capability score" in finding(page)
    too_long = desk.post(f"{url}/compare/views?{QUERY}", {"name": "x" * 41}, status=422)
    assert "at most 40 characters" in too_long.text
    assert "x" * 41 in too_long.html


def test_what_a_refused_form_shows_again_is_noted_too(
    desk: Browser, url: str, session: Session, releases: Releases
) -> None:
    desk.post(f"{url}/compare/views?{QUERY}", {"name": ""}, status=422)
    session.rollback()
    assert len(session.scalars(select(AggregateRead)).all()) == 1


def test_a_shared_view_is_seen_by_the_office_and_changed_by_its_owner_alone(
    desk: Browser, colleague: Browser, url: str, releases: Releases
) -> None:
    own, shared = save(desk, url, "mine"), save(desk, url, "ours", shared="y")
    start = colleague.get(url)
    assert "ours" in start.text
    assert "mine" not in start.text
    colleague.get(f"{url}/views/{shared}")
    colleague.get(f"{url}/views/{own}", status=404)
    colleague.post(f"{url}/views/{shared}/delete", status=404)
    colleague.post(f"{url}/views/{shared}/name", {"name": "theirs"}, status=404)
    assert f"views/{shared}/name" not in start.html


def test_a_view_is_renamed_and_deleted(desk: Browser, url: str, releases: Releases) -> None:
    first, second = save(desk, url, "first"), save(desk, url, "second")
    desk.get(f"{url}/views/{first}/name")
    assert "Give the view a name." in desk.post(f"{url}/views/{first}/name", {"name": ""}, status=422).text
    assert "third" in desk.post(f"{url}/views/{first}/name", {"name": "third"}).text
    taken = desk.post(f"{url}/views/{second}/name", {"name": "third"}, status=409)
    assert "Another view of yours has this name." in taken.text
    desk.post(f"{url}/views/{first}/delete")
    assert "third" not in desk.get(url).text
    desk.get(f"{url}/views/{first}", status=404)


def test_the_same_name_replaces_the_view(desk: Browser, url: str, session: Session, releases: Releases) -> None:
    save(desk, url)
    desk.post(f"{url}/levels/views?region=370000", {"name": "小企业 ERP"})
    session.rollback()
    assert [view.page for view in session.scalars(select(DashboardView))] == ["levels"]


def test_a_view_of_another_office_is_not_there(
    app: Any, desk: Browser, url: str, session: Session, clock: FixedClock, releases: Releases
) -> None:
    view = save(desk, url, shared="y")
    owner = make_user(session)
    other = make_regulator(session, clock, owner=owner, name="江苏省工业和信息化厅")
    browser = Browser(app.test_client())
    sign_in(browser.client, owner)
    browser.get(f"/t/{other.id}/dashboard/views/{view}", status=404)
    browser.get(f"{url}/views/{view}", status=404)


def test_words_that_are_no_address_are_not_saved(desk: Browser, url: str, session: Session, releases: Releases) -> None:
    desk.post(f"{url}/compare/views?indicator=erp&by=size&region=&evil=//elsewhere", {"name": "x"})
    session.rollback()
    assert "evil" not in session.scalars(select(DashboardView.query)).one()
