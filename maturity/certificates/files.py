"""The signed files of certificates: each stored once under its hash, flushed to the disk, and never made again.

A file takes its name in two steps, so that no crash can leave two of a certificate: signed, it first lies under the
certificate's id, and whoever comes later goes on with that one; then it gets its lasting name.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path

from maturity.certificates.models import Certificate
from maturity.errors import NotFound

ROOM = "certificates"  # of the data folder; the backup has it
_UNDER_WAY = "under-way"


def folder_of(data_dir: Path) -> Path:
    return data_dir / ROOM


def path_of(data_dir: Path, certificate: Certificate) -> Path:
    return folder_of(data_dir) / f"{certificate.pdf_sha256}.pdf"


def stored_pdf(data_dir: Path, certificate: Certificate) -> bytes:
    """The file as it was issued; `NotFound` where it is not there or is not that file any more."""
    if certificate.pdf_sha256 is None:
        raise NotFound("certificate_file")
    try:
        content = path_of(data_dir, certificate).read_bytes()
    except FileNotFoundError as error:
        raise NotFound("certificate_lost", certificate.number) from error
    if hashlib.sha256(content).hexdigest() != certificate.pdf_sha256:
        raise NotFound("certificate_lost", certificate.number)
    return content


# Taking one in


def under_way(data_dir: Path, certificate_id: uuid.UUID) -> bytes | None:
    """The signed file of a certificate that has not got its lasting name yet."""
    try:
        return _waiting(data_dir, certificate_id).read_bytes()
    except FileNotFoundError:
        return None


def put_under_way(data_dir: Path, certificate_id: uuid.UUID, content: bytes) -> bytes:
    """Keep a signed file, unless one is there already; the bytes that count from now on."""
    target = _waiting(data_dir, certificate_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, target)  # the first one stays, whoever else is at work
    finally:
        Path(name).unlink(missing_ok=True)
    _flush(target.parent)
    return target.read_bytes()


def keep(data_dir: Path, certificate_id: uuid.UUID, sha256: str) -> None:
    """Give the file its lasting name; harmless when it is repeated."""
    target = folder_of(data_dir) / f"{sha256}.pdf"
    with suppress(FileExistsError):
        os.link(_waiting(data_dir, certificate_id), target)
    _flush(target.parent)


def forget_under_way(data_dir: Path, certificate_id: uuid.UUID) -> None:
    _waiting(data_dir, certificate_id).unlink(missing_ok=True)


def _waiting(data_dir: Path, certificate_id: uuid.UUID) -> Path:
    return folder_of(data_dir) / _UNDER_WAY / f"{certificate_id}.pdf"


def _flush(folder: Path) -> None:
    """The name is on the disk, too, and not only the bytes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
