"""The first version of a report, composed from the figures by rules: every sentence follows from what is published."""

from __future__ import annotations

from collections.abc import Callable

from maturity.yearly.book import Book
from maturity.yearly.drafting import advice, back, breakdown, compared, front, measured
from maturity.yearly.drafting.draft import Draft
from maturity.yearly.paper import Paper, Section
from maturity.yearly.scope import Scope

CHAPTERS: tuple[Callable[[Draft], Section], ...] = (
    front.summary,
    front.key_figures,
    front.method,
    front.population,
    measured.levels,
    measured.dimensions,
    measured.indicators,
    breakdown.industries,
    breakdown.sizes,
    breakdown.regions,
    compared.trend,
    compared.published,
    compared.targets,
    compared.gates,
    advice.recommendations,
    back.disclosure,
    back.definitions,
    back.appendix,
    back.evidence,
    back.cells,
    back.sources,
)


def draft_of(book: Book, scope: Scope, locale: str, title: str, publisher: str) -> Paper:
    """The whole report; sections with nothing to say are left out."""
    draft = Draft(book, scope, locale)
    sections = tuple(section for section in (chapter(draft) for chapter in CHAPTERS) if section.blocks)
    return Paper(locale, title, front.subtitle(draft), front.signatories(draft, publisher), sections)
