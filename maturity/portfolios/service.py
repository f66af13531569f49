"""What consultants keep about their clients: saved views, tasks, notes, and letters that remind."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.consulting.models import ConsultantNote
from maturity.errors import Conflict, Invalid, NotFound
from maturity.portfolios.asked import Asked
from maturity.portfolios.clients import Client, chosen_clients, live
from maturity.portfolios.letters import write_reminder
from maturity.portfolios.models import PortfolioClient, PortfolioNote, PortfolioReminder, PortfolioTask, PortfolioView
from maturity.portfolios.visits import inside
from maturity.tenancy.models import Grant, Membership
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access

MOST_VIEWS = 30
#: Those of an enterprise who are written to.
WRITTEN_TO = ("owner", "editor")


@dataclass(frozen=True, slots=True)
class Note:
    note: PortfolioNote
    author: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task with the client's name and the person's."""

    task: PortfolioTask
    client: str
    person: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Reminded:
    """The clients whose people are written to, who were already today, and where nobody can be reached."""

    told: tuple[str, ...]
    already: tuple[str, ...]
    unreachable: tuple[str, ...]


# Saved views


def views_of(session: Session, user_id: int) -> list[PortfolioView]:
    """The person's own and the shared ones, by name."""
    query = select(PortfolioView).where(or_(PortfolioView.owner_id == user_id, PortfolioView.is_shared))
    return list(session.scalars(query.order_by(PortfolioView.name, PortfolioView.id)))


def save_view(
    session: Session, tenant_id: uuid.UUID, name: str, asked: Asked, *, shared: bool, actor_id: int, clock: Clock
) -> PortfolioView:
    """Save what is asked under a name; the person's earlier view of that name is replaced."""
    query = select(PortfolioView).where(PortfolioView.owner_id == actor_id)
    own = {view.name: view for view in session.scalars(query)}
    view = own.get(name)
    if view is None:
        if len(own) >= MOST_VIEWS:
            raise Conflict("too_many_views")
        view = PortfolioView(tenant_id=tenant_id, name=name, owner_id=actor_id, created_at=clock.now())
        session.add(view)
    view.query, view.is_shared = asked.to_save(), shared
    session.flush()
    return view


def delete_view(session: Session, view_id: uuid.UUID, *, actor_id: int) -> None:
    """Only whoever saved a view takes it away."""
    query = select(PortfolioView).where(PortfolioView.id == view_id, PortfolioView.owner_id == actor_id)
    view = session.scalar(query)
    if view is None:
        raise NotFound("view")
    session.delete(view)
    session.flush()


# Tasks


def tasks_of(
    session: Session,
    consultancy_id: uuid.UUID,
    clock: Clock,
    *,
    client_id: uuid.UUID | None = None,
    person_id: int | None = None,
    done: bool = False,
    overdue: bool = False,
    limit: int = 200,
) -> list[Task]:
    """Tasks for clients with a live grant: open ones by their day, done ones the latest first."""
    query = (
        select(PortfolioTask, PortfolioClient.name, Grant.tenant_name, User.name)
        .join(Grant, (Grant.tenant_id == PortfolioTask.client_id) & live(consultancy_id, clock))
        .outerjoin(PortfolioClient, PortfolioClient.grant_id == Grant.id)
        .outerjoin(User, User.id == PortfolioTask.person_id)
        .where(PortfolioTask.done_at.is_not(None) if done else PortfolioTask.done_at.is_(None))
    )
    if client_id is not None:
        query = query.where(PortfolioTask.client_id == client_id)
    if person_id is not None:
        query = query.where(PortfolioTask.person_id == person_id)
    if overdue:
        query = query.where(PortfolioTask.due_on < clock.today())
    order = (
        (PortfolioTask.done_at.desc(),)
        if done
        else (PortfolioTask.due_on.is_(None), PortfolioTask.due_on, PortfolioTask.created_at)
    )
    today = clock.today()
    return [
        Task(task, name or granted, person or "", task.done_at is None and bool(task.due_on) and task.due_on < today)
        for task, name, granted, person in session.execute(query.order_by(*order, PortfolioTask.id).limit(limit))
    ]


def add_task(
    session: Session,
    client: Client,
    title: str,
    due_on: date | None,
    person_id: int | None,
    *,
    actor_id: int,
    clock: Clock,
) -> PortfolioTask:
    """A task for a client; the person must belong to the consultancy."""
    consultancy_id = client.grant.consultancy_id
    if person_id is not None and person_id not in {user_id for user_id, _name in colleagues(session, consultancy_id)}:
        raise Invalid("member")
    task = PortfolioTask(
        tenant_id=consultancy_id,
        client_id=client.id,
        title=title,
        due_on=due_on,
        person_id=person_id,
        created_by=actor_id,
        created_at=clock.now(),
    )
    session.add(task)
    session.flush()
    return task


def set_task(session: Session, consultancy_id: uuid.UUID, task_id: uuid.UUID, *, done: bool, clock: Clock) -> None:
    """Tick a task off, or open it again."""
    task = session.scalar(select(PortfolioTask).where(PortfolioTask.id == task_id))
    if task is None or not chosen_clients(session, consultancy_id, [task.client_id], clock):
        raise NotFound("task")
    task.done_at = clock.now() if done else None
    session.flush()


def colleagues(session: Session, tenant_id: uuid.UUID) -> list[tuple[int, str]]:
    """Those of the consultancy, to give a task to."""
    query = select(User.id, User.name).join(Membership, Membership.user_id == User.id)
    rows = session.execute(query.where(Membership.tenant_id == tenant_id, Membership.ended_at.is_(None)))
    return sorted(((user_id, name) for user_id, name in rows), key=lambda row: (row[1], row[0]))


# Notes


def notes_of(session: Session, client_id: uuid.UUID) -> list[Note]:
    """The notes on a client, the latest first."""
    query = select(PortfolioNote, User.name).outerjoin(User, User.id == PortfolioNote.written_by)
    rows = session.execute(
        query.where(PortfolioNote.client_id == client_id).order_by(PortfolioNote.written_at.desc(), PortfolioNote.id)
    )
    return [Note(note, name or "") for note, name in rows]


def add_note(
    session: Session, access: Access, client: Client, body: str, *, shared: bool, actor: User, clock: Clock
) -> PortfolioNote:
    """A note for the consultancy alone or, shared, for the client, too, who finds it among its own rows."""
    actor_id: Any = actor.id
    note = PortfolioNote(
        id=uuid.uuid4(),
        tenant_id=access.tenant.id,
        client_id=client.id,
        body=body,
        is_shared=shared,
        written_by=actor_id,
        written_at=clock.now(),
    )
    session.add(note)
    if shared:
        with inside(session, access, client, actor_id, clock, Permission.ASSESSMENT_VIEW) as inner:
            copy = ConsultantNote(
                id=note.id,
                tenant_id=client.id,
                grant_id=client.grant.id,
                consultancy_name=client.grant.consultancy_name,
                author_name=actor.name,
                body=body,
                written_at=clock.now(),
            )
            session.add(copy)
            details = {"consultancy": client.grant.consultancy_name}
            record(session, clock, "portfolio.note_shared", actor_id, inner.tenant.id, **details)
    session.flush()
    return note


def delete_note(
    session: Session, access: Access, client: Client, note_id: uuid.UUID, *, actor_id: int, clock: Clock
) -> None:
    """Whoever wrote a note takes it away, and the client's copy with it."""
    query = select(PortfolioNote).where(
        PortfolioNote.id == note_id, PortfolioNote.client_id == client.id, PortfolioNote.written_by == actor_id
    )
    note = session.scalar(query)
    if note is None:
        raise NotFound("note")
    session.delete(note)
    if note.is_shared:
        with inside(session, access, client, actor_id, clock, Permission.ASSESSMENT_VIEW) as inner:
            copy = session.scalar(select(ConsultantNote).where(ConsultantNote.id == note_id))
            if copy is not None:
                session.delete(copy)
            details = {"consultancy": client.grant.consultancy_name}
            record(session, clock, "portfolio.note_withdrawn", actor_id, inner.tenant.id, **details)
    session.flush()


# Reminding


def remind_clients(
    session: Session, access: Access, clients: Sequence[Client], text: str, link: Any, *, actor_id: int, clock: Clock
) -> Reminded:
    """Write to the owner and the editors of each client, once a day at most; `link` gives a client's address."""
    told: list[str] = []
    already: list[str] = []
    unreachable: list[str] = []
    for client in clients:
        if not _note_reminder(session, access.tenant.id, client.id, actor_id, clock.today()):
            already.append(client.name)
            continue
        with inside(session, access, client, actor_id, clock, Permission.ASSESSMENT_VIEW) as inner:
            names = {"consultancy": client.grant.consultancy_name, "enterprise": inner.tenant.name}
            people = [person for person in _people(session, client.id) if person.contact]
            for person in people:
                write_reminder(session, person, text=text, link=link(client.id), clock=clock, **names)
            if people:
                details = {"consultancy": client.grant.consultancy_name}
                record(session, clock, "portfolio.reminded", actor_id, inner.tenant.id, **details)
        (told if people else unreachable).append(client.name)
    session.flush()
    return Reminded(tuple(told), tuple(already), tuple(unreachable))


def _note_reminder(session: Session, tenant_id: uuid.UUID, client_id: uuid.UUID, actor_id: int, day: date) -> bool:
    """Whether this is the first letter of the day; two at once cannot both be."""
    try:
        with session.begin_nested():
            session.add(PortfolioReminder(tenant_id=tenant_id, client_id=client_id, day=day, sent_by=actor_id))
    except IntegrityError:
        return False
    return True


def reminded_on(session: Session, client_ids: Sequence[uuid.UUID], day: date) -> set[uuid.UUID]:
    """Which of the clients were written to on a day."""
    query = select(PortfolioReminder.client_id).where(
        PortfolioReminder.client_id.in_(client_ids), PortfolioReminder.day == day
    )
    return set(session.scalars(query))


def _people(session: Session, client_id: uuid.UUID) -> list[User]:
    query = select(User).join(Membership, Membership.user_id == User.id)
    return list(
        session.scalars(
            query.where(
                Membership.tenant_id == client_id, Membership.ended_at.is_(None), Membership.role.in_(WRITTEN_TO)
            ).order_by(User.id)
        )
    )
