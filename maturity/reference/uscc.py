"""The unified social credit code (GB 32100-2015): checked with the mend named; made up for synthetic firms."""

from __future__ import annotations

import unicodedata
from random import Random

from stdnum.cn import uscc as standard

LENGTH = 18
_ORGANISATION = slice(8, 17)
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_LOOKALIKES = {"O": "0", "I": "1", "Z": "2", "S": "5"}


class UsccError(ValueError):
    """The code cannot be right; `kind` says in what way, `position` (from 1) and `hint` where and what instead."""

    def __init__(self, kind: str, position: int = 0, hint: str = "") -> None:
        self.kind = kind
        self.position = position
        self.hint = hint
        super().__init__(f"{kind} at {position}" if position else kind)


def validate(text: str) -> str:
    """The code in capitals without spaces; raises `UsccError`.

    >>> validate("91110000600037341L")
    '91110000600037341L'
    """
    code = unicodedata.normalize("NFKC", text).upper().replace(" ", "").replace("-", "")
    if len(code) != LENGTH:
        raise UsccError("length", hint=str(len(code)))
    for position, character in enumerate(code, start=1):
        if character not in standard._alphabet:
            raise UsccError("character", position, _LOOKALIKES.get(character, ""))
        if position <= 8 and position != 2 and not (character.isdigit() or position == 1):
            raise UsccError("digit_expected", position, _LOOKALIKES.get(character, ""))
    if code[_ORGANISATION][-1] != organisation_check(code[_ORGANISATION][:8]):
        raise UsccError("organisation_checksum")
    if standard.calc_check_digit(code[:-1]) != code[-1]:
        raise UsccError("checksum")
    return code


def organisation_check(stem: str) -> str:
    """The check character of a nine-character organisation code (GB 11714-1997).

    >>> organisation_check("60003734")
    '1'
    """
    total = sum(weight * int(character, 36) for weight, character in zip(_WEIGHTS, stem, strict=True))
    check = (11 - total % 11) % 11
    return "X" if check == 10 else str(check)


def synthetic(random: Random, region: str) -> str:
    """A code with valid checksums that no authority issued: its organisation code begins with HH.

    Letters there are allowed by the standard but not used for new registrations, so a synthetic code can be told
    from a real one at a glance.
    """
    while True:
        stem = f"HH{random.randrange(10**6):06d}"
        check = organisation_check(stem)
        if check != "X":
            break
    body = f"91{region}{stem}{check}"
    return body + standard.calc_check_digit(body)


def is_synthetic(code: str) -> bool:
    return code[8:10] == "HH"
