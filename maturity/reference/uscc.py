"""The unified social credit code (GB 32100-2015): checked with the mend named; made up for synthetic firms."""

from __future__ import annotations

import re
import unicodedata
from random import Random

from stdnum.cn.uscc import calc_check_digit

LENGTH = 18
#: Digits and capitals without I O Z S V.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SEPARATORS = re.compile(r"[\s\-‐-―−·_.\u200b\u200c\u200d\ufeff]")
_REGION = range(3, 9)  # positions, from 1
_ORGANISATION = slice(8, 17)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
#: Letters the alphabet leaves out because they look like these digits.
_LOOKALIKES = {"O": "0", "I": "1", "Z": "2", "S": "5"}
#: Letters that are fine elsewhere, but look like a digit where only digits stand.
_DIGIT_LOOKALIKES = _LOOKALIKES | {"B": "8", "D": "0", "Q": "0", "L": "1", "G": "6"}


class UsccError(ValueError):
    """The code cannot be right; `kind` says in what way, `position` (from 1) and `hint` where and what instead.

    length: `hint` counts what was typed. character: it occurs nowhere in a code. digit_expected: the region, positions
    3 to 8, is digits. organisation_checksum: something in positions 9 to 17 is wrong. checksum: those are right among
    themselves, so something in 1 to 8 or 18 is wrong.
    """

    def __init__(self, kind: str, position: int = 0, hint: str = "") -> None:
        self.kind = kind
        self.position = position
        self.hint = hint
        super().__init__(f"{kind} at {position}" if position else kind)


def validate(text: str) -> str:
    """The code in capitals without spaces or dashes; raises `UsccError`.

    >>> validate("9111 0000 6000 3734 1l")
    '91110000600037341L'
    """
    code = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != LENGTH:
        raise UsccError("length", hint=str(len(code)))
    _check_characters(code)
    organisation = code[_ORGANISATION]
    if organisation[-1] != organisation_check(organisation[:-1]):
        raise UsccError("organisation_checksum")
    if calc_check_digit(code[:-1]) != code[-1]:
        raise UsccError("checksum")
    return code


def _check_characters(code: str) -> None:
    for position, character in enumerate(code, start=1):
        if position in _REGION and character not in "0123456789":
            kind = "digit_expected" if character in ALPHABET else "character"
            raise UsccError(kind, position, _DIGIT_LOOKALIKES.get(character, ""))
        if character not in ALPHABET:
            raise UsccError("character", position, _LOOKALIKES.get(character, ""))


def organisation_check(stem: str) -> str:
    """The check character of a nine-character organisation code (GB 11714-1997).

    >>> organisation_check("60003734")
    '1'
    """
    total = sum(weight * int(sign, 36) for weight, sign in zip(_ORGANISATION_WEIGHTS, stem, strict=True))
    check = (11 - total % 11) % 11
    return "X" if check == 10 else str(check)


def synthetic(random: Random, region: str) -> str:
    """A code with valid checksums that no authority issued: its organisation code begins with HH.

    Those of real enterprises begin with a digit or, since the licences were merged in 2015, with M, as far as we know;
    so a synthetic code can be told from a real one at a glance.
    """
    while True:
        stem = f"HH{random.randrange(10**6):06d}"
        check = organisation_check(stem)
        if check != "X":
            break
    body = f"91{region}{stem}{check}"
    return body + calc_check_digit(body)


def is_synthetic(code: str) -> bool:
    return code[8:10] == "HH"
