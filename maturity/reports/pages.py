"""The finished HTML of each document, from frozen data only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from flask import render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.answering import load_sheet
from maturity.assessments.models import Assessment
from maturity.assessments.submission import submission_of
from maturity.benchmarks.words import SIZES
from maturity.editions.service import framework_by_hash
from maturity.jobs.worker import JobFailure
from maturity.public.methodology import methodology_of
from maturity.questionnaires.model import Facts, Section
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import from_json
from maturity.reference.figures import series, sources
from maturity.reference.figures import version as figures_version
from maturity.reports.answers import indicator_answer, money_words, question_answer
from maturity.reports.booklet import enterprise_booklet
from maturity.reports.booklet_pages import enterprise_html
from maturity.reports.findings import findings_of, median_of
from maturity.reports.service import TEMPLATE_VERSION, Brand, Wanted, enterprise_name
from maturity.results.charts import chart_of, peer_population, scores_chart
from maturity.results.svg import draw
from maturity.results.view import Result, result_of

#: The pictures of the report and whether each is drawn for half the page's width.
PICTURES = {"dimensions": True, "waterfall": False, "peers": False, "national": False}
Step = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Picture:
    title: str
    source: str
    svg: str


@dataclass(frozen=True, slots=True)
class AnsweredSection:
    """One section of the answers: number, wording and answer of every question asked."""

    section: Section
    rows: tuple[tuple[int, str, str | None], ...]


def document_html(
    session: Session, assessment: Assessment, wanted: Wanted, step: Step, brand: Brand | None = None
) -> str:
    """The page of the document wanted, in its language; `step` is called as the work goes on."""
    framework = framework_by_hash(session, assessment.edition_sha256)
    with force_locale(wanted.locale):
        if wanted.kind == "report":
            submission = submission_of(session, assessment)
            if submission is None:
                raise JobFailure("assessment_incomplete")
            return report_html(result_of(session, framework, submission), wanted.locale, step, brand)
        return questionnaire_html(session, framework, assessment, filled=wanted.kind == "answers", locale=wanted.locale)


def report_html(result: Result, locale: str, step: Step, brand: Brand | None = None) -> str:
    facts = facts_of(result)
    return render_template(
        "reports/report.html",
        result=result,
        pictures=pictures_of(result, locale, step),
        findings=findings_of(result),
        median_of=lambda metric: median_of(result, metric),
        answer_of=lambda indicator_id: indicator_answer(result.framework, indicator_id, facts, locale),
        answers=answered_sections(result, facts, locale),
        method=methodology_of(result.framework),
        sources={code: text for code, text in sources().items() if code in _sources_shown()},
        peers=peer_population(result, locale),
        revenue=money_words(Fraction(result.profile["revenue"]), locale),
        sizes=SIZES,
        template_version=TEMPLATE_VERSION,
        reference_data=_reference_data(result),
        declared=result.document["declaration"],
        document_number=result.submission.sha256[:12].upper(),
        report_locale=locale,
        brand=brand,
    )


def pictures_of(result: Result, locale: str, step: Step) -> dict[str, Picture]:
    """Every picture that can be drawn of the result, by the name of its chart."""
    charts = [(chart_of(name, result, locale), narrow) for name, narrow in PICTURES.items()]
    charts += [(scores_chart(result, dimension, locale), True) for dimension in result.dimensions]
    made = {}
    for chart, narrow in charts:
        if chart is not None:
            made[chart.name] = Picture(chart.title, chart.source, draw(chart, narrow))
        step()
    return made


def _sources_shown() -> set[str]:
    """The sources of the published figures that the report shows."""
    national = series("cnc_rate")
    return {point.source for point in (*national.points(), *national.targets)}


def _reference_data(result: Result) -> str:
    """The states of the published figures and of the peers' release that the report shows."""
    release = (result.comparison.release.sha256 or "—")[:12] if result.comparison else "—"
    return f"{figures_version()} · {release}"


def facts_of(result: Result) -> Facts:
    facts = result.framework.edition.facts
    return {name: from_json(facts[name], data) for name, data in result.document["facts"].items()}


def answered_sections(result: Result, facts: Facts, locale: str) -> tuple[AnsweredSection, ...]:
    """Every question that was asked, with its answer, section by section, numbered through."""
    edition = result.framework.edition
    path = find_path(edition, result.profile, facts)
    sections = []
    number = 0
    for section in edition.sections:
        rows = []
        for question in (path.steps[name].question for name in section.questions if path.steps[name].is_asked):
            number += 1
            answer = question_answer(result.framework, question, facts, locale)
            rows.append((number, question.wording.to(locale), answer))
        if rows:
            sections.append(AnsweredSection(section, tuple(rows)))
    return tuple(sections)


def questionnaire_html(
    session: Session, framework: Framework, assessment: Assessment, *, filled: bool, locale: str
) -> str:
    """The questionnaire on paper, blank or with today's answers; only what can apply to the enterprise."""
    sheet = load_sheet(session, assessment, framework)
    path = find_path(framework.edition, assessment.profile, sheet.facts if filled else {})
    skipped = {name for name in sheet.answers if sheet.is_skipped(name)} if filled else None
    return enterprise_html(
        enterprise_booklet(framework, assessment.profile, path, skipped),
        locale,
        enterprise=enterprise_name(session, assessment),
        period=assessment.period,
        profile=assessment.profile,
        filled=filled,
    )
