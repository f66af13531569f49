"""Who may at a regulator: every route of the index × every role, and nobody from elsewhere."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.tenancy.models import ROLES
from maturity.tenancy.permissions import ROLE_PERMISSIONS, Permission, permissions_of
from tests.factories.people import make_user, sign_in
from tests.factories.regional import make_regulator
from tests.functional.regional.conftest import Sign

PARTS = {"indicator": "a", "region": "370000", "chart": "ranking"}


def routes(app: Flask, tenant_id: str, model_id: UUID) -> list[tuple[str, str, Permission]]:
    """Method, address and permission of every route of the feature."""
    found = []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if not rule.endpoint.startswith("regional."):
                continue
            known = {"tenant_id": UUID(tenant_id), "model_id": model_id} | PARTS
            values = {part: known[part] for part in rule.arguments}
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                permission: Any = app.view_functions[rule.endpoint].access  # type: ignore[attr-defined]  # by requires
                found.append((method, adapter.build(rule.endpoint, values, method=method), permission))
    return found


def test_each_role_of_a_regulator_does_what_it_may(
    app: Flask, sign: Sign, base: str, model_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = {role: sign(role) for role in ROLES}
    monkeypatch.setattr(db.session, "commit", db.session.rollback)
    wrong = []
    tries = routes(app, base.split("/")[2], model_id)
    assert len(tries) > 25
    for method, address, permission in tries:
        for role, browser in people.items():
            status = browser.client.open(address, method=method).status_code
            may = permission in permissions_of(role, is_synthetic=False, kind="regulator")
            if role not in ROLE_PERMISSIONS["regulator"]:  # no role of a regulator: an outsider
                wrong += [f"{method} {address} as {role}: {status}"] if status != 404 else []
            elif (status == 403) == may or status >= 500 or status == 401:
                wrong.append(f"{method} {address} as {role}: {status}, although it is {may}")
    assert not wrong, "\n".join(wrong)


def test_nobody_from_elsewhere_finds_anything(
    app: Flask, base: str, model_id: UUID, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = make_user(session)
    make_regulator(session, stranger, clock)
    session.commit()
    theirs, nobody = app.test_client(), app.test_client()
    sign_in(theirs, stranger)
    monkeypatch.setattr(db.session, "commit", db.session.rollback)
    for method, address, _permission in routes(app, base.split("/")[2], model_id):
        assert theirs.open(address, method=method).status_code == 404, address
        reply = nobody.open(address, method=method)
        assert (reply.status_code, reply.location[:8]) == (302, "/sign-in"), address
