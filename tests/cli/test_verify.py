"""A receipt is checked on any computer, without the site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import Commands
from tests.properties.test_receipts import receipt


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt()), encoding="utf-8")
    return path


def test_a_receipt_that_holds(run: Commands, file: Path) -> None:
    outcome = run("verify", str(file), "--lang", "en")
    assert outcome.status == 0
    assert "The receipt holds." in outcome.out
    assert receipt()["root"] in outcome.out
    assert receipt()["key_id"] in outcome.out


def test_with_the_published_key_there_is_no_key_to_compare(run: Commands, file: Path) -> None:
    outcome = run("verify", str(file), "--key", receipt()["public_key"], "--lang", "en")
    assert outcome.status == 0
    assert receipt()["key_id"] not in outcome.out


def test_a_receipt_that_does_not_hold(run: Commands, file: Path) -> None:
    file.write_text(json.dumps(receipt() | {"root": "00" * 32}), encoding="utf-8")
    outcome = run("verify", str(file), "--json")
    assert outcome.status == 1
    assert outcome.json["findings"] == ["signature", "proof"]
    assert not outcome.json["good"]


@pytest.mark.parametrize("content", ["", "[]", "name: yaml", "[" * 100_000])
def test_a_file_that_is_no_receipt(run: Commands, file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    assert run("verify", str(file)).status == 2


def test_a_key_that_is_none(run: Commands, file: Path) -> None:
    assert run("verify", str(file), "--key", "xyz").status == 2


def test_a_file_that_is_not_there(run: Commands, tmp_path: Path) -> None:
    assert run("verify", str(tmp_path / "none.json")).status == 2
