"""When the proof of a level runs out: each level knows which evidence it rests on and until when that is valid.

The enterprise says of a file until when what it shows is valid: a licence, a contract, a certificate of its own. An
answer is at risk from the day after the first of its files has run out. It is then taken out as if it were not
evidenced, and the level that is certain without it is what remains. That is a warning and no verdict: whether the level
still stands is for the surveillance to find.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.adaptive.settled import bounds_of_path
from maturity.assessments.models import Assessment
from maturity.certificates.backing import weights_in
from maturity.certificates.payload import Expiry
from maturity.db import for_tenant
from maturity.evidence.models import EvidenceFile
from maturity.evidence.service import links_of
from maturity.questionnaires.model import Facts, Profile
from maturity.questionnaires.path import find_path

#: question -> the last day on which everything that proves its answer is valid
Proofs = Mapping[str, date]


def proofs_of(session: Session, client_id: uuid.UUID, assessment_id: uuid.UUID | None) -> dict[str, date]:
    """Of every answer with evidence that runs out, the day of the first; asked in the enterprise from either side."""
    if assessment_id is None:
        return {}
    session.flush()
    with for_tenant(session, client_id):
        assessment = session.scalar(select(Assessment).where(Assessment.id == assessment_id))
        if assessment is None:
            return {}
        links = links_of(session, assessment)
        dated = select(EvidenceFile.id, EvidenceFile.valid_until).where(
            EvidenceFile.id.in_({link.file_id for link in links}), EvidenceFile.valid_until.is_not(None)
        )
        days = {file_id: day for file_id, day in session.execute(dated).tuples() if day is not None}
    found: dict[str, date] = {}
    for link in links:
        if link.file_id in days:
            day = days[link.file_id]
            found[link.question_id] = min(day, found.get(link.question_id, day))
    return found


def expiries_of(
    framework: Framework, profile: Profile, facts: Facts, on: date, proofs: Proofs, last_day: date
) -> tuple[Expiry, ...]:
    """What runs out while the certificate lasts, day by day, with the level that is certain from then on."""
    by_day: dict[date, list[str]] = defaultdict(list)
    for question_id, day in proofs.items():
        if day <= last_day:
            by_day[day].append(question_id)
    carried, order = _carried_by(framework, profile, on), list(framework.edition.order)
    remaining, found = dict(facts), []
    for day in sorted(by_day):
        questions = sorted(by_day[day], key=order.index)
        for question_id in questions:
            for name in framework.edition.questions[question_id].facts:
                remaining.pop(name, None)
        low = bounds_of_path(framework, profile, find_path(framework.edition, profile, remaining), on).low
        dimensions = {name for question_id in questions for name in carried.get(question_id, ())}
        ordered = tuple(item.id for item in framework.scoring.dimensions if item.id in dimensions)
        found.append(Expiry(day, tuple(questions), ordered, low.level))
    return tuple(found)


def _carried_by(framework: Framework, profile: Profile, on: date) -> dict[str, list[str]]:
    """Question -> the dimensions it counts in, and so the gates it helps to pass."""
    found: dict[str, list[str]] = defaultdict(list)
    for dimension, weights in weights_in(framework, profile, on).items():
        for question_id in weights:
            found[question_id].append(dimension)
    return found


def proofs_in(expiries: Sequence[Mapping[str, Any]]) -> dict[str, date]:
    """The days as a payload holds them, to work out again what followed from them."""
    return {
        str(question_id): date.fromisoformat(str(item["valid_until"]))
        for item in expiries
        for question_id in item["questions"]
    }
