"""What `verify` does: checking a receipt of inclusion without the site."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from maturity.cli_input import WrongUse
from maturity.cli_messages import message
from maturity.releases.receipt import problems

LARGEST = 1024 * 1024
_KEY_LENGTH = 64


def is_certificate(path: Path) -> bool:
    """By how the file begins, whatever it is called; what cannot be read is none."""
    try:
        with path.open("rb") as file:
            return b"%PDF-" in file.read(1024)
    except OSError:
        return False


def verify_report(path: Path, public: str | None, lang: str) -> dict[str, Any]:
    """Keys: file, format, good, findings (codes), and of what was checked: release, root, key_id, enterprise."""
    receipt = _read(path, lang)
    wrong = problems(receipt, _public(public, lang))
    return {
        "file": str(path),
        "format": receipt.get("format"),
        "good": not wrong,
        "findings": list(wrong),
        "key_was_given": public is not None,
        "release": receipt.get("release"),
        "root": receipt.get("root"),
        "key_id": receipt.get("key_id"),
        "enterprise": _uscc(receipt),
    }


def _read(path: Path, lang: str) -> Mapping[str, Any]:
    if not path.exists():
        raise WrongUse(message("no_file", lang, file=path))
    if path.is_dir():
        raise WrongUse(message("is_folder", lang, file=path))
    if path.stat().st_size > LARGEST:
        raise WrongUse(message("no_receipt", lang, file=path))
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise WrongUse(message("no_receipt", lang, file=path)) from error
    if not isinstance(found, dict):
        raise WrongUse(message("no_receipt", lang, file=path))
    return found


def _public(typed: str | None, lang: str) -> bytes | None:
    if typed is None:
        return None
    try:
        key = bytes.fromhex(typed.strip())
    except ValueError:
        key = b""
    if len(key) != _KEY_LENGTH // 2:
        raise WrongUse(message("bad_key", lang))
    return key


def _uscc(receipt: Mapping[str, Any]) -> str | None:
    enterprise = receipt.get("enterprise")
    found = enterprise.get("uscc") if isinstance(enterprise, Mapping) else None
    return found if isinstance(found, str) else None


def verify_lines(report: Mapping[str, Any], lang: str) -> Iterator[str]:
    """For people: whether it holds, and what is still to be compared by eye."""
    if not report["good"]:
        yield message("receipt_bad", lang)
        for code in report["findings"]:
            yield "  " + message(f"receipt_{code}", lang)
        return
    yield message("receipt_good", lang)
    release = report["release"] if isinstance(report["release"], Mapping) else {}
    named = {name: release.get(name, "?") for name in ("number", "framework", "period")}
    yield message("receipt_release", lang, **named)
    yield message("receipt_enterprise", lang, uscc=report["enterprise"])
    yield message("receipt_root", lang, root=report["root"])
    if not report["key_was_given"]:
        yield message("receipt_key", lang, key_id=report["key_id"])
