"""Handing files from outside to a browser: saved and never shown or run on this site, and only once they may leave."""

from __future__ import annotations

from flask import Response

from maturity.errors import Conflict, NotFound
from maturity.evidence.models import EvidenceFile

#: Where a file came from outside is never to be run or drawn by a browser on this site.
SANDBOX = "sandbox; default-src 'none'"


def leaving(file: EvidenceFile) -> EvidenceFile:
    """The file, if it may be looked at: the scanner has answered, and nobody has asked for its erasure."""
    if file.stage == "waiting":
        raise Conflict("evidence_being_checked")
    if not file.may_leave:
        raise NotFound("evidence_erased", str(file.id))
    return file


def from_outside(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-cache"  # every use asks for permission again
    response.headers["Vary"] = "Cookie"
    return response
