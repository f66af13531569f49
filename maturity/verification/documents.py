"""A statement as JSON for machines. The keys are documented in docs/verification.md and are not renamed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from maturity.questionnaires.model import Text
from maturity.verification.signatures import SignatureFinding
from maturity.verification.statement import FileFinding, Statement, Told

FORMAT = "maturity-verification/1"


def document_of(statement: Statement) -> dict[str, Any]:
    """Every key is always there; what is not known or not shown is null."""
    head = statement.head
    return {
        "format": FORMAT,
        "outcome": statement.outcome,
        "problem": statement.problem,
        "asked": statement.asked,
        "checked_at": _utc(statement.checked_at),
        "log_head": {"size": head.size, "root": head.root, "at": _utc(head.at)} if head else None,
        "certificate": _told(statement.told) if statement.told else None,
        "file": _file(statement.file) if statement.file else None,
    }


def _utc(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _told(told: Told) -> dict[str, Any]:
    dimensions = told.dimensions
    return {
        "number": told.number,
        "demonstration": told.is_synthetic,
        "status": told.status,
        "status_since": _utc(told.since),
        "status_reason": told.reason,
        "holder": {"name": told.holder, "uscc": told.uscc},
        "framework": {"id": told.framework, "edition": told.edition, "title": _words(told.framework_title)},
        "period": told.period,
        "level": {"number": told.level, "title": _words(told.level_title)},
        "issued_on": told.issued_on.isoformat(),
        "valid_until": told.valid_until.isoformat(),
        "first_issued_on": told.first_issued_on.isoformat(),
        "weight": None
        if told.reviewed is None
        else {"reviewed_percent": f"{told.reviewed:.2f}", "declared_percent": f"{told.declared:.2f}"},
        "body": {
            "name": told.body.name,
            "number": told.body.number,
            "standing": told.body.standing,
            "until": told.body.until.isoformat() if told.body.until else None,
        },
        "payload_sha256": told.payload_sha256,
        "file_sha256": told.file_sha256,
        "history": [
            {"kind": one.kind, "reason": one.reason, "at": _utc(one.at), "leaf": one.leaf} for one in told.history
        ],
        "score": None if told.score is None else f"{told.score:.2f}",
        "dimensions": None
        if dimensions is None
        else {name: {"title": _words(title), "score": score} for name, (title, score) in dimensions.items()},
        "scope": told.scope,
    }


def _file(file: FileFinding) -> dict[str, Any]:
    comparison = file.comparison
    return {
        "comparison": file.kind,
        "sha256": file.sha256,
        "size": file.size,
        "signature": _signature(file.signature),
        "difference": None if comparison is None else comparison.kind,
        "changed": None
        if comparison is None
        else [
            {"from": one.start, "to": one.end, "part": one.part, "name": one.name or None} for one in comparison.spans
        ],
        "changed_more": None if comparison is None else comparison.more,
    }


def _signature(found: SignatureFinding) -> dict[str, Any]:
    return {
        "state": found.state,
        "signer": found.signer or None,
        "signed_at": _utc(found.signed_at) if found.signed_at else None,
        "time_stamped": found.is_stamped,
        "covers_whole_file": found.covers_all,
    }
