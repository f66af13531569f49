"""The finished HTML of each document, from frozen data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments import pages
from maturity.assessments.answering import evaluate_assessment, load_sheet
from maturity.assessments.models import Assessment
from maturity.assessments.submission import submission_of
from maturity.editions.service import framework_by_hash
from maturity.jobs.worker import JobFailure, Progress
from maturity.public.methodology import methodology_of
from maturity.questionnaires.model import Section, Text
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import from_json
from maturity.reference.figures import sources
from maturity.reports.service import TEMPLATE_VERSION, Wanted
from maturity.results.charts import SIZES, charts_of, peer_population
from maturity.results.svg import draw
from maturity.results.view import Result, answer_view, result_of


@dataclass(frozen=True, slots=True)
class AnsweredSection:
    """One section of the answers annex."""

    section: Section
    rows: tuple[tuple[Text, tuple[tuple[Text, Text, str], ...]], ...]  # wording, (label, value, state)…


def document_html(session: Session, assessment: Assessment, wanted: Wanted, progress: Progress) -> str:
    """The page of the document wanted, in its language."""
    framework = framework_by_hash(session, assessment.edition_sha256)
    with force_locale(wanted.locale):
        if wanted.kind == "report":
            submission = submission_of(session, assessment)
            if submission is None:
                raise JobFailure("assessment_incomplete")
            return report_html(result_of(session, framework, submission), wanted.locale, progress)
        return questionnaire_html(session, framework, assessment, filled=wanted.kind == "answers", locale=wanted.locale)


def report_html(result: Result, locale: str, progress: Progress) -> str:
    charts = charts_of(result, locale)
    pictures = {}
    for number, (name, chart) in enumerate(charts.items(), start=1):
        pictures[name] = draw(chart)
        progress(number, len(charts) + 3)
    page = render_template(
        "reports/report.html",
        result=result,
        charts=charts,
        pictures=pictures,
        answers=answered_sections(result),
        method=methodology_of(result.framework),
        sources=sources(),
        peers=peer_population(result, locale),
        sizes=SIZES,
        template_version=TEMPLATE_VERSION,
        declared=result.document["declaration"],
        document_number=result.submission.sha256[:12].upper(),
        report_locale=locale,
    )
    progress(len(charts) + 1, len(charts) + 3)
    return page


def answered_sections(result: Result) -> tuple[AnsweredSection, ...]:
    """Every question that was asked, with its answer, section by section."""
    edition = result.framework.edition
    facts = {name: from_json(edition.facts[name], data) for name, data in result.document["facts"].items()}
    path = find_path(edition, result.profile, facts)
    sections = []
    for section in edition.sections:
        asked = [path.steps[name].question for name in section.questions if path.steps[name].is_asked]
        rows = tuple(
            (question.wording, tuple(answer_view(result.framework, _leaf(result, name)) for name in question.facts))
            for question in asked
        )
        if rows:
            sections.append(AnsweredSection(section, rows))
    return tuple(sections)


def _leaf(result: Result, fact_id: str) -> dict[str, Any]:
    value = result.document["facts"].get(fact_id)
    return {"id": fact_id, "value": value, "state": "unanswered" if value is None else "answered"}


def questionnaire_html(
    session: Session, framework: Framework, assessment: Assessment, *, filled: bool, locale: str
) -> str:
    """The questionnaire on paper, blank or with today's answers; only what can apply to the enterprise."""
    sheet = load_sheet(session, assessment, framework)
    evaluation = evaluate_assessment(framework, assessment, sheet.facts if filled else {})
    views = {
        section.id: [
            pages.question_view(framework, name, sheet, evaluation, {}, pages.Drafted())
            for page in pages.section_pages(section, evaluation)
            for name in page
        ]
        for section in framework.edition.sections
    }
    return render_template(
        "reports/questionnaire.html",
        framework=framework,
        assessment=assessment,
        sections=[section for section in framework.edition.sections if views[section.id]],
        views=views,
        filled=filled,
        facts=sheet.facts if filled else {},
        report_locale=locale,
    )
