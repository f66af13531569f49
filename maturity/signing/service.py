"""What others use of signing: keys for heads of the log and for credentials, and signatures in files."""

from __future__ import annotations

from maturity.signing.keys import ClockSetBack, KeyNotHere, PublishedKey, key_id_of, public_keys, signing_key
from maturity.signing.pades import NotSigned, Signer, prepare_signer, sign_pdf
from maturity.signing.statements import sign_document

__all__ = [
    "ClockSetBack",
    "KeyNotHere",
    "NotSigned",
    "PublishedKey",
    "Signer",
    "key_id_of",
    "prepare_signer",
    "public_keys",
    "sign_document",
    "sign_pdf",
    "signing_key",
]
