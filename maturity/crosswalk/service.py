"""A submitted assessment under every other framework: results, and how many answers are missing for one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from maturity.adaptive.crosswalk import Crossing, cross
from maturity.adaptive.evaluation import period_end
from maturity.adaptive.framework import Framework
from maturity.assessments.carrying import Told, propose_answers, told_by
from maturity.assessments.models import FRAMEWORK, Assessment
from maturity.assessments.service import latest_revision, start_assessment
from maturity.assessments.submission import submission_of
from maturity.clock import Clock
from maturity.editions.service import current_editions, framework_by_hash
from maturity.errors import NotFound
from maturity.questionnaires.derivations import load_derivations
from maturity.questionnaires.model import Fact, Question, Text
from maturity.questionnaires.values import to_json

#: the order in which frameworks are offered; one that is not named stands at the end
ORDER = (FRAMEWORK, "sme", "smart", "dii", "dma_style", "siri_style")


@dataclass(frozen=True, slots=True)
class Offer:
    """One other framework: what the answers are worth under it, and the assessment that exists there already."""

    crossing: Crossing
    own: Assessment | None

    @property
    def framework(self) -> Framework:
        return self.crossing.framework

    @property
    def known_percent(self) -> int:
        return 100 * self.crossing.facts_known // self.crossing.facts if self.crossing.facts else 0

    def derived(self) -> tuple[tuple[Fact, Any, Text], ...]:
        """What follows from the answers: the fact, its value as JSON, and why."""
        known = ((self.framework.edition.facts[name], item) for name, item in self.crossing.known.items())
        return tuple(
            (fact, to_json(item.value), item.derivation.note) for fact, item in known if item.derivation is not None
        )

    def missing(self) -> tuple[tuple[str, tuple[Question, ...]], ...]:
        """The questions still to be answered, by section id."""
        sections = self.framework.edition.sections
        missing = self.crossing.missing()
        grouped = ((section.id, tuple(q for q in missing if q.section == section.id)) for section in sections)
        return tuple((section_id, questions) for section_id, questions in grouped if questions)


def published_frameworks(session: Session) -> list[Framework]:
    """The newest published edition of every framework, in the order in which they are offered."""
    found = {name: framework_by_hash(session, sha256) for name, sha256 in current_editions(session).items()}
    known = {name: place for place, name in enumerate(ORDER)}
    return [found[name] for name in sorted(found, key=lambda name: (known.get(name, len(ORDER)), name))]


def offers_of(session: Session, assessment: Assessment) -> list[Offer]:
    """The answers of a submitted assessment under every other framework; a draft is `NotFound`."""
    told = _told(session, assessment)
    derivations = load_derivations()
    offers = []
    for framework in published_frameworks(session):
        name = framework.edition.framework
        if name == assessment.framework:
            continue
        crossing = cross(
            framework, assessment.profile, told.facts, derivations, period_end(assessment.period), told.gone
        )
        offers.append(Offer(crossing, latest_revision(session, assessment.enterprise_id, assessment.period, name)))
    return offers


def _told(session: Session, assessment: Assessment) -> Told:
    submission = submission_of(session, assessment)
    if submission is None:
        raise NotFound("assessment", str(assessment.id))
    return told_by(session, assessment, submission.document)


def start_elsewhere(
    session: Session,
    source: Assessment,
    framework: str,
    profile: Mapping[str, object],
    tenant_id: uuid.UUID,
    *,
    actor_id: int | None,
    clock: Clock,
) -> Assessment:
    """Open an assessment of the same period under another framework, with every answer put forward that is known."""
    if framework == source.framework or framework not in current_editions(session):
        raise NotFound("framework", framework)
    started = start_assessment(
        session,
        source.enterprise_id,
        tenant_id,
        profile,
        source.period,
        actor_id=actor_id,
        clock=clock,
        framework=framework,
    )
    propose_answers(session, started, actor_id=actor_id, clock=clock)
    return started
