"""Reading back what a signed file carries. No signature is checked here."""

from __future__ import annotations

import json
from io import BytesIO

import pikepdf

from maturity.certificates.paper import PAYLOAD
from maturity.editions.service import canonical


def attachments_of(pdf: bytes) -> dict[str, bytes]:
    """The files inside one of our certificates, by name."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return {name: spec.get_file().read_bytes() for name, spec in opened.attachments.items()}


def payload_in(pdf: bytes) -> bytes | None:
    """The canonical payload that the file carries; None where it carries none that can be read."""
    try:
        return canonical(json.loads(attachments_of(pdf)[PAYLOAD])["payload"])
    except (pikepdf.PdfError, KeyError, ValueError, TypeError):
        return None
