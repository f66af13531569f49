"""Taking uploaded files in one by one: what is right is kept, what is not is told with its fault and its mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from werkzeug.datastructures import FileStorage

from maturity.evidence.confined import examine_confined
from maturity.evidence.contents import ENDINGS, KINDS, LARGEST_FILE, Refused, ending_of, safe_name
from maturity.evidence.service import Received
from maturity.evidence.storage import TooLarge, Vault

MOST_FILES = 5  # of one request
LARGEST_REQUEST = MOST_FILES * LARGEST_FILE + 1024**2


@dataclass(slots=True)
class Intake:
    """The files of one request: those that passed, waiting on the disk, and the others as (name, code)."""

    received: list[Received] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def take_in(vault: Vault, files: Sequence[FileStorage]) -> Iterator[Intake]:
    """Stage and examine the files; what was not kept by the end of the block is gone from the disk.

    No transaction may be open meanwhile: it takes as long as the files are large.
    """
    intake = Intake()
    with ExitStack() as stack:
        for number, file in enumerate(files):
            name = safe_name(file.filename or "")
            try:
                intake.received.append(_receive(vault, file, name, stack, is_too_many=number >= MOST_FILES))
            except Refused as error:
                intake.refused.append((name, error.code))
        yield intake


def _receive(vault: Vault, file: FileStorage, name: str, stack: ExitStack, *, is_too_many: bool) -> Received:
    if is_too_many:
        raise Refused("too_many")
    try:
        staged = vault.stage(file.stream, LARGEST_FILE)
    except TooLarge as error:
        raise Refused("too_large") from error
    stack.callback(staged.forget)
    return Received(name, examine_confined(staged.path), staged)


def differs(name: str, media_type: str) -> bool:
    """Whether the name promises another kind of file than the content is.

    >>> differs("plan.pdf", "image/png"), differs("plan.png", "image/png"), differs("plan", "image/png")
    (True, False, False)
    """
    ending = ending_of(name)
    return ending in ENDINGS and ending not in KINDS[media_type].endings
