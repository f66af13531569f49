"""Certificates on paper without a database: payloads of frozen results, as issuing hands them to the sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.framework import Framework, load_framework
from maturity.certificates.atrisk import expiries_of
from maturity.certificates.backing import reviewed_in
from maturity.certificates.paper import Issue
from maturity.certificates.payload import Dates, Party, Said, Sample, certificate_payload
from maturity.editions.service import canonical, digest
from maturity.questionnaires.values import from_json

FROZEN = Path(__file__).resolve().parents[2] / "content" / "frozen"
NUMBER = "MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT"
AT = datetime(2026, 12, 1, 3, 4, 5, tzinfo=UTC)
LAST_DAY = date(2029, 11, 30)


@cache
def framework_of(slug: str) -> Framework:
    return load_framework(slug)


def frozen(name: str = "lianghua-2026.1/pharmaceutical_plant") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FROZEN / f"{name}.json").read_bytes())
    return found


class Sheet:
    """A frozen result as a reviewed one: every third answer confirmed, one of seven of them corrected."""

    def __init__(self, name: str = "lianghua-2026.1/pharmaceutical_plant") -> None:
        self.document = frozen(name)
        edition = self.document["edition"]
        self.framework = framework_of(f"{edition['framework']}/{edition['edition']}")
        known = self.framework.edition.facts
        self.profile = self.document["profile"]
        self.facts = {key: from_json(known[key], value) for key, value in self.document["facts"].items()}
        self.on = period_end(self.document["period"])
        path = evaluate(self.framework, self.profile, self.facts, self.on).path
        self.answered = [step.question.id for step in path.steps.values() if step.is_asked and step.answered]
        judged = self.answered[::3]
        self.verdicts = {name: "corrected" if n % 7 == 0 else "confirmed" for n, name in enumerate(judged)}

    def said(self, proofs: Mapping[str, date] | None = None, **changes: Any) -> Said:
        found: dict[str, Any] = {
            "number": NUMBER,
            "kind": "initial",
            "replaces": None,
            "holder": Party("青岛精工机床有限公司", "91370200MA3C5D7Y7X"),
            "body": Party("齐鲁认证中心有限公司", "CNCA-R-2026-118"),
            "scope": "数控机床的设计、制造与服务；青岛厂区",
            "dates": Dates(date(2026, 12, 1), LAST_DAY, date(2026, 12, 1)),
            "submission_sha256": "a" * 64,
            "reviewed_sha256": "b" * 64,
            "weight_reviewed": Decimal("61.25"),
            "reviewed_in": reviewed_in(self.framework, self.profile, self.facts, self.on, set(self.verdicts)),
            "sample": Sample("2026.1", "3f" * 32),
            "findings": {"major": 0, "minor": 2, "observation": 1},
            "expiries": expiries_of(self.framework, self.profile, self.facts, self.on, proofs or {}, LAST_DAY),
        }
        return Said(**found | changes)

    def payload(self, proofs: Mapping[str, date] | None = None, **changes: Any) -> dict[str, Any]:
        reviewed = self.document | {
            "assessment": {"period": self.document["period"]},
            "edition": self.document["edition"] | {"sha256": "c" * 64},
            "review": {"verdicts": self.verdicts},
        }
        return certificate_payload(self.framework, reviewed, self.said(proofs, **changes))

    def issue(self, proofs: Mapping[str, date] | None = None, **changes: Any) -> Issue:
        payload = json.loads(canonical(self.payload(proofs, **changes)))
        head = {"size": 42, "at": "2026-12-01T03:04:05Z", "key_id": "0123456789abcdef", "root": "d" * 64}
        proof = {"leaf": 41, "entry": {"at": "2026-12-01T03:04:05Z"}, "head": head, "inclusion": ["f" * 64] * 6}
        sha256 = digest(canonical(payload))
        return Issue(payload, sha256, "a.b.c", proof, "x.y.z", "https://maturity.example", AT)
