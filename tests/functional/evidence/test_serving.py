"""A file leaves as a download alone, to people who may, and every time is on record."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit import service as audit
from maturity.clock import FixedClock
from maturity.evidence import routes
from maturity.evidence.storage import Vault
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories import files
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user, sign_in
from tests.functional.evidence.conftest import JSON, Cabinet, Stored, Worker, cabinet_of

CONTENT = files.pdf()


@pytest.fixture
def file_id(cabinet: Cabinet, stored: Stored, worker: Worker) -> Any:
    cabinet.upload(("首件检验 “A”.pdf", CONTENT))
    worker.work_off()
    return stored.file().id


def test_a_browser_saves_the_file_and_draws_nothing_of_it(file_id: Any, cabinet: Cabinet) -> None:
    headers = cabinet.download(file_id).headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "private, no-cache"


def test_the_name_is_written_so_that_every_browser_reads_it(file_id: Any, cabinet: Cabinet) -> None:
    disposition = cabinet.download(file_id).headers["Content-Disposition"]
    assert "filename*=UTF-8''%E9%A6%96%E4%BB%B6" in disposition
    assert disposition.isascii()


@pytest.mark.parametrize("name", ["thumbnail", "preview"])
def test_a_picture_is_ours_and_confined_all_the_same(file_id: Any, cabinet: Cabinet, name: str) -> None:
    answer = cabinet.picture(file_id, name)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert CONTENT[:20] not in answer.data


def test_a_part_of_the_file_can_be_asked_for(file_id: Any, cabinet: Cabinet) -> None:
    answer = cabinet.download(file_id, Range="bytes=5-9")
    assert (answer.status_code, answer.data) == (206, CONTENT[5:10])


def test_every_download_is_on_record(file_id: Any, cabinet: Cabinet, stored: Stored, owner: User) -> None:
    cabinet.download(file_id)
    cabinet.download(file_id, Range="bytes=5-9")
    events = stored.events("evidence.downloaded")
    assert [(event.actor_id, event.details["evidence_id"]) for event in events] == [(owner.id, str(file_id))] * 2


def test_looking_is_no_download(file_id: Any, cabinet: Cabinet, stored: Stored) -> None:
    cabinet.picture(file_id)
    cabinet.file(file_id)
    cabinet.browser.client.head(f"{cabinet.base}/evidence/{file_id}/content")
    assert stored.events("evidence.downloaded") == []


def test_what_cannot_be_recorded_is_not_handed_out(
    file_id: Any, cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr(routes, "record", fail)
    assert cabinet.download(file_id).status_code == 500
    assert audit.record is not fail


def test_a_file_that_the_disk_lost_is_told_apart(file_id: Any, cabinet: Cabinet, vault: Vault, stored: Stored) -> None:
    vault.path(stored.file().sha256).unlink()
    answer = cabinet.download(file_id, **JSON)
    assert (answer.status_code, answer.json["error"]) == (404, "evidence_lost")
    assert stored.events("evidence.downloaded") == []


@pytest.mark.parametrize(
    ("role", "looks", "adds", "erases"),
    [
        ("owner", True, True, True),
        ("editor", True, True, True),
        ("signatory", True, False, False),
        ("reviewer", True, False, False),
        ("viewer", True, False, False),
    ],
)
def test_each_role_may_do_its_part(
    app: Any,
    session: Session,
    clock: FixedClock,
    tenant: Tenant,
    cabinet: Cabinet,
    file_id: Any,
    role: str,
    looks: bool,
    adds: bool,
    erases: bool,
) -> None:
    theirs = cabinet_of(app, session, clock, tenant, cabinet.base, role)
    assert (theirs.download(file_id).status_code == 200) == looks
    assert ("Add files" in theirs.page().text) == adds
    assert (theirs.send(("a.png", files.picture())).status_code == 200) == adds
    assert ("Erase for good" in theirs.file(file_id).text) == erases
    theirs.post(f"evidence/{file_id}/erase", 200 if erases else 403, confirmed="yes")


def test_a_stranger_learns_nothing(
    app: Any, session: Session, clock: FixedClock, cabinet: Cabinet, file_id: Any
) -> None:
    stranger = make_user(session)
    other = make_enterprise(session, stranger, clock)
    session.commit()
    client = app.test_client()
    sign_in(client, stranger)
    own = make_assessment(session, other, clock)
    session.commit()
    for base in (cabinet.base, f"/t/{other.id}/assessments/{own.id}"):
        assert client.get(f"{base}/evidence/{file_id}/content").status_code == 404
    session.rollback()


def test_the_same_content_in_two_tenants_is_two_files_that_know_nothing_of_each_other(
    app: Any, session: Session, clock: FixedClock, cabinet: Cabinet, file_id: Any, stored: Stored
) -> None:
    user = make_user(session)
    other = make_enterprise(session, user, clock)
    assessment = make_assessment(session, other, clock)
    session.commit()
    client = app.test_client()
    sign_in(client, user)
    theirs = Cabinet(Browser(client), f"/t/{other.id}/assessments/{assessment.id}")
    session.rollback()
    answer = theirs.send(("copy.pdf", CONTENT))
    assert answer.json["said"] == ["“copy.pdf” is added."], "as if nobody had it"
    assert len({file.tenant_id for file in stored.files()}) == 2
    assert theirs.download(file_id).status_code == 404
