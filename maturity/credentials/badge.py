"""A certificate as an Open Badge 3.0: a W3C Verifiable Credential secured as a JWT. Pure: content only, no signature.

The badge says what the holder shows when it shows the certificate: level, dates, issuer. Scores are not in it; who
wants to show them does so by selective disclosure (`maturity.credentials.disclosing`).

Sources: 1EdTech Open Badges 3.0, 8.2.4 (native VC-JWT); W3C VC Data Model 2.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from maturity.clock import LOCAL

CONTEXT = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json")
TYPES = ("VerifiableCredential", "OpenBadgeCredential")


@dataclass(frozen=True, slots=True)
class Certified:
    """What credentials say of a certificate."""

    id: str
    number: str
    holder: str
    uscc: str
    body: str
    framework: str
    framework_name: str
    edition: str
    level: int
    level_name: str
    period: int
    issued_on: date
    valid_until: date
    score: Decimal
    #: dimension -> score, as shown
    dimensions: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""
    is_synthetic: bool = False

    @property
    def since(self) -> datetime:
        """The beginning of the first day, in the calendar of the enterprise."""
        return datetime.combine(self.issued_on, time(), LOCAL)

    @property
    def until(self) -> datetime:
        """The last second of the last day."""
        return datetime.combine(self.valid_until, time(23, 59, 59), LOCAL)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: the platform under its decentralised identifier, and where its pages are."""

    did: str
    site: str
    name: str


def badge_of(certified: Certified, issuer: Issuer, statuses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The payload of the JWT: the credential itself, with the registered claims beside its members (8.2.4.1)."""
    achievement_id = f"{issuer.site}/methodology/{certified.framework}#level-{certified.level}"
    credential: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": f"urn:uuid:{certified.id}",
        "type": list(TYPES),
        "name": f"{certified.framework_name} · {certified.level_name}",
        "issuer": {"id": issuer.did, "type": ["Profile"], "name": issuer.name, "url": issuer.site},
        "validFrom": _instant(certified.since),
        "validUntil": _instant(certified.until),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [_identity("name", certified.holder), _identity("identifier", certified.uscc)],
            "achievement": {
                "id": achievement_id,
                "type": ["Achievement"],
                "achievementType": "Certification",
                "name": f"{certified.framework_name} · {certified.level_name}",
                "description": _description(certified),
                "criteria": {
                    "id": f"{issuer.site}/methodology/{certified.framework}",
                    "narrative": f"Edition {certified.edition} of the framework; period {certified.period}.",
                },
                "resultDescription": [
                    {
                        "id": f"{achievement_id}-result",
                        "type": ["ResultDescription"],
                        "name": "Level",
                        "resultType": "PerformanceLevel",
                    }
                ],
            },
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": f"{achievement_id}-result",
                    "value": str(certified.level),
                }
            ],
        },
        "evidence": [
            {
                "id": f"{issuer.site}/verify/{certified.number}",
                "type": ["Evidence"],
                "name": certified.number,
                "narrative": f"Reviewed by {certified.body}. What the certificate covers and whether it stands "
                "is told under this address.",
            }
        ],
        "credentialStatus": [dict(status) for status in statuses],
    }
    return credential | {
        "iss": issuer.did,
        "jti": credential["id"],
        "nbf": int(certified.since.timestamp()),
        "exp": int(certified.until.timestamp()),
    }


def _description(certified: Certified) -> str:
    told = (
        "The level of integrating informatization and industrialization, scored from answers of which a certification "
        "body reviewed a sample. It is a certificate of this platform and none of a state or national scheme."
    )
    return f"Demonstration, of a made-up enterprise. {told}" if certified.is_synthetic else told


def _identity(kind: str, value: str) -> dict[str, Any]:
    return {"type": "IdentityObject", "identityHash": value, "identityType": kind, "hashed": False}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
