"""Numbers of certificates: drawn by lot, with a check character, in an alphabet that can be read out and typed. Pure.

Nineteen characters are drawn, 95 bits, because the public log names a certificate by the hash of its number: among a
million certificates, whoever computes a million million hashes a second meets one in a thousand years. So numbers can
be neither guessed nor enumerated. The twentieth is the check symbol of a Reed-Solomon code over GF(32): every wrong
character and every pair of exchanged ones is found.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

PREFIX = "MC"
#: Crockford's base 32: no I, L, O and U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DRAWN, GROUP = 19, 5
#: x^5 + x^2 + 1, primitive over GF(2).
_POLYNOMIAL = 0b100101
_LOOKS_LIKE = str.maketrans({"I": "1", "L": "1", "O": "0"})
_SEPARATORS = re.compile(r"[\s\-‐-―−_.·]+")


class WrongNumber(ValueError):
    """What was typed is not a number of a certificate; `code` says why: malformed or check_character."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def new_number(below: Callable[[int], int] = secrets.randbelow) -> str:
    """A number nobody can foresee; that it is new is the database's concern.

    >>> new_number(lambda most: most - 1)
    'MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT'
    """
    drawn = "".join(ALPHABET[below(len(ALPHABET))] for _ in range(DRAWN))
    return _written(drawn + check_character(drawn))


def check_character(drawn: str) -> str:
    """The character that makes the sum of all, each times a power of the field's generator of its own, zero."""
    total = 0
    for character in drawn:
        total = _double(total) ^ ALPHABET.index(character)
    return ALPHABET[_double(total)]


def read_number(text: str) -> str:
    """The number as it is written, from however it was typed: small letters, no hyphens, O for 0, wide characters.

    Raises `WrongNumber`.

    >>> read_number("mc zzzzz zzzzz zzzzz zzzzt")
    'MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT'
    """
    plain = _SEPARATORS.sub("", "".join(_narrow(character) for character in text)).upper()
    # without its prefix, too: what was drawn may itself begin with these letters
    body = (plain if len(plain) == DRAWN + 1 else plain.removeprefix(PREFIX)).translate(_LOOKS_LIKE)
    if len(body) != DRAWN + 1 or any(character not in ALPHABET for character in body):
        raise WrongNumber("malformed")
    if check_character(body[:DRAWN]) != body[DRAWN]:
        raise WrongNumber("check_character")
    return _written(body)


def _narrow(character: str) -> str:
    """Wide Latin letters and digits, as a Chinese keyboard types them, as narrow ones."""
    return chr(ord(character) - 0xFEE0) if "！" <= character <= "～" else " " if character == "\u3000" else character


def _double(value: int) -> int:
    value <<= 1
    return value ^ _POLYNOMIAL if value & 32 else value


def _written(body: str) -> str:
    return "-".join([PREFIX, *(body[start : start + GROUP] for start in range(0, len(body), GROUP))])
