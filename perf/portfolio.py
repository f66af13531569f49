"""The portfolio of a thousand clients over HTTP, against the frame of the site with nothing in it.

Beside the time it counts the statements of a page, with ten clients and with a thousand: there must be as many.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from config import from_env
from maturity.accounts.models import User
from maturity.app import create_app
from maturity.clock import SystemClock
from maturity.consulting.service import register_consultancy
from maturity.db import every_tenant
from maturity.extensions import db
from maturity.portfolios.models import PortfolioClient, PortfolioTask
from maturity.tenancy.models import Grant, Tenant
from perf.client import Client
from perf.data import EMAIL, PASSWORD, Subject, in_app, prepare
from perf.measure import Comparison, compare, cpu_ms, options_of, show, wall_ms
from perf.servers import installation, serving

CLIENTS, FEW = 1000, 10
WALL_MS = 150
PAGES = ("", "?view=all&sort=-capability", "?view=all&text=1&size=medium&sort=due&page=3")


@dataclass(frozen=True, slots=True)
class Portfolio:
    tenant_id: UUID

    def path(self, query: str) -> str:
        return f"/t/{self.tenant_id}/clients{query}"


def measure(database: str, rounds: int, repeats: int) -> list[Comparison]:
    with installation(database) as environment:
        subject = prepare(environment)
        portfolio = in_app(environment, _fill)
        counts = {count: statements(environment, portfolio, count) for count in (CLIENTS, FEW)}
        if counts[CLIENTS] != counts[FEW]:
            raise SystemExit(
                f"statements of a page: {counts[FEW]} with {FEW} clients, {counts[CLIENTS]} with {CLIENTS}"
            )
        print(f"statements of a page, {database}: {counts[CLIENTS]}, with {FEW} clients as with {CLIENTS}")
        in_app(environment, lambda session: _fill(session, portfolio))
        return _compared(environment, database, subject, portfolio, rounds, repeats)


def _compared(
    environment: dict[str, str], database: str, subject: Subject, portfolio: Portfolio, rounds: int, repeats: int
) -> list[Comparison]:
    with serving(environment, application="perf.floor:application()") as web:
        client = Client(web.port)
        client.sign_in(EMAIL, PASSWORD)
        empty = subject.path(f"floor/{subject.floor_id}/page")
        return [
            compare(
                f"portfolio{query or ' of today'}, {CLIENTS} clients, {database}",
                "session, tenant check, and the frame every page has",
                lambda query=query: client.get(portfolio.path(query)),  # type: ignore[misc]  # bound here on purpose
                lambda: client.get(empty),
                rounds=rounds,
                repeats=repeats,
                cpu=web.cpu_seconds,
                cpu_target_ms=WALL_MS,
            )
            for query in PAGES
        ]


def _fill(session: Session, portfolio: Portfolio | None = None) -> Portfolio:
    """A consultancy of the measuring person with clients in every state; rows as the worker would write them."""
    clock = SystemClock()
    if portfolio is None:
        user = session.scalars(select(User).where(User.email == EMAIL)).one()
        portfolio = Portfolio(register_consultancy(session, "测量咨询", owner_id=user.id, clock=clock).id)
    have = session.query(Grant).filter(Grant.consultancy_id == portfolio.tenant_id).count()
    for number in range(have, CLIENTS):
        _add_client(session, portfolio.tenant_id, number, clock)
    session.flush()
    return portfolio


def _add_client(session: Session, consultancy_id: UUID, number: int, clock: SystemClock) -> None:
    now, today = clock.now(), clock.today()
    tenant = Tenant(id=uuid4(), kind="enterprise", name=f"测量{number:04}厂", created_at=now)
    session.add(tenant)
    session.flush()
    grant = Grant(
        id=uuid4(),
        tenant_id=tenant.id,
        consultancy_id=consultancy_id,
        tenant_name=tenant.name,
        consultancy_name="测量咨询",
        scope=("view", "answer", "manage")[number % 3],
        until=today + timedelta(days=5 + number % 300),
        given_at=now - timedelta(days=20),
    )
    session.add(grant)
    session.flush()
    session.add(
        PortfolioClient(tenant_id=consultancy_id, grant_id=grant.id, client_id=tenant.id, **_row(number, today))
    )
    if number % 3 == 0:
        due = today + timedelta(days=number % 20 - 5)
        more = {"title": "核对", "due_on": due, "created_at": now}
        session.add(PortfolioTask(tenant_id=consultancy_id, client_id=tenant.id, **more))


def _row(number: int, today: date) -> dict[str, object]:
    now, has_result = SystemClock().now(), number % 4 != 0
    left = number % 60
    return {
        "name": f"测量{number:04}厂",
        "uscc": f"{number:018}",
        "industry": ("34", "26", "14", "38")[number % 4],
        "region": ("370200", "330200", "110105")[number % 3],
        "size": ("large", "medium", "small", "micro")[number % 4],
        "result_id": uuid4() if has_result else None,
        "period": 2025 if has_result else None,
        "level": 1 + number % 4 if has_result else None,
        "capability": Decimal(number % 100) if has_result else None,
        "outcome": Decimal(number % 90) if has_result else None,
        "change": Decimal(number % 9 - 4) if has_result else None,
        "submitted_at": now - timedelta(days=number % 400) if has_result else None,
        "draft_id": uuid4(),
        "draft_period": 2026,
        "answered": 80 - left,
        "fewest_left": left,
        "most_left": left + left % 7,
        "section_due_on": today + timedelta(days=number % 40) if number % 5 == 0 else None,
        "last_active_at": now - timedelta(days=number % 50),
        "results": [],
        "seen_at": now,
    }


def statements(environment: dict[str, str], portfolio: Portfolio, count: int) -> int:
    """How many statements a page takes with so many clients; the others lose their grant for it."""
    in_app(environment, lambda session: _keep(session, portfolio, count))
    app = create_app(from_env(environment))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        engine = db.engine
    seen: list[str] = []
    client = app.test_client()
    client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    client.get(portfolio.path(PAGES[1]))  # what is read once for the process
    event.listen(engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    response = client.get(portfolio.path(PAGES[1]))
    if response.status_code != 200:
        raise SystemExit(f"the page answered {response.status_code}")
    engine.dispose()
    return sum(not text.startswith(("BEGIN", "select set_config")) for text in seen)


def _keep(session: Session, portfolio: Portfolio, count: int) -> None:
    ids = list(session.scalars(select(Grant.id).where(Grant.consultancy_id == portfolio.tenant_id).order_by(Grant.id)))
    with every_tenant(session):
        for model, column in ((PortfolioClient, PortfolioClient.grant_id), (Grant, Grant.id)):
            session.execute(delete(model).where(column.in_(ids[count:])))


def main() -> int:
    options = options_of(__doc__ or "", rounds=20, repeats=5)
    found = measure(options.database, options.rounds, options.repeats)
    show(found)
    for item in found:
        print(f"  {item.subject}: {cpu_ms(item.subjects):.1f} ms of processor, {wall_ms(item.subjects):.1f} ms in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
