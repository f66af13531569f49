"""From choosing files to having them beside the answer: what is taken, what is refused, and how that is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.evidence.storage import Vault
from maturity.plans.usage import Usage
from maturity.tenancy.models import Tenant
from tests.clamd import FakeClamd
from tests.factories import files
from tests.factories.billing import on_plan
from tests.functional.evidence.conftest import ANOTHER, JSON, QUESTION, Cabinet, Stored, Worker, on_disk

PDF = ("投入台账.pdf", files.pdf())


def test_a_file_is_uploaded_looked_at_and_downloaded(cabinet: Cabinet, stored: Stored, worker: Worker) -> None:
    page = cabinet.upload(PDF)
    assert "“投入台账.pdf” is added." in page.text
    assert "being checked" in page.text
    worker.work_off()
    file = stored.file()
    page = cabinet.page()
    assert "not scanned" in page.text, "said plainly"
    assert f"{cabinet.base}/evidence/{file.id}/thumbnail" in page.assets
    assert cabinet.download(file.id).data == PDF[1]
    assert cabinet.picture(file.id, "preview").data[8:12] == b"WEBP"


def test_the_row_says_what_the_file_is(cabinet: Cabinet, stored: Stored, owner: User) -> None:
    cabinet.upload(PDF)
    file, link = stored.file(), stored.link()
    assert (file.name, file.media_type, file.size) == ("投入台账.pdf", "application/pdf", len(PDF[1]))
    assert (file.state, file.uploaded_by) == ("waiting", owner.id)
    assert (link.question_id, link.from_period, link.caption) == (QUESTION, None, "")


def test_the_files_stand_beside_the_question(cabinet: Cabinet, stored: Stored, worker: Worker) -> None:
    cabinet.upload(PDF, question="it_planning")
    worker.work_off()
    page = cabinet.browser.get(f"{cabinet.base}/sections/governance")
    assert "投入台账.pdf" in page.text
    assert f"{cabinet.base}/evidence/{stored.file().id}/thumbnail" in page.assets
    assert "css/evidence.css" in page.html


def test_several_files_come_at_once_and_the_wrong_ones_stop_no_other(cabinet: Cabinet, stored: Stored) -> None:
    taken = ("照片.jpg", files.picture("JPEG"))
    page = cabinet.upload(
        ("a.pdf", b"no pdf"), taken, ("b.docm", files.office("docx", {"word/vbaProject.bin": b""})), status=422
    )
    assert [file.name for file in stored.files()] == ["照片.jpg"]
    assert "“照片.jpg” is added." in page.text
    assert "“a.pdf” is none of PDF, PNG" in page.text
    assert "“b.docm” contains macros. Save it without them" in page.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"plain text", "by its content"),
        (files.old_office(encrypted=False), "old kind"),
        (files.old_office(encrypted=True), "protected by a password"),
        (files.office("xlsx", {"xl/vbaProject.bin": b"x"}), "contains macros"),
        (files.pdf_with_password(), "opens with a password"),
        (files.pdf(root={"/OpenAction": files.action("/JavaScript")}), "contains scripts"),
        (files.pdf(root={"/OpenAction": files.action("/Launch")}), "would start a program"),
        (files.workbook()[:-20], "is damaged"),
        (files.huge_picture(), "64 million pixels"),
        (files.office("xlsx", {"xl/a.xml": b"0" * 40_000_000}), "unpacks to far more"),
        (b"%PDF-" + b"0" * 20 * 1024**2, "larger than 20 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_refusal_names_the_file_the_fault_and_the_mend(
    cabinet: Cabinet, stored: Stored, vault: Vault, content: bytes, said: str
) -> None:
    answer = cabinet.send(("附件", content))
    assert answer.status_code == 422
    (message,) = answer.json["refused"]
    assert message.startswith("“附件” ")
    assert said in message
    assert any(word in message for word in ("Choose", "Save", "Print", "upload"))
    assert (stored.files(), on_disk(vault)) == ([], [])


def test_a_refusal_is_in_the_language_of_the_page(cabinet: Cabinet) -> None:
    cabinet.browser.get("/?lang=zh")
    assert "“a.txt”的内容不是 PDF" in cabinet.upload(("a.txt", b"text"), status=422).text


def test_a_name_that_promises_another_kind_is_told_and_put_right(cabinet: Cabinet, stored: Stored) -> None:
    page = cabinet.upload(("plan.pdf", files.picture("PNG")))
    assert "“plan.pdf” is a PNG file by its content and is kept as “plan.png”." in page.text
    assert stored.file().name == "plan.png"


def test_choosing_nothing_says_so(cabinet: Cabinet) -> None:
    assert "Choose a file first." in cabinet.upload(status=422).text


def test_five_files_at_once_are_the_most(cabinet: Cabinet, stored: Stored) -> None:
    many = [(f"{n}.png", files.picture(colour=f"#0000{n}0")) for n in range(6)]
    page = cabinet.upload(*many, status=422)
    assert "“5.png” was left out" in page.text
    assert len(stored.files()) == 5


def large(client: FlaskClient, address: str, megabytes: int) -> TestResponse:
    """A request that says how large it is; nobody has to read it to refuse it."""
    told = {"CONTENT_LENGTH": str(megabytes * 1024**2), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    return client.post(address, data=b"", headers=JSON, environ_overrides=told)


@pytest.fixture
def with_token(app: Any) -> None:
    """As outside of tests: every form's token is looked for, and with it the body is read."""
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.usefixtures("with_token")
def test_a_request_that_is_too_large_says_what_may_be_sent(cabinet: Cabinet) -> None:
    answer = large(cabinet.browser.client, f"{cabinet.base}/questions/{QUESTION}/evidence", 102)
    assert (answer.status_code, answer.json["error"]) == (413, "evidence_too_much")
    assert "20 MB" in answer.json["message"]


@pytest.mark.usefixtures("with_token")
def test_no_other_page_takes_large_requests(cabinet: Cabinet) -> None:
    for address in (f"answers/{QUESTION}", f"questions/{QUESTION}/evidence/chosen"):
        assert large(cabinet.browser.client, f"{cabinet.base}/{address}", 2).status_code == 413


@pytest.mark.usefixtures("with_token")
def test_nobody_sends_large_requests_without_signing_in(cabinet: Cabinet, app: Any) -> None:
    assert large(app.test_client(), f"{cabinet.base}/questions/{QUESTION}/evidence", 2).status_code == 413


def test_the_same_content_is_one_file_and_proves_several_answers(
    cabinet: Cabinet, stored: Stored, vault: Vault
) -> None:
    cabinet.upload(PDF)
    page = cabinet.upload(("again.pdf", PDF[1]), question=ANOTHER)
    assert "“again.pdf” is here already, as “投入台账.pdf”." in page.text
    assert len(stored.files()) == 1
    assert {link.question_id for link in stored.links()} == {QUESTION, ANOTHER}
    assert len(on_disk(vault)) == 1


def test_the_same_file_twice_at_one_answer_is_one_link(cabinet: Cabinet, stored: Stored) -> None:
    cabinet.upload(PDF)
    cabinet.upload(PDF)
    assert len(stored.links()) == 1


def test_evidence_of_a_question_that_is_not_asked_is_refused(cabinet: Cabinet, stored: Stored) -> None:
    answer = cabinet.send(PDF, question="mes_functions")
    assert (answer.status_code, answer.json["error"]) == (409, "question_not_asked")
    assert stored.files() == []


def test_evidence_of_an_unknown_question_is_not_found(cabinet: Cabinet) -> None:
    assert cabinet.send(PDF, question="unheard_of").status_code == 404


def test_a_submitted_assessment_takes_no_more_evidence(cabinet: Cabinet, session: Session, draft: Assessment) -> None:
    session.execute(update(Assessment).values(status="superseded"))
    session.commit()
    assert cabinet.send(PDF).json["error"] == "assessment_revised_already"


def test_what_is_added_is_recorded(cabinet: Cabinet, stored: Stored, owner: User) -> None:
    cabinet.upload(PDF)
    (event,) = stored.events("evidence.added")
    assert (event.actor_id, "投入台账" in str(event.details)) == (owner.id, False)  # under the tenant's key
    assert "投入台账.pdf" in cabinet.browser.get(f"/t/{event.tenant_id}/log").text


def test_the_quota_says_what_to_do(
    cabinet: Cabinet, stored: Stored, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maturity.evidence.service.usage", with_room_for(len(PDF[1]) + 10))
    cabinet.upload(PDF)
    page = cabinet.upload(("photo.png", files.picture()), status=422)
    assert "There is no room left for “photo.png”. Erase evidence that is not needed" in page.text
    assert len(stored.files()) == len(on_disk(vault)) == 1
    assert cabinet.send(PDF, question=ANOTHER).status_code == 200, "what is kept already needs no room"


def with_room_for(room: int) -> Callable[..., Usage]:
    return lambda _session, _tenant, _limit, used, _clock: Usage(used, room)


def test_a_room_that_is_nearly_full_says_which_plan_has_more(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maturity.evidence.service.usage", with_room_for(len(PDF[1]) + 10))
    cabinet.upload(PDF)
    assert "Part of the plan Pro" in cabinet.page().text


def test_the_room_that_is_used_is_shown(cabinet: Cabinet) -> None:
    assert "0 KB of 1 GB used" in cabinet.page().text


def test_pro_has_room_for_twenty_times_as_much(
    cabinet: Cabinet, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    on_plan(session, tenant, "pro", clock)
    session.commit()
    assert "0 KB of 20 GB used" in cabinet.page().text


def test_more_than_a_smaller_plan_holds_stays_and_only_adding_is_refused(
    cabinet: Cabinet, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    cabinet.upload(PDF)
    monkeypatch.setattr("maturity.evidence.service.usage", with_room_for(10))
    page = cabinet.upload(("photo.png", files.picture()), status=422)
    assert "must go before anything can be added" in page.text
    (file,) = stored.files()
    assert "投入台账.pdf" in cabinet.file(file.id).text


def test_a_disk_that_is_full_keeps_nothing(
    cabinet: Cabinet, stored: Stored, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is given last: when that fails, there is neither a row nor a file."""

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    answer = cabinet.send(PDF)
    assert (answer.status_code, answer.json["error"]) == (503, "storage_full")
    assert (stored.files(), stored.links(), on_disk(vault)) == ([], [], [])


def test_a_rolled_back_upload_leaves_an_orphan_at_most(
    cabinet: Cabinet, stored: Stored, vault: Vault, app: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes come before the row is committed: never a row without its bytes."""

    def fail(*_arguments: object, **_more: object) -> None:
        raise OSError("the power is gone")

    monkeypatch.setattr("maturity.evidence.service.ask_to_process", fail)
    assert cabinet.send(PDF).status_code == 500
    assert stored.files() == []
    assert len(on_disk(vault)) == 1
    monkeypatch.undo()
    assert cabinet.send(PDF).status_code == 200, "and the next try finds its way"


def test_the_uploader_is_told_that_there_is_no_scanner(cabinet: Cabinet) -> None:
    assert "No malware scanner is configured" in cabinet.page().text


def test_with_a_scanner_nothing_of_the_kind_is_said(cabinet: Cabinet, clamd: FakeClamd) -> None:
    assert "No malware scanner is configured" not in cabinet.page().text


@pytest.mark.usefixtures("with_token")
def test_the_token_of_the_form_is_needed(cabinet: Cabinet, stored: Stored) -> None:
    assert cabinet.send(PDF).json["error"] == "page_expired"
    assert stored.files() == []
