"""Browsing synthetic enterprises: filters, pages, both languages, and never a real enterprise among them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment, Submission
from maturity.clock import FixedClock
from maturity.demo.catalogue import PAGE
from maturity.extensions import db
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user, sign_in
from tests.page import Page
from tests.statements import statements

pytestmark = pytest.mark.database


@pytest.fixture
def owner(session: Session) -> User:
    return make_user(session)


@pytest.fixture
def show(session: Session, clock: FixedClock, owner: User) -> Any:
    """Make an enterprise with a result, synthetic unless said otherwise."""

    def make(name: str, *, is_synthetic: bool = True, period: int = 2025, **values: Any) -> Assessment:
        tenant = make_enterprise(session, owner, clock, is_synthetic=is_synthetic, name=name, **values)
        assessment = make_result(session, tenant, clock, period)
        session.commit()
        return assessment

    return make


def listed(page: Page) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page.html)


def total(page: Page) -> int:
    found = re.search(r"(\d+) enterprises found", page.text)
    return int(found[1]) if found else 0


# Only synthetic enterprises


def test_a_real_enterprise_alike_in_everything_is_neither_listed_nor_counted(browser: Browser, show: Any) -> None:
    show("演示企业一")
    show("真实企业一", is_synthetic=False)
    page = browser.get("/demonstration?lang=en")
    assert listed(page) == ["演示企业一"]
    assert total(page) == 1
    assert "真实企业一" not in page.html


@pytest.mark.parametrize("question", ["", "?industry=34", "?province=370000", "?size=medium", "?level=2", "?page=2"])
def test_a_real_enterprise_is_found_by_no_filter(browser: Browser, show: Any, question: str) -> None:
    show("真实企业一", is_synthetic=False)
    page = browser.get(f"/demonstration{question}")
    assert listed(page) == []
    assert "真实企业一" not in page.html


def test_a_real_enterprises_own_people_do_not_find_it_there_either(browser: Browser, show: Any, owner: User) -> None:
    show("真实企业一", is_synthetic=False)
    sign_in(browser.client, owner)
    assert "真实企业一" not in browser.get("/demonstration?lang=en").html


def test_an_enterprise_that_turns_real_is_gone_at_once(browser: Browser, session: Session, show: Any) -> None:
    assessment = show("演示企业一")
    session.get_one(Tenant, assessment.tenant_id).is_synthetic = False
    session.commit()
    assert listed(browser.get("/demonstration?lang=en")) == []


def test_only_the_result_that_stands_is_shown(browser: Browser, session: Session, show: Any) -> None:
    assessment = show("演示企业一")
    for status, shown in (("superseded", 0), ("submitted", 1)):
        session.get_one(Assessment, assessment.id).status = status
        session.commit()
        assert total(browser.get("/demonstration?lang=en")) == shown


# Filters


@pytest.fixture
def two(show: Any, session: Session) -> None:
    """One in Shandong, of machinery, medium, at one stage; one in Jiangsu, of chemicals, small, at another."""
    show("机械")
    other = show("化工", industry="26", region="320500", headcount=60, revenue_wan=5000, period=2024)
    session.execute(select(Submission).where(Submission.assessment_id == other.id)).scalar_one().level = 4
    session.commit()


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("period=2025", ["机械"]),
        ("period=2024", ["化工"]),
        ("period=2025&industry=34", ["机械"]),
        ("period=2025&industry=26", []),
        ("period=2024&industry=26", ["化工"]),
        ("period=2025&province=370000", ["机械"]),
        ("period=2024&province=370000", []),
        ("period=2024&province=320000", ["化工"]),
        ("period=2025&size=medium", ["机械"]),
        ("period=2024&size=medium", []),
        ("period=2024&size=small", ["化工"]),
        ("period=2024&level=4", ["化工"]),
        ("period=2024&level=1", []),
        ("period=2024&industry=26&province=320000&size=small&level=4", ["化工"]),
    ],
)
def test_a_filter_narrows_the_list(browser: Browser, two: None, question: str, names: list[str]) -> None:
    page = browser.get(f"/demonstration?{question}&lang=en")
    assert listed(page) == names
    assert total(page) == len(names)


def test_the_form_keeps_what_was_chosen(browser: Browser, two: None) -> None:
    html = browser.get("/demonstration?period=2024&industry=26&province=320000&size=small&level=4").html
    for chosen in ('value="26" selected', 'value="320000" selected', 'value="small" selected'):
        assert chosen in html
    assert re.search(r"<option selected>\s*2024", html)
    assert re.search(r"<option selected>\s*4", html)


@pytest.mark.parametrize(
    "question",
    [
        "industry=zz", "industry=99", "industry=%25", "industry=3", "province=999999", "province=%27--", "province=37",
        "size=huge", "level=9", "level=-1", "level=%C2%B2", "level=%D9%A1", "period=1999", "period=abc", "period=",
        "page=0", "page=-3", "page=999", "page=abc", "page=99999999999999999999", "nonsense=1",
    ],
)  # fmt: skip
def test_what_cannot_be_is_left_out_and_the_form_shows_it(browser: Browser, show: Any, question: str) -> None:
    show("机械")
    page = browser.get(f"/demonstration?{question}&lang=en")
    assert listed(page) == ["机械"]
    assert not re.search(r'value="(zz|99|%|999999|huge)" selected', page.html)


def test_an_empty_answer_says_what_to_do(browser: Browser, two: None) -> None:
    page = browser.get("/demonstration?period=2025&level=4&lang=en")
    assert "No enterprise fits these filters" in page.text
    assert "/demonstration" in page.links


# Pages


@pytest.fixture
def many(session: Session, clock: FixedClock, show: Any) -> int:
    """One more than fits on a page, all with the result of the first, and different names."""
    first = show("演示000")
    submission = session.scalars(select(Submission).where(Submission.assessment_id == first.id)).one()
    for number in range(1, PAGE + 1):
        tenant = make_enterprise(session, make_user(session), clock, is_synthetic=True, name=f"演示{number:03d}")
        enterprise_id = session.scalars(select(Enterprise.id).where(Enterprise.tenant_id == tenant.id)).one()
        kept = ("edition_sha256", "period", "profile", "status", "started_at", "submitted_at")
        copied = {key: getattr(first, key) for key in kept}
        assessment = Assessment(tenant_id=tenant.id, enterprise_id=enterprise_id, **copied)
        session.add(assessment)
        session.flush()
        same = {
            column.name: getattr(submission, column.name)
            for column in Submission.__table__.columns
            if column.name not in ("id", "tenant_id", "assessment_id")
        }
        session.add(Submission(tenant_id=tenant.id, assessment_id=assessment.id, **same))
    session.commit()
    return PAGE + 1


def test_pages_hold_everybody_once(browser: Browser, many: int) -> None:
    first, second = (listed(browser.get(f"/demonstration?page={number}&lang=en")) for number in (1, 2))
    assert (len(first), len(second)) == (PAGE, 1)
    assert len({*first, *second}) == many


def test_pages_lead_to_each_other_with_the_filters_kept(browser: Browser, many: int) -> None:
    first = browser.get("/demonstration?industry=34&size=medium&lang=en")
    onward = next(link for link in first.links if "page=2" in link)
    assert "industry=34" in onward
    assert "size=medium" in onward
    second = browser.get(onward.replace("&amp;", "&"))
    assert "Page 2 of 2" in second.text
    assert any("page=1" in link for link in second.links)
    assert not any("page=3" in link for link in second.links)


def test_a_page_beyond_the_last_is_the_last(browser: Browser, many: int) -> None:
    page = browser.get("/demonstration?page=40&lang=en")
    assert "Page 2 of 2" in page.text
    assert len(listed(page)) == 1


def test_the_number_of_queries_does_not_grow_with_the_list(app: Any, browser: Browser, many: int) -> None:
    sent = {}
    for name, question in (("many", "page=1"), ("one", "page=2"), ("none", "level=4&industry=26")):
        with app.app_context():
            engine = db.engine
        with statements(engine) as found:
            browser.get(f"/demonstration?{question}")
        sent[name] = len(found)
    assert sent["many"] == sent["one"] <= 3
    assert sent["none"] <= sent["one"]


def test_the_documents_are_not_read_for_a_list(app: Any, browser: Browser, many: int) -> None:
    with app.app_context():
        engine = db.engine
    with statements(engine) as found:
        browser.get("/demonstration")
    assert found
    assert not any("submissions.document" in statement for statement in found)


# Both languages


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ("演示企业", "行业", "省份", "企业规模", "合成")),
        ("en", ("Demonstration enterprises", "Industry", "Province", "Size class", "synthetic")),
    ],
)
def test_the_page_speaks_both_languages(browser: Browser, show: Any, lang: str, words: tuple[str, ...]) -> None:
    show("机械")
    page = browser.get(f"/demonstration?lang={lang}")
    for word in words:
        assert word in page.text
    assert "通用设备制造业" in page.text or lang == "en"
    assert "General-purpose machinery" in page.text or lang == "zh"


def test_a_visitor_opens_a_result_from_the_list_without_an_account(browser: Browser, show: Any) -> None:
    show("机械")
    page = browser.get("/demonstration?lang=en")
    link = next(link for link in page.links if link.endswith("/result"))
    assert "Synthetic data" in browser.get(link).text


def test_a_visitor_without_an_account_opens_no_real_result(browser: Browser, show: Any) -> None:
    assessment = show("真实", is_synthetic=False)
    reply = browser.client.get(f"/t/{assessment.tenant_id}/assessments/{assessment.id}/result")
    assert reply.status_code == 302
    assert "/sign-in" in reply.headers["Location"]
