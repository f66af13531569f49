"""Showing the level and hiding the rest: a certificate as a selectively disclosable credential (RFC 9901, SD-JWT).

Always shown are framework, edition, level, dates and issuer. The holder chooses about each of the others: number,
name, code, scope, score, and every dimension by itself. What is not shown cannot be guessed: salted hashes stand for
it, among decoys. Pure; the signing and hashing is the library's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from maturity.credentials.badge import Certified, Issuer
from maturity.credentials.tokens import ALGORITHM, NotReadable, key_named

TYPE = "dc+sd-jwt"
#: What the holder may show or hide, in the order of the page; of dimensions each by itself.
HIDDEN = ("number", "holder", "uscc", "scope", "score")
DIMENSIONS = "dimensions"


def issue_disclosable(
    certified: Certified, issuer: Issuer, status: Mapping[str, Any], key_id: str, key: Ed25519PrivateKey
) -> str:
    """The credential with all that may be shown, for the holder alone."""
    claims: dict[Any, Any] = {
        "iss": issuer.did,
        "vct": type_of(issuer.site),
        "iat": int(certified.since.timestamp()),
        "nbf": int(certified.since.timestamp()),
        "exp": int(certified.until.timestamp()),
        "status": {"status_list": dict(status)},
        "framework": certified.framework,
        "edition": certified.edition,
        "period": certified.period,
        "level": certified.level,
        "demonstration": certified.is_synthetic,
    }
    told = {
        "number": certified.number,
        "holder": certified.holder,
        "uscc": certified.uscc,
        "scope": certified.scope,
        "score": str(certified.score),
    }
    claims |= {SDObj(name): told[name] for name in HIDDEN}
    claims[DIMENSIONS] = {SDObj(name): score for name, score in certified.dimensions.items()}
    header = {"typ": TYPE, "kid": f"{issuer.did}#{key_id}"}
    signed = SDJWTIssuer(
        claims,
        JWK.from_pyca(key),
        sign_alg=ALGORITHM,
        add_decoy_claims=True,
        extra_header_parameters=header,
    )
    issued: str = signed.sd_jwt_issuance
    return issued


def type_of(site: str) -> str:
    return f"{site}/credentials/types/certificate"


def present(issued: str, shown: Collection[str], dimensions: Collection[str]) -> str:
    """What the holder hands on: the same signature, with what it chose to show."""
    holder = SDJWTHolder(issued)
    wanted: dict[str, Any] = {name: True for name in HIDDEN if name in shown}
    wanted[DIMENSIONS] = dict.fromkeys(dimensions, True)
    holder.create_presentation(wanted)
    presentation: str = holder.sd_jwt_presentation
    return presentation


def read_presentation(presentation: str, keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    """What a presentation shows, once the signature holds under one of our keys; `NotReadable` otherwise."""

    def key_of(_issuer: str, header: Mapping[str, Any]) -> JWK:
        if header.get("typ") != TYPE:
            raise NotReadable("another kind")
        return key_named(header, keys)

    try:
        found: dict[str, Any] = SDJWTVerifier(presentation, key_of).get_verified_payload()
    except NotReadable:
        raise
    except (JWException, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise NotReadable(str(error)) from error
    return found
