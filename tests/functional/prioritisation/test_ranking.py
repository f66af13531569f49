"""The ranking of a submitted assessment over HTTP: what is missing, choices, order, and the working of each number."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.prioritisation.models import Prioritisation
from maturity.prioritisation.service import current_areas, supply_table
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.factories.prioritisation import bring_tables, cost_rows, make_rating
from tests.functional.prioritisation.conftest import Sign

GOOD = {"horizon": "tactical", "cost-0": "70", "cost-1": "30", "kpi-0": "5", "kpi-1": "5", "wanted": "3"}


@pytest.fixture
def brought(session: Session, clock: FixedClock, tenant: Tenant) -> None:
    bring_tables(session, tenant, clock)
    session.commit()


@pytest.fixture
def address(base: str, assessment_id: uuid.UUID) -> str:
    return f"{base}/assessments/{assessment_id}/prioritisation"


def seen(browser: Browser, address: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', browser.get(address).html)
    assert found
    return found[1]


def choose(browser: Browser, address: str, status: int = 200, **changes: str) -> str:
    return browser.post(address, GOOD | {"seen": seen(browser, address)} | changes, status).text


def test_without_tables_the_page_names_those_that_are_missing(owner: Browser, address: str) -> None:
    text = owner.get(address).text
    assert "Tables are missing: Relevance to costs, Relevance to KPIs, Best of the industry." in text
    owner.post(address, GOOD, 409)


@pytest.mark.usefixtures("brought")
def test_the_ranking_follows_from_tables_and_choices(owner: Browser, address: str, session: Session) -> None:
    text = choose(owner, address)
    # Costs and KPIs are alike for all sixteen: C = K = 1/16. The best are in band 4; shop floor automation is
    # 4 bands behind, collaboration ahead, fourteen others 1 band: P = 4/18.
    # 0.45/16 + 0.30/16 + 0.25·4/18 = 0.1024; the others 0.75/16 + 0.25/18 = 0.0608; collaboration 0.75/16 = 0.0469.
    assert "1. Shop floor automation begin here" in text
    assert "0.0281 + 0.0188 + 0.0556 = 0.1024" in text
    assert "0.0281 + 0.0188 + 0.0139 = 0.0608" in text
    assert "0.0281 + 0.0188 + 0 = 0.0469" in text
    assert text.count("begin here") == 3  # one of every building block
    saved = session.scalars(select(Prioritisation)).one()
    assert (saved.horizon, saved.wanted, saved.cost_shares) == ("tactical", 3, {"人工": "70", "能源": "30"})


@pytest.mark.usefixtures("brought")
def test_the_working_shows_every_product_and_division(owner: Browser, address: str) -> None:
    text = choose(owner, address)
    assert "人工170%0.7能源030%0 Sum0.7" in text
    assert "C = 0.7 ÷ 11.2 = 0.0625; × 0.45 = 0.0281" in text
    assert "4 − 0 = 4; P = 4 ÷ 18 = 0.2222; × 0.25 = 0.0556" in text
    assert "Ahead of the best: 0" in text
    assert "本厂估算" in text  # where the tables are from


@pytest.mark.usefixtures("brought")
def test_more_areas_are_marked_when_more_are_wanted(owner: Browser, address: str) -> None:
    assert choose(owner, address, wanted="5").count("begin here") == 5
    assert choose(owner, address, wanted="1").count("begin here") == 3


@pytest.mark.usefixtures("brought")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cost-0": "60"}, "The shares come to 90 %. They must come to 100 %."),
        ({"cost-0": "seventy"}, "人工: Enter a number from 0 on"),
        ({"kpi-0": "-1"}, "一次合格率: Enter a number from 0 on"),
        ({"kpi-0": "0", "kpi-1": "0"}, "Give at least one KPI more than 0."),
        ({"wanted": "0"}, "Enter a whole number from 1 to 16."),
        ({"wanted": "²"}, "Enter a whole number from 1 to 16."),
        ({"horizon": "eternal"}, "Choose a horizon."),
    ],
)
def test_wrong_choices_are_told_at_the_field_and_what_was_typed_is_kept(
    owner: Browser, address: str, session: Session, changes: dict[str, str], message: str
) -> None:
    page = owner.post(address, GOOD | {"seen": seen(owner, address)} | changes, 422)
    assert message in page.text
    for name, value in changes.items():
        assert name == "horizon" or f'id="{name}"' in page.html and f'value="{value}"' in page.html
    assert session.scalar(select(Prioritisation)) is None


@pytest.mark.usefixtures("brought")
def test_a_table_with_other_headings_asks_for_the_shares_anew(
    owner: Browser, address: str, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    before = seen(owner, address)
    choose(owner, address)
    rows = cost_rows(current_areas(session))
    rows[0][2:] = ["材料", "能源"]
    supply_table(session, tenant.id, "cost", rows, "cost.csv", "新版", actor_id=None, clock=clock)
    session.commit()
    text = owner.get(address).text
    assert "Order of priority" not in text
    assert "材料" in text
    assert "A table was changed meanwhile" in owner.post(address, GOOD | {"seen": before}, 409).text


@pytest.mark.usefixtures("brought")
def test_a_column_of_zeros_counts_nothing_and_is_told(
    owner: Browser, address: str, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    """Everything of the costs is in a category that no area bears on."""
    text = choose(owner, address, **{"cost-0": "0", "cost-1": "100"})
    assert "The impacts come to 0.55 instead of 1." in text


@pytest.mark.usefixtures("brought")
def test_those_who_only_look_see_the_ranking_and_cannot_choose(sign: Sign, owner: Browser, address: str) -> None:
    viewer = sign("viewer")
    assert "The owner or an editor chooses first" in viewer.get(address).text
    choose(owner, address)
    text = viewer.get(address).text
    assert "Order of priority" in text
    assert "Work out the order" not in text
    viewer.post(address, GOOD, 403)


def test_other_frameworks_and_drafts_have_no_ranking(
    owner: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    lianghua = make_result(session, tenant, clock).id
    draft = make_rating(session, tenant, clock, draft=True).id
    tenant_id = tenant.id
    session.commit()
    owner.get(f"/t/{tenant_id}/assessments/{lianghua}/prioritisation", 404)
    owner.get(f"/t/{tenant_id}/assessments/{draft}/prioritisation", 409)


def test_another_tenants_assessment_and_tables_are_not_there(
    owner: Browser, base: str, session: Session, clock: FixedClock
) -> None:
    stranger = make_enterprise(session, make_user(session), clock)
    other = make_rating(session, stranger, clock).id
    bring_tables(session, stranger, clock)
    stranger_id = stranger.id
    session.commit()
    owner.get(f"{base}/assessments/{other}/prioritisation", 404)
    owner.get(f"/t/{stranger_id}/prioritisation", 404)
    assert "本厂估算" not in owner.get(f"{base}/prioritisation").text


@pytest.mark.usefixtures("brought")
def test_the_enterprises_own_descriptor_stands_in_the_working(owner: Browser, base: str, address: str) -> None:
    area = "band_shop_floor_automation"
    owner.post(f"{base}/prioritisation/descriptors/{area}", {"zh-0": "全部手工（本厂说明）", "source": "自编"})
    assert "全部手工（本厂说明）" in choose(owner, address)
