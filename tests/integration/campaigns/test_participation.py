"""What crosses between a regulator's list and the enterprises on it: a call one way, two moments the other."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.assessments.service import revise_assessment
from maturity.audit.models import AuditEvent
from maturity.campaigns.models import Campaign, CampaignCall, CampaignInvitee
from maturity.campaigns.regulators import add_park, set_profile
from maturity.campaigns.service import remove_invitee
from maturity.clock import FixedClock
from maturity.db import NoTenant, act_for, for_tenant
from maturity.errors import Invalid
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant
from tests.factories.assessments import answer_all, make_assessment, make_result, submit
from tests.factories.campaigns import JINAN, QINGDAO, make_campaign, make_regulator, owner_of, sweep
from tests.factories.claims import make_claimed, work_off
from tests.factories.enterprises import make_enterprise
from tests.factories.people import keep, make_user


@pytest.fixture
def regulator(session: Session, clock: FixedClock) -> Tenant:
    return make_regulator(session, clock)


@pytest.fixture
def campaign(session: Session, regulator: Tenant, clock: FixedClock) -> Campaign:
    return make_campaign(session, regulator, clock)


def fresh(session: Session, query: Any) -> Any:
    session.rollback()
    session.expunge_all()
    found = session.scalars(query).all()
    session.expunge_all()
    session.rollback()
    return found


def invitee(session: Session) -> CampaignInvitee:
    (found,) = fresh(session, select(CampaignInvitee))
    return found


def calls(session: Session) -> list[CampaignCall]:
    return list(fresh(session, select(CampaignCall)))


def test_a_claimed_enterprise_on_the_list_is_called(
    app: Any, session: Session, regulator: Tenant, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock)
    sweep(app)
    (call,) = calls(session)
    assert (call.tenant_id, call.campaign_id, call.regulator) == (tenant.id, campaign.id, regulator.name)
    assert (call.framework, call.period, call.closes_at) == (campaign.framework, 2025, campaign.closes_at)
    events = fresh(session, select(AuditEvent).where(AuditEvent.tenant_id == tenant.id))
    assert "campaign.called" in {event.event for event in events}


def test_an_unclaimed_enterprise_is_neither_called_nor_counted(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_enterprise(session, make_user(session), clock)
    make_result(session, tenant, clock)
    keep(session)
    sweep(app)
    assert calls(session) == []
    assert invitee(session).state == "invited"


def test_an_enterprise_that_is_not_on_the_list_is_left_alone(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    make_claimed(session, clock, uscc="91370200264574251E")
    assert sweep(app) == 0
    assert calls(session) == []


def test_an_enterprise_outside_the_place_is_left_alone_though_its_code_is_on_the_list(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    """A regulator cannot ask about enterprises elsewhere by writing down their codes."""
    tenant = make_claimed(session, clock, region="320100")
    make_result(session, tenant, clock)
    keep(session)
    sweep(app)
    assert calls(session) == []
    assert invitee(session).state == "invited"


def test_a_draft_calls_nobody(app: Any, session: Session, regulator: Tenant, clock: FixedClock) -> None:
    make_campaign(session, regulator, clock, opened=False)
    make_claimed(session, clock)
    assert sweep(app) == 0


def test_starting_and_submitting_are_followed(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock)
    sweep(app)
    assert invitee(session).state == "invited"
    assessment = make_assessment(session, tenant, clock)
    keep(session)
    sweep(app)
    assert (invitee(session).state, invitee(session).started_at) == ("started", clock.now())
    clock.at += timedelta(days=2)
    answer_all(session, session.get_one(Assessment, assessment.id), clock)
    submit(session, session.get_one(Assessment, assessment.id), clock)
    keep(session)
    sweep(app)
    assert (invitee(session).state, invitee(session).submitted_at) == ("submitted", clock.now())
    assert sweep(app) == 0


def test_an_assessment_of_another_year_does_not_count(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock)
    make_result(session, tenant, clock, period=2024)
    keep(session)
    sweep(app)
    assert invitee(session).state == "invited"


def test_a_level_settled_early_does_not_count_as_submitted(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock)
    assessment = make_result(session, tenant, clock)
    session.scalars(
        select(Submission).where(Submission.assessment_id == assessment.id)
    ).one().capability_most = Decimal(100)
    keep(session)
    sweep(app)
    assert invitee(session).state == "started"


def test_a_correction_leaves_the_day_of_the_submission(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock)
    assessment = make_result(session, tenant, clock)
    keep(session)
    sweep(app)
    first = invitee(session).submitted_at
    clock.at += timedelta(days=3)
    old = session.get_one(Assessment, assessment.id)
    again = revise_assessment(session, old, old.profile, actor_id=None, clock=clock)
    session.flush()
    again_id = again.id
    keep(session)
    sweep(app)
    assert invitee(session).state == "submitted"
    submit(session, session.get_one(Assessment, again_id), clock)
    keep(session)
    sweep(app)
    assert (invitee(session).state, invitee(session).submitted_at) == ("submitted", first)


def test_a_submission_after_the_deadline_does_not_count_even_before_the_worker_closes(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock)
    assessment = make_assessment(session, tenant, clock)
    answer_all(session, assessment, clock)
    keep(session)
    clock.at = campaign.closes_at
    submit(session, session.get_one(Assessment, assessment.id), clock)
    keep(session)
    sweep(app)
    work_off(app, session, clock)
    assert invitee(session).state == "started"


def test_a_submission_in_the_last_second_counts_although_nobody_swept_before_the_end(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock)
    assessment = make_assessment(session, tenant, clock)
    answer_all(session, assessment, clock)
    keep(session)
    clock.at = campaign.closes_at - timedelta(seconds=1)
    submit(session, session.get_one(Assessment, assessment.id), clock)
    keep(session)
    clock.at = campaign.closes_at + timedelta(seconds=30)
    work_off(app, session, clock)
    assert invitee(session).state == "submitted"
    assert fresh(session, select(Campaign))[0].state == "closed"


def test_the_call_goes_when_the_campaign_closes_and_its_figures_stay(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock)
    make_result(session, tenant, clock)
    keep(session)
    sweep(app)
    clock.at = campaign.closes_at + timedelta(hours=1)
    work_off(app, session, clock)
    sweep(app)
    assert calls(session) == []
    assert invitee(session).state == "submitted"


def test_the_call_goes_when_the_enterprise_is_taken_off_the_list(
    app: Any, session: Session, regulator: Tenant, campaign: Campaign, clock: FixedClock
) -> None:
    make_claimed(session, clock)
    sweep(app)
    who = owner_of(session, regulator).id
    with for_tenant(session, regulator.id):
        kept = session.scalars(select(Campaign)).one()
        remove_invitee(session, kept, session.scalars(select(CampaignInvitee.id)).one(), actor_id=who, clock=clock)
    keep(session)
    sweep(app)
    assert calls(session) == []


def test_a_moved_deadline_reaches_the_enterprise(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    make_claimed(session, clock)
    sweep(app)
    later = campaign.closes_at + timedelta(days=9)
    session.scalars(select(Campaign)).one().closes_at = later
    keep(session)
    sweep(app)
    assert [call.closes_at for call in calls(session)] == [later]


def test_a_suspended_regulator_calls_nobody(
    app: Any, session: Session, regulator: Tenant, campaign: Campaign, clock: FixedClock
) -> None:
    session.get_one(Tenant, regulator.id).suspended_at = clock.now()
    keep(session)
    make_claimed(session, clock)
    assert sweep(app) == 0


def test_the_demonstration_stays_among_itself(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    tenant = make_claimed(session, clock)
    session.get_one(Tenant, tenant.id).is_synthetic = True
    keep(session)
    assert sweep(app) == 0


def test_a_campaign_over_a_county_reaches_the_enterprises_of_its_city(
    app: Any, session: Session, regulator: Tenant, clock: FixedClock
) -> None:
    """An enterprise states its city; of which county it is the list says."""
    make_campaign(session, regulator, clock, region="370211")
    make_claimed(session, clock, region=QINGDAO)
    sweep(app)
    assert len(calls(session)) == 1


def test_a_campaign_over_another_city_does_not(
    app: Any, session: Session, regulator: Tenant, clock: FixedClock
) -> None:
    make_campaign(session, regulator, clock, region=JINAN)
    make_claimed(session, clock, region=QINGDAO)
    assert sweep(app) == 0


def test_two_regulators_each_follow_their_own_list(
    app: Any, session: Session, campaign: Campaign, clock: FixedClock
) -> None:
    city = make_regulator(session, clock, region=QINGDAO, name="青岛市工业和信息化局")
    make_campaign(session, city, clock, region=QINGDAO, title="青岛市评估")
    tenant = make_claimed(session, clock)
    make_result(session, tenant, clock)
    keep(session)
    sweep(app)
    assert sorted(call.title for call in calls(session)) == sorted([campaign.title, "青岛市评估"])
    assert {row.state for row in fresh(session, select(CampaignInvitee))} == {"submitted"}


def test_a_regulators_session_sees_its_own_rows_and_no_enterprise(
    app: Any, session: Session, regulator: Tenant, campaign: Campaign, clock: FixedClock
) -> None:
    other = make_regulator(session, clock, name="河南省工业和信息化厅", region="410000")
    tenant = make_claimed(session, clock)
    make_result(session, tenant, clock)
    keep(session)
    sweep(app)
    for regulator_id, seen in ((regulator.id, 1), (other.id, 0)):
        with for_tenant(session, regulator_id):
            assert len(session.scalars(select(Campaign)).all()) == seen
            assert len(session.scalars(select(CampaignInvitee)).all()) == seen
            for table in (Enterprise, Assessment, Submission, CampaignCall):
                assert session.scalars(select(table)).all() == []
            session.rollback()


def test_raw_sql_shows_a_regulator_nothing_of_others(
    app: Any, session: Session, regulator: Tenant, campaign: Campaign, clock: FixedClock
) -> None:
    """Under the ORM's wall stands the database's."""
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    other = make_regulator(session, clock, name="河南省工业和信息化厅", region="410000")
    tenant = make_claimed(session, clock)
    make_result(session, tenant, clock)
    keep(session)
    sweep(app)
    expected = {regulator.id: (1, 1, 0, 0, 0, 0), other.id: (0, 0, 0, 0, 0, 0), tenant.id: (0, 0, 1, 1, 1, 1)}
    tables = ("campaigns", "campaign_invitees", "campaign_calls", "enterprises", "assessments", "submissions")
    for tenant_id, counts in expected.items():
        with for_tenant(session, tenant_id):
            found = tuple(
                session.connection().execute(text(f"select count(*) from {name}")).scalar() for name in tables
            )
            session.rollback()
        assert found == counts, tenant_id


def test_without_a_tenant_nothing_of_campaigns_can_be_read(session: Session, campaign: Campaign) -> None:
    session.rollback()
    session.info["every_tenant"] = False
    act_for(session, None)
    with pytest.raises(NoTenant):
        session.scalars(select(CampaignInvitee)).all()
    session.rollback()
    session.info["every_tenant"] = True


def test_a_park_reaches_its_city_alone(app: Any, session: Session, clock: FixedClock) -> None:
    regulator = make_regulator(session, clock)
    who = owner_of(session, regulator).id
    with for_tenant(session, regulator.id):
        park = add_park(session, "青岛中德生态园", QINGDAO, actor_id=who, clock=clock)
        key = f"p:{park.id}"
    keep(session)
    make_campaign(session, regulator, clock, region=key)
    make_claimed(session, clock, region=QINGDAO)
    make_claimed(session, clock, region=JINAN, uscc="91370200264574251E")
    sweep(app)
    assert len(calls(session)) == 1


def test_a_profile_outside_the_list_of_places_is_refused(
    session: Session, regulator: Tenant, clock: FixedClock
) -> None:
    with for_tenant(session, regulator.id), pytest.raises(Invalid):
        set_profile(session, regulator.id, "g:yangtze", releases=False, office="", actor_id=None, clock=clock)
    with for_tenant(session, regulator.id), pytest.raises(Invalid):
        set_profile(session, regulator.id, "370000", releases=True, office="", actor_id=None, clock=clock)
    session.rollback()
