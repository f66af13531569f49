"""How a person is reached and recognised: an e-mail address or a mainland mobile number. No database, no web."""

from __future__ import annotations

import re
from dataclasses import dataclass

import email_validator

MOBILE = re.compile(r"1[3-9]\d{9}")
_PREFIX = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)")
_SPACES = re.compile(r"[\s\-‐‑–()（）]")
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Contact:
    """`value` is what is stored and compared: the address in lower case, or the number with +86."""

    kind: str  # "email" or "mobile"
    value: str

    @property
    def message_kind(self) -> str:
        return "mail" if self.kind == "email" else "sms"


def read_contact(typed: str | None) -> Contact | None:
    """What was typed as an address or a number, or None where it is neither.

    >>> read_contact(" Jane@Example.COM ")
    Contact(kind='email', value='jane@example.com')
    >>> [read_contact(text).value for text in ("138 0013 8000", "+86-13800138000", "008613800138000")]
    ['+8613800138000', '+8613800138000', '+8613800138000']
    >>> read_contact("12800138000"), read_contact("+1 202 555 0100"), read_contact("jane"), read_contact(None)
    (None, None, None, None)
    """
    text = (typed or "").strip()
    if not text or len(text) > LONGEST:
        return None
    if "@" in text or "＠" in text:
        return _email(text.replace("＠", "@"))
    number = _PREFIX.sub("", _SPACES.sub("", text))
    return Contact("mobile", f"+86{number}") if number.isascii() and MOBILE.fullmatch(number) else None


def _email(text: str) -> Contact | None:
    try:
        found = email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return None
    return Contact("email", found.normalized.lower())


def contact_of(value: str) -> Contact:
    """A stored value as a contact again."""
    return Contact("email" if "@" in value else "mobile", value)


def shown(value: str | None) -> str:
    """A stored value as people write it.

    >>> shown("+8613800138000"), shown("jane@example.com"), shown(None)
    ('138 0013 8000', 'jane@example.com', '')
    """
    if not value or "@" in value:
        return value or ""
    number = value.removeprefix("+86")
    return f"{number[:3]} {number[3:7]} {number[7:]}"
