"""From the decision to the signed file: what is logged, kept, told and proved, and what a crash leaves behind."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.certificates import files, jobs
from maturity.certificates.inspecting import attachments_of, payload_in
from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certificates.numbering import new_number
from maturity.clock import FixedClock
from maturity.credentials.models import Credential
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.messages.models import Message
from maturity.operation.backup import make_backup
from maturity.signing.keys import public_keys
from maturity.signing.models import SigningKey
from maturity.transparency.checking import Key, hash_leaf, is_included, read_head, read_proof, read_signed
from maturity.transparency.service import append, file_entry, leaves_of
from maturity.transparency.statement import entry_text
from tests.factories.certificates import Issued, make_decided, make_issued, path_in

pytestmark = pytest.mark.database


def entries(session: Session, issued: Issued) -> list[tuple[str, str | None]]:
    """Kind and event of everything the log has of a certificate, in order."""
    return [(leaf.entry["kind"], leaf.entry.get("event")) for leaf in leaves_of(session, issued.number)]


def stored(app: Any) -> list[Path]:
    return sorted((app.config["DATA_DIR"] / "certificates").rglob("*.pdf"))


@pytest.fixture(autouse=True)
def _empty_folder(app: Any) -> None:
    for path in stored(app):
        path.unlink()


def test_a_decision_gives_a_number_and_nothing_that_is_valid_yet(app: Any, session: Session, clock: FixedClock) -> None:
    decided = make_decided(session, clock)
    certificate = decided.certificate(session)
    assert (certificate.status, certificate.pdf_sha256) == ("issuing", None)
    assert entries(session, decided) == []
    assert session.scalars(select(Job.state).where(Job.kind == "issue_certificate")).all() == ["queued"]


def test_it_is_logged_made_and_kept(app: Any, session: Session, clock: FixedClock) -> None:
    issued = make_issued(app, session, clock)
    certificate = issued.certificate(session)
    content = issued.file(session, app)
    assert certificate.status == "valid"
    assert (certificate.pdf_sha256, certificate.pdf_size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert entries(session, issued) == [("status", "issued"), ("file", None)]
    assert leaves_of(session, issued.number)[1].entry["pdf_sha256"] == certificate.pdf_sha256
    (event,) = session.scalars(select(CertificateEvent).where(CertificateEvent.certificate_id == certificate.id))
    assert (event.kind, event.leaf) == ("issued", 0)
    assert stored(app) == [path_in(app, certificate)]


def test_both_sides_find_it_in_their_log_and_are_written_to(app: Any, session: Session, clock: FixedClock) -> None:
    issued = make_issued(app, session, clock)
    told = select(AuditEvent.tenant_id).where(AuditEvent.event == "certificate.issued")
    assert set(session.scalars(told)) == {issued.made.client_id, issued.made.body_id}
    letters = session.scalars(select(Message.subject).where(Message.subject.contains(issued.number))).all()
    assert len(letters) >= 2


def test_what_travels_in_the_file_proves_itself(app: Any, session: Session, clock: FixedClock) -> None:
    """Payload, proof and credential by the published keys, with the checker that shares no code with the log."""
    issued = make_issued(app, session, clock)
    certificate = issued.certificate(session)
    carried = attachments_of(issued.file(session, app))
    assert set(carried) == {"certificate.json", "log-proof.json", "credential.jwt"}
    keys = {
        key.key_id: Key(key.key_id, key.purpose, key.public_key, key.not_before)  # type: ignore[arg-type]  # of tokens
        for key in public_keys(session)
        if key.purpose in ("log", "credential")
    }
    document = json.loads(carried["certificate.json"])
    signed = read_signed(document["jws"], keys)
    assert signed.payload == document["payload"]
    assert signed.text == certificate.payload.encode()
    proof = json.loads(carried["log-proof.json"])
    assert proof["entry"]["signed_payload_sha256"] == hashlib.sha256(signed.text).hexdigest()
    head, leaf = read_head(proof["head"]), hash_leaf(entry_text(proof["entry"]).encode())
    root, beside = bytes.fromhex(head.root), read_proof(proof["inclusion"])
    assert is_included(leaf, proof["leaf"], head.size, root, beside)
    assert carried["credential.jwt"].decode() == session.get_one(Credential, certificate.id).badge


def test_the_signature_comes_last_and_covers_the_file(app: Any, session: Session, clock: FixedClock) -> None:
    from maturity.verification.anchors import anchors_of
    from maturity.verification.signatures import check_signature

    content = make_issued(app, session, clock).file(session, app)
    finding = check_signature(content, anchors_of(session), clock.now())
    assert (finding.state, finding.covers_all, finding.is_stamped) == ("sound", True, True)


# Crashes


class Killed(BaseException):
    """Nothing catches it, as nothing catches a kill."""


def killed(*_given: Any, **_named: Any) -> Any:
    raise Killed


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    def done_and_killed(*given: Any, **named: Any) -> Any:
        function(*given, **named)
        raise Killed

    return done_and_killed


CRASHES = {
    "before the log": (jobs, "log_issue", killed),
    "in the transaction of the log": (jobs, "proof_document", killed),
    "after the log": (jobs, "log_issue", after(jobs.log_issue)),
    "while it is rendered": (jobs, "certificate_pdf", killed),
    "after it is signed": (jobs, "signed_pdf", after(jobs.signed_pdf)),
    "after it was laid aside": (jobs, "make_file", after(jobs.make_file)),
    "before it gets its name": (files, "keep", killed),
    "after it got its name": (files, "keep", after(files.keep)),
    "in the transaction that ends it": (jobs, "file_entry", killed),
    "after everything": (jobs, "keep_file", after(jobs.keep_file)),
    "before it is tidied up": (files, "forget_under_way", killed),
}


def work(app: Any, session: Session) -> None:
    """One attempt of the worker at everything that waits or fell silent."""
    for job_id in session.scalars(select(Job.id).where(Job.kind == "issue_certificate")).all():
        session.commit()
        run_one(app, job_id, HANDLERS)
    session.rollback()
    session.expire_all()


@pytest.mark.parametrize("crash", CRASHES)
def test_a_kill_leaves_one_file_and_one_leaf_of_each_kind(
    app: Any, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, crash: str
) -> None:
    decided = make_decided(session, clock)
    where, name, instead = CRASHES[crash]
    with monkeypatch.context() as patch:
        patch.setattr(where, name, instead)
        with pytest.raises(Killed):
            work(app, session)
    session.rollback()
    before = {path.read_bytes() for path in stored(app)}
    clock.at = clock.at.replace(minute=clock.at.minute + 5)  # beyond the lease
    work(app, session)
    certificate = decided.certificate(session)
    assert certificate.status == "valid"
    assert entries(session, decided) == [("status", "issued"), ("file", None)]
    assert stored(app) == [path_in(app, certificate)]
    assert before <= {decided.file(session, app)}, "what was signed before the crash must be what is kept"
    assert len(session.scalars(select(CertificateEvent)).all()) == 1
    assert len(session.scalars(select(Credential)).all()) == 1
    told = select(AuditEvent).where(AuditEvent.event == "certificate.issued")
    assert len(session.scalars(told).all()) == 2


def test_a_backup_has_the_file(app: Any, session: Session, clock: FixedClock, tmp_path: Path) -> None:
    issued = make_issued(app, session, clock)
    content, target = issued.file(session, app), tmp_path / "backup.zip"
    session.commit()
    make_backup(session, app.config["DATA_DIR"], "s" * 40, target, clock)
    with zipfile.ZipFile(target) as archive:
        assert archive.read(f"files/certificates/{hashlib.sha256(content).hexdigest()}.pdf") == content


def test_asked_again_nothing_is_made_again(app: Any, session: Session, clock: FixedClock) -> None:
    issued = make_issued(app, session, clock)
    content = issued.file(session, app)
    job = session.scalars(select(Job).where(Job.kind == "issue_certificate")).one()
    job.state, job.attempts, job.finished_at = "queued", 0, None
    session.commit()
    work(app, session)
    assert issued.file(session, app) == content
    assert len(leaves_of(session, issued.number)) == 2


def test_with_the_clock_set_back_nothing_is_logged(app: Any, session: Session, clock: FixedClock) -> None:
    decided = make_decided(session, clock)
    append(session, file_entry(new_number(), "0" * 64), clock)
    session.commit()
    clock.at = clock.at.replace(hour=clock.at.hour - 1)
    work(app, session)
    assert entries(session, decided) == []
    assert decided.certificate(session).status == "issuing"
    assert not stored(app)


def test_in_production_no_certificate_is_signed_without_an_address(
    app: Any, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = make_decided(session, clock)
    monkeypatch.setitem(app.config, "SITE_URL", None)
    monkeypatch.setitem(app.config, "ENVIRONMENT", "production")
    work(app, session)
    assert session.scalars(select(Job.error).where(Job.kind == "issue_certificate")).all() == ["certificate_address"]
    assert entries(session, decided) == []
    monkeypatch.setitem(app.config, "LISTENS_AT", "http://127.0.0.1:8000")
    session.scalars(select(Job).where(Job.kind == "issue_certificate")).one().state = "queued"
    session.commit()
    work(app, session)
    carried = json.loads(attachments_of(decided.file(session, app))["log-proof.json"])
    assert carried["origin"] == "http://127.0.0.1:8000"


def test_keys_that_are_needed_first_are_made_with_it(app: Any, session: Session, clock: FixedClock) -> None:
    make_issued(app, session, clock)
    purposes = set(session.scalars(select(SigningKey.purpose)))
    assert purposes == {"root", "document", "timestamp", "log", "credential"}


def test_the_payload_in_the_file_is_the_one_of_the_row(app: Any, session: Session, clock: FixedClock) -> None:
    issued = make_issued(app, session, clock)
    certificate = issued.certificate(session)
    assert payload_in(issued.file(session, app)) == certificate.payload.encode()
    assert hashlib.sha256(certificate.payload.encode()).hexdigest() == certificate.payload_sha256
    assert session.scalars(select(Certificate.number)).all() == [issued.number]
