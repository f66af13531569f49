"""Who is answering what at this moment, as their browsers say every now and then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.clock import Clock
from maturity.teamwork.models import Presence

#: The browser says it every 20 seconds; two that are lost do not matter.
LASTS = timedelta(seconds=50)
_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class There:
    name: str | None  # None for somebody whose name the tenant does not know
    question_id: str


def note_presence(session: Session, assessment: Assessment, question_id: str, *, actor_id: int, clock: Clock) -> None:
    """The person is at this question; one row each, written over."""
    key = {"tenant_id": assessment.tenant_id, "assessment_id": assessment.id, "user_id": actor_id}
    now = {"question_id": question_id, "until": clock.now() + LASTS}
    insert = _INSERT[session.get_bind(Presence).dialect.name](Presence)
    session.execute(insert.on_conflict_do_update(index_elements=["assessment_id", "user_id"], set_=now), {**key, **now})


def note_absence(session: Session, assessment: Assessment, *, actor_id: int) -> None:
    session.execute(delete(Presence).where(Presence.assessment_id == assessment.id, Presence.user_id == actor_id))


def others_there(session: Session, assessment: Assessment, *, actor_id: int | None, clock: Clock) -> list[There]:
    """Everybody else who is there, by name."""
    query = (
        select(User.name, Presence.question_id)
        .outerjoin(User, User.id == Presence.user_id)
        .where(Presence.assessment_id == assessment.id, Presence.user_id != actor_id, Presence.until > clock.now())
        .order_by(User.name, User.id)
    )
    return [There(*row) for row in session.execute(query)]
