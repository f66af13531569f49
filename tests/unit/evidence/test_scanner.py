"""The gateway believes a scanner that judges, and takes nothing else for a judgement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from maturity.evidence.scanner import Clamd, ScannerSilent, Verdict, scanner_for
from tests.clamd import FakeClamd, nobody_listens, running_clamd
from tests.factories.files import EICAR, pdf


@pytest.fixture
def clamd() -> Iterator[FakeClamd]:
    with running_clamd() as server:
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(pdf())
    return path


def test_a_harmless_file_is_clean(clamd: FakeClamd, path: Path) -> None:
    assert scanner_for(clamd.address).scan(path) == Verdict("clean")
    assert clamd.seen == [path.stat().st_size], "every byte arrived"


def test_malware_is_named(clamd: FakeClamd, path: Path) -> None:
    path.write_bytes(b"x" * 200_000 + EICAR)
    assert scanner_for(clamd.address).scan(path) == Verdict("infected", "Win.Test.EICAR_HDB-1")


def test_a_unix_socket_is_spoken_to_in_the_same_way(tmp_path: Path, path: Path) -> None:
    with running_clamd(tmp_path / "clamd.ctl") as server:
        assert scanner_for(server.address).scan(path) == Verdict("clean")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",  # cut off before its end
        b"stream: OK\0stream: OK\0",
        b"PONG\0",
        b"UNKNOWN COMMAND\0",
        b"stream: FOUND\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"HTTP/1.1 200 OK\r\n\r\nstream: OK\0",
        b"\xff\xfe" * 5000,
    ],
)
def test_any_other_answer_is_none(clamd: FakeClamd, path: Path, answer: bytes) -> None:
    clamd.answer = answer
    with pytest.raises(ScannerSilent):
        scanner_for(clamd.address).scan(path)


def test_a_scanner_that_never_answers_is_not_waited_for_longer_than_set(clamd: FakeClamd, path: Path) -> None:
    clamd.silent = True
    with pytest.raises(ScannerSilent, match="Timeout"):
        replace(cast(Clamd, scanner_for(clamd.address)), patience=0.3).scan(path)


def test_a_scanner_that_is_not_there_is_silent(path: Path, tmp_path: Path) -> None:
    for address in (nobody_listens(), str(tmp_path / "no.socket")):
        with pytest.raises(ScannerSilent):
            scanner_for(address).scan(path)


def test_a_file_that_is_gone_is_no_fault_of_the_scanner(clamd: FakeClamd, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scanner_for(clamd.address).scan(tmp_path / "gone")


def test_without_a_scanner_nothing_is_judged(path: Path) -> None:
    assert scanner_for(None).scan(path) == Verdict("unscanned")


def test_an_address_may_be_of_the_sixth_version() -> None:
    assert cast(Clamd, scanner_for("[::1]:3310")).address == ("::1", 3310)
