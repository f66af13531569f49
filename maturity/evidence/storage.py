"""The vault: bytes by their hash in the data folder, a folder for each tenant, written whole or not at all.

A tenant's folder is its own even for the same content, so that nobody can learn from the time, the disk or the quota
that somebody else has a file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from maturity.evidence.previews import SIZES

PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
PART = ".part"
_CHUNK = 1024**2


class TooLarge(Exception):
    """More bytes came than were allowed."""


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes on the disk under a passing name."""

    path: Path
    sha256: str
    size: int

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Vault:
    """The files of one tenant on the disk; evidence, unless another room of the data folder is named."""

    data_dir: Path
    tenant_id: uuid.UUID
    room: str = "evidence"

    @property
    def folder(self) -> Path:
        return self.data_dir / self.room / str(self.tenant_id)

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def preview(self, sha256: str, size: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}.{size}.webp"

    def stage(self, stream: IO[bytes], largest: int) -> Staged:
        """Take bytes in, flushed to the disk; `TooLarge` beyond `largest`."""
        path = self.passing()
        seen, size = hashlib.sha256(), 0
        try:
            with path.open("wb") as file:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    if size > largest:
                        raise TooLarge
                    seen.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Staged(path, seen.hexdigest(), size)

    def passing(self) -> Path:
        """A new empty file that only we can read, in the same file system as what it becomes."""
        self.folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=PART)
        os.close(handle)
        return Path(name)

    def keep(self, staged: Path, target: Path) -> None:
        """Give staged bytes their lasting name; before and after it, a crash leaves all of them or none."""
        if not target.parent.is_dir():
            target.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            _flush_folder(self.folder)
        staged.chmod(PRIVATE)
        staged.replace(target)
        _flush_folder(target.parent)

    def erase(self, sha256: str) -> None:
        """Destroy the bytes and the pictures made of them; harmless when it is repeated."""
        for path in (self.path(sha256), *(self.preview(sha256, size) for size in SIZES)):
            path.unlink(missing_ok=True)
        if self.path(sha256).parent.is_dir():
            _flush_folder(self.path(sha256).parent)

    def stored(self) -> Iterator[Path]:
        """Every file under a lasting name."""
        for path in sorted(self.folder.glob("??/*")):
            if path.is_file():
                yield path

    def left_behind(self, older_than_seconds: float) -> Iterator[Path]:
        """Passing files that nobody came back for."""
        for path in sorted(self.folder.glob(f"*{PART}")):
            with suppress(FileNotFoundError):  # it found its name meanwhile
                if time.time() - path.stat().st_mtime >= older_than_seconds:
                    yield path


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tenants_on_disk(data_dir: Path) -> list[uuid.UUID]:
    """The tenants that have a folder."""
    found = []
    for path in (data_dir / "evidence").glob("*"):
        with suppress(ValueError):
            found.append(uuid.UUID(path.name))
    return sorted(found)


def _flush_folder(folder: Path) -> None:
    """The name is on the disk, too, and not only the bytes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
