"""What the enterprise's home page says: where you stand this period and the next best step."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.answering import evaluate_assessment, load_sheet
from maturity.assessments.models import FRAMEWORK, Assessment, Submission
from maturity.assessments.pages import Progress, progress_of
from maturity.assessments.reach import EVERY_SECTION, Reach
from maturity.assessments.service import assessments_of, periods_on
from maturity.editions.service import framework_by_hash
from maturity.organisations.models import Enterprise
from maturity.organisations.service import profile_of


@dataclass(frozen=True, slots=True)
class Line:
    """One assessment in the list, with its result when it has one."""

    assessment: Assessment
    submission: Submission | None


@dataclass(frozen=True, slots=True)
class OtherLine:
    """The latest revision of an assessment under another framework."""

    assessment: Assessment
    submission: Submission | None
    framework: Framework


@dataclass(frozen=True, slots=True)
class Overview:
    """All but `others` is about the main framework."""

    lines: tuple[Line, ...]
    others: tuple[OtherLine, ...]
    draft: Assessment | None
    progress: Progress | None
    latest: Line | None  # the newest submitted result
    open_periods: tuple[int, ...]
    framework: Framework | None
    profile_changed: bool  # the draft was started with another profile than the enterprise has now


def home_overview(
    session: Session,
    enterprise: Enterprise,
    today: date,
    reach: Callable[[Assessment], Reach] = lambda _assessment: EVERY_SECTION,
) -> Overview:
    """`reach` says which sections of a draft the reader may open: the progress is of those."""
    every = assessments_of(session, enterprise.id)
    assessments = [assessment for assessment in every if assessment.framework == FRAMEWORK]
    ids = [assessment.id for assessment in every]
    found = {
        row.assessment_id: row for row in session.scalars(select(Submission).where(Submission.assessment_id.in_(ids)))
    }
    lines = tuple(Line(assessment, found.get(assessment.id)) for assessment in assessments)
    draft = next((assessment for assessment in assessments if assessment.is_draft), None)
    latest = next((line for line in lines if line.submission and line.assessment.status == "submitted"), None)
    shown = draft or (latest.assessment if latest else None)
    taken = {assessment.period for assessment in assessments}
    framework = framework_by_hash(session, shown.edition_sha256) if shown else None
    return Overview(
        lines=lines,
        others=_others(session, every, found),
        draft=draft,
        progress=_progress(session, draft, reach(draft)) if draft else None,
        latest=latest,
        open_periods=tuple(period for period in periods_on(today) if period not in taken),
        framework=framework,
        profile_changed=draft is not None and draft.profile != profile_of(enterprise),
    )


def _others(
    session: Session, assessments: Sequence[Assessment], submissions: Mapping[uuid.UUID, Submission]
) -> tuple[OtherLine, ...]:
    latest: dict[tuple[str, int], Assessment] = {}
    for assessment in assessments:  # the newest revision first
        if assessment.framework != FRAMEWORK:
            latest.setdefault((assessment.framework, assessment.period), assessment)
    return tuple(
        OtherLine(item, submissions.get(item.id), framework_by_hash(session, item.edition_sha256))
        for item in latest.values()
    )


def _progress(session: Session, draft: Assessment, reach: Reach) -> Progress:
    framework = framework_by_hash(session, draft.edition_sha256)
    sheet = load_sheet(session, draft, framework)
    return progress_of(framework, evaluate_assessment(framework, draft, sheet.facts), reach)
