"""Issuing a certificate, by the worker's job, against WeasyPrint and pyHanko doing the same document.

The subject is everything from taking the job to its end: two leaves of the log with their signed heads, the
credentials, rendering with attachments, the signature with its time stamps, storing, the logs of both sides and the
letters. The floor renders the same finished page with the same attachments and signs it with the same keys, and does
nothing else.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from sqlalchemy import select
from sqlalchemy.orm import Session
from weasyprint import HTML, Attachment, URLFetcher

from config import from_env
from maturity.accounts.models import User
from maturity.app import create_app
from maturity.assessments.models import Submission
from maturity.certificates import jobs
from maturity.certificates.issuing import ISSUE, ToCertify, prepare_certificate
from maturity.certificates.jobs import Ready
from maturity.certificates.models import Certificate
from maturity.certificates.paper import attached_to, certificate_html
from maturity.clock import SystemClock
from maturity.db import every_tenant, for_tenant, writing
from maturity.editions.service import canonical, digest, framework_by_hash
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.reports.pdf import VARIANT
from maturity.tenancy.service import create_tenant
from perf.data import ENTERPRISE, Subject, in_app, prepare
from perf.measure import Comparison, compare, options_of, show
from perf.servers import installation

RATIO = 1.2
SITE = "https://maturity.example"


class Desk:
    """Decides on one certificate after the other, and issues it as the worker does."""

    def __init__(self, environment: dict[str, str], subject: Subject) -> None:
        self.given = in_app(environment, lambda session: _given(session, subject))
        self.app: Any = create_app(from_env(environment))
        self.app.config["SITE_URL"] = SITE
        self.app.extensions["wake"] = lambda _job_id: None
        self.app.logger.setLevel("WARNING")
        self.job_id = uuid4()
        self.ready = self._what_is_made()
        self.signed = b""

    def _what_is_made(self) -> Ready:
        """What the job gives renderer and signer."""
        given: list[Ready] = []
        sign = jobs.signed_pdf

        def spy(ready: Ready) -> bytes:
            given.append(ready)
            return sign(ready)

        jobs.signed_pdf = spy
        try:
            self.decide()
            self.job()
        finally:
            jobs.signed_pdf = sign
        return given[0]

    def decide(self) -> None:
        """One more certificate whose file is not made yet."""
        with self.app.app_context():
            writing.set(True)
            session = db.session()
            with every_tenant(session):
                certificate = prepare_certificate(session, _another(self.given), self.app.extensions["clock"])
                wanted = select(Job.id).where(Job.kind == ISSUE, Job.key == str(certificate.id))
                self.job_id = session.scalars(wanted).one()
                session.commit()
            db.session.remove()

    def job(self) -> None:
        """From taking the job to its end."""
        with self.app.app_context():
            if not run_one(self.app, self.job_id, HANDLERS):
                raise RuntimeError("the job was not ours to do")
            db.session.remove()

    def libraries(self) -> None:
        """The same page, the same attachments, the same kind of signature; nothing is logged, stored or told."""
        issue, signer = self.ready.issue, self.ready.signer
        attachments = [
            Attachment(file_obj=BytesIO(one.content), name=one.name, description=one.description, relationship="Data")
            for one in attached_to(issue)
        ]
        fetcher = URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
        page = HTML(string=certificate_html(issue), url_fetcher=fetcher)
        unsigned = page.write_pdf(pdf_variant=VARIANT, attachments=attachments)
        asked = signers.PdfSignatureMetadata(
            field_name="Signature",
            timestamp_field_name="Timestamp",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            embed_validation_info=True,
            use_pades_lta=True,
            validation_context=signer.context(),
            signer_key_usage={"non_repudiation"},
            reason=issue.number,
            location=SITE,
            name=signer.name,
        )
        with signer.open() as key:
            plain = signers.PdfSigner(asked, key, timestamper=signer.stamper())
            self.signed = plain.sign_pdf(IncrementalPdfFileWriter(BytesIO(unsigned))).getvalue()

    def check(self) -> None:
        """Both must have made about the same file, or their ratio means nothing."""
        with self.app.app_context():
            with every_tenant(db.session()):
                sizes = list(db.session.scalars(select(Certificate.pdf_size).where(Certificate.status == "valid")))
            db.session.remove()
            db.engine.dispose()
        if not sizes or any(abs(size - len(self.signed)) > 0.02 * len(self.signed) for size in sizes if size):
            raise RuntimeError(f"the floor made {len(self.signed)} bytes, the job {sizes}")


def _given(session: Session, subject: Subject) -> ToCertify:
    """The submitted result of the measured enterprise, as if every third answer had been confirmed."""
    clock = SystemClock()
    person = User(email="body@example.com", name="Body", password="!", active=True, fs_uniquifier=uuid4().hex)
    session.add(person)
    session.flush()
    body = create_tenant(session, "certification_body", "齐鲁认证中心", person.id, clock)
    with for_tenant(session, subject.tenant_id):
        wanted = select(Submission).where(Submission.assessment_id == subject.submitted_id)
        submission = session.scalars(wanted).one()
        document = json.loads(submission.document)
    framework = framework_by_hash(session, document["edition"]["sha256"])
    asked = [
        name
        for name in framework.edition.order
        if set(framework.edition.questions[name].facts) & set(document["facts"])
    ]
    document["review"] = {"verdicts": dict.fromkeys(asked[::3], "confirmed")}
    content = canonical(document)
    return ToCertify(
        case_id=uuid4(),
        client_id=subject.tenant_id,
        body_id=body.id,
        kind="initial",
        replaces_id=None,
        assessment_id=subject.submitted_id,
        holder=str(ENTERPRISE["name"]),
        uscc=str(ENTERPRISE["uscc"]),
        industry=str(ENTERPRISE["industry"]),
        region=str(ENTERPRISE["region"]),
        body_name="齐鲁认证中心",
        body_number="CNCA-R-2026-118",
        scope="食品的研发、生产与销售；宁波总部及两处厂区",
        document=content.decode(),
        document_sha256=digest(content),
        submission_sha256=submission.sha256,
        weight_reviewed=Decimal("41.30"),
        sample_rules="2026.1",
        seed="3f" * 32,
        findings={"major": 0, "minor": 2, "observation": 1},
        valid_until=clock.today() + timedelta(days=1095),
    )


def _another(given: ToCertify) -> ToCertify:
    values = {name: getattr(given, name) for name in ToCertify.__dataclass_fields__}
    return ToCertify(**values | {"case_id": uuid4()})


def measure(database: str, rounds: int) -> list[Comparison]:
    with installation(database) as environment:
        desk = Desk(environment, prepare(environment))
        found = compare(
            f"issuing a certificate, {database}",
            "WeasyPrint and pyHanko on the same page",
            desk.job,
            desk.libraries,
            rounds=rounds,
            repeats=1,
            reset=desk.decide,
            ratio_target=RATIO,
        )
        desk.check()
        return [found]


def main() -> int:
    options = options_of(__doc__ or "", rounds=6, repeats=1)
    show(measure(options.database, options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
