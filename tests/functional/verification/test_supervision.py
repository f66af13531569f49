"""Supervision: the regulator's certificates, samples by lot, re-checks, and what body and enterprise see of them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.messages.models import Message
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform
from maturity.verification.drawing import draw, list_hash
from maturity.verification.models import SpotCheck, SpotSample
from tests.conftest import Browser
from tests.factories.campaigns import join, make_regulator
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.factories.verification import add_surveillance, make_body, make_certificate

pytestmark = pytest.mark.database


@dataclass(frozen=True, slots=True)
class Scene:
    """A regulator of Shandong, a body and an enterprise, each with somebody signed in, and five certificates."""

    regulator_id: uuid.UUID
    body_id: uuid.UUID
    client_id: uuid.UUID
    numbers: tuple[str, ...]
    regulator: Browser
    body: Browser
    enterprise: Browser

    @property
    def desk(self) -> str:
        return f"/t/{self.regulator_id}/supervision"


@pytest.fixture
def scene(app: Any, session: Session, clock: FixedClock) -> Scene:
    regulator, body = make_regulator(session, clock), make_body(session, clock)
    owner, manager = make_user(session, name="王建国"), make_user(session, name="孙主任")
    client = make_enterprise(session, owner, clock)
    add_member(session, body, manager, "editor", clock)
    numbers = [
        make_certificate(session, clock, body=body, client=client, holder=f"{name}企业").number for name in "甲乙丙丁戊"
    ]
    ids = regulator.id, body.id, client.id
    session.commit()
    people = join(session, session.get_one(Tenant, ids[0]), clock, "editor"), manager, owner
    browsers = [Browser(app.test_client()) for _ in people]
    for one, user in zip(browsers, people, strict=True):
        sign_in(one.client, user)
    session.commit()
    return Scene(*ids, tuple(numbers), *browsers)


def fresh(session: Session, query: Any) -> list[Any]:
    """What requests left, read in a transaction that is over: SQLite has one writer, and the next request is it."""
    session.rollback()
    found = list(session.scalars(query.execution_options(populate_existing=True)))
    session.commit()
    return found


def drawn(session: Session, scene: Scene, size: int = 2, seed: str = "7-13-21") -> list[SpotCheck]:
    scene.regulator.post(scene.desk, {"size": str(size), "seed": seed})
    return fresh(session, select(SpotCheck).order_by(SpotCheck.number))


def asked(session: Session, scene: Scene, clock: FixedClock) -> SpotCheck:
    check = drawn(session, scene, 1)[0]
    due = (clock.today() + timedelta(days=20)).isoformat()
    scene.regulator.post(f"{scene.desk}/checks/{check.id}/ask", {"request_text": "请展示证据", "due_on": due})
    return current(session, check)


def current(session: Session, check: SpotCheck) -> SpotCheck:
    found: SpotCheck = fresh(session, select(SpotCheck).where(SpotCheck.id == check.id))[0]
    return found


def work_off(app: Any, session: Session) -> None:
    for job_id in fresh(session, select(Job.id).where(Job.state == "queued", Job.kind == "spot_check_letters")):
        run_one(app, job_id, HANDLERS)


# What is supervised


def test_a_regulator_sees_its_region_and_no_other(app: Any, session: Session, clock: FixedClock, scene: Scene) -> None:
    far = make_certificate(session, clock, region="330100", holder="杭州企业").number
    session.commit()
    page = scene.regulator.get(scene.desk)
    assert all(number in page.text for number in scene.numbers)
    assert far not in page.html
    assert "71.25" not in page.html


@pytest.mark.parametrize(("region", "sees"), [("370200", True), ("370100", False), ("370203", True), ("", True)])
def test_how_far_a_jurisdiction_reaches(
    app: Any, session: Session, clock: FixedClock, scene: Scene, region: str, sees: bool
) -> None:
    office = make_regulator(session, clock, region=region, name="某局")
    browser, office_id = Browser(app.test_client()), office.id
    sign_in(browser.client, join(session, session.get_one(Tenant, office_id), clock, "viewer"))
    assert (scene.numbers[0] in browser.get(f"/t/{office_id}/supervision").text) == sees


def test_filters_and_surveillances_due(session: Session, clock: FixedClock, scene: Scene) -> None:
    body = session.get_one(Tenant, scene.body_id)
    late = make_certificate(session, clock, body=body, holder="迟到企业", status="suspended")
    soon = make_certificate(session, clock, body=body, holder="临近企业")
    add_surveillance(session, late, 1, clock.today() - timedelta(days=1))
    add_surveillance(session, soon, 1, clock.today() + timedelta(days=30))
    session.commit()
    assert "逾期" in scene.regulator.get(f"{scene.desk}?lang=zh").text
    for query, found in (("due=missed", "迟到"), ("due=soon", "临近"), ("status=suspended", "迟到")):
        page = scene.regulator.get(f"{scene.desk}?{query}")
        assert [name for name in ("迟到", "临近", "甲") if f"{name}企业" in page.text] == [found]
    assert "没有符合筛选条件的证书" in scene.regulator.get(f"{scene.desk}?level=1").text


def test_a_regulator_without_a_region_is_told(app: Any, session: Session, clock: FixedClock) -> None:
    from maturity.tenancy.service import create_tenant

    owner = make_user(session)
    tenant_id = create_tenant(session, "regulator", "某局", owner.id, clock).id
    session.commit()
    browser = Browser(app.test_client())
    sign_in(browser.client, owner)
    assert "Your region is not set yet" in browser.get(f"/t/{tenant_id}/supervision").text


# Drawing


def test_a_sample_can_be_drawn_again_from_its_seed(session: Session, scene: Scene) -> None:
    checks = drawn(session, scene)
    sample = fresh(session, select(SpotSample))[0]
    assert (sample.seed, sample.numbers) == ("7-13-21", sorted(scene.numbers))
    assert sample.numbers_sha256 == list_hash(scene.numbers)
    assert {check.number for check in checks} == set(draw(scene.numbers, 2, "7-13-21"))
    page = scene.regulator.get(f"{scene.desk}/samples/{sample.id}")
    assert "Drawn again just now from the list with the seed: the same certificates." in page.text


def test_a_sample_that_somebody_changed_is_told(session: Session, scene: Scene) -> None:
    checks = drawn(session, scene)
    sample = fresh(session, select(SpotSample))[0]
    checks[0].number = next(number for number in scene.numbers if number not in {one.number for one in checks})
    session.commit()
    assert "Somebody changed the sample" in scene.regulator.get(f"{scene.desk}/samples/{sample.id}").text


def test_without_a_seed_one_is_drawn_that_nobody_foresees(session: Session, scene: Scene) -> None:
    for _ in range(2):
        drawn(session, scene, 1, "")
    seeds = fresh(session, select(SpotSample.seed))
    assert all(re.fullmatch("[0-9a-f]{32}", seed) for seed in seeds)
    assert len(set(seeds)) == 2


def test_it_is_drawn_from_what_the_filters_leave(session: Session, clock: FixedClock, scene: Scene) -> None:
    body = session.get_one(Tenant, scene.body_id)
    only = make_certificate(session, clock, body=body, level=4).number
    make_certificate(session, clock, body=body, level=4, status="withdrawn")
    session.commit()
    scene.regulator.post(f"{scene.desk}?level=4", {"size": "1", "seed": "x"})
    sample = fresh(session, select(SpotSample))[0]
    assert (sample.numbers, sample.drawn_from) == ([only], {"region": "370000", "level": "4"})


@pytest.mark.parametrize("size", ["", "0", "6", "2.5", "many", "-1"])
def test_a_wrong_size_is_told_beside_the_field(session: Session, scene: Scene, size: str) -> None:
    page = scene.regulator.post(scene.desk, {"size": size, "seed": "kept"}, status=422)
    assert "#size" in page.links
    assert [field["value"] for field in page.fields if field.get("id") == "seed"] == ["kept"]
    assert fresh(session, select(SpotSample)) == []


# From asking to what the body did


def test_asking_writes_to_body_and_enterprise_once(app: Any, session: Session, clock: FixedClock, scene: Scene) -> None:
    check = asked(session, scene, clock)
    for _ in range(2):
        work_off(app, session)
    letters = fresh(session, select(Message))
    assert len(letters) == 2  # to the owner of each; whoever only manages cases is not written to
    assert all(check.number in letter.subject and "请展示证据" in letter.body for letter in letters)
    events = fresh(session, select(AuditEvent.tenant_id).where(AuditEvent.event == "spot_check.asked"))
    assert set(events) == {scene.regulator_id, scene.body_id, scene.client_id}


def test_what_comes_too_late_or_too_early_finds_that_it_has_moved_on(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    check = asked(session, scene, clock)
    for data in ({"request_text": "x"}, {"due_on": "nonsense"}):
        assert scene.regulator.client.post(f"{scene.desk}/checks/{check.id}/ask", data=data).status_code == 409
    own = f"/t/{scene.body_id}/re-checks/{check.id}"
    assert scene.body.client.post(own, data={"action": ""}).status_code == 409
    early = drawn(session, scene, 5, "again")
    early = next(one for one in early if one.state == "drawn")
    assert scene.regulator.client.post(f"{scene.desk}/checks/{early.id}/result", data={}).status_code == 409


@pytest.mark.parametrize("day", ["2026-11-24", "2020-01-01", "2030-01-01", "soon"])
def test_a_wrong_day_is_told_beside_the_field_and_the_text_is_kept(session: Session, scene: Scene, day: str) -> None:
    check = drawn(session, scene, 1)[0]
    page = scene.regulator.post(
        f"{scene.desk}/checks/{check.id}/ask", {"request_text": "先看台账", "due_on": day}, status=422
    )
    assert [link for link in page.links if link.startswith("#due_on-")]
    assert "先看台账" in page.text
    assert current(session, check).state == "drawn"


def test_a_deviation_goes_to_the_body_which_says_what_it_did(
    app: Any, session: Session, clock: FixedClock, scene: Scene
) -> None:
    check = asked(session, scene, clock)
    scene.regulator.post(f"{scene.desk}/checks/{check.id}/result", {"result": "deviation", "note": "台账缺失"})
    work_off(app, session)
    assert "台账缺失" in scene.enterprise.get(f"/t/{scene.client_id}/certification/re-checks").text
    assert "/certification/re-checks" in scene.enterprise.get(f"/t/{scene.client_id}/certification").html
    own = f"/t/{scene.body_id}/re-checks"
    assert "台账缺失" in scene.body.get(own).text
    assert scene.body.post(f"{own}/{check.id}", {"action": "  "}, status=422).links.count("#action-" + check.id.hex[:8])
    scene.body.post(f"{own}/{check.id}", {"action": "已暂停证书"})
    assert "已暂停证书" in scene.regulator.get(f"{scene.desk}/samples/{check.sample_id}").text
    assert scene.body.client.post(f"{own}/{check.id}", data={"action": "again"}).status_code == 409


@pytest.mark.parametrize(
    ("data", "field"),
    [({}, "#result-"), ({"result": "fine"}, "#result-"), ({"result": "deviation", "note": " "}, "#note-")],
)
def test_a_result_says_what_and_why(
    session: Session, clock: FixedClock, scene: Scene, data: dict[str, str], field: str
) -> None:
    check = asked(session, scene, clock)
    page = scene.regulator.post(f"{scene.desk}/checks/{check.id}/result", data, status=422)
    assert [link for link in page.links if link.startswith(field)]
    assert current(session, check).state == "asked"


def test_what_is_upheld_asks_nothing_of_the_body(session: Session, clock: FixedClock, scene: Scene) -> None:
    check = asked(session, scene, clock)
    scene.regulator.post(f"{scene.desk}/checks/{check.id}/result", {"result": "upheld"})
    assert current(session, check).state == "upheld"
    assert "textarea" not in scene.body.get(f"/t/{scene.body_id}/re-checks").html
    assert "None is open." in scene.regulator.get(scene.desk).text


# Walls


def test_what_is_only_drawn_is_the_regulators_alone(session: Session, scene: Scene) -> None:
    check = drawn(session, scene, 1)[0]
    assert check.number not in scene.body.get(f"/t/{scene.body_id}/re-checks").html
    assert check.number not in scene.enterprise.get(f"/t/{scene.client_id}/certification/re-checks").html
    assert "/certification/re-checks" not in scene.enterprise.get(f"/t/{scene.client_id}/certification").html
    assert scene.body.client.post(f"/t/{scene.body_id}/re-checks/{check.id}", data={"action": "x"}).status_code == 404


def test_others_find_nothing_of_it(app: Any, session: Session, clock: FixedClock, scene: Scene) -> None:
    check = asked(session, scene, clock)
    sample_id, check_id = check.sample_id, check.id
    office = make_regulator(session, clock, name="浙江省经信厅", region="330000").id
    rival_id = make_body(session, clock, "别家机构").id
    session.commit()
    other, rival = Browser(app.test_client()), Browser(app.test_client())
    sign_in(other.client, join(session, session.get_one(Tenant, office), clock, "editor"))
    sign_in(rival.client, join(session, session.get_one(Tenant, rival_id), clock, "owner"))
    assert other.client.get(f"/t/{office}/supervision/samples/{sample_id}").status_code == 404
    for action in ("ask", "result"):
        where = f"/t/{office}/supervision/checks/{check_id}/{action}"
        assert other.client.post(where, data={"result": "upheld"}).status_code == 404
    assert check.number not in other.get(f"/t/{office}/supervision").html
    assert check.number not in rival.get(f"/t/{rival_id}/re-checks").html
    assert rival.client.post(f"/t/{rival_id}/re-checks/{check_id}", data={"action": "x"}).status_code == 404
    assert rival.client.get(scene.desk).status_code == 404


def test_the_operator_looks_and_does_not_draw(app: Any, session: Session, clock: FixedClock, scene: Scene) -> None:
    check = asked(session, scene, clock)
    ensure_platform(session, clock)
    session.commit()
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, session.get_one(Tenant, PLATFORM), clock, "owner"))
    page = browser.get(f"/t/{PLATFORM}/supervision")
    assert check.number in page.text
    assert "Draw the sample" not in page.text
    assert browser.client.post(f"/t/{PLATFORM}/supervision", data={"size": "1"}).status_code == 403


def test_who_only_looks_changes_nothing(app: Any, session: Session, clock: FixedClock, scene: Scene) -> None:
    check = drawn(session, scene, 1)[0]
    browser = Browser(app.test_client())
    sign_in(browser.client, join(session, session.get_one(Tenant, scene.regulator_id), clock, "viewer"))
    page = browser.get(f"{scene.desk}/samples/{check.sample_id}")
    assert "textarea" not in page.html
    assert browser.client.post(f"{scene.desk}/checks/{check.id}/ask", data={}).status_code == 403
