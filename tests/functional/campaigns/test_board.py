"""The board, the deadline, reminders, quotas, parks and the report; and what is said to wrong input."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.campaigns.models import Campaign, CampaignExtension, CampaignInvitee, CampaignQuota, RegulatorPark
from maturity.claims.models import ClaimCode
from maturity.clock import FixedClock
from maturity.messages.models import Message
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.campaigns import join, make_campaign, make_regulator, reload
from tests.factories.claims import work_off
from tests.factories.people import keep, sign_in
from tests.integration.reports.paper import Paper

FORM = {
    "title": "2025 年度整体性评估",
    "framework": "lianghua",
    "period": "2025",
    "region": "370000",
    "deadline": "2026-12-31",
    "quota": "20",
    "reminders": "14, 7",
}


def rows(session: Session, table: Any) -> list[Any]:
    session.rollback()
    found = list(session.scalars(select(table)))
    session.expunge_all()
    session.rollback()
    return found


@pytest.fixture
def campaign(session: Session, regulator: Tenant, clock: FixedClock) -> Campaign:
    return make_campaign(session, regulator, clock, invited=6)


@pytest.fixture
def here(url: str, campaign: Campaign) -> str:
    return f"{url}/{campaign.id}"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "Enter a title"),
        ("title", "长" * 81, "Shorten the title to at most 80"),
        ("framework", "none", "Choose the framework."),
        ("framework", "", "Choose the framework."),
        ("period", "1999", "Choose the reporting year."),
        ("region", "110000", "Choose a place where you have a say."),
        ("region", "", "Choose a place where you have a say."),
        ("region", "g:yangtze", "Choose a place where you have a say."),
        ("deadline", "", "Enter the last day that counts."),
        ("deadline", "soon", "Write the day as year-month-day"),
        ("deadline", "2026-11-23", "Choose a day from today on"),
        ("deadline", "2029-01-01", "Choose a day from today on"),
        ("quota", "0", "Enter a whole number from 1 to 100."),
        ("quota", "101", "Enter a whole number from 1 to 100."),
        ("quota", "viel", "Enter a whole number from 1 to 100."),
        ("reminders", "1,2,3,4,5,6", "Give at most 5 days."),
        ("reminders", "200", "Enter a whole number from 0 to 90."),
        ("industries", "99", "Choose industries from the list."),
        ("sizes", "giant", "Choose sizes from the list."),
    ],
)
def test_wrong_input_is_named_and_the_rest_is_kept(
    session: Session, desk: Browser, url: str, field: str, value: str, message: str
) -> None:
    page = desk.post(f"{url}/new", FORM | {field: value}, status=422)
    assert message in page.text
    assert 'value="14, 7"' in page.html or field == "reminders"
    assert rows(session, Campaign) == []


def test_the_form_offers_the_places_of_the_jurisdiction(desk: Browser, url: str) -> None:
    page = desk.get(f"{url}/new")
    for shown in ('value="370000"', 'value="370200"', 'value="370211"'):
        assert shown in page.html
    assert 'value="110000"' not in page.html


def test_a_regulator_of_the_country_can_choose_groups_of_provinces(
    app: Any, session: Session, clock: FixedClock
) -> None:
    nation = make_regulator(session, clock, region="", name="工业和信息化部")
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, nation, clock, "editor"))
    browser.post(f"/t/{nation.id}/campaigns/new", FORM | {"region": "g:yangtze"})
    assert [found.region for found in rows(session, Campaign)] == ["g:yangtze"]


def test_a_regulator_without_a_profile_is_told_whom_to_ask(
    app: Any, session: Session, regulator: Tenant, desk: Browser, url: str
) -> None:
    from maturity.campaigns.models import Regulator

    session.delete(session.get_one(Regulator, regulator.id))
    keep(session)
    assert "Ask the operator for it." in desk.get(url).text
    desk.get(f"{url}/new", status=409)


def test_a_draft_can_be_changed_and_deleted(session: Session, desk: Browser, url: str) -> None:
    desk.post(f"{url}/new", FORM)
    (draft,) = rows(session, Campaign)
    assert 'value="2026-12-31"' in desk.get(f"{url}/{draft.id}/edit").html
    desk.post(f"{url}/{draft.id}/edit", FORM | {"title": "改名"})
    assert [found.title for found in rows(session, Campaign)] == ["改名"]
    assert "gone for good" in desk.get(f"{url}/{draft.id}/end").text
    desk.post(f"{url}/{draft.id}/end")
    assert rows(session, Campaign) == []


def test_a_draft_cannot_be_narrowed_past_its_list(
    session: Session, desk: Browser, regulator: Tenant, url: str, clock: FixedClock
) -> None:
    campaign = make_campaign(session, regulator, clock, invited=4, opened=False)
    desk.post(f"{url}/{campaign.id}/edit", FORM | {"region": "370200"}, status=409)
    assert reload(session, campaign).region == "370000"


def test_a_draft_without_a_list_cannot_be_opened(session: Session, desk: Browser, url: str) -> None:
    desk.post(f"{url}/new", FORM)
    (draft,) = rows(session, Campaign)
    assert "Upload first whom you invite" in desk.post(f"{url}/{draft.id}/open", status=409).text


def test_an_open_campaign_is_changed_no_more(desk: Browser, here: str) -> None:
    desk.get(f"{here}/edit", status=409)
    desk.post(f"{here}/edit", FORM, status=409)
    desk.post(f"{here}/open", status=409)


def test_everybody_with_an_address_gets_one_letter_with_a_code(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    work_off(app, session, clock)
    letters, codes = rows(session, Message), rows(session, ClaimCode)
    assert len(letters) == len(codes) == 6
    assert {code.uscc for code in codes} == {row.uscc for row in rows(session, CampaignInvitee)}
    assert all("山东省工业和信息化厅" in letter.subject for letter in letters)
    assert all("neither your answers nor your result" in letter.body for letter in letters)


def test_those_who_lag_are_reminded_by_one_click_once_a_day(
    app: Any, session: Session, desk: Browser, here: str, official: User, clock: FixedClock
) -> None:
    work_off(app, session, clock)
    done = session.scalars(select(CampaignInvitee)).first()
    assert done is not None
    done.state, done.started_at, done.submitted_at = "submitted", clock.now(), clock.now()
    keep(session)
    assert "5 enterprises are reminded." in desk.post(f"{here}/remind").text
    work_off(app, session, clock)
    assert len(rows(session, Message)) == 11
    assert "reminded today already" in desk.post(f"{here}/remind", status=409).text
    assert "reminded today" in desk.get(here).text
    clock.at += timedelta(days=1)
    sign_in(desk.client, session.get_one(User, official.id))
    desk.post(f"{here}/remind")
    work_off(app, session, clock)
    assert len(rows(session, Message)) == 16
    assert len(rows(session, ClaimCode)) == 6


def test_reminders_go_out_on_the_planned_days_only(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    work_off(app, session, clock)
    opened = campaign.opened_at
    assert opened is not None
    for days, letters in ((22, 6), (23, 12), (28, 12), (29, 18)):
        clock.at = opened + timedelta(days=days, hours=4)
        work_off(app, session, clock)
        assert len(rows(session, Message)) == letters, days


def test_a_code_that_has_run_out_is_renewed_with_the_reminder(
    app: Any, session: Session, regulator: Tenant, clock: FixedClock
) -> None:
    campaign = make_campaign(session, regulator, clock, deadline=clock.today() + timedelta(days=90), reminders=(7,))
    work_off(app, session, clock)
    clock.at = campaign.closes_at - timedelta(days=7)
    work_off(app, session, clock)
    assert len(rows(session, ClaimCode)) == 2
    assert "Earlier codes are void." in max(rows(session, Message), key=lambda letter: letter.created_at).body


def test_extending_keeps_the_history_and_the_campaign_open(
    app: Any, session: Session, desk: Browser, here: str, campaign: Campaign, official: User, clock: FixedClock
) -> None:
    later = campaign.deadline + timedelta(days=10)
    page = desk.post(f"{here}/extend", {"deadline": later.isoformat(), "reason": "统一延期"})
    assert "统一延期" in page.text
    (row,) = rows(session, CampaignExtension)
    assert (row.before, row.after) == (campaign.deadline, later)
    clock.at = campaign.closes_at + timedelta(minutes=1)
    work_off(app, session, clock)
    assert reload(session, campaign).state == "extended"
    clock.at = reload(session, campaign).closes_at + timedelta(minutes=1)
    work_off(app, session, clock)
    assert reload(session, campaign).state == "closed"
    sign_in(desk.client, session.get_one(User, official.id))
    assert "统一延期" in desk.get(f"{here}/report").text
    desk.post(f"{here}/extend", {"deadline": "2027-12-01", "reason": "再延"}, status=409)


@pytest.mark.parametrize(
    ("deadline", "reason", "message"),
    [
        ("", "原因", "Enter the new last day that counts."),
        ("morgen", "原因", "Write the day as year-month-day"),
        ("2026-11-30", "原因", "Choose a day after the present deadline"),
        ("2031-01-01", "原因", "Choose a day after the present deadline"),
        ("2027-01-31", "", "Say why."),
        ("2027-01-31", "长" * 301, "Write 2 to 300 characters."),
    ],
)
def test_a_wrong_extension_is_refused(desk: Browser, here: str, deadline: str, reason: str, message: str) -> None:
    assert message in desk.post(f"{here}/extend", {"deadline": deadline, "reason": reason}, status=422).text


def test_a_campaign_can_be_ended_early(
    app: Any, session: Session, desk: Browser, here: str, campaign: Campaign, clock: FixedClock
) -> None:
    assert "6 enterprises have not submitted" in desk.get(f"{here}/end").text
    assert "counted once more" in desk.post(f"{here}/end").text
    work_off(app, session, clock)
    assert reload(session, campaign).state == "closed"
    assert "stay as they were" in desk.get(f"{here}/end").text
    desk.post(f"{here}/end", status=409)
    desk.post(f"{here}/remind", status=409)


def test_a_quota_of_its_own_replaces_the_general_one(session: Session, desk: Browser, here: str) -> None:
    desk.post(f"{here}/quotas", {"city": "370200", "industry": "", "kind": "number", "amount": "3"})
    page = desk.post(f"{here}/quotas", {"city": "370100", "industry": "13", "kind": "share", "amount": "80%"})
    assert "3 submissions" in page.text
    assert "80 % of the list" in page.text
    assert "Quotas of a city and an industry" in desk.get(f"{here}/report").text
    desk.post(f"{here}/quotas/remove", {"city": "370200", "industry": ""})
    assert [row.city for row in rows(session, CampaignQuota)] == ["370100"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"city": "110000"}, "Choose a city of the list."),
        ({"industry": "99"}, "Choose an industry of the list."),
        ({"city": "", "industry": ""}, "Choose a city, an industry or both."),
        ({"kind": "none"}, "Choose share or number."),
        ({"amount": ""}, "Enter how much is expected."),
        ({"amount": "101"}, "Enter a whole number from 1 to 100."),
        ({"amount": "-1"}, "Enter a whole number from 1 to 100."),
        ({"kind": "number", "amount": "1000000"}, "Enter a whole number from 1 to 100000."),
    ],
)
def test_a_wrong_quota_is_refused(desk: Browser, here: str, changes: dict[str, str], message: str) -> None:
    given = {"city": "370200", "industry": "", "kind": "share", "amount": "30"} | changes
    assert message in desk.post(f"{here}/quotas", given, status=422).text


def test_parks_are_added_covered_and_kept_while_they_are(session: Session, desk: Browser, url: str) -> None:
    assert "No park yet" in desk.get(f"{url}/parks").text
    desk.post(f"{url}/parks", {"name": "中德生态园", "city": "370200"})
    assert "already" in desk.post(f"{url}/parks", {"name": "中德生态园", "city": "370200"}, status=422).text
    assert "Enter the official name." in desk.post(f"{url}/parks", {"name": "", "city": "370200"}, status=422).text
    assert "Choose the city" in desk.post(f"{url}/parks", {"name": "园", "city": "110101"}, status=422).text
    (park,) = rows(session, RegulatorPark)
    desk.post(f"{url}/new", FORM | {"region": f"p:{park.id}"})
    assert "中德生态园" in desk.get(url).text
    desk.post(f"{url}/parks/{park.id}/remove", status=409)
    (draft,) = rows(session, Campaign)
    desk.post(f"{url}/{draft.id}/end")
    desk.post(f"{url}/parks/{park.id}/remove")
    assert rows(session, RegulatorPark) == []


@pytest.mark.parametrize("name", ["funnel", "time", "coverage"])
def test_each_chart_is_a_picture_and_a_table(desk: Browser, here: str, name: str) -> None:
    for variant in ("", "?narrow=1"):
        response = desk.client.get(f"{here}/charts/{name}.svg{variant}")
        assert response.status_code == 200
        assert "<svg" in response.text
    assert desk.client.get(f"{here}/charts/{name}.csv").data.decode("utf-8-sig").count("\n") >= 3


def test_there_is_no_other_chart(desk: Browser, here: str) -> None:
    assert desk.client.get(f"{here}/charts/levels.svg").status_code == 404


def test_the_report_comes_as_pdf_and_csv_with_the_same_figures(
    app: Any, session: Session, desk: Browser, here: str, clock: FixedClock
) -> None:
    work_off(app, session, clock)
    assert desk.client.get(f"{here}/report.pdf").status_code == 404
    assert "being made" in desk.post(f"{here}/report").text
    work_off(app, session, clock)
    assert "Download the PDF" in desk.get(f"{here}/report").text
    content = desk.client.get(f"{here}/report.pdf").data
    text = Paper(content).text
    sentence = "Of 6 enterprises invited, 0 started and 0 submitted (0.0 %)."
    assert sentence in " ".join(text.split())
    assert sentence in desk.get(f"{here}/report").text
    table = desk.client.get(f"{here}/report.csv").data.decode("utf-8-sig")
    assert "Coverage by city" in table
    assert "Jinan,3,0,0,0,0.0 %,2,2" in table


@pytest.mark.parametrize("role", ["viewer", "reviewer", "signatory"])
def test_who_only_looks_sees_everything_and_changes_nothing(
    app: Any, session: Session, regulator: Tenant, campaign: Campaign, here: str, url: str, clock: FixedClock, role: str
) -> None:
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, regulator, clock, role))
    for path in (url, here, f"{here}/enterprises", f"{here}/quotas", f"{here}/report", f"{url}/parks"):
        page = browser.get(path)
        assert "Remind those who lag" not in page.text
    for path in ("remind", "open", "end", "extend", "quotas", "list"):
        assert browser.client.post(f"{here}/{path}").status_code == 403
    assert browser.client.get(f"{url}/new").status_code == 403


def test_another_regulator_finds_no_page_and_no_campaign(
    app: Any, session: Session, campaign: Campaign, here: str, clock: FixedClock
) -> None:
    other = make_regulator(session, clock, name="河南省工业和信息化厅", region="410000")
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, other, clock, "owner"))
    tail = ("", "/enterprises", "/quotas", "/report", "/list", "/report.csv", "/charts/funnel.svg", "/enterprises.csv")
    for path in tail:
        assert browser.client.get(f"{here}{path}").status_code == 404
        assert browser.client.get(f"/t/{other.id}/campaigns/{campaign.id}{path}").status_code == 404
    assert browser.client.post(f"/t/{other.id}/campaigns/{campaign.id}/remind").status_code == 404


def test_an_enterprises_owner_has_no_campaigns_page(
    app: Any, session: Session, regulator: Tenant, here: str, clock: FixedClock
) -> None:
    from tests.factories.claims import make_claimed

    tenant = make_claimed(session, clock)
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, tenant, clock, "owner"))
    assert browser.client.get(here).status_code == 404
    assert browser.client.get(f"/t/{tenant.id}/campaigns").status_code == 403


def test_regulators_begin_at_their_campaigns(desk: Browser, url: str) -> None:
    assert desk.get("/home").path == url
