"""Taking a list from outside in: written to the disk, read apart from the site, and gone again."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import FileStorage

from maturity.evidence.contents import LARGEST_FILE, Refused, safe_name
from maturity.evidence.storage import TooLarge, Vault
from maturity.workbooks.confined import read_list_confined

LARGEST_REQUEST = LARGEST_FILE + 1024**2
ROOM = "campaigns"


def take_in_list(vault: Vault, file: FileStorage) -> tuple[str, list[tuple[int, list[dict[str, Any]]]]]:
    """The name of the file and its rows, or `Refused`.

    No transaction may be open meanwhile: reading takes as long as the list is.
    """
    name = safe_name(file.filename or "")
    try:
        staged = vault.stage(file.stream, LARGEST_FILE)
    except TooLarge as error:
        raise Refused("too_large") from error
    try:
        return name, [(number, cells) for number, cells in read_list_confined(staged.path, name)["rows"]]
    finally:
        staged.forget()
