"""OpenID Connect as its client: discovery, the code flow with PKCE, and what the provider says about a person.

Authlib speaks the protocol and checks the claims, joserfc the signatures. The provider's description and keys are read
anew for every sign-in: it is rare, and a changed key is then no case of its own. Nothing here touches the database.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from maturity.accounts.contacts import read_contact
from maturity.clock import Clock
from maturity.errors import Invalid, NotAllowed, Unavailable
from maturity.federation.outgoing import check_scheme, guard

SCOPE = "openid email profile"
#: Signatures with a private key alone: with a shared secret whoever knows the client could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
LEEWAY_SECONDS = 60
LONGEST_SUBJECT = 255
#: Authentication methods (RFC 8176): what is known, and what is had or is; both together are two factors.
_KNOWN = frozenset({"pwd", "pin", "kba"})
_HAD = frozenset({"otp", "hwk", "swk", "sc", "sms", "tel", "pop", "fpt", "face", "iris", "retina", "vbm"})
_LEVELS = frozenset(
    {
        "https://refeds.org/profile/mfa",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "phr",
        "phrh",
    }
)


@dataclass(frozen=True, slots=True)
class Network:
    """What the installation allows towards providers."""

    allow_private: bool = False
    allow_plain: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """This site at one provider."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way, as the browser's session keeps it: good once, for as long as the routes say."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider says about the person, after everything about its word was checked."""

    issuer: str
    subject: str
    email: str
    name: str
    second_factor: bool


def discover(issuer: str, network: Network) -> Mapping[str, Any]:
    """The provider's description of itself; raises what is wrong with it, for the owner to read."""
    check_scheme(issuer, allow_plain=network.allow_plain)
    with requests.Session() as client:
        guard(client, allow_private=network.allow_private, allow_plain=network.allow_plain)
        found = _json(client, issuer.rstrip("/") + "/.well-known/openid-configuration", missing="provider_undiscovered")
    if found.get("issuer") != issuer:
        raise Invalid("provider_other_issuer", str(found.get("issuer")))
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str):
            raise Invalid("provider_incomplete", name)
        check_scheme(found[name], allow_plain=network.allow_plain)
    methods = found.get("code_challenge_methods_supported")
    if "code" not in found.get("response_types_supported", ["code"]) or (methods and "S256" not in methods):
        raise Invalid("provider_without_code_flow", issuer)
    return found


def begin(client: Client, network: Network) -> tuple[str, Begun]:
    """Where the browser goes, and what has to come back."""
    found = discover(client.issuer, network)
    begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    with _session(client, found, network) as session:
        url, _state = session.create_authorization_url(
            found["authorization_endpoint"], state=begun.state, code_verifier=begun.verifier, nonce=begun.nonce
        )
    return str(url), begun


def finish(client: Client, begun: Begun, answer: Mapping[str, str], network: Network, clock: Clock) -> Vouched:
    """Exchange the code that the browser brought for the provider's word about the person."""
    if "error" in answer:
        raise NotAllowed("provider_said_no", answer["error"][:80])
    if answer.get("iss", client.issuer) != client.issuer:  # RFC 9207: the answer of another provider
        raise Invalid("provider_answer_wrong", "iss")
    found = discover(client.issuer, network)
    with _session(client, found, network) as session:
        try:
            token = session.fetch_token(
                found["token_endpoint"],
                grant_type="authorization_code",
                code=answer.get("code", ""),
                code_verifier=begun.verifier,
            )
        except requests.RequestException as error:  # Authlib raises it for 5xx alone
            raise Unavailable("provider_unreachable", client.issuer) from error
        except (AuthlibBaseError, ValueError) as error:
            raise Invalid("provider_code_refused", str(error)[:80]) from error
        claims = _claims(client, begun, token, _json(session, found["jwks_uri"]), clock)
        about = _about(session, found, claims)
    return _vouched(client.issuer, claims, about)


def _session(client: Client, found: Mapping[str, Any], network: Network) -> Any:
    """Authlib's client, with the way of naming itself that the provider takes."""
    offered = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    way = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
    session = OAuth2Session(
        client.client_id,
        client.client_secret,
        scope=SCOPE,
        redirect_uri=client.redirect_uri,
        token_endpoint_auth_method=way,
        code_challenge_method="S256",
    )
    guard(session, allow_private=network.allow_private, allow_plain=network.allow_plain)
    return session


def _json(client: Any, url: str, *, missing: str = "provider_unreachable") -> dict[str, Any]:
    more = {"withhold_token": True} if isinstance(client, OAuth2Session) else {}
    response = client.get(url, headers={"Accept": "application/json"}, **more)
    return _object(response, url, missing)


def _object(response: requests.Response, url: str, missing: str) -> dict[str, Any]:
    try:
        found = response.json() if response.status_code == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unavailable("provider_unreachable" if response.status_code >= 500 else missing, url)
    return found


def _claims(
    client: Client, begun: Begun, token: Mapping[str, Any], keys: Mapping[str, Any], clock: Clock
) -> Mapping[str, Any]:
    """The claims of the ID token, once signature, issuer, audience, time and nonce are right."""
    try:
        signed = jwt.decode(str(token["id_token"]), _keys(keys), algorithms=ALGORITHMS)
        expected = {"nonce": begun.nonce, "client_id": client.client_id, "access_token": token.get("access_token")}
        options = {
            "iss": {"essential": True, "value": client.issuer},
            "aud": {"essential": True, "value": client.client_id},
        }
        claims = CodeIDToken(signed.claims, signed.header, options, expected)
        claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY_SECONDS)
    except (KeyError, ValueError, TypeError, JoseError, AuthlibBaseError) as error:
        raise Invalid("provider_answer_wrong", type(error).__name__) from error
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise Invalid("provider_answer_wrong", "sub")
    return dict(claims)


def _keys(found: Mapping[str, Any]) -> KeySet:
    """The provider's keys for signing that we understand; others may stand beside them."""
    keys: list[Any] = []
    for entry in found.get("keys", []):
        try:
            if entry.get("kty") in ("RSA", "EC", "OKP") and entry.get("use", "sig") == "sig":
                keys.append(JWKRegistry.import_key(entry))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return KeySet(keys)


def _about(session: Any, found: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """Address and name: from the ID token, else asked for; what is said of somebody else is not listened to."""
    if "email" in claims or not isinstance(found.get("userinfo_endpoint"), str):
        return claims
    url = found["userinfo_endpoint"]
    about = _object(session.get(url), url, "provider_unreachable")
    if about.get("sub") != claims["sub"]:
        raise Invalid("provider_answer_wrong", "sub")
    return about


def _vouched(issuer: str, claims: Mapping[str, Any], about: Mapping[str, Any]) -> Vouched:
    email = about.get("email")
    contact = read_contact(email) if isinstance(email, str) else None
    if contact is None or contact.kind != "email":
        raise NotAllowed("provider_without_email")
    if about.get("email_verified") is not True:
        raise NotAllowed("provider_email_unverified")
    name = about.get("name") or claims.get("name") or ""
    told = says_second_factor(claims.get("amr"), claims.get("acr"))
    return Vouched(issuer, str(claims["sub"]), contact.value, str(name).strip()[:80], told)


def says_second_factor(amr: Any, acr: Any) -> bool:
    """
    >>> says_second_factor(["pwd", "otp"], None), says_second_factor(["mfa"], None), says_second_factor(["pwd"], "1")
    (True, True, False)
    >>> says_second_factor(["otp"], None), says_second_factor("mfa", None), says_second_factor(None, "phr")
    (False, False, True)
    """
    methods = {entry for entry in amr if isinstance(entry, str)} if isinstance(amr, list) else set()
    return "mfa" in methods or bool(methods & _KNOWN and methods & _HAD) or acr in _LEVELS
