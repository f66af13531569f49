"""The job that makes a report, against WeasyPrint rendering the same finished page."""

from __future__ import annotations

import argparse
import hashlib
import sys
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from weasyprint import HTML, URLFetcher

from config import from_env
from maturity.app import create_app
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.reports import jobs
from maturity.reports.models import DocumentFile
from maturity.reports.pdf import VARIANT
from maturity.reports.service import folder_of
from maturity.results.svg import draw
from perf.data import EMAIL, PASSWORD, Subject, prepare
from perf.measure import Comparison, compare, show
from perf.servers import DATABASES, installation

RATIO = 1.15


class Desk:
    """Asks for one report again and again, as if it had never been made, and makes it as the worker does."""

    def __init__(self, environment: dict[str, str], subject: Subject) -> None:
        self.app: Any = create_app(from_env(environment))
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.folder = folder_of(self.app.config["DATA_DIR"])
        self.asked: list[UUID] = []
        self.app.extensions["wake"] = self.asked.append
        self.url = subject.path(f"assessments/{subject.submitted_id}/documents/report")
        self.client = self.app.test_client()
        assert self.client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code == 302
        self.html, self.identity = self._finished_page()
        self.made = self.rendered = b""

    def _finished_page(self) -> tuple[str, str]:
        """What the job gives the renderer."""
        given: list[tuple[str, str]] = []
        render = jobs.render_pdf

        def spy(html: str, identity: str, *more: Any) -> bytes:
            given.append((html, identity))
            return render(html, identity, *more)

        jobs.render_pdf = spy
        try:
            self.ask()
            self.job()
        finally:
            jobs.render_pdf = render
        return given[0]

    def ask(self) -> None:
        """A report nobody has asked for yet: no row, no file, no chart drawn before."""
        draw.cache_clear()
        for made in self.folder.glob("*"):
            made.unlink()
        with self.app.app_context():
            writing.set(True)
            with every_tenant(db.session()):
                for table in (DocumentFile, Job):
                    db.session.execute(delete(table))
                db.session.commit()
            db.session.remove()
        self.asked.clear()
        assert self.client.post(self.url).status_code == 302

    def job(self) -> None:
        """From taking the job to its end."""
        with self.app.app_context():
            assert run_one(self.app, self.asked[0], HANDLERS)
            db.session.remove()
        self.made = next(self.folder.glob("*.pdf")).read_bytes()

    def weasyprint(self) -> None:
        fetcher = URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
        identifier = hashlib.sha256(self.identity.encode()).digest()[:16]
        page = HTML(string=self.html, url_fetcher=fetcher)
        self.rendered = page.write_pdf(pdf_variant=VARIANT, pdf_identifier=identifier)

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


def measure(database: str, rounds: int) -> list[Comparison]:
    with installation(database) as environment:
        desk = Desk(environment, prepare(environment))
        try:
            found = compare(
                f"report job, {database}",
                "WeasyPrint on the same finished page",
                desk.job,
                desk.weasyprint,
                rounds=rounds,
                repeats=1,
                reset=desk.ask,
                ratio_target=RATIO,
            )
        finally:
            desk.close()
        if desk.made != desk.rendered:
            raise RuntimeError("floor and job made different documents; their ratio means nothing")
        return [found]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    show(measure(options.database, options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
