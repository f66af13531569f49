"""Status lists: one bit, or two, for each credential among very many, so that asking tells nobody which one is asked.

Two kinds are published from the same places: Bitstring Status Lists for badges, one for withdrawn and one for suspended
(W3C Bitstring Status List 1.0), and a Token Status List with both for selective disclosure (IETF OAuth Status List).
What is withdrawn is so for ever; what is suspended may come back. Pure: content only, no signature.
"""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

#: The least that the specification allows, so that one certificate hides among many.
PLACES = 131072
REVOCATION, SUSPENSION, TOKEN = "revocation", "suspension", "token"
#: purpose -> what has become of the certificates whose bit is set in the list
BITS: Mapping[str, frozenset[str]] = {
    REVOCATION: frozenset({"withdrawn", "replaced"}),
    SUSPENSION: frozenset({"suspended"}),
}
#: Of the Token Status List: two bits a place.
VALID, INVALID, SUSPENDED = 0, 1, 2
#: How long a copy may be believed. A list that is older must be fetched again.
FRESH = timedelta(hours=24)
REFRESH = timedelta(minutes=5)


def bitstring_of(places: Collection[int]) -> str:
    """The encoded list: multibase base64url of the compressed bits, the first place leftmost (section 4.1).

    >>> bitstring_of([0])[:1], read_bit(bitstring_of([5]), 5), read_bit(bitstring_of([5]), 6)
    ('u', True, False)
    """
    bits = bytearray(PLACES // 8)
    for place in places:
        bits[place // 8] |= 0x80 >> place % 8
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")


def read_bit(encoded: str, place: int) -> bool:
    """The bit of one place; `ValueError` where the list cannot be read or is not as long as it must be."""
    if not encoded.startswith("u"):
        raise ValueError("not multibase base64url")
    unpacked = zlib.decompressobj(wbits=31)
    bits = unpacked.decompress(_bytes_of(encoded[1:]), PLACES // 8 + 1)
    if len(bits) != PLACES // 8 or not 0 <= place < PLACES:
        raise ValueError("the list has another length, or no such place")
    return bool(bits[place // 8] & 0x80 >> place % 8)


def tokens_of(states: Mapping[int, str]) -> str:
    """The same places with two bits each: 0 stands, 1 withdrawn, 2 suspended; the first place is the lowest bits."""
    packed = bytearray(PLACES // 4)
    for place, state in states.items():
        value = INVALID if state in BITS[REVOCATION] else SUSPENDED if state in BITS[SUSPENSION] else VALID
        packed[place // 4] |= value << place % 4 * 2
    return base64.urlsafe_b64encode(zlib.compress(bytes(packed), 9)).decode().rstrip("=")


def read_token(encoded: str, place: int) -> int:
    """What a Token Status List says of one place.

    >>> read_token(tokens_of({7: "suspended", 8: "withdrawn"}), 7), read_token(tokens_of({7: "suspended"}), 6)
    (2, 0)
    """
    unpacked = zlib.decompressobj()
    packed = unpacked.decompress(_bytes_of(encoded), PLACES // 4 + 1)
    if len(packed) != PLACES // 4 or not 0 <= place < PLACES:
        raise ValueError("the list has another length, or no such place")
    return packed[place // 4] >> place % 4 * 2 & 3


def _bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def entry_of(site: str, number: int, purpose: str, place: int) -> dict[str, Any]:
    """How a credential says where its bit is."""
    url = address_of(site, number, purpose)
    return {
        "id": f"{url}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(place),
        "statusListCredential": url,
    }


def address_of(site: str, number: int, purpose: str) -> str:
    return f"{site}/credentials/status/{number}/{purpose}"


def bitstring_list(issuer: str, url: str, purpose: str, places: Collection[int], now: datetime) -> dict[str, Any]:
    """The payload of the JWT of a Bitstring Status List. Its validity is the freshness that a reader may print."""
    now = now.replace(microsecond=0)
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": _instant(now),
        "validUntil": _instant(now + FRESH),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": bitstring_of(places),
            "ttl": int(REFRESH.total_seconds() * 1000),
        },
        "iss": issuer,
        "jti": url,
        "nbf": int(now.timestamp()),
        "exp": int((now + FRESH).timestamp()),
    }


def token_list(issuer: str, url: str, states: Mapping[int, str], now: datetime) -> dict[str, Any]:
    """The payload of the JWT of a Token Status List."""
    now = now.replace(microsecond=0)
    return {
        "iss": issuer,
        "sub": url,
        "iat": int(now.timestamp()),
        "exp": int((now + FRESH).timestamp()),
        "ttl": int(REFRESH.total_seconds()),
        "status_list": {"bits": 2, "lst": tokens_of(states)},
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
