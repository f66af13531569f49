"""What a workbook says about itself, hidden and sealed: nobody can pass one workbook off as another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from maturity.workbooks.layout import FORMAT

SALT = "workbook"


class Broken(ValueError):
    """The seal is missing, of another installation, or does not fit: `code` has words."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Label:
    """Of which edition and assessment a workbook is, in which language, and which versions it shows."""

    kind: str  # "assessment", "blank", "register", or "row" of a register
    edition: str  # hash
    locale: str
    assessment: str = ""
    tenant: str = ""
    sections: tuple[str, ...] = ()
    versions: Mapping[str, int] = field(default_factory=dict)  # question id -> version of the answer
    notes: Mapping[str, int] = field(default_factory=dict)  # question id -> version of the reference
    period: int = 0
    format: int = FORMAT


def seal(label: Label, secret: str) -> str:
    return str(URLSafeSerializer(secret, salt=SALT).dumps(asdict(label)))


def unseal(sealed: str | None, secret: str) -> Label:
    """The label, or `Broken`; a workbook of a later or earlier format is told apart."""
    if not sealed:
        raise Broken("workbook_not_ours")
    try:
        told: dict[str, Any] = URLSafeSerializer(secret, salt=SALT).loads(sealed)
    except BadData as error:
        raise Broken("workbook_seal_broken") from error
    if told.get("format") != FORMAT:
        raise Broken("workbook_other_format")
    return Label(**{**told, "sections": tuple(told["sections"])})
