"""On PostgreSQL the web server can do with an account that owns no table and may not take the role of the worker."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DataError, ProgrammingError
from sqlalchemy.orm import Session

from config import Config, from_env
from maturity.app import create_app
from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.installation.service import make_token
from maturity.rights.persons import persons_tables
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform
from maturity.walls import OWN
from tests.conftest import Browser, Client
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in

ROLES = ("sign_in", "tenant", "operate", "shown", "own")
PASSWORD = "only-for-tests"


@pytest.fixture
def web(app: Any, config: Config, session: Session, clock: FixedClock) -> Iterator[Any]:
    """The site as the web server runs it, with an account of its own on the same database."""
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has no accounts")
    url = make_url(config.SQLALCHEMY_DATABASE_URI)
    account = f"{url.database}_web"
    granted = ", ".join(f"{url.database}_{role}" for role in ROLES)
    with db.engine.begin() as owner:
        owner.execute(text(f"drop role if exists {account}"))
        owner.execute(text(f"create role {account} login noinherit password '{PASSWORD}'"))
        owner.execute(text(f"grant {granted} to {account}"))
    narrow = url.set(username=account, password=PASSWORD).render_as_string(hide_password=False)
    other = create_app(
        from_env({"MATURITY_ENV": "testing", "MATURITY_DATA": str(config.DATA_DIR), "DATABASE_URL": narrow}), clock
    )
    other.test_client_class = Client
    other.config["WTF_CSRF_ENABLED"] = False
    yield other
    with other.app_context():
        db.session.remove()
        db.engine.dispose()
    with db.engine.begin() as owner:
        owner.execute(text(f"drop role {account}"))


@pytest.fixture
def staff(web: Any, session: Session, clock: FixedClock) -> Browser:
    user = make_user(session)
    ensure_platform(session, clock)
    add_member(session, session.get_one(Tenant, PLATFORM), user, "owner", clock)
    session.commit()
    browser = Browser(web.test_client())
    sign_in(browser.client, user)
    keep(session)
    return browser


@pytest.mark.parametrize("path", ["", "health", "tenants", "jobs", "outbox", "keys"])
def test_the_operators_pages_work_with_it(staff: Browser, path: str) -> None:
    staff.get(f"/t/{PLATFORM}/operation/{path}")


def test_founding_suspending_and_visiting_work_with_it(staff: Browser, session: Session, clock: FixedClock) -> None:
    base = f"/t/{PLATFORM}/operation/tenants"
    staff.post(base, {"kind": "regulator", "name": "青岛市工业和信息化局", "contact": "zhao@example.gov.cn"})
    tenant = make_enterprise(session, make_user(session), clock)
    number = tenant.id
    keep(session)
    staff.post(f"{base}/{number}/suspension", {"reason": "Invoice 4711 is unpaid"})
    staff.post(f"{base}/{number}/suspension/end")
    assert staff.post(f"{base}/{number}/visit", {"reason": "Request 4711: an empty page"}).path == f"/t/{number}/"


def test_the_set_up_works_with_it(web: Any, session: Session, clock: FixedClock) -> None:
    token = make_token(session, clock)
    keep(session)
    browser = Browser(web.test_client())
    account = {"name": "Zhang Wei", "email": "zhang@operator.example.cn", "locale": "en"}
    given = account | {"token": token, "password": "seven green lanterns over water"}
    assert browser.post("/set-up", given).path.endswith("/set-up/site")
    site = {"name": "A", "address": "https://maturity.example.cn", "residency": "In Qingdao, on our own servers."}
    steps = f"/t/{PLATFORM}/operation/set-up"
    browser.post(f"{steps}/site", site)
    browser.post(f"{steps}/services/letter", {"email": "it@example.cn"})
    browser.post(f"{steps}/services")
    browser.post(f"{steps}/content", {"extent": "none"})
    assert browser.post(f"{steps}/summary").path == f"/t/{PLATFORM}/operation/"


def test_people_take_their_own_data_away_with_it_and_nobody_elses(
    web: Any, session: Session, clock: FixedClock
) -> None:
    users = [make_user(session, name=name) for name in ("李明", "王芳")]
    for user in users:
        make_enterprise(session, user, clock, name=f"{user.name}的工厂")
    browsers = []
    for user in users:
        browsers.append(Browser(web.test_client()))
        sign_in(browsers[-1].client, user)
    keep(session)
    for browser in browsers:
        browser.get("/account")
    response = browsers[0].client.post("/account/data/export")
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        data = json.loads(archive.read("data.json"))
    assert [item["tenant"] for item in data["memberships"]] == ["李明的工厂"]
    assert data["devices"]
    assert "王芳" not in json.dumps(data, ensure_ascii=False)


def test_what_a_person_has_of_their_own_can_be_taken_away_by_that_role() -> None:
    assert {table.name for table, _column in persons_tables()} <= set(OWN)


@pytest.mark.parametrize("path", ["/", "/demonstration", "/status", "/register", "/reference-figures"])
def test_the_pages_for_everybody_work_with_it(web: Any, path: str) -> None:
    Browser(web.test_client()).get(path)


def _refused(web: Any, statement: str, role: str | None = None) -> str:
    with web.app_context():
        writing.set(True)
        connection = db.engine.connect()
        try:
            if role:
                connection.execute(
                    text("select set_config('role', current_database() || '_' || :role, true)"), {"role": role}
                )
            with pytest.raises((ProgrammingError, DataError)) as refused:
                connection.execute(text(statement))
            return str(refused.value.orig)
        finally:
            connection.close()
            db.engine.dispose()


def test_it_cannot_take_the_role_of_the_worker(web: Any) -> None:
    assert "permission denied" in _refused(web, "select set_config('role', current_database() || '_across', true)")


def test_by_itself_it_reads_nothing(web: Any) -> None:
    assert "permission denied" in _refused(web, "select * from users")


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("operate", "select body from outbox"),
        ("operate", "select subject from outbox"),
        ("operate", "select payload from jobs"),
        ("operate", "select details from audit_events"),
        ("operate", "select password from users"),
        ("operate", "select wrapped from subject_keys"),
        ("operate", "select * from answers"),
        ("operate", "update jobs set state = 'done'"),
        ("shown", "select * from answers"),
        ("own", "select * from answers"),
        ("own", "delete from sign_ins"),
        ("shown", "update enterprises set name = 'X'"),
        ("tenant", "select body from outbox"),
    ],
)
def test_the_narrow_roles_do_not_reach_what_people_wrote(web: Any, role: str, statement: str) -> None:
    assert "permission denied" in _refused(web, statement, role)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table audit_events disable trigger all",
        "drop table answers",
        "alter table answers disable row level security",
        "create policy p on answers using (true)",
    ],
)
def test_it_cannot_take_a_wall_down(web: Any, statement: str) -> None:
    assert "must be owner" in _refused(web, statement)


def test_the_catalogue_sees_synthetic_tenants_only(web: Any, session: Session, clock: FixedClock) -> None:
    make_enterprise(session, make_user(session), clock, name="Real")
    keep(session)
    with web.app_context(), every_tenant(db.session(), "shown"):
        assert db.session.execute(text("select count(*) from enterprises")).scalar() == 0
        assert db.session.execute(text("select count(*) from tenants")).scalar() == 0
        db.session.remove()
