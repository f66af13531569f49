"""What the signatures in a PDF are worth: checked with pyHanko against the authorities that the site publishes. Pure.

A signature is judged as of the moment its time stamp proves, so that it outlives the certificate of its key; without a
time stamp of ours as of now. Nothing is fetched from anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import x509 as asn1
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

#: none: not signed; broken: what was signed is not what stands there; foreign: sound, and not with a key of ours;
#: revoked: with a key that somebody else may have; sound: with a key of ours, over what stands there.
STATES = ("none", "broken", "foreign", "revoked", "sound")
MOST_SIGNATURES = 10
#: pyHanko tells at length of files that are broken, and quotes them; our log is no place for what somebody uploads.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class SignatureFinding:
    """What the first signature of a file is worth. The signer's name is as its certificate has it."""

    state: str
    signer: str = ""
    signed_at: datetime | None = None
    #: Whether nothing was added to the file after it was signed, beside time stamps and validation data.
    covers_all: bool = False
    #: Whether a time stamp of ours proves when it was signed.
    is_stamped: bool = False


@dataclass(frozen=True, slots=True)
class Anchors:
    """Whom the site vouches for: authorities and configured signers, and the keys of ours that are not believed.

    Those in `stamping` are believed about the time, and sign nothing for us: other authorities for time stamps.
    """

    trusted: tuple[asn1.Certificate, ...]
    revoked: frozenset[bytes]
    stamping: tuple[asn1.Certificate, ...] = ()


def check_signature(content: bytes, anchors: Anchors, now: datetime) -> SignatureFinding:
    """What the first signature is worth; whatever a file does to the reader, it is not a sound signature."""
    try:
        signatures = PdfFileReader(BytesIO(content), strict=False).embedded_regular_signatures[:MOST_SIGNATURES]
    except Exception:
        return SignatureFinding("none")
    if not signatures:
        return SignatureFinding("none")
    try:
        return _checked(signatures[0], anchors, now)
    except Exception:
        return SignatureFinding("broken")


def _checked(signature: Any, anchors: Anchors, now: datetime) -> SignatureFinding:
    signer = signature.signer_cert
    name = str(signer.subject.native.get("common_name") or signer.subject.human_friendly)[:200]
    stamps = _context(anchors, now, anchors.stamping)
    status = validate_pdf_signature(signature, _context(anchors, now), stamps)
    stamp = status.timestamp_validity
    proved = stamp.timestamp if stamp and _is_believed(stamp, anchors) else None
    if proved and not status.trusted:
        status = validate_pdf_signature(signature, _context(anchors, proved), stamps)
    at = proved or status.signer_reported_dt
    if not (status.intact and status.valid):
        state = "broken"
    elif not status.trusted or _stamps_time(signer):
        state = "foreign"
    else:
        state = "revoked" if signer.dump() in anchors.revoked else "sound"
    return SignatureFinding(state, name, at, _covers_all(status), proved is not None)


def _stamps_time(certificate: asn1.Certificate) -> bool:
    """A certificate for time stamps signs no documents (RFC 3161, 2.3)."""
    usage = certificate.extended_key_usage_value
    return usage is not None and "time_stamping" in usage.native


def _is_believed(stamp: Any, anchors: Anchors) -> bool:
    """Whoever has the key of a time-stamp authority can date anything: a revoked one proves nothing."""
    is_sound = stamp.intact and stamp.valid and stamp.trusted
    return bool(is_sound and stamp.signing_cert.dump() not in anchors.revoked)


def _covers_all(status: Any) -> bool:
    """The whole file, or what came after are time stamps and validation data, as long-term signatures have them."""
    return status.coverage == SignatureCoverageLevel.ENTIRE_FILE or bool(status.docmdp_ok)


def _context(anchors: Anchors, moment: datetime, also: Sequence[asn1.Certificate] = ()) -> ValidationContext:
    roots: Sequence[asn1.Certificate] = [*anchors.trusted, *also]
    return ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment, revocation_mode="soft-fail")
