"""Downloading the signed file: for its holder and the body that issued it, for nobody else, and the same each time."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.factories.certificates import SITE, Issued, make_decided, make_issued, path_in, people_of
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in

pytestmark = pytest.mark.database


@pytest.fixture
def issued(app: Any, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Issued:
    monkeypatch.setitem(app.config, "SITE_URL", SITE)
    return make_issued(app, session, clock)


def signed_in(app: Any, user: Any) -> FlaskClient:
    client: FlaskClient = app.test_client()
    sign_in(client, user)
    return client


def of_holder(issued: Issued, tenant_id: uuid.UUID | None = None) -> str:
    return f"/t/{tenant_id or issued.made.client_id}/certification/certificates/{issued.certificate_id}.pdf"


def of_body(issued: Issued, tenant_id: uuid.UUID | None = None) -> str:
    return f"/t/{tenant_id or issued.made.body_id}/certificates/{issued.certificate_id}.pdf"


def test_holder_and_body_get_the_bytes_that_were_signed(app: Any, session: Session, issued: Issued) -> None:
    expected = issued.certificate(session).pdf_sha256
    session.commit()
    owner, manager = people_of(session, issued.made)
    for user, address in ((owner, of_holder(issued)), (manager, of_body(issued))):
        client = signed_in(app, user)
        for _ in range(2):
            response = client.get(address)
            assert response.status_code == 200
            assert hashlib.sha256(response.data).hexdigest() == expected
        assert response.headers["Content-Type"] == "application/pdf"
        assert f"filename={issued.number}.pdf" in response.headers["Content-Disposition"]
        assert "private" in response.headers["Cache-Control"]


def test_nobody_else_finds_it(app: Any, session: Session, clock: FixedClock, issued: Issued) -> None:
    stranger = make_user(session)
    other = make_enterprise(session, stranger, clock, uscc="91370200MA3C5D7Y7X")
    other_id = other.id
    session.commit()
    client = signed_in(app, stranger)
    for address in (of_holder(issued), of_body(issued), of_holder(issued, other_id)):
        assert client.get(address).status_code == 404
    assert app.test_client().get(of_holder(issued)).status_code == 302


def test_each_side_finds_it_at_its_own_address_alone(app: Any, session: Session, issued: Issued) -> None:
    owner, manager = people_of(session, issued.made)
    assert signed_in(app, owner).get(of_body(issued)).status_code == 404
    assert signed_in(app, manager).get(of_holder(issued)).status_code == 404


def test_whoever_only_looks_may_download_it(app: Any, session: Session, clock: FixedClock, issued: Issued) -> None:
    viewer = make_user(session)
    add_member(session, session.get_one(Tenant, issued.made.client_id), viewer, "viewer", clock)
    session.commit()
    assert signed_in(app, viewer).get(of_holder(issued)).status_code == 200


def test_one_that_is_being_made_is_not_there_yet(app: Any, session: Session, clock: FixedClock) -> None:
    decided = make_decided(session, clock)
    owner, _manager = people_of(session, decided.made)
    assert signed_in(app, owner).get(of_holder(decided)).status_code == 404


@pytest.mark.parametrize("harm", ["lost", "changed"])
def test_what_is_not_as_it_was_signed_is_not_handed_out(app: Any, session: Session, issued: Issued, harm: str) -> None:
    path = path_in(app, issued.certificate(session))
    if harm == "lost":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1])
    owner, _manager = people_of(session, issued.made)
    response = signed_in(app, owner).get(of_holder(issued))
    assert response.status_code == 404
    assert "备份" in response.get_data(as_text=True) or "backup" in response.get_data(as_text=True)
