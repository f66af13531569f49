"""The clients of a consultancy as its portfolio shows them.

Everything about a client is read through here, from its live grant: without one there is no row, whatever the
projection still holds. So the moment at which a grant is taken back or runs out is the moment at which it is gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.errors import NotFound
from maturity.portfolios.asked import PAGE_SIZE, TODAY, Asked
from maturity.portfolios.models import PortfolioClient, PortfolioTask
from maturity.tenancy.models import Grant

SOON = timedelta(days=7)
GRANT_ENDS = timedelta(days=14)
STALLED = timedelta(days=14)
FRESH = timedelta(days=30)
NEW = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Client:
    """A client with a live grant. `row` is None until the worker has gathered its figures."""

    grant: Grant
    row: PortfolioClient | None
    open_tasks: int
    next_task_on: date | None
    reasons: tuple[str, ...]  # why it needs somebody today, the most urgent first

    @property
    def id(self) -> uuid.UUID:
        return self.grant.tenant_id

    @property
    def name(self) -> str:
        return self.row.name if self.row else self.grant.tenant_name

    @property
    def due(self) -> tuple[date, str]:
        """The next day that matters, and of what: task, section or grant."""
        days = [(self.grant.until, "grant")]
        if self.row and self.row.section_due_on:
            days.append((self.row.section_due_on, "section"))
        if self.next_task_on:
            days.append((self.next_task_on, "task"))
        return min(days, key=lambda item: item[0])

    @property
    def progress(self) -> int | None:
        """Percent of the draft that is answered, reckoned with the most that may be left."""
        row = self.row
        if row is None or row.answered is None or row.most_left is None:
            return None
        whole = row.answered + row.most_left
        return 100 * row.answered // whole if whole else 0


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of clients, and how many fit the filters on all pages."""

    clients: tuple[Client, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: divisions and provinces that occur, how many clients there are and need somebody."""

    industries: tuple[str, ...]
    regions: tuple[str, ...]
    count: int
    needing: int


_row = PortfolioClient
# The open tasks of a client, looked up by index for each: a join of sums is at the mercy of the planner's statistics.
_of_client = (
    PortfolioTask.tenant_id == Grant.consultancy_id,
    PortfolioTask.client_id == Grant.tenant_id,
    PortfolioTask.done_at.is_(None),
)
_next_task_on: Any = select(func.min(PortfolioTask.due_on)).where(*_of_client).correlate(Grant).scalar_subquery()
_open_tasks: Any = select(func.count(PortfolioTask.id)).where(*_of_client).correlate(Grant).scalar_subquery()


def _reasons(clock: Clock) -> Mapping[str, ColumnElement[bool]]:
    """Why a client needs somebody today, the most urgent first. The page's words are beside its columns."""
    today, now = clock.today(), clock.now()
    return {
        "task_overdue": _next_task_on < today,
        "section_overdue": _row.section_due_on < today,
        "ready": _row.draft_id.is_not(None) & (_row.most_left == 0),
        "task_due": _next_task_on.between(today, today + SOON),
        "section_due": _row.section_due_on.between(today, today + SOON),
        "grant_ends": Grant.until <= today + GRANT_ENDS,
        "new": Grant.given_at > now - NEW,
        "fell": (_row.change < 0) & (_row.submitted_at > now - FRESH),
        "stalled": _row.draft_id.is_not(None) & (_row.most_left > 0) & (_row.last_active_at < now - STALLED),
        "not_started": _row.grant_id.is_not(None) & _row.draft_id.is_(None) & _row.result_id.is_(None),
    }


def live(consultancy_id: uuid.UUID, clock: Clock) -> ColumnElement[bool]:
    """The grants a consultancy holds and that hold today."""
    return and_(Grant.consultancy_id == consultancy_id, Grant.revoked_at.is_(None), Grant.until >= clock.today())


def _joined(query: Select[Any], consultancy_id: uuid.UUID, clock: Clock) -> Select[Any]:
    of_grant = (_row.grant_id == Grant.id) & (_row.tenant_id == consultancy_id)
    return query.select_from(Grant).outerjoin(_row, of_grant).where(live(consultancy_id, clock))


def _clients(consultancy_id: uuid.UUID, clock: Clock, *more: Any) -> tuple[Select[Any], list[str]]:
    """The statement, and the names of the reasons in the order of its columns."""
    reasons = _reasons(clock)
    columns = [func.coalesce(condition, False) for condition in reasons.values()]
    query = select(Grant, _row, _open_tasks, _next_task_on, *more, *columns)
    return _joined(query, consultancy_id, clock), list(reasons)


def _client(row: Sequence[Any], names: list[str], skipped: int = 0) -> Client:
    grant, figures, count, next_on = row[:4]
    held = row[4 + skipped :]
    return Client(
        grant, figures, count or 0, next_on, tuple(name for name, holds in zip(names, held, strict=True) if holds)
    )


def list_clients(session: Session, consultancy_id: uuid.UUID, asked: Asked, clock: Clock) -> Listed:
    """The page asked for, in one statement however many clients there are; the last one where there are fewer."""
    found = _page(session, consultancy_id, asked, clock, asked.page)
    return found if found.clients or asked.page == 1 else _page(session, consultancy_id, asked, clock, 1)


def _page(session: Session, consultancy_id: uuid.UUID, asked: Asked, clock: Clock, page: int) -> Listed:
    query, names = _clients(consultancy_id, clock, func.count().over())
    query = query.where(*_filters(asked, clock)).order_by(*_order(asked, clock))
    rows = session.execute(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return Listed(tuple(_client(row, names, 1) for row in rows), rows[0][4] if rows else 0)


def all_clients(session: Session, consultancy_id: uuid.UUID, clock: Clock) -> tuple[Client, ...]:
    """Every client by name, to choose one from."""
    query, names = _clients(consultancy_id, clock)
    rows = session.execute(query.order_by(*_order(Asked(view="all"), clock)))
    return tuple(_client(row, names) for row in rows)


def chosen_clients(
    session: Session, consultancy_id: uuid.UUID, ids: Iterable[uuid.UUID], clock: Clock
) -> tuple[Client, ...]:
    """Those of the clients named that hold a live grant, in the order named."""
    wanted = list(dict.fromkeys(ids))
    query, names = _clients(consultancy_id, clock)
    found = {row[0].tenant_id: _client(row, names) for row in session.execute(query.where(Grant.tenant_id.in_(wanted)))}
    return tuple(found[client_id] for client_id in wanted if client_id in found)


def find_client(session: Session, consultancy_id: uuid.UUID, client_id: uuid.UUID, clock: Clock) -> Client:
    """The client, or `NotFound` without a live grant: whether it ever was one is not told apart."""
    found = chosen_clients(session, consultancy_id, [client_id], clock)
    if not found:
        raise NotFound("client")
    return found[0]


def choices(session: Session, consultancy_id: uuid.UUID, clock: Clock) -> Choices:
    """In one statement, too."""
    industry, region = func.substr(_row.industry, 1, 2), func.substr(_row.region, 1, 2)
    needing = func.sum(case((or_(*_reasons(clock).values()), 1), else_=0))
    query = _joined(select(industry, region, func.count(), needing), consultancy_id, clock).group_by(industry, region)
    rows = session.execute(query).all()
    return Choices(
        tuple(sorted({row[0] for row in rows if row[0]})),
        tuple(sorted({row[1] for row in rows if row[1]})),
        sum(row[2] for row in rows),
        sum(row[3] for row in rows),
    )


def _filters(asked: Asked, clock: Clock) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.view == TODAY:
        found.append(or_(*_reasons(clock).values()))
    if asked.text:
        named = [column.icontains(asked.text, autoescape=True) for column in (_row.name, _row.uscc, Grant.tenant_name)]
        found.append(or_(*named))
    if asked.industry:
        found.append(_row.industry.startswith(asked.industry))
    if asked.region:
        found.append(_row.region.startswith(asked.region))
    if asked.size:
        found.append(_row.size == asked.size)
    if asked.stage:
        found.append(_row.level.is_(None) if asked.stage == "0" else _row.level == int(asked.stage))
    if asked.progress:
        found.append(_PROGRESS[asked.progress])
    if asked.days:
        found.append(_due() <= clock.today() + timedelta(days=int(asked.days)))
    return found


_PROGRESS: Mapping[str, ColumnElement[bool]] = {
    "none": _row.draft_id.is_(None) & _row.result_id.is_(None),
    "draft": _row.draft_id.is_not(None) & (_row.most_left > 0),
    "ready": _row.draft_id.is_not(None) & (_row.most_left == 0),
    "submitted": _row.draft_id.is_(None) & _row.result_id.is_not(None),
}


def _due() -> Any:
    """The next day that matters, as `Client.due` says it: the two databases differ in the least of values and nulls."""
    due: Any = Grant.until
    for day in (_row.section_due_on, _next_task_on):
        due = case((day.is_not(None) & (day < due), day), else_=due)
    return due


def _order(asked: Asked, clock: Clock) -> list[Any]:
    key = _sort_keys(clock)[asked.order]
    last = [func.coalesce(_row.name, Grant.tenant_name), Grant.id]
    first = key.desc() if asked.descending else key.asc()
    return [key.is_(None), first, *([] if asked.order == "client" else last[:1]), last[1]]


def _sort_keys(clock: Clock) -> Mapping[str, Any]:
    ranks = list(_reasons(clock).values())
    share = cast(_row.answered, Float) / func.nullif(_row.answered + _row.most_left, 0)
    return {
        "urgency": case(*((held, rank) for rank, held in enumerate(ranks)), else_=len(ranks)),
        "client": func.coalesce(_row.name, Grant.tenant_name),
        "stage": _row.level,
        "capability": _row.capability,
        "outcome": _row.outcome,
        "change": _row.change,
        "progress": share,
        "left": _row.most_left,
        "due": _due(),
        "tasks": _open_tasks,
        "industry": _row.industry,
        "region": _row.region,
        "size": case(*((_row.size == size, rank) for rank, size in enumerate(("micro", "small", "medium", "large")))),
        "scope": case(*((Grant.scope == scope, rank) for rank, scope in enumerate(("view", "answer", "manage")))),
        "until": Grant.until,
        "active": _row.last_active_at,
    }
