"""What an operator types under `flask audit`, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from maturity.audit.vocabulary import Personal
from tests.integration.audit.conftest import Log


def flask_audit(log: Log, *line: str, **environment: str) -> Any:
    log.session.rollback()
    return log.app.test_cli_runner().invoke(args=["audit", *line], env=environment)


def test_sealing_by_hand_says_how_many(log: Log) -> None:
    log.note(2024, 2025)
    done = flask_audit(log, "seal")
    assert (done.exit_code, done.output) == (0, "3 events sealed\n")


def test_the_head_is_what_verification_takes_back(log: Log) -> None:
    assert flask_audit(log, "head").exit_code == 1
    log.seal()
    head = flask_audit(log, "head").output.strip()
    assert head == f"1:{log.seals()[0].hash}"
    log.note(2025)
    log.seal()
    done = flask_audit(log, "verify", "--expect", head)
    assert (done.exit_code, done.output) == (0, "2 sealed, 0 not yet, 0 wrong\n")


def test_damage_ends_with_1_and_is_named_with_its_position(log: Log) -> None:
    log.note(2024, 2025)
    log.seal()
    event = log.seals()[1].event_id
    with log.as_intruder() as connection:
        connection.execute(text("update audit_events set actor_id = null where event = 'assessment.started'"))
    done = flask_audit(log, "verify")
    assert done.exit_code == 1
    assert f"2 tampered: the event is not what was sealed ({event})" in done.output.splitlines()
    assert done.output.endswith("3 sealed, 0 not yet, 2 wrong\n")


def test_the_same_as_json(log: Log) -> None:
    log.note(2024)
    log.seal()
    log.note(2025)
    head = log.seals()[-1].hash
    with log.as_intruder() as connection:
        connection.execute(text("delete from audit_seals where position = 1"))
    done = flask_audit(log, "verify", "--json")
    assert done.exit_code == 1
    assert json.loads(done.output) == {
        "sealed": 2,
        "head": f"2:{head}",
        "unsealed": 1,
        "findings": [{"position": 1, "kind": "deleted", "note": "its seal is gone", "event_id": None}],
    }


def test_a_head_that_does_not_fit_is_a_finding(log: Log) -> None:
    log.seal()
    for noted, kind in ((f"1:{'0' * 64}", "replaced"), (f"7:{'0' * 64}", "deleted")):
        done = flask_audit(log, "verify", "--expect", noted)
        assert done.exit_code == 1
        assert f"{noted[0]} {kind}:" in done.output


@pytest.mark.parametrize("noted", ["1", "0:" + "0" * 64, "1:xyz", "1:" + "0" * 63])
def test_a_head_that_is_none_is_wrong_use(log: Log, noted: str) -> None:
    done = flask_audit(log, "verify", "--expect", noted)
    assert done.exit_code == 2
    assert "is not POSITION:HASH" in done.output


def test_keys_are_wrapped_anew_only_with_the_secret_they_were_wrapped_under(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    from maturity.audit.service import record

    who: dict[str, Any] = {"user_id": "7", "name": Personal("user:7", "张伟")}
    record(log.session, log.clock, "member.removed", log.actor_id, log.tenant_id, **who)
    log.session.commit()
    old = log.app.config["SECRET_KEY"]
    monkeypatch.setitem(log.app.config, "SECRET_KEY", "another" * 8)
    wrong = flask_audit(log, "rewrap", MATURITY_OLD_SECRET_KEY="wrong" * 8)
    assert wrong.exit_code == 1
    assert "nothing was changed" in wrong.output
    right = flask_audit(log, "rewrap", MATURITY_OLD_SECRET_KEY=old)
    assert (right.exit_code, right.output) == (0, "1 keys wrapped anew\n")
