"""The same revision, language, template and reference data give the same bytes, wherever and whenever it is printed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from config import Config
from maturity.clock import FixedClock
from tests.factories.results import release_peers_of, submit_scenario
from tests.integration.reports.conftest import print_document

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
PROCESS = """
import hashlib, sys, uuid
from datetime import UTC, datetime
from config import from_env
from maturity.app import create_app
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.db import every_tenant
from maturity.extensions import db
from tests.integration.reports.conftest import print_document

app = create_app(from_env(), FixedClock(datetime(2031, 5, 6, 7, 8, tzinfo=UTC)))
with app.app_context(), every_tenant(db.session()):
    assessment = db.session().get_one(Assessment, uuid.UUID(sys.argv[1]))
    paper = print_document(app, db.session(), assessment, "report", "zh_CN")
    print(hashlib.sha256(paper.content).hexdigest())
"""


def test_another_process_at_another_place_and_time_prints_the_same_bytes(
    app: Any, session: Session, clock: FixedClock, config: Config
) -> None:
    assessment = submit_scenario(session, "paper_workshop", clock)
    release_peers_of(session, assessment, clock)
    assessment_id = str(assessment.id)
    session.commit()
    here = print_document(app, session, assessment, "report", "zh_CN")
    session.rollback()  # on SQLite our reading would lock the other process out
    elsewhere = {
        **os.environ,
        "MATURITY_ENV": "testing",
        "MATURITY_DATA": str(config.DATA_DIR),
        "DATABASE_URL": config.SQLALCHEMY_DATABASE_URI,
        "PYTHONHASHSEED": "4711",
        "TZ": "America/New_York",
        "LC_ALL": "C",
        "PYTHONPATH": str(ROOT),
    }
    program = [sys.executable, "-c", PROCESS, assessment_id]
    done = subprocess.run(program, env=elsewhere, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(here.content).hexdigest()
