"""`flask evidence check` finds what is missing, what was changed, and what no row stands for."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from maturity.evidence.storage import Vault
from tests.factories import files
from tests.functional.evidence.conftest import Cabinet, Stored, Worker, on_disk

PDF = ("台账.pdf", files.pdf())


@pytest.fixture
def run(app: Any, cabinet: Cabinet, worker: Worker) -> Any:
    cabinet.upload(PDF)
    worker.work_off()
    return lambda *options: app.test_cli_runner().invoke(args=["evidence", "check", *options])


def age(path: Any) -> None:
    """As if it had lain there since the day before."""
    os.utime(path, (time.time() - 86400,) * 2)


def test_a_sound_vault_has_no_findings(run: Any) -> None:
    result = run()
    assert (result.output, result.exit_code) == ("1 files, 0 findings\n", 0)


def test_a_missing_file_is_found(run: Any, vault: Vault, stored: Stored) -> None:
    vault.path(stored.file().sha256).unlink()
    result = run()
    assert f"missing: tenant {vault.tenant_id}, file {stored.file().id}" in result.output
    assert result.exit_code == 1


def test_a_changed_byte_is_found(run: Any, vault: Vault, stored: Stored) -> None:
    path = vault.path(stored.file().sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    result = run()
    assert f"changed: tenant {vault.tenant_id}, file {stored.file().id}" in result.output
    assert result.exit_code == 1


def test_orphans_are_found_and_removed_on_demand(run: Any, vault: Vault) -> None:
    orphan, part = vault.path("ab" * 32), vault.passing()
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"nobody's")
    for path in (orphan, part):
        age(path)
    result = run()
    assert result.output.count("orphan: evidence/") == 2
    assert result.exit_code == 1
    result = run("--remove-orphans")
    assert result.output.count("removed: evidence/") == 2
    assert result.exit_code == 0
    assert len(on_disk(vault)) == 3
    assert run().exit_code == 0


def test_what_may_be_an_upload_under_way_is_left_alone(run: Any, vault: Vault) -> None:
    vault.passing()
    assert run("--remove-orphans").output == "1 files, 0 findings\n"
    assert len(on_disk(vault)) == 4


def test_bytes_that_a_restored_backup_brought_back_are_found(
    run: Any, cabinet: Cabinet, stored: Stored, worker: Worker, vault: Vault
) -> None:
    file = stored.file()
    path = vault.path(file.sha256)
    cabinet.post(f"evidence/{file.id}/erase", confirmed="yes")
    worker.work_off()
    path.write_bytes(PDF[1])
    age(path)
    assert f"orphan: evidence/{vault.tenant_id}/" in run().output
