"""A file leaves only after the scanner has said so; malware is destroyed, and a scanner that is away is asked again."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.evidence.confined import Crashed
from maturity.evidence.storage import Vault
from maturity.messages.models import Message
from tests.clamd import FakeClamd, nobody_listens, running_clamd
from tests.factories import files
from tests.functional.evidence.conftest import JSON, Cabinet, Stored, Worker, on_disk


def infected() -> tuple[str, bytes]:
    """A sound workbook that carries the test virus, not packed."""
    made = io.BytesIO(files.office("xlsx"))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/note.txt", files.EICAR)
    return "bad.xlsx", made.getvalue()


@pytest.fixture
def uploaded(clamd: FakeClamd, cabinet: Cabinet, stored: Stored) -> Any:
    cabinet.upload(("台账.pdf", files.pdf()))
    return stored.file()


def test_before_the_scan_the_file_is_seen_and_not_opened(uploaded: Any, cabinet: Cabinet, stored: Stored) -> None:
    assert "being checked" in cabinet.page().text
    for address in ("content", "thumbnail", "preview"):
        answer = cabinet.browser.client.get(f"{cabinet.base}/evidence/{uploaded.id}/{address}", headers=JSON)
        assert (answer.status_code, answer.json["error"]) == (409, "evidence_being_checked")
    assert "cannot be opened" in cabinet.file(uploaded.id).text
    assert stored.events("evidence.downloaded") == []


def test_a_clean_file_leaves(uploaded: Any, cabinet: Cabinet, stored: Stored, worker: Worker) -> None:
    worker.work_off()
    file = stored.file()
    assert (file.state, file.has_preview, file.scanned_at) == ("clean", True, worker.clock.now())
    assert cabinet.download(file.id).status_code == 200
    assert "The malware scanner found nothing." in cabinet.file(file.id).text


def test_malware_is_destroyed_and_its_row_kept(
    clamd: FakeClamd, cabinet: Cabinet, stored: Stored, worker: Worker, vault: Vault
) -> None:
    cabinet.upload(infected())
    worker.work_off()
    file = stored.file()
    assert (file.state, file.erasure_reason, file.finding) == ("infected", "infected", "Win.Test.EICAR_HDB-1")
    assert file.erased_at is not None
    assert on_disk(vault) == []
    assert cabinet.download(file.id).status_code == 404
    assert "malware, destroyed" in cabinet.page().text
    assert "Win.Test.EICAR_HDB-1" in cabinet.file(file.id).text
    assert len(stored.events("evidence.erased")) == 1


def test_whoever_uploaded_malware_gets_a_letter(
    clamd: FakeClamd, cabinet: Cabinet, worker: Worker, session: Session
) -> None:
    cabinet.upload(infected())
    worker.work_off()
    letter = session.scalars(select(Message)).one()
    assert letter.subject == "A file you uploaded has been destroyed"
    assert "“Win.Test.EICAR_HDB-1” in “bad.xlsx”" in letter.body


def test_malware_proves_nothing(clamd: FakeClamd, cabinet: Cabinet, worker: Worker) -> None:
    cabinet.upload(infected())
    worker.work_off()
    assert "0 answers have evidence." in cabinet.browser.get(f"{cabinet.base}/review").text


@pytest.mark.parametrize("trouble", ["refused connection", "garbage", "cut off"])
def test_a_scanner_that_does_not_judge_is_asked_again_later(
    app: Any,
    uploaded: Any,
    cabinet: Cabinet,
    stored: Stored,
    worker: Worker,
    clamd: FakeClamd,
    trouble: str,
    clock: FixedClock,
) -> None:
    if trouble == "refused connection":
        app.config["CLAMD"] = nobody_listens()
    else:
        clamd.answer = b"\0\1\2 garbage" if trouble == "garbage" else b"stream: OK"
    worker.work_off()
    file = stored.file()
    assert (file.state, file.scan_attempts, file.scanned_at) == ("waiting", 1, None)
    assert cabinet.download(file.id).status_code == 409
    app.config["CLAMD"], clamd.answer = clamd.address, None
    worker.work_off()
    assert stored.file().state == "waiting", "not before a minute"
    clock.at += timedelta(minutes=1)
    worker.work_off()
    assert stored.file().state == "clean"


def test_the_pauses_grow_to_an_hour(app: Any, uploaded: Any, stored: Stored, worker: Worker, clock: FixedClock) -> None:
    app.config["CLAMD"] = nobody_listens()
    pauses = []
    for _ in range(9):
        worker.work_off()
        (waiting,) = [job for job in stored.jobs("evidence_file") if job.state == "queued"]
        pauses.append((waiting.due_at - clock.now()) // timedelta(minutes=1))
        clock.at = waiting.due_at
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_file_erased_meanwhile_is_not_scanned(
    uploaded: Any, cabinet: Cabinet, stored: Stored, worker: Worker, clamd: FakeClamd
) -> None:
    cabinet.post(f"evidence/{uploaded.id}/erase", confirmed="yes")
    worker.work_off()
    assert stored.file().stage == "erased"


def test_a_file_of_which_no_picture_can_be_made_is_kept(
    cabinet: Cabinet, stored: Stored, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_arguments: object) -> None:
        raise Crashed

    monkeypatch.setattr("maturity.evidence.jobs.preview_confined", crash)
    cabinet.upload(("台账.pdf", files.pdf()))
    worker.work_off()
    file = stored.file()
    assert (file.state, file.has_preview) == ("unscanned", False)
    assert "There is no picture of this file." in cabinet.file(file.id).text
    assert cabinet.picture(file.id).status_code == 404
    assert cabinet.download(file.id).status_code == 200


def test_office_documents_have_no_picture_and_say_their_kind(cabinet: Cabinet, stored: Stored, worker: Worker) -> None:
    cabinet.upload(("台账.xlsx", files.workbook()))
    worker.work_off()
    assert "There is no picture of this file." in cabinet.file(stored.file().id).text
    assert "Excel" in cabinet.page().text


def test_what_came_before_there_was_a_scanner_can_be_scanned(
    app: Any, cabinet: Cabinet, stored: Stored, worker: Worker
) -> None:
    cabinet.upload(("台账.pdf", files.pdf()))
    worker.work_off()
    assert stored.file().state == "unscanned"
    run = app.test_cli_runner()
    assert "MATURITY_CLAMD is not set" in run.invoke(args=["evidence", "scan"]).output
    with running_clamd() as server:
        app.config["CLAMD"] = server.address
        try:
            assert "1 files wait for the scanner" in run.invoke(args=["evidence", "scan"]).output
            assert cabinet.download(stored.file().id).status_code == 409
            worker.work_off()
        finally:
            app.config["CLAMD"] = None
    assert stored.file().state == "clean"
