"""Taking a workbook from outside in: written to the disk, read apart from the site, and gone again."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import FileStorage

from maturity.evidence.contents import LARGEST_FILE, Refused, safe_name
from maturity.evidence.storage import TooLarge, Vault
from maturity.workbooks.confined import read_confined

LARGEST_REQUEST = LARGEST_FILE + 1024**2
ROOM = "workbooks"


def take_in_workbook(vault: Vault, file: FileStorage) -> tuple[str, dict[str, Any]]:
    """The name of the file and what stands in it, or `Refused`.

    No transaction may be open meanwhile: reading takes as long as the workbook is large.
    """
    name = safe_name(file.filename or "")
    try:
        staged = vault.stage(file.stream, LARGEST_FILE)
    except TooLarge as error:
        raise Refused("too_large") from error
    try:
        return name, read_confined(staged.path, name)
    finally:
        staged.forget()
