"""`python -m maturity verify` with the PDF of a certificate: no site, no network, words in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from tests.cli.commands import Commands, program
from tests.factories.logged import Desk, Logged, change_status, make_logged, with_files


@pytest.fixture
def desk(tmp_path: Path, session: Session, clock: FixedClock) -> Desk:
    return Desk(tmp_path, session, clock)


@pytest.fixture
def logged(app: Any, session: Session, clock: FixedClock) -> Logged:
    return make_logged(session, clock, app.config["DATA_DIR"])


@pytest.fixture
def verify(run: Commands, desk: Desk, logged: Logged) -> Callable[..., Any]:
    """The certificate, under the site's keys."""
    given = ("--keys", str(desk.keys()))
    return lambda *options, pdf=logged.pdf: run(
        "verify", str(desk.put("certificate.pdf", pdf)), *given, *options, clock=desk.clock
    )


def test_a_genuine_certificate_in_both_languages(verify: Callable[..., Any], logged: Logged) -> None:
    found = verify("--lang", "en")
    assert found.status == 0
    assert found.out.startswith("The certificate is genuine")
    assert logged.number in found.out
    assert "Entry 0 of the log is about this very result." in found.out
    assert "today the file cannot tell" in found.out
    found = verify()
    assert found.status == 0
    assert found.out.startswith("证书真实")
    assert "青岛精工机床有限公司" in found.out


def test_how_it_stands_by_the_log(verify: Callable[..., Any], desk: Desk, logged: Logged) -> None:
    assert "有效" in verify("--log", str(desk.log())).out
    change_status(desk.session, logged, desk.clock, "withdrawn", "withdrawn", "fraud")
    found = verify("--log", str(desk.log()), "--lang", "en")
    assert found.status == 1
    assert found.out.startswith("The file is genuine, but the certificate was withdrawn.")
    assert found.out.rstrip().endswith("the certificate is withdrawn.")


def test_one_whose_last_day_is_over_has_expired(verify: Callable[..., Any], desk: Desk) -> None:
    desk.clock.at += timedelta(days=1001)
    found = verify("--json")
    assert (found.status, found.json["outcome"]) == (1, "expired")


def test_an_altered_one_says_what_does_not_hold(verify: Callable[..., Any], logged: Logged) -> None:
    pdf = with_files(logged.pdf, {"certificate.json": b"{}"})
    found = verify("--lang", "en", pdf=pdf)
    assert found.status == 1
    assert found.out.startswith("Do not rely on it")
    assert "x The attached result cannot be believed (it has another form)." in found.out


def test_an_unsigned_pdf_is_no_certificate(verify: Callable[..., Any]) -> None:
    from tests.factories.signing import a_pdf

    found = verify("--lang", "en", pdf=a_pdf())
    assert found.status == 1
    assert "x The PDF is not signed." in found.out
    assert "(it is not in the file)" in found.out


@pytest.mark.parametrize("pdf", [b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", b"%PDF-" + b"\x00" * 1000])
def test_what_only_begins_like_a_pdf_is_refused_and_breaks_nothing(verify: Callable[..., Any], pdf: bytes) -> None:
    found = verify(pdf=pdf)
    assert found.status == 1
    assert found.out.startswith("不可采信")


def test_a_head_that_was_kept_asks_for_the_proof_between(verify: Callable[..., Any], desk: Desk) -> None:
    found = verify("--head", str(desk.head()), "--lang", "en")
    assert found.status == 0
    assert "get /log/consistency.json?old=1&new=2 for --log" in found.out
    found = verify("--head", str(desk.head()), "--log", str(desk.consistency(1, 2)), "--lang", "en")
    assert "From 1 to 2 entries the log only grew." in found.out


def test_the_latest_head_alone_shows_a_rolled_back_log(verify: Callable[..., Any], desk: Desk) -> None:
    found = verify("--head", str(desk.head(2)), "--log", str(desk.head(1)), "--lang", "en")
    assert found.status == 1
    assert "The log was rolled back: 1 entries now, 2 before." in found.out


def test_keys_are_needed(run: Commands, desk: Desk, logged: Logged) -> None:
    found = run("verify", str(desk.put("certificate.pdf", logged.pdf)), "--lang", "en")
    assert found.status == 2
    assert "--keys signing-keys.json" in found.err


@pytest.mark.parametrize("keys", [b"", b"[]", b"{}", b'{"keys": [{"purpose": "log"}]}', b"\xff", b"[" * 100_000])
def test_a_list_of_keys_that_is_none(run: Commands, desk: Desk, logged: Logged, keys: bytes) -> None:
    path = desk.put("certificate.pdf", logged.pdf)
    assert run("verify", str(path), "--keys", str(desk.put("keys.json", keys))).status == 2


@pytest.mark.parametrize("option", ["--head", "--log"])
@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"format": "maturity-log/1"}', b'{"format": [1]}', b'["maturity-log/1"]']
)
def test_a_file_of_the_log_that_is_none(verify: Callable[..., Any], desk: Desk, option: str, content: bytes) -> None:
    found = verify(option, str(desk.put("log.json", content)), "--lang", "en")
    assert found.status == 2
    assert "log.json" in found.err


def test_a_part_of_a_log_is_no_whole_log(verify: Callable[..., Any], desk: Desk) -> None:
    part = json.loads(desk.log().read_text()) | {"from": 1}
    assert verify("--log", str(desk.put("part.json", part))).status == 2


def test_a_file_that_is_not_there(verify: Callable[..., Any], desk: Desk) -> None:
    assert verify("--log", str(desk.folder / "none.json")).status == 2


def test_as_a_program_of_its_own_it_needs_neither_settings_nor_database(
    desk: Desk, logged: Logged, tmp_path: Path
) -> None:
    pdf, keys = desk.put("certificate.pdf", logged.pdf), desk.keys()
    done = program("verify", str(pdf), "--keys", str(keys), "--json", folder=tmp_path, DATABASE_URL="")
    found = json.loads(done.stdout)
    # the clock of this machine may stand elsewhere than the test's; what does not depend on it is checked
    assert {
        one["check"]: one["good"] for one in found["checks"] if one["check"] in ("payload", "entry", "inclusion")
    } == {
        "payload": True,
        "entry": True,
        "inclusion": True,
    }
