"""Wherever synthetic data are shown they say that they are: list, home, result, charts, report and their sources."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.assessments.submission import submission_of
from maturity.db import every_tenant
from maturity.demo.profiles import PERIODS
from maturity.demo.service import OWNER, SMALL_BROWSABLE
from maturity.editions.service import framework_by_hash
from maturity.extensions import db
from maturity.reports.pages import report_html
from maturity.results.view import result_of
from maturity.tenancy.models import Membership, Tenant
from tests.conftest import Browser
from tests.factories.people import sign_in

pytestmark = pytest.mark.database
MARKS = {"zh": "合成", "en": "ynthetic"}
DENIAL = {"zh": "并不存在", "en": "this enterprise does not exist"}


@pytest.fixture
def visitor(seeded: Any) -> Browser:
    return Browser(seeded.test_client())


@pytest.fixture
def owner(seeded: Any) -> Browser:
    """Signed in as the owner whose address is printed at every start."""
    browser = Browser(seeded.test_client())
    with seeded.app_context():
        sign_in(browser.client, db.session.scalars(select(User).where(User.email == OWNER)).one())
        db.session.remove()
    return browser


def links_to_results(browser: Browser, period: int = PERIODS[-1]) -> list[str]:
    return [link for link in browser.get(f"/demonstration?period={period}").links if link.endswith("/result")]


@pytest.mark.parametrize("lang", MARKS)
def test_the_list_says_so_before_anything_else(visitor: Browser, lang: str) -> None:
    page = visitor.get(f"/demonstration?lang={lang}")
    assert page.text.index(MARKS[lang]) < page.text.index("（演示")


@pytest.mark.parametrize("period", PERIODS)
def test_every_year_can_be_browsed_from_the_list_to_the_result(visitor: Browser, period: int) -> None:
    links = links_to_results(visitor, period)
    assert len(links) == SMALL_BROWSABLE
    assert "合成" in visitor.get(links[0]).text


@pytest.mark.parametrize("lang", MARKS)
def test_a_result_says_so_on_top_and_under_its_peers(visitor: Browser, lang: str) -> None:
    page = visitor.get(f"{links_to_results(visitor)[0]}?lang={lang}")
    assert DENIAL[lang] in page.text
    sources = re.findall(r'<p class="chart-source">(.*?)</p>', page.html, flags=re.DOTALL)
    peers = [source for source in sources if source.strip().startswith(("同行：", "Peers: "))]
    assert len(peers) >= 1
    assert all(
        {"zh": "合成演示数据，非真实企业", "en": "synthetic demonstration data"}[lang] in source for source in peers
    )


def test_the_source_of_the_peers_names_industry_region_size_year_and_number(visitor: Browser) -> None:
    page = visitor.get(f"{links_to_results(visitor)[0]}?lang=en")
    source = next(line for line in re.findall(r'<p class="chart-source">(.*?)</p>', page.html) if "Peers: " in line)
    assert re.search(
        r"Peers: [^,]+.*, .+, (micro|small|medium|large|all sizes); 2025; about \d+[05] enterprises", source
    )


def test_the_table_of_the_peers_carries_the_source_too(visitor: Browser) -> None:
    base = links_to_results(visitor)[0].removesuffix("/result")
    assert "合成演示数据" in visitor.client.get(f"{base}/charts/peers.csv").text


@pytest.mark.parametrize("lang", MARKS)
def test_the_home_of_a_synthetic_enterprise_says_so(seeded: Any, owner: Browser, lang: str) -> None:
    with seeded.app_context():
        of_an_enterprise = Membership.tenant_id.in_(select(Tenant.id).where(Tenant.kind == "enterprise"))
        tenant_id = db.session.scalars(select(Membership.tenant_id).where(of_an_enterprise).limit(1)).one()
        db.session.remove()
    assert MARKS[lang] in owner.get(f"/t/{tenant_id}/?lang={lang}").text


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_the_cover_and_the_sources_of_the_report_say_so(seeded: Any, locale: str) -> None:
    with seeded.test_request_context(), every_tenant(db.session()):
        assessment = db.session.scalars(select(Assessment).where(Assessment.status == "submitted").limit(1)).one()
        submission = submission_of(db.session(), assessment)
        assert submission is not None
        framework = framework_by_hash(db.session(), assessment.edition_sha256)
        with force_locale(locale):
            html = report_html(result_of(db.session(), framework, submission), locale, lambda *_: None)
        db.session.remove()
    lang = locale[:2]
    cover = html.partition("</section>")[0]
    assert DENIAL[lang] in cover
    assert {"zh": "合成演示数据", "en": "synthetic demonstration data"}[lang] in html


def test_a_name_alone_tells_a_synthetic_enterprise(visitor: Browser) -> None:
    names = re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', visitor.get("/demonstration").html)
    assert len(names) == SMALL_BROWSABLE
    assert all(re.search(r"（演示\d{4}）$", name) for name in names)
