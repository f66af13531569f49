"""What a certificate says, as JSON values. Pure: the same reviewed result under the same edition gives the same one.

It is everything that a reader may rely on, in both languages, and nothing that changes later: how the certificate
stands is no part of it. Scores stand as exact fractions beside what is shown, and no number is a floating-point one.
The keys are documented in docs/certificate.md and are not renamed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import Text

FORMAT = "maturity-certificate/1"
KINDS = ("initial", "change", "renewal")
VERDICTS = ("confirmed", "corrected", "not_evidenced")
#: What nobody may take the certificate for.
IS_NOT = Text(
    "本证书是本平台出具的评估证书，不是两化融合管理体系评定证书，也不属于任何国家或地方行政评定。",
    "This is a certificate of assessment issued by this platform. It is not a certificate of the integration "
    "management system (两化融合管理体系评定证书), and no state or local authority has granted it.",
)


@dataclass(frozen=True, slots=True)
class Party:
    """A holder with its unified social credit code, or a body with the number of its approval."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Dates:
    issued_on: date
    valid_until: date
    first_issued_on: date


@dataclass(frozen=True, slots=True)
class Expiry:
    """Evidence that runs out on a day: the answers it proves, the gates they carry, and the level without them."""

    valid_until: date
    questions: tuple[str, ...]
    dimensions: tuple[str, ...]
    level_after: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The rules and the seed that the sample was drawn by, so that anybody can draw it again."""

    rules: str
    seed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What goes into the payload besides the reviewed document itself."""

    number: str
    kind: str
    replaces: str | None
    holder: Party
    body: Party
    scope: str
    dates: Dates
    submission_sha256: str
    reviewed_sha256: str
    weight_reviewed: Decimal
    #: dimension -> percent of its weight that was reviewed
    reviewed_in: Mapping[str, Decimal]
    sample: Sample
    #: grade -> how many findings there were
    findings: Mapping[str, int]
    expiries: Sequence[Expiry] = ()
    is_demonstration: bool = False


def certificate_payload(framework: Framework, document: Mapping[str, Any], said: Said) -> dict[str, Any]:
    """The payload of a certificate over a reviewed document (`maturity-result/1` with its review)."""
    score, level = document["score"], document["score"]["level"]
    return {
        "format": FORMAT,
        "number": said.number,
        "demonstration": said.is_demonstration,
        "kind": said.kind,
        "replaces": said.replaces,
        "is_not": _words(IS_NOT),
        "holder": {"name": said.holder.name, "uscc": said.holder.number},
        "scope": said.scope,
        "body": {"name": said.body.name, "number": said.body.number},
        "framework": {
            "id": document["edition"]["framework"],
            "title": _words(framework.edition.title),
            "edition": document["edition"]["edition"],
            "edition_sha256": document["edition"]["sha256"],
        },
        "period": document["assessment"]["period"],
        "level": {
            "number": level,
            "highest": max(framework.levels, default=level),
            "title": _words(framework.level_title(level)),
        },
        "score": {
            **score["capability"],
            "outcome": dict(score["outcome"]),
            "highest": score["range"]["capability"]["rounded"] if "range" in score else None,
            "dimensions": _dimensions(framework, score["dimensions"]),
        },
        "gates": [_gate(framework, gate) for gate in document["explanation"]["level"]["gates"]],
        "weight": _weight(said, score["dimensions"]),
        "review": _review(document, said.findings),
        "sample": {"rules": said.sample.rules, "seed": said.sample.seed},
        "submission_sha256": said.submission_sha256,
        "reviewed_sha256": said.reviewed_sha256,
        "dates": {
            "issued_on": said.dates.issued_on.isoformat(),
            "valid_until": said.dates.valid_until.isoformat(),
            "first_issued_on": said.dates.first_issued_on.isoformat(),
        },
        "evidence_at_risk": [_expiry(item) for item in said.expiries],
        "levels_at_risk": levels_at_risk(level, said.expiries),
    }


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _dimensions(framework: Framework, scores: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Each with its place, because members of canonical JSON have no order of their own."""
    return {
        item.id: {**scores[item.id], "title": _words(framework.title(item.id)), "role": item.role, "place": place}
        for place, item in enumerate(framework.scoring.dimensions, 1)
        if item.id in scores
    }


def _gate(framework: Framework, gate: Mapping[str, Any]) -> dict[str, Any]:
    """One condition of a level, as it was met or missed; one on a dimension names no kind."""
    kind, of = gate.get("kind", "dimension"), gate.get("of") or gate["dimension"]
    return {
        "kind": kind,
        "of": of,
        "title": _words(framework.gate_title(kind, of, gate["level"], gate.get("value"))),
        "level": gate["level"],
        "threshold": _exact_and_shown(gate["threshold"]),
        "actual": _exact_and_shown(gate["actual"], below=None if gate["passed"] else gate["threshold"]),
        "passed": gate["passed"],
    }


def _exact_and_shown(exact: str, below: str | None = None) -> dict[str, str]:
    """What misses a gate never shows as the gate.

    >>> _exact_and_shown("59999/1000", below="60")
    {'exact': '59999/1000', 'rounded': '59.99'}
    """
    value = Fraction(exact)
    hundredths = round(value * 100)
    if below is not None and Fraction(hundredths, 100) >= Fraction(below) > value:
        hundredths = value * 100 // 1
    return {"exact": exact, "rounded": format(Decimal(int(hundredths)).scaleb(-2), "f")}


def _weight(said: Said, dimensions: Iterable[str]) -> dict[str, Any]:
    """How much of the weight reviewers looked at; the rest the enterprise alone stands behind."""
    return {
        **_shares(said.weight_reviewed),
        "dimensions": {name: _shares(said.reviewed_in[name]) for name in dimensions if name in said.reviewed_in},
    }


def _shares(reviewed: Decimal) -> dict[str, str]:
    return {"reviewed_percent": f"{reviewed:.2f}", "declared_percent": f"{100 - reviewed:.2f}"}


def _review(document: Mapping[str, Any], findings: Mapping[str, int]) -> dict[str, Any]:
    """How large the sample was, what came of it, and what was put right."""
    verdicts = Counter(document.get("review", {}).get("verdicts", {}).values())
    return {
        "sampled": sum(verdicts.values()),
        "verdicts": {name: verdicts[name] for name in VERDICTS},
        "findings": dict(findings),
        "unanswered": len(document.get("unanswered", ())),
    }


def _expiry(item: Expiry) -> dict[str, Any]:
    return {
        "valid_until": item.valid_until.isoformat(),
        "questions": list(item.questions),
        "dimensions": list(item.dimensions),
        "level_after": item.level_after,
    }


def levels_at_risk(level: int, expiries: Iterable[Expiry]) -> list[dict[str, Any]]:
    """From which month on each level held is at risk, the highest first; a level whose proof lasts is not named.

    >>> levels_at_risk(3, [Expiry(date(2027, 3, 31), (), (), 2), Expiry(date(2028, 1, 2), (), (), 1)])
    [{'level': 3, 'from': '2027-04'}, {'level': 2, 'from': '2028-01'}]
    """
    found: dict[int, str] = {}
    for item in sorted(expiries, key=lambda item: item.valid_until):
        day_after = date.fromordinal(item.valid_until.toordinal() + 1)
        for lost in range(item.level_after + 1, level + 1):
            found.setdefault(lost, f"{day_after:%Y-%m}")
    return [{"level": lost, "from": found[lost]} for lost in sorted(found, reverse=True)]
