"""What a file from outside says of itself: its signature, and which certificate it claims to be. Pure.

It runs in a process of its own (`maturity.verification.confined`), for no reader of PDF is safe from every file.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import pikepdf

from maturity.verification.signatures import Anchors, SignatureFinding, check_signature

LARGEST_PAYLOAD = 512 * 1024
MOST_NUMBERS = 5
LONGEST_NUMBER = 60
NUMBER = re.compile(r"MC(?:-[0-9A-Z]{5}){4}")


@dataclass(frozen=True, slots=True)
class Read:
    """`numbers` are texts in which a number may stand, unchecked, the most telling first."""

    signature: SignatureFinding
    numbers: tuple[str, ...] = ()
    is_locked: bool = False


def read_upload(content: bytes, anchors: Anchors, now: datetime) -> Read:
    if _is_locked(content):
        return Read(SignatureFinding("none"), is_locked=True)
    return Read(check_signature(content, anchors, now), tuple(_written(content)))


def _is_locked(content: bytes) -> bool:
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            return bool(pdf.is_encrypted)
    except pikepdf.PasswordError:
        return True
    except Exception:  # damaged, and perhaps a certificate all the same: the comparison tells
        return False


def _written(content: bytes) -> list[str]:
    """Numbers that the file says it has, in the result it carries and in its particulars."""
    found: list[str] = []
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            for spec in list(pdf.attachments.values())[:MOST_NUMBERS]:
                found.append(_number_in(spec.get_file().obj.read_raw_bytes()))
            for key in ("/Title", "/Subject"):
                if key in pdf.docinfo:
                    found += NUMBER.findall(str(pdf.docinfo[key])[:1000])
    except Exception:  # what was found before it broke still counts
        return _few(found)
    return _few(found)


def _few(found: list[str]) -> list[str]:
    return [text[:LONGEST_NUMBER] for text in found if text][:MOST_NUMBERS]


def _number_in(raw: bytes) -> str:
    """The number in an attached result, signed or bare; it is unpacked no further than a result can be long."""
    try:
        unpacked = zlib.decompressobj().decompress(raw, LARGEST_PAYLOAD)
    except zlib.error:
        unpacked = raw[:LARGEST_PAYLOAD]
    try:
        told = json.loads(unpacked)
        number = told.get("payload", told)["number"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return ""
    return str(number)
