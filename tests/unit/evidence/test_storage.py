"""The vault keeps whole files or none, readable by nobody else, and apart for each tenant."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from pathlib import Path

import pytest

from maturity.evidence.storage import TooLarge, Vault, hash_of, tenants_on_disk

CONTENT = b"evidence" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path, uuid.uuid4())


def keep(vault: Vault) -> Path:
    staged = vault.stage(io.BytesIO(CONTENT), len(CONTENT))
    vault.keep(staged.path, vault.path(staged.sha256))
    return vault.path(SHA256)


def everything(vault: Vault) -> list[Path]:
    return [path for path in vault.data_dir.rglob("*") if path.is_file()]


def test_a_file_lies_under_tenant_and_hash_for_our_eyes_only(vault: Vault, tmp_path: Path) -> None:
    path = keep(vault)
    assert path == tmp_path / "evidence" / str(vault.tenant_id) / SHA256[:2] / SHA256
    assert path.read_bytes() == CONTENT
    assert hash_of(path) == SHA256
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert oct(vault.folder.stat().st_mode & 0o777) == "0o700"
    assert everything(vault) == [path]


def test_the_same_content_of_two_tenants_is_two_files(vault: Vault, tmp_path: Path) -> None:
    other = Vault(tmp_path, uuid.uuid4())
    assert keep(vault) != keep(other)
    vault.erase(SHA256)
    assert other.path(SHA256).is_file()
    assert tenants_on_disk(tmp_path) == sorted([vault.tenant_id, other.tenant_id])


def test_more_than_was_allowed_leaves_nothing(vault: Vault) -> None:
    with pytest.raises(TooLarge):
        vault.stage(io.BytesIO(CONTENT), len(CONTENT) - 1)
    assert everything(vault) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_no_half_file_under_the_lasting_name(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), fail)
    with pytest.raises(OSError, match="No space left"):
        keep(vault)
    assert not vault.path(SHA256).exists()
    monkeypatch.undo()
    assert keep(vault).read_bytes() == CONTENT, "the next try finds its way"


def test_what_a_crash_left_behind_is_found(vault: Vault) -> None:
    keep(vault)
    abandoned = vault.stage(io.BytesIO(b"cut off"), 100)
    assert list(vault.left_behind(0)) == [abandoned.path]
    assert list(vault.left_behind(3600)) == [], "it may be under way"
    assert list(vault.stored()) == [vault.path(SHA256)]


def test_erasing_takes_the_pictures_along_and_may_be_repeated(vault: Vault) -> None:
    keep(vault)
    for size in ("small", "large"):
        vault.keep(vault.passing(), vault.preview(SHA256, size))
    vault.erase(SHA256)
    vault.erase(SHA256)
    assert everything(vault) == []
