"""What `verify` does with a PDF: checking a certificate with the published keys, without the site and its database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf

from maturity.cli_input import WrongUse
from maturity.cli_messages import message
from maturity.clock import Clock
from maturity.questionnaires.model import Text
from maturity.transparency.checking import Keys, Malformed, read_keys
from maturity.transparency.examining import Check, Examined, examine
from maturity.transparency.statement import instant

FORMAT = "maturity-certificate/1"
LARGEST_PDF, LARGEST_JSON = 20 * 1024**2, 1024**3
_LARGEST_ATTACHMENT = 16 * 1024**2


def certificate_report(
    path: Path, keys: Path | None, head: Path | None, logs: Sequence[Path], lang: str, clock: Clock
) -> dict[str, Any]:
    """Keys: file, format, sha256, good, outcome, checks (check, good, details), certificate, standing, log_head."""
    if keys is None:
        raise WrongUse(message("no_keys", lang))
    published = _read_json(keys, lang)
    try:
        known = read_keys(published)
    except Malformed as error:
        raise WrongUse(message("bad_keys", lang, file=keys)) from error
    if path.stat().st_size > LARGEST_PDF:
        raise WrongUse(message("large_pdf", lang, file=path))
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    found = _examined(content, digest, known, head, logs, lang)
    checks = (*_signature(content, published, clock), *found.checks)
    return {
        "file": str(path),
        "format": FORMAT,
        "sha256": digest,
        "checks": [{"check": one.code, "good": one.is_good, "details": dict(one.details)} for one in checks],
        "certificate": _certificate(found.payload),
        "standing": dict(found.standing) if found.standing else None,
        "log_head": {"size": found.as_of.size, "at": instant(found.as_of.at)} if found.as_of else None,
        **_outcome(checks, found, clock.today()),
    }


def _examined(content: bytes, digest: str, keys: Keys, head: Path | None, logs: Sequence[Path], lang: str) -> Examined:
    """With what stands in the file; a log that cannot be read is a mistake of whoever gives it."""
    kept = None if head is None else _read_json(head, lang)
    documents = [_read_json(log, lang) for log in logs]
    try:
        return examine(_attachments(content), digest, keys, saved=kept, logs=documents)
    except Malformed as error:
        given = ", ".join(str(file) for file in (head, *logs) if file is not None)
        raise WrongUse(message("bad_log", lang, file=given)) from error


def _read_json(path: Path, lang: str) -> Any:
    if not path.is_file():
        raise WrongUse(message("no_file", lang, file=path))
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ValueError("too large")
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise WrongUse(message("no_json", lang, file=path)) from error


def _attachments(content: bytes) -> dict[str, bytes]:
    """What is attached to the file, by name; nothing where it cannot be read."""
    found: dict[str, bytes] = {}
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            for name, spec in pdf.attachments.items():
                data = bytes(spec.get_file().read_bytes())
                if len(data) <= _LARGEST_ATTACHMENT:
                    found[name] = data
    except Exception:  # whatever a file does to its reader, it attaches nothing that is believed
        return found
    return found


def _signature(content: bytes, published: Mapping[str, Any], clock: Clock) -> Iterator[Check]:
    """The signature in the file, by pyHanko, against the authorities in the list of keys."""
    from maturity.verification.signatures import check_signature  # pyHanko, which no other command needs

    found = check_signature(content, _anchors(published), clock.now())
    said = {"state": found.state, "signer": found.signer, "stamped": found.is_stamped}
    signed_at = instant(found.signed_at) if found.signed_at else None
    yield Check("signature", found.state == "sound", {**said, "signed_at": signed_at})
    if found.state != "none":
        yield Check("covered", found.covers_all)


def _anchors(published: Mapping[str, Any]) -> Any:
    from asn1crypto import x509

    from maturity.verification.signatures import Anchors

    trusted: list[x509.Certificate] = []
    stamping: list[x509.Certificate] = []
    revoked: set[bytes] = set()
    for row in published["keys"]:
        if not row.get("certificate"):
            continue
        der = _der(row["certificate"])
        if row.get("revoked_at"):
            revoked.add(der)
        elif row["purpose"] == "root" or row["source"] != "embedded":
            vouching = stamping if row["purpose"] == "timestamp" else trusted
            vouching.append(x509.Certificate.load(der))
    return Anchors(tuple(trusted), frozenset(revoked), tuple(stamping))


def _der(pem: str) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def _certificate(payload: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the signed payload says of itself, as far as it is there."""
    if payload is None:
        return None
    level = payload.get("level") or {}
    return {
        "number": payload["number"],
        "holder": (payload.get("holder") or {}).get("name"),
        "level": level.get("number"),
        "body": (payload.get("body") or {}).get("name"),
        "valid_until": (payload.get("dates") or {}).get("valid_until"),
        "demonstration": bool(payload.get("demonstration")),
    }


def _outcome(checks: Sequence[Check], found: Examined, today: date) -> dict[str, Any]:
    """genuine: everything holds. altered: something does not. Else how the log, or the calendar, says it stands."""
    if any(check.is_good is False for check in checks):
        return {"outcome": "altered", "good": False}
    status = str(found.standing["status"]) if found.standing else "valid"
    if status == "valid" and _is_over(found.payload, today):
        status = "expired"
    return {"outcome": "genuine" if status == "valid" else status, "good": status == "valid"}


def _is_over(payload: Mapping[str, Any] | None, today: date) -> bool:
    last = (_certificate(payload) or {}).get("valid_until")
    return isinstance(last, str) and date.fromisoformat(last) < today


def certificate_lines(report: Mapping[str, Any], lang: str) -> Iterator[str]:
    """For people: the outcome, what the certificate says, each check, and what the file alone cannot tell."""
    yield message(f"certificate_{report['outcome']}", lang)
    if said := report["certificate"]:
        yield message("certificate_said", lang, **said)
        if said["demonstration"]:
            yield message("certificate_demonstration", lang)
    for check in report["checks"]:
        mark = {True: "+", False: "x", None: "?"}[check["good"]]
        yield f"  {mark} {_words(check, lang)}"
    if report["standing"] is None:
        yield message("certificate_unknown_standing", lang)
    else:
        at = datetime.fromisoformat(report["log_head"]["at"])
        status = _STATUS[report["standing"]["status"]].to(lang)
        yield message("certificate_standing", lang, status=status, at=f"{at:%Y-%m-%d %H:%M} UTC")


_STATUS = {
    "valid": Text("有效", "valid"),
    "suspended": Text("暂停", "suspended"),
    "withdrawn": Text("撤销", "withdrawn"),
    "expired": Text("到期", "expired"),
    "replaced": Text("已被新证书取代", "replaced"),
}


def _words(check: Mapping[str, Any], lang: str) -> str:
    answer = {True: "good", False: "bad", None: "open"}[check["good"]]
    code, details = check["check"], check["details"]
    if code == "signature" and check["good"] is False:
        answer = details["state"]
    shown = {name: "-" if value is None else value for name, value in details.items()}
    if problem := details.get("problem"):
        shown["problem"] = message(f"problem_{problem}", lang, key=details.get("key", ""))
    told = message(f"check_{code}_{answer}", lang, **shown)
    places = [message(f"log_{one['code']}", lang, place=one["place"]) for one in details.get("deviations", [])]
    return told + "".join(f"\n      {place}" for place in places[:20])
