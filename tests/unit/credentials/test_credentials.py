"""Credentials: what they say, what stays hidden, and that another implementation reads them."""

from __future__ import annotations

import base64
import contextlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from openbadgeslib.ob3.status import decode_encoded_list, set_indices
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from openvc.status.token_status_list import decode_status_list, get_status

from maturity.credentials.badge import Certified, Issuer, badge_of
from maturity.credentials.disclosing import HIDDEN, issue_disclosable, present, read_presentation
from maturity.credentials.status import (
    PLACES,
    REVOCATION,
    SUSPENSION,
    bitstring_list,
    bitstring_of,
    entry_of,
    read_bit,
    read_token,
    token_list,
    tokens_of,
)
from maturity.credentials.tokens import NotReadable, sign_token
from maturity.credentials.tokens import read_token as read_jwt

KEY = Ed25519PrivateKey.generate()
ISSUER = Issuer("did:web:maturity.example", "https://maturity.example", "Platform")
NOW = datetime.now(UTC)
CERTIFIED = Certified(
    id=str(uuid.uuid4()),
    number="LH-7K3M9-Q2XWT-8",
    holder="山东精工数控机床有限公司",
    uscc="91370100MA3C5D7Y7X",
    body="华信认证有限公司",
    framework="lianghua",
    framework_name="两化融合",
    edition="2026.1",
    level=3,
    level_name="集成提升",
    period=2025,
    issued_on=NOW.date() - timedelta(days=30),
    valid_until=NOW.date() + timedelta(days=1000),
    score=Decimal("71.25"),
    dimensions={"infrastructure": "68.10", "single": "80.00", "synergy": "55.40"},
    scope="数控机床的研发、生产与销售",
)
ENTRIES = [entry_of(ISSUER.site, 1, purpose, 4711) for purpose in (REVOCATION, SUSPENSION)]


def sign(payload: Mapping[str, Any], key: Ed25519PrivateKey = KEY) -> str:
    return sign_token(payload, "JWT", f"{ISSUER.did}#k1", key)


def other_implementation() -> OB3Verifier:
    return OB3Verifier(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def lists(withdrawn: set[int], suspended: set[int], at: datetime = NOW) -> Any:
    """What stands under the addresses of the lists."""
    sets = {REVOCATION: withdrawn, SUSPENSION: suspended}

    def download(url: str) -> bytes:
        purpose = url.rsplit("/", 1)[1]
        return sign(bitstring_list(ISSUER.did, url, purpose, sets[purpose], at)).encode()

    return download


def test_another_implementation_reads_the_badge() -> None:
    found = other_implementation().verify(
        sign(badge_of(CERTIFIED, ISSUER, ENTRIES)), check_status=True, download=lists(set(), set())
    )
    assert found.results[0].value == "3"
    assert {one.identity_hash for one in found.identifiers} == {CERTIFIED.holder, CERTIFIED.uscc}
    assert "71.25" not in json.dumps(found.raw), "no score in the badge"


@pytest.mark.parametrize(
    ("withdrawn", "suspended", "said"), [({4711}, set(), "revocation"), (set(), {4711}, "suspension")]
)
def test_withdrawn_and_suspended_are_told_apart(withdrawn: set[int], suspended: set[int], said: str) -> None:
    with pytest.raises(OB3VerificationError, match=said):
        other_implementation().verify(
            sign(badge_of(CERTIFIED, ISSUER, ENTRIES)), check_status=True, download=lists(withdrawn, suspended)
        )


def test_the_bit_of_a_neighbour_says_nothing() -> None:
    other_implementation().verify(
        sign(badge_of(CERTIFIED, ISSUER, ENTRIES)), check_status=True, download=lists({4710, 4712}, {4710, 4712})
    )


def test_a_stale_list_is_not_believed() -> None:
    old = NOW - timedelta(hours=30)
    with pytest.raises(OB3VerificationError, match="expired"):
        other_implementation().verify(
            sign(badge_of(CERTIFIED, ISSUER, ENTRIES)), check_status=True, download=lists(set(), set(), old)
        )


def test_a_changed_badge_or_another_key_is_refused() -> None:
    token = sign(badge_of(CERTIFIED, ISSUER, ENTRIES))
    head, body, signature = token.split(".")
    changed = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed["credentialSubject"]["result"][0]["value"] = "5"
    forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    with pytest.raises(OB3VerificationError):
        other_implementation().verify(f"{head}.{forged}.{signature}")
    with pytest.raises(NotReadable):
        read_jwt(f"{head}.{forged}.{signature}", {"k1": KEY.public_key()})
    with pytest.raises(OB3VerificationError):
        other_implementation().verify(sign(badge_of(CERTIFIED, ISSUER, ENTRIES), Ed25519PrivateKey.generate()))


def test_an_expired_badge_is_refused() -> None:
    over = replace(CERTIFIED, issued_on=date(2020, 1, 1), valid_until=date(2023, 1, 1))
    with pytest.raises(OB3VerificationError, match="expired"):
        other_implementation().verify(sign(badge_of(over, ISSUER, ENTRIES)))


def test_a_demonstration_says_so() -> None:
    made_up = badge_of(replace(CERTIFIED, is_synthetic=True), ISSUER, ENTRIES)
    assert made_up["credentialSubject"]["achievement"]["description"].startswith("Demonstration")


@given(st.sets(st.integers(0, PLACES - 1), max_size=40), st.integers(0, PLACES - 1))
def test_a_list_says_of_each_place_what_was_put_in(places: set[int], other: int) -> None:
    encoded = bitstring_of(places)
    assert set_indices(decode_encoded_list(encoded)) == places
    assert all(read_bit(encoded, place) for place in places)
    assert read_bit(encoded, other) == (other in places)


@given(st.dictionaries(st.integers(0, PLACES - 1), st.sampled_from(["valid", "suspended", "withdrawn", "replaced"])))
def test_two_bits_say_withdrawn_and_suspended(states: dict[int, str]) -> None:
    encoded = tokens_of(states)
    expected = {"valid": 0, "suspended": 2, "withdrawn": 1, "replaced": 1}
    assert all(read_token(encoded, place) == expected[state] for place, state in states.items())


@pytest.mark.parametrize("wrong", ["", "x", "uAAAA", "u!!!", bitstring_of([1])[:-9]])
def test_a_list_that_cannot_be_read_is_an_error(wrong: str) -> None:
    with pytest.raises(Exception, match=r".+"):
        read_bit(wrong, 1)


def issued() -> str:
    return issue_disclosable(CERTIFIED, ISSUER, {"idx": 7, "uri": "https://maturity.example/l/1/token"}, "k1", KEY)


def read(presentation: str) -> dict[str, Any]:
    return read_presentation(presentation, {"k1": KEY.public_key()})


def test_nothing_ticked_shows_the_level_alone() -> None:
    presentation = present(issued(), (), ())
    shown = read(presentation)
    assert (shown["level"], shown["framework"]) == (3, "lianghua")
    assert not set(HIDDEN) & set(shown)
    assert not shown["dimensions"]
    seen = presentation + "".join(
        base64.urlsafe_b64decode(part + "===").decode(errors="replace") for part in presentation.split(".")[1:2]
    )
    assert not [text for text in (CERTIFIED.holder, CERTIFIED.uscc, "71.25", "68.10", "synergy") if text in seen]


@given(st.sets(st.sampled_from(HIDDEN)), st.sets(st.sampled_from(sorted(CERTIFIED.dimensions))))
def test_what_is_chosen_is_shown_and_nothing_else(shown: set[str], dimensions: set[str]) -> None:
    found = read(present(issued(), shown, dimensions))
    assert set(HIDDEN) & set(found) == shown
    assert found["dimensions"] == {name: CERTIFIED.dimensions[name] for name in dimensions}


def test_how_much_is_hidden_is_hidden_too() -> None:
    """Decoys stand among the hashes, so that their number is not that of what is left out."""
    body = present(issued(), (), ()).split(".")[1]
    hashes = json.loads(base64.urlsafe_b64decode(body + "=="))["_sd"]
    assert len(hashes) > len(HIDDEN)


def test_another_implementation_reads_a_presentation() -> None:
    jwk = json.loads(JWK.from_pyca(KEY.public_key()).export_public())
    found = SdJwtVcProofSuite().verify(present(issued(), {"score"}, {"single"}), public_key_jwk=jwk).claims
    assert (found["level"], found["score"], found["dimensions"]) == (3, "71.25", {"single": "80.00"})
    assert "holder" not in found


def test_another_implementation_reads_the_token_list() -> None:
    states = {7: "suspended", 8: "withdrawn"}
    found = token_list(ISSUER.did, "https://maturity.example/l", states, NOW)["status_list"]
    bits = decode_status_list(found["lst"])
    assert [get_status(bits, place, bits=found["bits"]) for place in (6, 7, 8)] == [0, 2, 1]


@pytest.mark.parametrize("position", [5, 60, 200, -12])
def test_a_changed_presentation_is_refused(position: int) -> None:
    genuine = present(issued(), {"score"}, {"synergy"})
    at = position if position >= 0 else len(genuine) + position
    changed = genuine[:at] + ("A" if genuine[at] != "A" else "B") + genuine[at + 1 :]
    try:
        found = read(changed)
    except NotReadable:
        return
    assert found.get("score") != "71.25" or "synergy" not in found["dimensions"], "a changed disclosure is not believed"


def test_a_disclosure_of_somebody_else_shows_nothing() -> None:
    """What another certificate discloses cannot be put under this signature."""
    other = issue_disclosable(replace(CERTIFIED, score=Decimal("99.00")), ISSUER, {"idx": 8, "uri": "u"}, "k1", KEY)
    better = present(other, {"score"}, ()).split("~")[1]
    mixed = present(issued(), (), ()).rstrip("~") + f"~{better}~"
    with contextlib.suppress(NotReadable):
        assert "score" not in read(mixed)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(NotReadable):
        read_presentation(present(issued(), (), ()), {"k2": KEY.public_key()})
    with pytest.raises(NotReadable):
        read_presentation(present(issued(), (), ()), {"k1": Ed25519PrivateKey.generate().public_key()})
