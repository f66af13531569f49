"""Keys come into force, give way to others and are revoked; what they signed is judged by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import SubjectKey
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.editions.service import canonical
from maturity.signing import keys
from maturity.signing.keys import ClockSetBack, KeyNotHere, in_force, list_of, public_keys, revoke, rotate
from maturity.signing.models import PURPOSES, SigningKey
from maturity.signing.pades import prepare_signer
from maturity.signing.published import keys_document
from maturity.signing.statements import sign_document
from maturity.transparency.checking import read_keys, read_signed
from maturity.verification.anchors import anchors_of
from maturity.verification.signatures import check_signature
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.factories.signing import SITE, a_signer, signed_pdf

pytestmark = pytest.mark.database
DAY = timedelta(days=1)


def state(session: Session, pdf: bytes, clock: FixedClock) -> str:
    return check_signature(pdf, anchors_of(session), clock.now()).state


def test_after_a_rotation_old_files_are_sound_and_nobody_can_sign_with_the_old_key(
    session: Session, clock: FixedClock
) -> None:
    old = signed_pdf(session, clock)
    row = in_force(session, "document")
    assert row is not None
    clock.at += DAY
    rotate(session, "document", clock, SITE)
    assert [state(session, pdf, clock) for pdf in (old, signed_pdf(session, clock))] == ["sound", "sound"]
    kept = session.scalars(select(SubjectKey).where(SubjectKey.subject == f"signing:{row.id}")).one()
    session.refresh(kept)
    assert kept.wrapped is None
    with pytest.raises(LookupError):
        keys._ec_key(session, row.id, clock)


def test_a_new_authority_takes_new_keys_along_and_the_old_one_still_vouches(
    session: Session, clock: FixedClock
) -> None:
    old = signed_pdf(session, clock)
    before = {key.key_id for key in public_keys(session) if key.is_in_force}
    clock.at += DAY
    rotate(session, "root", clock, SITE)
    new = signed_pdf(session, clock)
    now = {key.key_id for key in public_keys(session) if key.is_in_force}
    assert not before & now
    assert len(anchors_of(session).trusted) == 2
    assert [state(session, pdf, clock) for pdf in (old, new)] == ["sound", "sound"]


def test_nothing_signed_with_a_revoked_key_is_believed(session: Session, clock: FixedClock) -> None:
    old = signed_pdf(session, clock)
    signer = prepare_signer(session, clock, SITE)
    clock.at += DAY
    revoke(session, signer.key_id, clock)
    assert state(session, old, clock) == "revoked"
    assert state(session, signed_pdf(session, clock), clock) == "sound"


def test_a_time_stamp_of_a_revoked_key_proves_no_moment(session: Session, clock: FixedClock) -> None:
    old = signed_pdf(session, clock)
    stamping = in_force(session, "timestamp")
    assert stamping is not None
    clock.at += DAY
    revoke(session, stamping.key_id, clock)
    found = check_signature(old, anchors_of(session), clock.now())
    assert (found.state, found.is_stamped) == ("sound", False)  # the signer's own certificate is still good
    clock.at += 5 * 365 * DAY
    assert state(session, old, clock) == "foreign"


def test_the_list_of_the_authority_names_what_is_revoked_and_not_what_is_retired(
    session: Session, clock: FixedClock
) -> None:
    first = prepare_signer(session, clock, SITE).key_id
    rotate(session, "document", clock, SITE)
    second = prepare_signer(session, clock, SITE).key_id
    revoke(session, second, clock)
    by_id = {key.key_id: key for key in public_keys(session)}
    found = x509.load_der_x509_crl(list_of(session, by_id[first].issuer_key_id or "", clock))
    serials = {one.serial_number for one in found}
    certificates = {key_id: by_id[key_id].certificate for key_id in (first, second)}
    assert serials == {certificates[second].serial_number}  # type: ignore[union-attr]  # it has one
    with pytest.raises(LookupError):
        list_of(session, first, clock)


def test_a_revoked_authority_takes_the_keys_under_it_along(session: Session, clock: FixedClock) -> None:
    old = signed_pdf(session, clock)
    revoke(session, public_keys(session, "root")[0].key_id, clock)
    assert all(key.revoked_at for key in public_keys(session))
    assert state(session, old, clock) != "sound"
    assert state(session, signed_pdf(session, clock), clock) == "sound"


def test_a_certificate_gives_way_before_it_ends(session: Session, clock: FixedClock) -> None:
    first = a_signer(session, clock).key_id
    row = in_force(session, "document")
    assert row is not None
    assert row.not_after is not None
    clock.at = row.not_after - timedelta(days=31)
    assert prepare_signer(session, clock, SITE).key_id == first
    clock.at = row.not_after - timedelta(days=29)
    assert prepare_signer(session, clock, SITE).key_id != first


def test_a_certificate_gives_way_while_a_file_of_one_tenant_is_made(session: Session, clock: FixedClock) -> None:
    """On PostgreSQL the job's role may not destroy secrets; the rotation does it for it."""
    tenant = make_enterprise(session, make_user(session), clock).id
    first = a_signer(session, clock).key_id
    clock.at += timedelta(days=3 * 365)
    with for_tenant(session, tenant):
        assert a_signer(session, clock).key_id != first
    gone = session.scalars(select(SigningKey).where(SigningKey.key_id == first)).one()
    kept = session.scalars(select(SubjectKey).where(SubjectKey.subject == f"signing:{gone.id}")).one()
    assert kept.wrapped is None


def test_an_authority_gives_way_while_it_can_still_vouch_for_a_whole_term(session: Session, clock: FixedClock) -> None:
    a_signer(session, clock)
    clock.at += timedelta(days=365 * 28)
    a_signer(session, clock)
    roots = public_keys(session, "root")
    assert len(roots) == 2
    assert [root.is_in_force for root in roots] == [True, False]
    documents = public_keys(session, "document")
    assert documents[0].issuer_key_id == roots[0].key_id


def use(session: Session, purpose: str, clock: FixedClock) -> None:
    """Sign something; an authority signs the certificate of a new key."""
    if purpose in keys.TOKENS:
        keys.signing_key(session, purpose, clock)
    else:
        keys.file_key(session, "document" if purpose == "root" else purpose, clock, SITE)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_clock_set_back_signs_nothing(session: Session, clock: FixedClock, purpose: str) -> None:
    rotate(session, purpose, clock, SITE)
    clock.at -= timedelta(seconds=30)
    with pytest.raises(ClockSetBack):
        use(session, purpose, clock)


def test_only_one_key_of_a_purpose_is_in_force(session: Session, clock: FixedClock) -> None:
    for purpose in PURPOSES:
        rotate(session, purpose, clock, SITE)
        rotate(session, purpose, clock, SITE)
    rows = session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None))).all()
    assert sorted(row.purpose for row in rows) == sorted({row.purpose for row in rows})


def test_after_another_secret_the_mend_is_named(
    session: Session, clock: FixedClock, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_signer(session, clock)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another".ljust(40, "-"))
    with pytest.raises(KeyNotHere, match="flask audit rewrap"):
        prepare_signer(session, clock, SITE)


def test_no_private_key_stands_in_the_database_in_the_clear(session: Session, clock: FixedClock) -> None:
    a_signer(session, clock)
    row = in_force(session, "document")
    assert row is not None
    secret = keys._derived(session, row.id, clock, 48)
    number = keys._ec_key(session, row.id, clock).private_numbers().private_value.to_bytes(32)
    stored = session.scalars(select(SubjectKey).where(SubjectKey.subject == f"signing:{row.id}")).one()
    assert stored.wrapped is not None
    assert secret not in stored.wrapped
    assert number not in stored.wrapped
    assert "PRIVATE" not in "".join([row.public_key, row.certificate or ""])


# Statements


def test_a_statement_is_canonical_json_that_another_library_verifies(session: Session, clock: FixedClock) -> None:
    payload = {"b": "证书", "a": [1, None, True]}
    token = sign_document(session, payload, clock)
    key = public_keys(session, "credential")[0]
    found = JWS()
    found.deserialize(token, JWK.from_pyca(key.public_key))
    assert found.payload == canonical(payload)
    assert found.jose_header["kid"] == key.key_id


def test_the_same_statement_is_the_same_text(session: Session, clock: FixedClock) -> None:
    first = sign_document(session, {"a": 1, "b": 2}, clock)
    assert sign_document(session, {"b": 2, "a": 1}, clock) == first


def test_the_published_list_is_all_that_a_checker_needs(session: Session, clock: FixedClock) -> None:
    token = sign_document(session, {"number": "LH-1"}, clock)
    published = keys_document(public_keys(session), SITE, clock.now())
    assert read_signed(token, read_keys(published)).payload == {"number": "LH-1"}
    revoke(session, public_keys(session, "credential")[0].key_id, clock)
    with pytest.raises(LookupError):
        read_signed(token, read_keys(keys_document(public_keys(session), SITE, clock.now())))


def test_a_statement_after_a_rotation_names_the_new_key_and_the_old_one_holds(
    session: Session, clock: FixedClock
) -> None:
    old = sign_document(session, {"n": 1}, clock)
    clock.at += DAY
    rotate(session, "credential", clock, SITE)
    new = sign_document(session, {"n": 1}, clock)
    found = read_keys(keys_document(public_keys(session), SITE, clock.now()))
    assert read_signed(old, found).key_id != read_signed(new, found).key_id
