"""The job behind a document: rendered, stored whole, then noted; whatever goes wrong has words."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Config
from maturity.app import create_app
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.reports import jobs
from maturity.reports.models import DocumentFile
from maturity.reports.pdf import MissingGlyph
from maturity.reports.service import Wanted, ask_for_document, find_document, folder_of, wanted_document
from maturity.reports.storage import store
from maturity.results import fonts
from maturity.results.fonts import MissingFont
from tests.factories.assessments import answer, make_assessment, make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

CONTENT = b"%PDF-1.7 a finished document"


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages given to the renderer, which is replaced: what it makes is tested elsewhere."""
    pages: list[str] = []

    def render(html: str, _identity: str, step: Any) -> bytes:
        step()
        pages.append(html)
        return CONTENT

    monkeypatch.setattr(jobs, "render_pdf", render)
    return pages


@pytest.fixture(autouse=True)
def folder(config: Config) -> Iterator[Path]:
    folder = folder_of(config.DATA_DIR)
    yield folder
    for file in folder.glob("*"):
        file.unlink()


@pytest.fixture
def submitted(session: Session, clock: FixedClock) -> Assessment:
    assessment = make_result(session, make_enterprise(session, make_user(session), clock), clock)
    session.commit()
    return assessment


@pytest.fixture
def draft(session: Session, clock: FixedClock) -> Assessment:
    assessment = make_assessment(session, make_enterprise(session, make_user(session), clock), clock)
    session.commit()
    return assessment


def ask(session: Session, assessment: Assessment, folder: Path, clock: FixedClock, kind: str = "report") -> Wanted:
    wanted = wanted_document(session, assessment, kind, "en")
    ask_for_document(session, assessment, wanted, folder, actor_id=None, clock=clock)
    session.commit()
    return wanted


def make(app: Any, session: Session) -> Job:
    """Work off the one job there is; the job afterwards."""
    job_id = session.scalars(select(Job.id)).one()
    session.rollback()
    with app.app_context():
        run_one(app, job_id, HANDLERS)
    session.expire_all()
    job = session.scalars(select(Job)).one()
    session.expunge(job)
    session.rollback()
    return job


def test_a_document_is_stored_under_its_hash_and_found_by_its_key(
    app: Any, session: Session, submitted: Assessment, folder: Path, clock: FixedClock, rendered: list[str]
) -> None:
    wanted = ask(session, submitted, folder, clock)
    assert find_document(session, wanted.key, folder) is None
    assert make(app, session).state == "done"
    document = find_document(session, wanted.key, folder)
    assert document is not None
    assert (folder / f"{document.sha256}.pdf").read_bytes() == CONTENT
    assert document.size == len(CONTENT)


def test_what_is_there_already_is_not_asked_for_again(
    app: Any, session: Session, submitted: Assessment, folder: Path, clock: FixedClock, rendered: list[str]
) -> None:
    wanted = ask(session, submitted, folder, clock)
    make(app, session)
    assert ask_for_document(session, submitted, wanted, folder, actor_id=None, clock=clock) is None


def test_a_document_whose_file_is_gone_is_made_again(
    app: Any, session: Session, submitted: Assessment, folder: Path, clock: FixedClock, rendered: list[str]
) -> None:
    wanted = ask(session, submitted, folder, clock)
    make(app, session)
    next(folder.glob("*.pdf")).unlink()
    assert find_document(session, wanted.key, folder) is None
    ask(session, submitted, folder, clock)
    assert make(app, session).state == "done"
    assert find_document(session, wanted.key, folder) is not None
    assert len(rendered) == 2


def test_progress_is_told_in_steps_done_of_steps_known(
    app: Any, session: Session, submitted: Assessment, folder: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "TOLD_EVERY", 0)
    told: list[tuple[int, int]] = []
    steps = jobs.Steps(lambda done, total: told.append((done, total)), total=4)
    for _ in range(6):
        steps()
    assert told == [(1, 4), (2, 4), (3, 4), (3, 4), (3, 4), (3, 4)]


def test_a_document_of_answers_shows_those_its_key_stands_for(
    app: Any, session: Session, draft: Assessment, folder: Path, clock: FixedClock, rendered: list[str]
) -> None:
    """An answer is saved between asking and making: the file goes under the key of what it shows."""
    before = ask(session, draft, folder, clock, kind="answers")
    answer(session, draft, "it_staff", clock, it_staff="7654")
    session.commit()
    make(app, session)
    assert "7,654" in rendered[0]
    assert find_document(session, before.key, folder) is None
    assert find_document(session, wanted_document(session, draft, "answers", "en").key, folder) is not None


def test_a_full_disk_fails_the_job_in_words_and_leaves_no_half_file(
    app: Any, session: Session, submitted: Assessment, folder: Path, clock: FixedClock, rendered: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    ask(session, submitted, folder, clock)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        job = make(app, session)
    assert (job.state, job.error) == ("failed", "storage_full")
    assert list(folder.iterdir()) == []
    wanted = ask(session, submitted, folder, clock)
    assert make(app, session).state == "done"
    assert find_document(session, wanted.key, folder) is not None


def test_another_fault_of_the_disk_is_tried_again(
    app: Any, session: Session, submitted: Assessment, folder: Path, clock: FixedClock, rendered: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def broken(_handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    ask(session, submitted, folder, clock)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        assert make(app, session).state == "queued"
    assert make(app, session).state == "done"


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tiny", str(tmp_path)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"this machine lets nobody mount: {mounted.stderr.decode().strip()}")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_disk_that_is_really_full_keeps_no_half_file(tiny_disk: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        store(tiny_disk / "documents", "a" * 64, os.urandom(200_000))
    assert caught.value.errno == errno.ENOSPC
    assert list((tiny_disk / "documents").iterdir()) == []
    assert store(tiny_disk / "documents", "a" * 64, CONTENT).read_bytes() == CONTENT


def test_a_character_without_a_glyph_fails_the_job_and_is_named(
    app: Any, session: Session, submitted: Assessment, folder: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(*_given: Any) -> bytes:
        raise MissingGlyph("𓀀")

    monkeypatch.setattr(jobs, "render_pdf", render)
    ask(session, submitted, folder, clock)
    job = make(app, session)
    assert (job.state, job.error) == ("failed", "glyph_missing:𓀀 U+13000")
    assert session.scalar(select(DocumentFile.id)) is None


def test_a_font_that_went_away_fails_the_job(
    app: Any, session: Session, submitted: Assessment, folder: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(*_given: Any) -> bytes:
        raise MissingFont("install the Debian package fonts-noto-cjk.")

    monkeypatch.setattr(jobs, "render_pdf", render)
    ask(session, submitted, folder, clock)
    assert make(app, session).error == "font_missing"


def test_a_site_without_the_font_does_not_start(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.cjk_font_file.cache_clear()
    monkeypatch.setattr(fonts, "FAMILY", "A Font Nobody Has")
    with pytest.raises(MissingFont, match="Debian package fonts-noto-cjk"):
        create_app(config)


def test_a_site_without_fontconfig_does_not_start(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.cjk_font_file.cache_clear()
    monkeypatch.setattr(fonts.shutil, "which", lambda _name: None)
    with pytest.raises(MissingFont, match="fontconfig and fonts-noto-cjk"):
        create_app(config)
