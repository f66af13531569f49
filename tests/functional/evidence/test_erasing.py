"""Evidence ends: on demand, when it has been kept long enough, or when it proves nothing; and the row is the proof."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.evidence.storage import Vault
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.tenancy.models import Tenant
from tests.factories import files
from tests.factories.assessments import answer_all, make_assessment, submit
from tests.functional.evidence.conftest import ANOTHER, Cabinet, Stored, Worker, on_disk

PDF = ("台账.pdf", files.pdf())
SHA256 = hashlib.sha256(PDF[1]).hexdigest()


@pytest.fixture
def file_id(cabinet: Cabinet, stored: Stored, worker: Worker) -> Any:
    cabinet.upload(PDF)
    worker.work_off()
    return stored.file().id


def erase(cabinet: Cabinet, file_id: Any) -> None:
    cabinet.post(f"evidence/{file_id}/erase", confirmed="yes")


def test_an_erased_file_is_gone_and_its_row_proves_it(
    file_id: Any, cabinet: Cabinet, stored: Stored, worker: Worker, vault: Vault, owner: User
) -> None:
    assert len(on_disk(vault)) == 3, "the file and two pictures"
    erase(cabinet, file_id)
    worker.work_off()
    assert on_disk(vault) == []
    file = stored.file()
    assert (file.erased_at, file.erasure_asked_by, file.erasure_reason) == (worker.clock.now(), owner.id, "asked")
    (event,) = stored.events("evidence.erased")
    assert (event.actor_id, event.details) == (owner.id, {"evidence_id": str(file_id)})
    page = cabinet.file(file_id)
    assert f"Reason: asked for by {owner.name}" in page.text
    assert "destroyed on 2026-11-24 at 10:00" in page.text
    assert SHA256 in page.text
    assert "erased" in cabinet.page().text


def test_nobody_is_served_a_file_from_the_moment_its_erasure_is_asked_for(file_id: Any, cabinet: Cabinet) -> None:
    erase(cabinet, file_id)
    assert "being erased" in cabinet.page().text
    for answer in (cabinet.download(file_id), cabinet.picture(file_id)):
        assert answer.status_code == 404


def test_erasing_asks_for_a_confirmation(file_id: Any, cabinet: Cabinet, stored: Stored) -> None:
    assert "Confirm that the file is to be erased" in cabinet.post(f"evidence/{file_id}/erase", 422).text
    assert stored.file().erasure_asked_at is None


def test_a_file_a_result_rests_on_is_erased_with_a_warning_and_shown_as_erased(
    file_id: Any, session: Session, clock: FixedClock, draft: Assessment, cabinet: Cabinet, worker: Worker
) -> None:
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()
    assert "A submitted result rests on this file." in cabinet.file(file_id).text
    assert "Confirm that you want it erased all the same" in cabinet.post(f"evidence/{file_id}/erase", 422).text
    erase(cabinet, file_id)
    worker.work_off()
    page = cabinet.page()
    assert "台账.pdf" in page.text
    assert "erased" in page.text
    assert "0 answers have evidence." in cabinet.browser.get(f"{cabinet.base}/result").text


def test_a_crash_between_the_bytes_and_the_row_is_made_good(
    file_id: Any, cabinet: Cabinet, stored: Stored, worker: Worker, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes went, the row was not written: the page claims nothing, and the next try finishes."""
    erase(cabinet, file_id)

    def crash(*_arguments: object) -> None:
        raise RuntimeError("the power is gone")

    with monkeypatch.context() as patch:
        patch.setattr("maturity.evidence.jobs.note_erasure", crash)
        for job_id in worker.due():
            with worker.app.app_context():
                run_one(worker.app, job_id, HANDLERS)
    assert (on_disk(vault), stored.file().erased_at) == ([], None)
    assert "Certificate" not in cabinet.file(file_id).text
    worker.work_off()
    assert stored.file().erased_at is not None


def test_the_same_content_may_come_again_afterwards(
    file_id: Any, cabinet: Cabinet, stored: Stored, worker: Worker, vault: Vault
) -> None:
    erase(cabinet, file_id)
    assert "is just being erased here" in cabinet.send(PDF).json["refused"][0]
    worker.work_off()
    cabinet.upload(PDF, question=ANOTHER)
    worker.work_off()
    assert sorted(file.stage for file in stored.files()) == ["erased", "unscanned"]
    assert len(on_disk(vault)) == 3


def test_room_is_free_again_once_the_bytes_are_gone(file_id: Any, cabinet: Cabinet, worker: Worker) -> None:
    used = f"{len(PDF[1]) / 1024:.1f} KB of 1 GB used"
    assert used in cabinet.page().text
    erase(cabinet, file_id)
    assert used in cabinet.page().text, "not before"
    worker.work_off()
    assert "0 KB of 1 GB used" in cabinet.page().text


def test_evidence_is_kept_for_six_years_after_its_year(
    file_id: Any, cabinet: Cabinet, stored: Stored, worker: Worker, vault: Vault, clock: FixedClock
) -> None:
    assert "2031-12-31" in cabinet.file(file_id).text
    (job,) = stored.jobs("evidence_retention")
    assert job.due_at == datetime(2031, 12, 31, 19, 0, tzinfo=UTC), "three in the morning of New Year's Day"
    clock.at = job.due_at - timedelta(seconds=1)
    worker.work_off()
    assert len(on_disk(vault)) == 3
    clock.at = job.due_at
    worker.work_off()
    file = stored.file()
    assert (file.stage, file.erasure_reason, file.erasure_asked_by) == ("erased", "expired", None)
    assert on_disk(vault) == []


def test_the_years_can_be_set(
    file_id: Any, cabinet: Cabinet, stored: Stored, worker: Worker, clock: FixedClock
) -> None:
    page = cabinet.post("evidence/retention", years="1")
    assert "Evidence is kept for 1 years" in page.text
    assert "2026-12-31" in cabinet.file(file_id).text
    (event,) = stored.events("settings.changed")
    assert event.details == {"setting": "retention", "value": "1"}
    clock.at = datetime(2026, 12, 31, 19, 0, tzinfo=UTC)
    worker.work_off()
    assert stored.file().stage == "erased"


@pytest.mark.parametrize("years", ["0", "31", "", "six", "-1"])
def test_years_that_make_no_sense_are_refused(cabinet: Cabinet, years: str) -> None:
    page = cabinet.post("evidence/retention", 422, years=years)
    assert "Give a whole number of years from 1 to 30." in page.text
    assert 'value="6"' in page.html, "the setting stands"


def test_a_file_that_proves_nothing_goes_after_thirty_days(
    file_id: Any, cabinet: Cabinet, stored: Stored, worker: Worker, clock: FixedClock
) -> None:
    cabinet.post(f"evidence/links/{stored.link().id}/remove")
    clock.at += timedelta(days=29)
    worker.work_off()
    assert stored.file().stage == "unscanned"
    clock.at += timedelta(days=2)
    worker.work_off()
    assert (stored.file().stage, stored.file().erasure_reason) == ("erased", "unused")


def test_the_sweep_leaves_what_has_been_chosen_again(
    file_id: Any, cabinet: Cabinet, stored: Stored, worker: Worker, clock: FixedClock
) -> None:
    cabinet.post(f"evidence/links/{stored.link().id}/remove")
    clock.at += timedelta(days=10)
    cabinet.post(f"questions/{ANOTHER}/evidence/chosen", file=str(file_id))
    clock.at += timedelta(days=40)
    worker.work_off()
    assert stored.file().is_there
    assert [job.key for job in stored.jobs("evidence_retention") if job.state == "queued"] == ["2032-01-01"]


def test_the_latest_year_a_file_proves_counts(
    file_id: Any, session: Session, clock: FixedClock, draft: Assessment, cabinet: Cabinet
) -> None:
    later = make_assessment(session, session.get_one(Tenant, draft.tenant_id), clock, 2026)
    session.commit()
    newer = Cabinet(cabinet.browser, f"/t/{later.tenant_id}/assessments/{later.id}")
    newer.post(f"questions/{ANOTHER}/evidence/chosen", file=str(file_id))
    assert "2032-12-31" in newer.file(file_id).text
