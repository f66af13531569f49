"""Asking for a release, looking it through, signing it; receipts; and what everybody else sees of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.benchmarks.models import AggregateRead, BenchmarkRelease
from maturity.benchmarks.queries import Reader, read_cells
from maturity.campaigns.models import Regulator
from maturity.cli import main
from maturity.clock import FixedClock
from maturity.releases.computing import path_of
from maturity.releases.models import InclusionReceipt
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.service import PLATFORM
from tests.conftest import Browser
from tests.factories.enterprises import add_member
from tests.factories.people import keep, make_user, sign_in
from tests.integration.releases.conftest import Desk

BASE = f"/t/{PLATFORM}/releases"
REASON = "The cut-off is a week too early"
FORM = {"framework": "lianghua", "period": "2025", "rules_version": "2026.1", "cut_off": "2026-11-25"}
As = Callable[[int], Browser]


@pytest.fixture
def as_person(app: Any, session: Session) -> As:
    """A browser in which somebody has signed in."""

    def opened(user_id: int) -> Browser:
        client = app.test_client()
        sign_in(client, session.get_one(User, user_id))
        keep(session)
        return Browser(client)

    return opened


def make_regulator(session: Session, clock: FixedClock, role: str, *, releases: bool) -> tuple[uuid.UUID, int]:
    tenant = Tenant(id=uuid.uuid4(), kind="regulator", name="山东省工业和信息化厅", created_at=clock.now())
    user = make_user(session)
    session.add(tenant)
    session.flush()
    add_member(session, tenant, user, role, clock)
    session.add(Regulator(tenant_id=tenant.id, region="370000", releases=releases, changed_at=clock.now()))
    found = tenant.id, user.id
    keep(session)
    return found


def today(clock: FixedClock) -> dict[str, str]:
    return FORM | {"cut_off": clock.today().isoformat()}


def number_of(session: Session) -> int:
    session.rollback()
    found = session.scalars(select(BenchmarkRelease.id).order_by(BenchmarkRelease.id.desc())).first()
    session.rollback()
    assert found is not None
    return found


def test_from_asking_to_the_receipt(
    desk: Desk, contributors: list[uuid.UUID], session: Session, as_person: As, clock: FixedClock, tmp_path: Path
) -> None:
    asker, first, second = (as_person(number) for number in (desk.asker, desk.first, desk.second))
    assert "No release yet" in asker.get(f"{BASE}/").text
    page = asker.post(f"{BASE}/new", today(clock))
    assert "is being computed" in page.text
    number = number_of(session)
    desk.run()
    page = first.get(f"{BASE}/{number}")
    assert "What would be published" in page.text
    assert "What is withheld, by rule" in page.text
    assert "R3" in page.text
    assert "General-purpose machinery" in first.get(f"{BASE}/{number}/cells").text
    assert "Too few groups" in first.get(f"{BASE}/{number}/withheld?rule=R3").text
    assert "No release yet" in first.get("/releases").text
    assert "One more person has to look" in first.post(f"{BASE}/{number}/signature").text
    assert "The release is published" in second.post(f"{BASE}/{number}/signature").text
    desk.run()
    release = desk.release(number)
    public = first.get("/releases").text
    assert release.merkle_root is not None
    assert release.merkle_root in public
    owner = make_user(session)
    session.add(Membership(tenant_id=contributors[0], user_id=owner.id, role="owner", created_at=clock.now()))
    keep(session)
    theirs = as_person(owner.id)
    page = theirs.get(f"/t/{contributors[0]}/releases/receipts")
    receipt = session.scalars(select(InclusionReceipt).where(InclusionReceipt.tenant_id == contributors[0])).one()
    keep(session)
    address = f"/t/{contributors[0]}/releases/receipts/{receipt.id}"
    assert str(receipt.id) in page.html
    assert "The receipt holds" in theirs.get(address).text
    file = tmp_path / "receipt.json"
    file.write_bytes(theirs.client.get(f"{address}/file").data)
    key = json.loads(file.read_text())["public_key"]
    assert key in public
    assert main(["verify", str(file), "--key", key]) == 0
    theirs.get(f"/t/{contributors[1]}/releases/receipts/{receipt.id}", 404)
    other = session.scalars(select(InclusionReceipt.id).where(InclusionReceipt.tenant_id == contributors[1])).one()
    session.rollback()
    theirs.get(f"/t/{contributors[0]}/releases/receipts/{other}", 404)


def test_whoever_asked_is_told_that_two_others_sign(
    desk: Desk, contributors: Any, as_person: As, session: Session
) -> None:
    number = desk.computed()
    asker = as_person(desk.asker)
    assert "two others sign it" in asker.get(f"{BASE}/{number}").text
    assert "two others sign it" in asker.post(f"{BASE}/{number}/signature", status=403).text


def test_a_second_signature_of_the_same_person_is_refused(desk: Desk, contributors: Any, as_person: As) -> None:
    number = desk.computed()
    first = as_person(desk.first)
    first.post(f"{BASE}/{number}/signature")
    assert "One more person" in first.post(f"{BASE}/{number}/signature", status=409).text
    assert desk.release(number).state == "review"


def test_sending_back_needs_a_reason_and_keeps_it(desk: Desk, contributors: Any, as_person: As) -> None:
    number = desk.computed()
    first = as_person(desk.first)
    assert "Say why" in first.post(f"{BASE}/{number}/return", {"reason": ""}, 422).text
    assert REASON in first.post(f"{BASE}/{number}/return", {"reason": REASON}).text
    assert desk.release(number).state == "withdrawn"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("cut_off", "2027-01-01", "This day has not come yet"),
        ("cut_off", "soon", "Write the day as year-month-day"),
        ("framework", "poem", "Choose the framework"),
        ("period", "", "Choose the year"),
    ],
)
def test_what_cannot_be_asked_for_is_said_beside_the_field(
    desk: Desk, as_person: As, clock: FixedClock, field: str, value: str, message: str
) -> None:
    page = as_person(desk.asker).post(f"{BASE}/new", today(clock) | {field: value}, 422)
    assert message in page.text
    assert f'id="{field}-error"' in page.html


def test_a_correction_is_told_at_both(
    desk: Desk, contributors: Any, session: Session, as_person: As, clock: FixedClock
) -> None:
    first = desk.published()
    asker = as_person(desk.asker)
    assert "This year has a release already" in asker.post(f"{BASE}/new", today(clock), 422).text
    page = asker.post(f"{BASE}/new?replaces={first}", today(clock), 422)
    assert "Say in both languages" in page.text
    notice = {"notice_zh": "截止日更正", "notice_en": "The cut-off was wrong"}
    asker.post(f"{BASE}/new?replaces={first}", today(clock) | notice)
    second = number_of(session)
    desk.run()
    assert "Large changes since release" in asker.get(f"{BASE}/{second}").text
    desk.sign(second, desk.first)
    desk.sign(second, desk.second)
    assert f"Corrected by release {second}" in asker.get(f"{BASE}/{first}").text
    assert f"Corrects release {first}" in asker.get(f"{BASE}/{second}").text
    public = asker.get("/releases").text
    assert f"Corrected by release {second}" in public
    assert "The cut-off was wrong" in public


def test_a_failed_computation_is_told_and_can_be_tried_again(desk: Desk, as_person: As) -> None:
    number = desk.computed()
    asker = as_person(desk.asker)
    page = asker.get(f"{BASE}/{number}")
    assert "Too few enterprises have submitted" in page.text
    assert "is being computed again" in asker.post(f"{BASE}/{number}/again").text


def test_a_regulator_that_is_entrusted_reviews(
    desk: Desk, contributors: Any, session: Session, as_person: As, clock: FixedClock
) -> None:
    number = desk.computed()
    tenant_id, reviewer = make_regulator(session, clock, "reviewer", releases=True)
    theirs = as_person(reviewer)
    assert "What is withheld, by rule" in theirs.get(f"/t/{tenant_id}/releases/{number}").text
    theirs.post(f"/t/{tenant_id}/releases/{number}/signature")
    desk.sign(number, desk.first)
    assert desk.release(number).state == "published"
    assert "山东省工业和信息化厅" in theirs.get(f"/t/{tenant_id}/releases/{number}").text
    theirs.get(f"/t/{tenant_id}/releases/new", 403)


def test_a_regulator_that_is_not_sees_what_is_published_and_never_why_a_cell_is_withheld(
    desk: Desk, contributors: Any, session: Session, as_person: As, clock: FixedClock
) -> None:
    number = desk.computed()
    tenant_id, owner = make_regulator(session, clock, "owner", releases=False)
    theirs, base = as_person(owner), f"/t/{tenant_id}/releases"
    theirs.get(f"{base}/{number}", 404)
    theirs.get(f"{base}/{number}/withheld", 403)
    theirs.get(f"{base}/{number}/cells", 403)
    theirs.get(f"{base}/new", 403)
    theirs.post(f"{base}/new", today(clock), 403)
    theirs.post(f"{base}/{number}/signature", status=403)
    desk.sign(number, desk.first)
    desk.sign(number, desk.second)
    page = theirs.get(f"{base}/{number}").text
    assert "What is published" in page
    assert "R3" not in page
    assert "Withheld" not in page
    theirs.get(f"{base}/{number}/withheld", 403)


def test_what_a_regulator_read_is_in_the_ledger(
    desk: Desk, contributors: Any, session: Session, as_person: As, clock: FixedClock
) -> None:
    number = desk.published()
    tenant_id, viewer = make_regulator(session, clock, "viewer", releases=False)
    theirs = as_person(viewer)
    assert "Nothing was read yet" in theirs.get(f"/t/{tenant_id}/releases/reads").text
    release = session.get_one(BenchmarkRelease, number)
    reader = Reader(tenant_id, "山东省工业和信息化厅", "regulator", "dashboard, trend: page", clock)
    read_cells(session, release, reader, industry=["34"], region=["370000"], size=[""])
    keep(session)
    page = theirs.get(f"/t/{tenant_id}/releases/reads").text
    assert "General-purpose machinery" in page
    assert "dashboard, trend (page)" in page
    assert session.scalars(select(AggregateRead.release_id)).one() == number
    session.rollback()
    assert "山东省工业和信息化厅" in as_person(desk.first).get(f"{BASE}/reads").text


def test_the_command_proves_a_release_and_notices_a_changed_byte(desk: Desk, contributors: Any, app: Any) -> None:
    number = desk.published()
    runner = app.test_cli_runner()
    assert f"{number} lianghua 2025 published" in runner.invoke(args=["release", "list"]).output
    outcome = runner.invoke(args=["release", "verify", str(number)])
    assert outcome.exit_code == 0
    assert outcome.output.count("yes:") == 4
    path_of(app.config["DATA_DIR"], number).write_bytes(b"x")
    outcome = runner.invoke(args=["release", "verify", str(number)])
    assert outcome.exit_code == 1
    assert "NO: frozen extract" in outcome.output
    assert runner.invoke(args=["release", "verify", "999"]).exit_code == 1


def test_an_enterprise_without_a_receipt_is_told_how_to_get_one(
    desk: Desk, session: Session, as_person: As, contributors: list[uuid.UUID], clock: FixedClock
) -> None:
    owner = make_user(session)
    session.add(Membership(tenant_id=contributors[0], user_id=owner.id, role="viewer", created_at=clock.now()))
    keep(session)
    assert "No receipt yet" in as_person(owner.id).get(f"/t/{contributors[0]}/releases/receipts").text
