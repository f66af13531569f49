"""Documents printed from submitted scenarios; each one is printed once for all tests that look at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.reports.pages import document_html
from maturity.reports.pdf import render_pdf
from maturity.reports.service import wanted_document
from tests.factories.results import release_peers_of, submit_scenario
from tests.integration.reports.paper import Paper

Press = Callable[..., Paper]
_printed: dict[tuple[Any, ...], Paper] = {}


def print_document(app: Any, session: Session, assessment: Assessment, kind: str, locale: str) -> Paper:
    with app.test_request_context():
        wanted = wanted_document(session, assessment, kind, locale)
        html = document_html(session, assessment, wanted, lambda: None)
    return Paper(render_pdf(html, wanted.key))


@pytest.fixture
def press(app: Any, session: Session, clock: FixedClock) -> Press:
    """Prints `press(scenario, locale)`; `kind`, `name`, `signatory`, `period` and `peers` may differ."""
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("what is on paper does not depend on the database; SQLite's is looked at")

    def print_once(slug: str, locale: str, *, kind: str = "report", peers: bool = True, **more: Any) -> Paper:
        key = (slug, locale, kind, peers, *sorted(more.items()))
        if key not in _printed:
            assessment = submit_scenario(session, slug, clock, **more)
            if peers:
                release_peers_of(session, assessment, clock)
            _printed[key] = print_document(app, session, assessment, kind, locale)
        return _printed[key]

    return print_once
