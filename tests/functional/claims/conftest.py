"""People who claim an enterprise, the operator's staff who decides, and a worker that does what is waiting."""

from __future__ import annotations

import io
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.claims.models import Claim, ClaimLicence, Dispute
from maturity.clock import FixedClock
from maturity.messages.models import Message
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.service import PLATFORM
from tests.clamd import FakeClamd, running_clamd
from tests.conftest import Browser
from tests.factories import claims, files
from tests.factories.enterprises import make_enterprise
from tests.factories.people import keep, make_user, sign_in
from tests.page import Page

REASON = "与工商登记信息一致，执照有效。"


@pytest.fixture(autouse=True)
def _empty_vault(site: Any) -> Iterator[None]:
    yield
    shutil.rmtree(site.config["DATA_DIR"] / "licences", ignore_errors=True)


@dataclass(slots=True)
class Party:
    """Somebody at the page of the own enterprise."""

    browser: Browser
    user: User
    tenant: Tenant

    @property
    def base(self) -> str:
        return f"/t/{self.tenant.id}"

    def page(self, status: int = 200) -> Page:
        return self.browser.get(f"{self.base}/claim", status)

    def home(self) -> Page:
        return self.browser.get(f"{self.base}/")

    def by_code(self, code: str, status: int = 200) -> Page:
        return self.browser.post(f"{self.base}/claim/code", {"code": code}, status)

    def by_address(self, status: int = 200) -> Page:
        return self.browser.post(f"{self.base}/claim/address", {}, status)

    def by_licence(self, content: bytes | None = None, name: str = "执照.png", status: int = 200) -> Page:
        content = files.picture() if content is None else content
        fields = {"licence": (io.BytesIO(content), name)} if content else {}
        return self.browser.post(f"{self.base}/claim/licence", fields, status)

    def post(self, address: str, status: int = 200, **fields: Any) -> Page:
        return self.browser.post(f"{self.base}/claim/{address}", fields, status)


class World:
    """The database as it stands, and the hands of the clock."""

    def __init__(self, app: Any, session: Session, clock: FixedClock) -> None:
        self.app, self.session, self.clock = app, session, clock

    def party(
        self, *, email: str | None = None, name: str = "王建国", is_claimed: bool = False, **values: Any
    ) -> Party:
        user = make_user(self.session, email=email, name=name)
        if is_claimed:
            tenant = claims.make_claimed(self.session, self.clock, user, **values)
            user = self.session.get_one(User, user.id)
        else:
            tenant = make_enterprise(self.session, user, self.clock, **values)
        client = self.app.test_client()
        sign_in(client, user)
        keep(self.session)
        return Party(Browser(client), user, tenant)

    def staff(self) -> Browser:
        user = claims.make_staff(self.session, self.clock)
        client = self.app.test_client()
        sign_in(client, self.session.get_one(User, user.id))
        keep(self.session)
        return Browser(client)

    def code(self, **more: Any) -> str:
        return claims.make_code(self.session, self.clock, **more)

    def work(self, days: int = 0) -> None:
        self.clock.at += timedelta(days=days)
        claims.work_off(self.app, self.session, self.clock)

    def all(self, query: Any) -> list[Any]:
        self.session.rollback()
        found = list(self.session.scalars(query.execution_options(populate_existing=True)))
        self.session.expunge_all()
        self.session.rollback()
        return found

    def claim(self, party: Party) -> Claim:
        query = select(Claim).where(Claim.tenant_id == party.tenant.id).order_by(Claim.started_at.desc())
        return self.all(query)[0]  # type: ignore[no-any-return]  # a list of whatever was asked for

    def licences(self) -> list[ClaimLicence]:
        return self.all(select(ClaimLicence))

    def disputes(self, party: Party) -> list[Dispute]:
        return self.all(select(Dispute).where(Dispute.tenant_id == party.tenant.id).order_by(Dispute.opened_at))

    def is_claimed(self, party: Party) -> bool:
        (enterprise,) = self.all(select(Enterprise).where(Enterprise.tenant_id == party.tenant.id))
        return enterprise.claimed_at is not None

    def members(self, party: Party) -> dict[int, str]:
        query = select(Membership).where(Membership.tenant_id == party.tenant.id, Membership.ended_at.is_(None))
        return {row.user_id: row.role for row in self.all(query)}

    def events(self, tenant_id: uuid.UUID) -> list[str]:
        query = select(AuditEvent).where(AuditEvent.tenant_id == tenant_id).order_by(AuditEvent.at, AuditEvent.id)
        return [row.event for row in self.all(query)]

    def letters(self, user: User) -> list[str]:
        query = select(Message).where(Message.recipient == user.email).order_by(Message.created_at, Message.id)
        return [row.subject for row in self.all(query)]


@pytest.fixture
def world(app: Any, session: Session, clock: FixedClock) -> World:
    return World(app, session, clock)


@dataclass(slots=True)
class Desk:
    """The operator's pages about claims."""

    browser: Browser

    def get(self, address: str = "", status: int = 200) -> Page:
        return self.browser.get(f"/t/{PLATFORM}/operation/claims{address}", status)

    def post(self, address: str, status: int = 200, **fields: Any) -> Page:
        return self.browser.post(f"/t/{PLATFORM}/operation/claims{address}", fields, status)

    def review(self, claim: Claim, decision: str, reason: str = REASON, status: int = 200) -> Page:
        return self.post(f"/{claim.id}/review", status, decision=decision, reason=reason)

    def decide(self, claim: Claim, decision: str, reason: str = REASON, status: int = 200) -> Page:
        return self.post(f"/{claim.id}/decide", status, decision=decision, reason=reason)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world.staff())


@pytest.fixture
def clamd(app: Any) -> Iterator[FakeClamd]:
    with running_clamd() as server:
        app.config["CLAMD"] = server.address
        yield server
    app.config["CLAMD"] = None
