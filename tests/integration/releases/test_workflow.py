"""A release is asked for, computed from a frozen extract, signed by two others, and published for good."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease, WithheldCell
from maturity.errors import Conflict, Invalid, NotAllowed
from maturity.jobs.models import Job
from maturity.releases.computing import path_of, sha256_of, verify
from maturity.releases.models import InclusionReceipt, ReleaseReview
from maturity.releases.receipt import problems
from maturity.releases.review import changes
from maturity.releases.service import correction_of, send_back, withdraw
from tests.integration.releases.conftest import COUNT, Desk

REASON = "The cut-off is a week too early"


def test_the_whole_way(desk: Desk, contributors: list[uuid.UUID], session: Session) -> None:
    number = desk.ask()
    assert desk.release(number).state == "computing"
    desk.run()
    release = desk.release(number)
    assert release.state == "review"
    assert abs(release.population - COUNT) < 5
    assert session.scalar(select(func.count(BenchmarkCell.id))) > 20
    session.rollback()
    assert not desk.sign(number, desk.first)
    assert desk.release(number).state == "review"
    assert desk.sign(number, desk.second)
    release = desk.release(number)
    assert release.state == "published"
    assert release.published_at is not None
    assert desk.run() == 1
    receipts = list(session.scalars(select(InclusionReceipt)))
    assert {receipt.tenant_id for receipt in receipts} == set(contributors)
    assert all(problems(json.loads(receipt.document)) == () for receipt in receipts[:20])
    assert {json.loads(receipt.document)["root"] for receipt in receipts} == {release.merkle_root}
    told = set(session.scalars(select(AuditEvent.event).where(AuditEvent.event.startswith("release."))))
    assert told == {"release.asked", "release.computed", "release.signed", "release.published"}


def test_cells_carry_quantiles_shares_and_levels(desk: Desk, contributors: Any, session: Session) -> None:
    number = desk.computed()
    whole = session.scalars(
        select(BenchmarkCell).where(
            BenchmarkCell.release_id == number,
            BenchmarkCell.industry == "",
            BenchmarkCell.region == "",
            BenchmarkCell.size == "",
        )
    ).one()
    assert {"capability", "outcome", "S", "cnc_rate"} <= set(whole.metrics)
    assert 35 <= whole.shares["production_supply_sales_integration"] <= 65
    assert sum(share for _levels, share in whole.levels) in range(90, 111)


def test_whoever_asked_does_not_sign(desk: Desk, contributors: Any) -> None:
    number = desk.computed()
    with pytest.raises(NotAllowed, match="release_asker_signs"):
        desk.sign(number, desk.asker)
    desk.session.rollback()
    with pytest.raises(NotAllowed, match="release_asker_signs"):
        send_back(desk.session, desk.tenant, number, REASON, actor_id=desk.asker, clock=desk.clock)


def test_nobody_signs_twice(desk: Desk, contributors: Any) -> None:
    number = desk.computed()
    desk.sign(number, desk.first)
    with pytest.raises(Conflict, match="release_signed_already"):
        desk.sign(number, desk.first)
    desk.session.rollback()
    assert desk.release(number).state == "review"


def test_the_database_itself_refuses_a_second_signature_of_one_person(desk: Desk, contributors: Any) -> None:
    number = desk.computed()
    desk.sign(number, desk.first)
    first = desk.session.scalars(select(ReleaseReview)).one()
    copied = {name: getattr(first, name) for name in ("release_id", "user_id", "body_id", "body", "sha256", "at")}
    with pytest.raises(DBAPIError):
        desk.session.execute(insert(ReleaseReview).values(id=uuid.uuid4(), decision="signed", reason="", **copied))


def test_a_published_release_is_not_signed_again(desk: Desk, contributors: Any) -> None:
    number = desk.published()
    with pytest.raises(Conflict, match="release_not_in_review"):
        desk.sign(number, desk.first)


def test_cells_that_were_changed_are_not_signed(desk: Desk, contributors: Any, session: Session) -> None:
    number = desk.computed()
    session.execute(update(BenchmarkCell).where(BenchmarkCell.release_id == number).values(contributors=995))
    session.commit()
    with pytest.raises(Conflict, match="release_tampered"):
        desk.sign(number, desk.first)


def test_a_release_that_is_sent_back_says_why_and_makes_room(desk: Desk, contributors: Any, session: Session) -> None:
    number = desk.computed()
    with pytest.raises(Conflict, match="release_under_way"):
        desk.ask()
    session.rollback()
    send_back(session, desk.tenant, number, REASON, actor_id=desk.first, clock=desk.clock)
    session.commit()
    assert desk.release(number).state == "withdrawn"
    assert session.scalars(select(ReleaseReview)).one().reason == REASON
    session.rollback()
    desk.published()


def test_why_it_is_sent_back_must_be_said(desk: Desk, contributors: Any) -> None:
    number = desk.computed()
    with pytest.raises(Invalid, match="release_reason"):
        send_back(desk.session, desk.tenant, number, " ", actor_id=desk.first, clock=desk.clock)


def test_a_release_taken_back_while_it_is_computed_stays_withdrawn(desk: Desk, contributors: Any, run: Any) -> None:
    number = desk.ask()
    withdraw(desk.session, desk.tenant, number, REASON, actor_id=desk.asker, clock=desk.clock)
    desk.session.commit()
    run()
    assert desk.release(number).state == "withdrawn"
    assert desk.session.scalar(select(func.count(BenchmarkCell.id))) == 0


@pytest.mark.parametrize("table", [BenchmarkCell, WithheldCell, BenchmarkRelease])
@pytest.mark.parametrize("action", ["update", "delete"])
def test_nobody_changes_what_is_published(
    desk: Desk, contributors: Any, session: Session, table: Any, action: str
) -> None:
    """Through the ORM and past it, by the owner of the tables."""
    number = desk.published()
    mine = (table.id if table is BenchmarkRelease else table.release_id) == number
    change = {BenchmarkCell: {"contributors": 15}, WithheldCell: {"rule": ""}, BenchmarkRelease: {"population": 5}}
    statement = update(table).where(mine).values(**change[table]) if action == "update" else delete(table).where(mine)
    with pytest.raises(DBAPIError, match="never changes"):
        session.execute(statement)
    session.rollback()
    name = table.__tablename__
    of = "id" if table is BenchmarkRelease else "release_id"
    raw = f"update {name} set {of} = {of}" if action == "update" else f"delete from {name}"
    with pytest.raises(DBAPIError, match="never changes"):
        session.connection().execute(text(f"{raw} where {of} = :number"), {"number": number})


def test_nothing_is_added_to_what_is_published(desk: Desk, contributors: Any, session: Session) -> None:
    number = desk.published()
    session.add(BenchmarkCell(release_id=number, industry="99", region="", size="", contributors=50, metrics={}))
    with pytest.raises(DBAPIError, match="never changes"):
        session.flush()
    session.rollback()
    replace = "insert or replace into benchmark_releases (id, framework, period, is_synthetic, population, cut_off_at,"
    replace += " rules_version, created_at) values (:number, 'x', 1, true, 0, '', '', '')"
    if session.get_bind().dialect.name == "sqlite":
        with pytest.raises(DBAPIError, match="never changes"):
            session.connection().execute(text(replace), {"number": number})


def test_a_cell_is_not_moved_out_of_or_into_what_is_published(desk: Desk, contributors: Any, session: Session) -> None:
    first = desk.published()
    second = desk.computed(replaces_id=first, notice_zh="更正", notice_en="Corrected")
    for start, end in ((first, second), (second, first)):
        moved = update(WithheldCell).where(WithheldCell.release_id == start).values(release_id=end)
        with pytest.raises(DBAPIError, match="never changes"):
            session.execute(moved)
        session.rollback()


def test_computed_again_it_is_the_same_to_the_byte(desk: Desk, contributors: Any, session: Session, app: Any) -> None:
    number = desk.published()
    data = app.config["DATA_DIR"]
    release = session.get_one(BenchmarkRelease, number)
    assert sha256_of(path_of(data, number)) == release.input_sha256
    verdict = verify(session, release, data, desk.clock)
    assert (verdict.stored, verdict.input, verdict.cells, verdict.root) == (True, True, True, True)


def test_a_changed_extract_is_noticed(desk: Desk, contributors: Any, session: Session, app: Any) -> None:
    number = desk.published()
    path = path_of(app.config["DATA_DIR"], number)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    verdict = verify(session, session.get_one(BenchmarkRelease, number), app.config["DATA_DIR"], desk.clock)
    assert verdict.stored
    assert not verdict.input
    assert not verdict.is_good


def test_a_correction_names_what_it_replaces(desk: Desk, contributors: Any, session: Session) -> None:
    first = desk.published()
    with pytest.raises(Invalid, match="release_replaces"):
        desk.ask()
    session.rollback()
    with pytest.raises(Invalid, match="release_notice"):
        desk.ask(replaces_id=first, notice_zh="更正")
    session.rollback()
    second = desk.published(replaces_id=first, notice_zh="更正截止日", notice_en="The cut-off is corrected")
    corrected = correction_of(session, session.get_one(BenchmarkRelease, first))
    assert corrected is not None
    assert corrected.id == second
    assert corrected.judged_against == {"earlier": [first], "others": []}
    assert desk.release(first).state == "published"


def test_a_release_without_the_extract_of_the_one_before_is_not_computed(
    desk: Desk, contributors: Any, session: Session, app: Any
) -> None:
    """Without it nobody could say whether the two differ by a few enterprises."""
    first = desk.published()
    path_of(app.config["DATA_DIR"], first).unlink()
    second = desk.computed(replaces_id=first, notice_zh="更正", notice_en="Corrected")
    assert desk.release(second).state == "computing"
    job = session.scalars(select(Job).where(Job.key == str(second))).one()
    assert (job.state, job.error) == ("failed", f"release_input_lost:{first}")


def test_the_edition_of_the_results_stands_in_the_release_and_under_its_hash(
    desk: Desk, contributors: Any, session: Session, app: Any
) -> None:
    number = desk.computed()
    release = session.get_one(BenchmarkRelease, number, populate_existing=True)
    assert release.edition == "2026.1"
    assert verify(session, release, app.config["DATA_DIR"], desk.clock).is_good
    release.edition = "2024.1"
    assert not verify(session, release, app.config["DATA_DIR"], desk.clock).stored
    session.rollback()


def test_what_was_corrected_is_not_measured_by_its_correction(desk: Desk, contributors: Any, session: Session) -> None:
    first = desk.published()
    second = desk.published(replaces_id=first, notice_zh="更正截止日", notice_en="The cut-off is corrected")
    assert changes(session, session.get_one(BenchmarkRelease, first)) is None
    found = changes(session, session.get_one(BenchmarkRelease, second))
    assert found is not None
    assert found.before.id == first


def test_a_year_in_which_nobody_submitted_makes_no_release_whatever_was_published_before(
    desk: Desk, contributors: Any, session: Session
) -> None:
    desk.published()
    number = desk.computed(2024)
    job = session.scalars(select(Job).where(Job.key == str(number))).one()
    assert (job.state, job.error) == ("failed", "release_empty")


def test_too_few_contributors_make_no_release(desk: Desk, session: Session) -> None:
    number = desk.computed()
    job = session.scalars(select(Job).where(Job.key == str(number))).one()
    assert (job.state, job.error) == ("failed", "release_empty")


def test_what_readers_may_not_have_asked_for_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid, match="release_period"):
        desk.ask(period=2031)
