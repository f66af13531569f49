"""A register of five hundred enterprises, taken in by the worker's job, against writing the same answers and no more.

The subject is the job itself: reading the workbook in its own process, finding each client by its grant, comparing,
checking, saving through the site's use case with history and log, a line of result, a transaction for each enterprise.
The floor writes the same rows of answers and history with the same transactions and nothing else.
"""

from __future__ import annotations

import io
import resource
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from config import from_env
from maturity.accounts.models import User
from maturity.app import create_app
from maturity.assessments.models import FRAMEWORK, Answer, AnswerVersion, Assessment
from maturity.assessments.service import periods_on
from maturity.clock import SystemClock
from maturity.consulting.service import give_grant, register_consultancy
from maturity.db import act_for, every_tenant, writing
from maturity.editions.service import current_edition, framework_by_hash
from maturity.evidence.storage import Vault
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.organisations.service import register_enterprise
from maturity.portfolios.clients import all_clients
from maturity.portfolios.projection import sweep_portfolios
from maturity.reference.uscc import synthetic
from maturity.tenancy.models import Grant
from maturity.tenancy.service import open_tenant
from maturity.workbooks.layout import Slot, slots_of
from maturity.workbooks.many import BULK, keep_bulk_upload
from maturity.workbooks.models import BulkLine, BulkUpload
from maturity.workbooks.registers import Register
from maturity.workbooks.uploads import ROOM
from perf.data import EMAIL, ENTERPRISE, prepare
from perf.measure import Comparison, Round, options_of, show
from perf.servers import installation

ENTERPRISES = 500
LEAST_A_SECOND = 20
CLOCK = SystemClock()


def measure(database: str, rounds: int, enterprises: int = ENTERPRISES) -> list[Comparison]:
    with installation(database) as environment:
        prepare(environment)
        app = create_app(from_env(environment))
        with app.app_context():
            writing.set(True)
            office = Office(app, enterprises)
            floors, subjects = [], []
            for turn in range(rounds + 1):
                for work, kept in ((office.write_only, floors), (office.import_register, subjects)):
                    office.forget()
                    cpu, wall = _cpu(), time.perf_counter()
                    work()
                    if turn:
                        kept.append(Round((_cpu() - cpu) / enterprises, (time.perf_counter() - wall) / enterprises))
            office.check()
    quickest = min(one.wall for one in subjects)
    print(f"{database}: {1 / quickest:.0f} enterprises a second in the quickest round, {LEAST_A_SECOND} wanted")
    return [
        Comparison(
            f"an enterprise of a register of {enterprises}, {database}",
            "the same answers and history written, a transaction for each enterprise",
            tuple(floors),
            tuple(subjects),
            cpu_target_ms=1000 / LEAST_A_SECOND,
        )
    ]


def _cpu() -> float:
    """Of this process and of those that read workbooks for it."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


class Office:
    """A consultancy with its clients, and the filled register of them."""

    def __init__(self, app: Any, enterprises: int) -> None:
        self.app, self.session = app, db.session()
        with every_tenant(self.session):
            self.actor_id = self.session.scalars(select(User.id).where(User.email == EMAIL)).one()
            self.tenant_id = self._clients(enterprises)
        self.session.commit()
        while sweep_portfolios(app):
            pass
        self.content = self._register()

    def _clients(self, enterprises: int) -> uuid.UUID:
        consultancy = register_consultancy(self.session, "海岳咨询", owner_id=self.actor_id, clock=CLOCK)
        until, random = CLOCK.today() + timedelta(days=300), Random(1)
        for number in range(enterprises):
            values = {**ENTERPRISE, "name": f"客户 {number}", "uscc": synthetic(random, "330200")}
            tenant = register_enterprise(self.session, values, owner_id=self.actor_id, clock=CLOCK)
            give_grant(self.session, tenant, consultancy, "answer", until, actor_id=None, clock=CLOCK)
        return consultancy.id

    def _register(self) -> bytes:
        """Downloaded as on the site, and every column of a choice, a number or a pair filled in."""
        act_for(self.session, self.tenant_id, self.actor_id)
        access = open_tenant(self.session, self.tenant_id, self.actor_id, CLOCK)
        clients = all_clients(self.session, self.tenant_id, CLOCK)
        secret, period = self.app.config["SECRET_KEY"], periods_on(CLOCK.today())[0]
        made = Register.begin(self.session, period, secret, "zh_CN")
        found = [made.row(self.session, access, one, actor_id=self.actor_id, clock=CLOCK) for one in clients]
        content = made.content([row for row in found if row])
        self.session.commit()
        book = load_workbook(io.BytesIO(content))
        sheet = book.worksheets[0]
        framework = framework_by_hash(self.session, current_edition(self.session, FRAMEWORK))
        slots = {slot.id: slot for fact in framework.edition.facts.values() for slot in slots_of(fact)}
        for column in range(3, sheet.max_column + 1):
            slot = slots.get(sheet.cell(1, column).value)
            for row in range(6, 6 + len(clients) if slot else 0):
                sheet.cell(row, column).value = _typed(slot)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def import_register(self) -> None:
        act_for(self.session, self.tenant_id, self.actor_id)
        access = open_tenant(self.session, self.tenant_id, self.actor_id, CLOCK)
        vault = Vault(self.app.config["DATA_DIR"], self.tenant_id, ROOM)
        staged = vault.stage(io.BytesIO(self.content), 50 * 1024**2)
        keep_bulk_upload(
            self.session,
            access,
            vault,
            staged,
            "register.xlsx",
            "register",
            is_trial=False,
            actor_id=self.actor_id,
            clock=CLOCK,
        )
        self.session.commit()
        with every_tenant(self.session):
            job_id = self.session.scalars(select(Job.id).where(Job.kind == BULK, Job.state == "queued")).one()
        self.session.rollback()
        if not run_one(self.app, job_id, HANDLERS):
            raise SystemExit("the job was not done")
        writing.set(True)

    def write_only(self) -> None:
        """What the last import left behind, written again as rows."""
        for assessment, answers in self.rows:
            with _working_for(self.session, assessment["tenant_id"], self.actor_id):
                self.session.execute(insert(Assessment), [assessment])
                self.session.execute(insert(Answer), answers)
                self.session.execute(insert(AnswerVersion), answers)
                self.session.commit()

    rows: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []

    def forget(self) -> None:
        """Everything the round before has written; its rows are kept for the floor."""
        with every_tenant(self.session):
            if not self.rows:
                self.import_register()
                self.rows = list(self._read())
            clients = select(Grant.tenant_id).where(Grant.consultancy_id == self.tenant_id)
            for table in (AnswerVersion, Answer, Assessment):
                self.session.execute(delete(table).where(table.tenant_id.in_(clients)))
            for table in (BulkLine, BulkUpload):
                self.session.execute(delete(table).where(table.tenant_id == self.tenant_id))
            self.session.execute(delete(Job).where(Job.kind == BULK))
            self.session.commit()

    def _read(self) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        clients = select(Grant.tenant_id).where(Grant.consultancy_id == self.tenant_id)
        for assessment in self.session.scalars(select(Assessment).where(Assessment.tenant_id.in_(clients))).all():
            answers = self.session.scalars(select(Answer).where(Answer.assessment_id == assessment.id)).all()
            yield _columns(assessment), [_columns(answer) for answer in answers]

    def check(self) -> None:
        """That the last round was an import: every enterprise saved, most of its questions answered."""
        with every_tenant(self.session):
            outcomes = set(self.session.scalars(select(BulkLine.outcome)))
            done = select(Assessment.id).join(Grant, Grant.tenant_id == Assessment.tenant_id)
            answers = len(self.session.scalars(select(Answer.question_id).where(Answer.assessment_id.in_(done))).all())
        print(f"outcomes: {sorted(outcomes)}; {answers} answers of {len(self.rows)} enterprises")
        shutil.rmtree(Path(self.app.config["DATA_DIR"]) / ROOM, ignore_errors=True)


def _typed(slot: Slot | None) -> str | int:
    """The best choice, or a small number."""
    if slot is None or not slot.choices:
        return 7
    if slot.fact.type == "multi":
        return slot.choices[slot.part == slot.fact.exclusive].label.zh
    best = slot.choices[-1]
    return best.label.zh


@contextmanager
def _working_for(session: Session, tenant_id: uuid.UUID, user_id: int) -> Iterator[None]:
    act_for(session, tenant_id, user_id)
    yield
    session.info.clear()


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


if __name__ == "__main__":
    options = options_of(__doc__ or "", rounds=3, repeats=1)
    show(measure(options.database, options.rounds))
    sys.exit(0)
