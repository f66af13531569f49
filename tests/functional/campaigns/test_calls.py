"""What an invited enterprise sees, and how it takes part from its home page."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.campaigns.models import Campaign, CampaignCall
from maturity.clock import FixedClock
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_assessment, make_result
from tests.factories.campaigns import join, make_campaign, sweep
from tests.factories.claims import make_claimed
from tests.factories.enterprises import make_enterprise
from tests.factories.people import keep, make_user, sign_in


@pytest.fixture
def campaign(session: Session, regulator: Tenant, clock: FixedClock) -> Campaign:
    return make_campaign(session, regulator, clock)


@pytest.fixture
def invited(app: Any, session: Session, campaign: Campaign, clock: FixedClock) -> Tenant:
    tenant = make_claimed(session, clock)
    sweep(app)
    return tenant


@pytest.fixture
def home(app: Any, session: Session, invited: Tenant, clock: FixedClock) -> Browser:
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, invited, clock, "owner"))
    return browser


def call_of(session: Session) -> CampaignCall:
    session.rollback()
    found = session.scalars(select(CampaignCall)).one()
    session.expunge_all()
    session.rollback()
    return found


def test_the_home_page_says_who_invites_to_what_until_when_and_what_is_seen(
    home: Browser, invited: Tenant, campaign: Campaign
) -> None:
    page = home.get(f"/t/{invited.id}/")
    assert f"山东省工业和信息化厅 invites you: {campaign.title}" in page.text
    assert "until the end of" in page.text
    assert "It sees neither your answers nor your result." in page.text


def test_the_assessment_is_begun_from_there_and_gone_on_with(session: Session, home: Browser, invited: Tenant) -> None:
    url = f"/t/{invited.id}/campaign-calls/{call_of(session).id}"
    first = home.post(url)
    assert "/assessments/" in first.path
    assert home.post(url).path.split("/assessments/")[1][:36] == first.path.split("/assessments/")[1][:36]
    page = home.get(f"/t/{invited.id}/")
    assert "Continue" in page.text
    found = session.scalars(select(Assessment)).one()
    assert (found.framework, found.period) == ("lianghua", 2025)
    session.rollback()


def test_who_has_submitted_is_told_so(session: Session, home: Browser, invited: Tenant, clock: FixedClock) -> None:
    make_result(session, session.get_one(Tenant, invited.id), clock)
    keep(session)
    page = home.get(f"/t/{invited.id}/")
    assert "submitted" in page.text
    assert "needs the full path" not in page.text


def test_who_submitted_with_a_settled_level_is_told_that_it_does_not_count(
    session: Session, home: Browser, invited: Tenant, clock: FixedClock
) -> None:
    assessment = make_result(session, session.get_one(Tenant, invited.id), clock)
    session.scalars(
        select(Submission).where(Submission.assessment_id == assessment.id)
    ).one().capability_most = Decimal(100)
    keep(session)
    page = home.get(f"/t/{invited.id}/")
    assert "does not count yet" in page.text
    assert "A campaign needs the full path" in page.text


def test_an_enterprise_that_is_not_invited_sees_nothing_of_the_campaign(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock, uscc="91370200264574251E")
    sweep(app)
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, tenant, clock, "owner"))
    assert campaign.title not in browser.get(f"/t/{tenant.id}/").text


def test_an_unclaimed_enterprise_sees_nothing_and_cannot_answer(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_enterprise(session, make_user(session), clock)
    keep(session)
    sweep(app)
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, tenant, clock, "owner"))
    assert campaign.title not in browser.get(f"/t/{tenant.id}/").text


def test_a_call_of_another_enterprise_is_not_there(
    app: Any, session: Session, invited: Tenant, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock, uscc="91370200264574251E")
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, tenant, clock, "owner"))
    call = call_of(session)
    assert browser.client.post(f"/t/{tenant.id}/campaign-calls/{call.id}").status_code == 404


def test_an_enterprise_that_lost_its_claim_cannot_take_part(session: Session, home: Browser, invited: Tenant) -> None:
    call = call_of(session)
    session.scalars(select(Enterprise)).one().claimed_at = None
    keep(session)
    assert home.client.post(f"/t/{invited.id}/campaign-calls/{call.id}").status_code == 409


def test_a_viewer_sees_the_call_and_cannot_start(
    app: Any, session: Session, invited: Tenant, campaign: Campaign, clock: FixedClock
) -> None:
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, invited, clock, "viewer"))
    page = browser.get(f"/t/{invited.id}/")
    assert campaign.title in page.text
    assert "campaign-calls" not in page.html
    assert browser.client.post(f"/t/{invited.id}/campaign-calls/{call_of(session).id}").status_code == 403


def test_the_regulator_finds_no_answer_and_no_score_anywhere(
    app: Any, session: Session, desk: Browser, url: str, campaign: Campaign, invited: Tenant, clock: FixedClock
) -> None:
    """Every page and file of the campaign is searched for what only the enterprise knows."""
    assessment = make_result(session, session.get_one(Tenant, invited.id), clock)
    submission = session.scalars(select(Submission).where(Submission.assessment_id == assessment.id)).one()
    secrets = [str(submission.capability), str(submission.outcome), submission.sha256, str(assessment.id)]
    secrets += [str(invited.id), submission.declared_name]
    keep(session)
    sweep(app)
    here = f"{url}/{campaign.id}"
    for path in ("", "/enterprises", "/report", "/quotas", "/enterprises.csv", "/report.csv", "/charts/time.csv"):
        text = desk.client.get(f"{here}{path}").data.decode("utf-8-sig")
        assert not [secret for secret in secrets if secret in re.sub(r"\s+", " ", text)], path
    assert "1 submitted" in desk.get(here).text or "100.0" in desk.get(here).text


def test_a_campaign_of_another_framework_starts_that_one(
    app: Any, session: Session, regulator: Tenant, clock: FixedClock
) -> None:
    make_campaign(session, regulator, clock, framework="sme")
    tenant = make_claimed(session, clock)
    make_assessment(session, session.get_one(Tenant, tenant.id), clock)
    keep(session)
    sweep(app)
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, tenant, clock, "owner"))
    browser.post(f"/t/{tenant.id}/campaign-calls/{call_of(session).id}")
    assert {found.framework for found in session.scalars(select(Assessment))} == {"lianghua", "sme"}
    session.rollback()
