"""The operator records where a regulator has a say, when founding it and on its page."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.campaigns.models import Regulator
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM
from tests.conftest import Browser
from tests.factories.campaigns import make_regulator
from tests.factories.claims import make_staff
from tests.factories.people import make_user, sign_in
from tests.factories.portfolios import make_consultancy

FORM = {"kind": "regulator", "name": "山东省工业和信息化厅", "contact": "office@example.com", "region": "山东省"}
TENANTS = f"/t/{PLATFORM}/operation/tenants"


@pytest.fixture
def staff(app: Any, session: Session, clock: FixedClock) -> Browser:
    browser = Browser(app.test_client())
    user = make_staff(session, clock)
    sign_in(browser.client, session.get_one(User, user.id))
    session.expunge_all()
    session.rollback()
    return browser


def profiles(session: Session) -> list[Regulator]:
    session.rollback()
    found = list(session.scalars(select(Regulator)))
    session.expunge_all()
    session.rollback()
    return found


@pytest.mark.parametrize(
    ("typed", "code"),
    [("山东省", "370000"), ("Shandong", "370000"), ("青岛市", "370200"), ("370211", "370211"), ("", "")],
)
def test_a_regulator_is_founded_with_its_jurisdiction(session: Session, staff: Browser, typed: str, code: str) -> None:
    staff.post(TENANTS, FORM | {"region": typed})
    (profile,) = profiles(session)
    assert (profile.region, profile.releases, profile.office) == (code, False, FORM["name"])


def test_a_regulator_of_the_country_may_release(session: Session, staff: Browser) -> None:
    staff.post(TENANTS, FORM | {"region": "", "releases": "y"})
    assert [profile.releases for profile in profiles(session)] == [True]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"region": "亚特兰蒂斯"}, "There is no such province, city or county."),
        ({"region": "新华区"}, "This can be"),
        ({"region": "山东省", "releases": "y"}, "Only a regulator of the whole country releases benchmarks."),
    ],
)
def test_a_wrong_jurisdiction_is_named_and_nothing_is_founded(
    session: Session, staff: Browser, changes: dict[str, str], message: str
) -> None:
    page = staff.post(TENANTS, FORM | changes, status=422)
    assert message in page.text
    assert FORM["name"] in page.html
    assert session.scalar(select(Tenant.id).where(Tenant.kind == "regulator")) is None
    session.rollback()


def test_the_jurisdiction_is_shown_and_changed_on_the_page_of_the_tenant(
    session: Session, staff: Browser, clock: FixedClock
) -> None:
    regulator = make_regulator(session, clock)
    page = staff.get(f"{TENANTS}/{regulator.id}")
    assert 'value="Shandong"' in page.html
    staff.post(f"{TENANTS}/{regulator.id}/jurisdiction", {"region": "青岛市", "office": "青岛市工信局"})
    (profile,) = profiles(session)
    assert (profile.region, profile.office) == ("370200", "青岛市工信局")
    wrong = staff.post(f"{TENANTS}/{regulator.id}/jurisdiction", {"region": "nowhere"}, status=422)
    assert 'value="nowhere"' in wrong.html


def test_a_consultancy_has_no_jurisdiction(session: Session, staff: Browser, clock: FixedClock) -> None:
    consultancy = make_consultancy(session, make_user(session), clock)
    assert "Jurisdiction" not in staff.get(f"{TENANTS}/{consultancy.id}").text
    staff.post(f"{TENANTS}/{consultancy.id}/jurisdiction", {"region": ""}, status=422)
    assert profiles(session) == []
