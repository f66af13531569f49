"""A certificate as the worker issues it, under the command that needs no site; and the site reading all of it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from tests.cli.commands import Commands
from tests.factories.certificates import make_issued
from tests.factories.logged import Desk


def test_what_the_worker_issues_is_genuine_and_logged(
    app: Any, session: Session, clock: FixedClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issued = make_issued(app, session, clock)
    desk, run = Desk(tmp_path, session, clock), Commands(tmp_path, capsys)
    pdf = desk.put("certificate.pdf", issued.file(session, app))
    given = ("--keys", str(desk.keys()), "--head", str(desk.head()), "--log", str(desk.log()))
    found = run("verify", str(pdf), *given, "--json", clock=clock)
    assert found.status == 0, found.said
    assert {one["check"]: one["good"] for one in found.json["checks"]} == dict.fromkeys(
        (
            "signature",
            "covered",
            "payload",
            "credential",
            "entry",
            "inclusion",
            "saved_head",
            "log",
            "same_entry",
            "file_logged",
            "consistency",
        ),
        True,
    )
    assert found.json["certificate"]["number"] == issued.number
    assert found.json["standing"]["status"] == "valid"
    session.rollback()
    reread = app.test_cli_runner().invoke(args=["log", "verify"])
    assert reread.exit_code == 0, reread.output
