"""Which passwords are taken: long enough, and not among those that are tried first."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _
from flask_security import PasswordUtil

LONGEST = 128
NO_PASSWORD = "!"  # noqa: S105  # what stands where there is none: no password hashes to it
#: What zxcvbn estimates at 10^8 guesses or more: no common password, name, date or keyboard row with a number behind.
LOWEST_SCORE = 3
#: It looks at no more, because its time grows with the square of the length.
LOOKED_AT = 72
TOO_LONG = _("Shorten the password to at most %(length)s characters.", length=LONGEST)
TOO_SIMPLE = _("This password is easy to guess. Take several words.")


class Passwords(PasswordUtil):
    """The library's rules with its checker against common passwords, and with our words for what that finds."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[Any] | None, str]:
        if len(password) > LONGEST:
            return [TOO_LONG], password
        wrong, normal = super().validate(password, is_register, **kwargs)
        if wrong:
            return wrong, normal
        return ([TOO_SIMPLE] if is_easy_to_guess(normal, _known(kwargs)) else None), normal


def is_easy_to_guess(password: str, known: list[str]) -> bool:
    from zxcvbn import zxcvbn  # its word lists take a while to load, and only new passwords need them

    return bool(zxcvbn(password[:LOOKED_AT], user_inputs=known)["score"] < LOWEST_SCORE)


def _known(given: dict[str, Any]) -> list[str]:
    """What everybody knows of the person and would try: name and contact, in whole, in parts and run together.

    >>> _known({"name": "Jane Wang", "email": "jw@sea.example"})
    ['Jane Wang', 'JaneWang', 'Jane', 'Wang', 'jw@sea.example', 'jw', 'sea', 'example']
    """
    user = given.get("user")
    values = [user.name, user.contact] if user is not None else [given.get("name"), given.get("email")]
    known: dict[str, None] = {}
    for value in filter(None, values):
        known |= dict.fromkeys([value, "".join(value.split()), *re.split(r"\W+", value)])
    return [text for text in known if len(text) > 1]
