"""The people of a tenant, as far as an assessment concerns them: who answers, who may open a section."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import SectionAssignment
from maturity.people.service import Member, members_of
from maturity.tenancy.permissions import Permission, permissions_of


def may(member: Member, permission: Permission) -> bool:
    return permission in permissions_of(member.role, is_synthetic=False)


def those_who_answer(members: Iterable[Member]) -> list[Member]:
    """To whom a section can be given."""
    return [member for member in members if may(member, Permission.ASSESSMENT_ANSWER)]


def those_who_open(session: Session, tenant_id: uuid.UUID, assessment_id: uuid.UUID, section: str) -> dict[int, Member]:
    """The members who can open a section, by id: a contributor only with an assignment."""
    query = select(SectionAssignment.user_id).where(
        SectionAssignment.assessment_id == assessment_id, SectionAssignment.section == section
    )
    assigned = set(session.scalars(query))
    members = members_of(session, tenant_id)
    return {m.user_id: m for m in members if m.user_id in assigned or may(m, Permission.SECTION_ALL)}
