"""Making the credentials of a certificate, publishing their status, and reading those that somebody shows."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwcrypto.jwk import JWK
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.certificates.models import Certificate
from maturity.clock import Clock
from maturity.credentials.badge import Certified, Issuer, badge_of
from maturity.credentials.disclosing import issue_disclosable, read_presentation
from maturity.credentials.models import Credential, CredentialPlace
from maturity.credentials.status import (
    BITS,
    PLACES,
    REVOCATION,
    SUSPENSION,
    TOKEN,
    address_of,
    bitstring_list,
    entry_of,
    token_list,
)
from maturity.credentials.tokens import ALGORITHM, NotReadable, read_token, sign_token
from maturity.editions.service import edition_hash, framework_by_hash
from maturity.errors import NotFound
from maturity.signing.service import public_keys, signing_key

PURPOSE = "credential"
PLATFORM = "Maturity assessment platform"
#: A list that is half full gives way to the next, so that drawing a free place stays quick.
FULLEST = PLACES // 2
LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """What a credential says that somebody handed on, and how it stands."""

    kind: str  # badge, disclosed
    claims: Mapping[str, Any]
    #: valid, suspended, withdrawn, expired, not_yet
    standing: str
    checked_at: datetime


def issuer_of(site: str) -> Issuer:
    """The platform under the address of the site (did:web).

    >>> issuer_of("https://maturity.example").did, issuer_of("http://localhost:8000").did
    ('did:web:maturity.example', 'did:web:localhost%3A8000')
    """
    parts = urlsplit(site)
    path = "".join(f":{quote(part, safe='')}" for part in parts.path.split("/") if part)
    return Issuer(f"did:web:{quote(parts.netloc, safe='')}{path}", site.rstrip("/"), PLATFORM)


def credential_for(session: Session, certificate: Certificate, clock: Clock, site: str) -> str:
    """The badge of a certificate, made now unless it was made before; with it what the holder may disclose."""
    found = session.get(Credential, certificate.id)
    if found is not None:
        return found.badge
    issuer, certified = issuer_of(site), certified_by(session, certificate)
    place = _place_for(session, certificate)
    key_id, key = signing_key(session, PURPOSE, clock)
    statuses = [entry_of(issuer.site, place.list_number, purpose, place.place) for purpose in (REVOCATION, SUSPENSION)]
    badge = _signed(badge_of(certified, issuer, statuses), issuer, key_id, key, "JWT")
    status = {"idx": place.place, "uri": address_of(issuer.site, place.list_number, TOKEN)}
    made = Credential(
        certificate_id=certificate.id,
        client_id=certificate.client_id,
        body_id=certificate.body_id,
        key_id=key_id,
        badge=badge,
        disclosable=issue_disclosable(certified, issuer, status, key_id, key),
        made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    return badge


def certified_by(session: Session, certificate: Certificate) -> Certified:
    """What credentials say of a certificate: the rows of the register and, of the payload, scope and dimensions."""
    payload = json.loads(certificate.payload)
    framework = framework_named(session, certificate.framework, certificate.edition)
    return Certified(
        id=str(certificate.id),
        number=certificate.number,
        holder=certificate.holder,
        uscc=certificate.uscc,
        body=certificate.body_name,
        framework=certificate.framework,
        framework_name=framework.edition.title.zh,
        edition=certificate.edition,
        level=certificate.level,
        level_name=framework.level_title(certificate.level).zh,
        period=certificate.period,
        issued_on=certificate.issued_on,
        valid_until=certificate.valid_until,
        score=certificate.score,
        dimensions={name: str(value["rounded"]) for name, value in payload["score"]["dimensions"].items()},
        scope=str(payload.get("scope") or ""),
        is_synthetic=certificate.is_synthetic,
    )


def framework_named(session: Session, framework: str, edition: str) -> Framework:
    return framework_by_hash(session, edition_hash(session, framework, edition))


def _place_for(session: Session, certificate: Certificate) -> CredentialPlace:
    """A free place drawn by lot. Two workers that draw the same do not both get it."""
    number, taken = session.execute(
        select(CredentialPlace.list_number, func.count())
        .group_by(CredentialPlace.list_number)
        .order_by(CredentialPlace.list_number.desc())
        .limit(1)
    ).one_or_none() or (1, 0)
    while True:
        place = CredentialPlace(
            certificate_id=certificate.id,
            client_id=certificate.client_id,
            body_id=certificate.body_id,
            list_number=number if taken < FULLEST else number + 1,
            place=secrets.randbelow(PLACES),
        )
        try:
            with session.begin_nested():
                session.add(place)
        except IntegrityError:
            continue
        return place


def _signed(payload: Mapping[str, Any], issuer: Issuer, key_id: str, key: Ed25519PrivateKey, kind: str) -> str:
    return sign_token(payload, kind, f"{issuer.did}#{key_id}", key)


def status_list(session: Session, number: int, purpose: str, site: str, clock: Clock) -> str:
    """A status list as of now, signed. `NotFound` where there is none of this number and purpose."""
    query = (
        select(CredentialPlace.place, Certificate.status)
        .join(Certificate, Certificate.id == CredentialPlace.certificate_id)
        .where(CredentialPlace.list_number == number)
    )
    states: dict[int, str] = dict(session.execute(query).tuples().all())
    if purpose not in (*BITS, TOKEN) or not states:
        raise NotFound("status_list")
    issuer = issuer_of(site)
    url = address_of(issuer.site, number, purpose)
    key_id, key = signing_key(session, PURPOSE, clock)
    if purpose == TOKEN:
        return _signed(token_list(issuer.did, url, states, clock.now()), issuer, key_id, key, "statuslist+jwt")
    places = [place for place, state in states.items() if state in BITS[purpose]]
    return _signed(bitstring_list(issuer.did, url, purpose, places, clock.now()), issuer, key_id, key, "JWT")


def did_document(session: Session, site: str) -> dict[str, Any]:
    """The keys of our credentials as others look them up (did:web). Retired ones stay, or old badges would fail."""
    issuer = issuer_of(site)
    methods = []
    for published in public_keys(session, PURPOSE):
        jwk = json.loads(JWK.from_pyca(published.public_key).export_public())
        methods.append(
            {
                "id": f"{issuer.did}#{published.key_id}",
                "type": "JsonWebKey",
                "controller": issuer.did,
                "publicKeyJwk": {"kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "alg": ALGORITHM},
            }
        )
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": issuer.did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def credential_of(session: Session, certificate_id: uuid.UUID, tenant_id: uuid.UUID) -> tuple[Credential, Certificate]:
    """The credential of a certificate of the tenant that holds it."""
    query = (
        select(Credential, Certificate)
        .join(Certificate, Certificate.id == Credential.certificate_id)
        .where(Credential.certificate_id == certificate_id, Credential.client_id == tenant_id)
    )
    found = session.execute(query).tuples().one_or_none()
    if found is None:
        raise NotFound("credential")
    return found


def read_shown(session: Session, typed: str, site: str, clock: Clock) -> Shown:
    """What somebody was handed, a badge or chosen disclosures; `NotReadable` where it is not ours."""
    keys = {
        key.key_id: key.public_key
        for key in public_keys(session, PURPOSE)
        if isinstance(key.public_key, Ed25519PublicKey)
    }
    if len(typed) > LARGEST:
        raise NotReadable("too long")
    kind = "disclosed" if "~" in typed else "badge"
    claims = read_presentation(typed, keys) if kind == "disclosed" else read_token(typed, keys)
    if claims.get("iss") != issuer_of(site).did:
        raise NotReadable("another issuer")
    return Shown(kind, claims, _standing(session, claims, clock), clock.now())


def certificate_of_badge(session: Session, claims: Mapping[str, Any]) -> Certificate:
    """The certificate that a badge of ours is of."""
    number, place = _place_in(claims)
    query = (
        select(Certificate)
        .join(CredentialPlace, CredentialPlace.certificate_id == Certificate.id)
        .where(CredentialPlace.list_number == number, CredentialPlace.place == place)
    )
    return session.scalars(query).one()


def _standing(session: Session, claims: Mapping[str, Any], clock: Clock) -> str:
    """How the certificate stands by the register itself, not by what the credential says."""
    number, place = _place_in(claims)
    query = (
        select(Certificate.status)
        .join(CredentialPlace, CredentialPlace.certificate_id == Certificate.id)
        .where(CredentialPlace.list_number == number, CredentialPlace.place == place)
    )
    status = session.scalar(query)
    if status is None:
        raise NotReadable("no such certificate")
    if status in BITS[REVOCATION]:
        return "withdrawn"
    if status in BITS[SUSPENSION]:
        return "suspended"
    now = clock.now()
    if status == "expired" or now >= datetime.fromtimestamp(claims["exp"], UTC):
        return "expired"
    return "valid" if now >= datetime.fromtimestamp(claims["nbf"], UTC) else "not_yet"


def _place_in(claims: Mapping[str, Any]) -> tuple[int, int]:
    try:
        if "status" in claims:
            entry = claims["status"]["status_list"]
            url, place = str(entry["uri"]), int(entry["idx"])
        else:
            first = claims["credentialStatus"][0]
            url, place = str(first["statusListCredential"]), int(first["statusListIndex"])
        return int(url.rsplit("/", 2)[1]), place
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise NotReadable("no status") from error
