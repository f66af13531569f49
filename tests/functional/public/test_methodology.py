"""The methodology page is generated from the edition that is in force, down to its hash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.editions.models import EditionRecord
from maturity.editions.service import canonical, digest
from maturity.questionnaires.loader import read_bundle
from tests.conftest import EDITION, NOW, Browser


@pytest.fixture
def newer(app: Any, session: Session) -> Iterator[str]:
    """A newer edition with one weight, one gate and one definition changed; its hash."""
    bundle = json.loads(canonical(read_bundle(EDITION)))
    bundle["manifest"]["edition"] = "2099.1"
    bundle["scoring"]["dimensions"][0]["weight"]["values"] = {"2020-01-01": 60}
    bundle["parameters"][bundle["scoring"]["levels"][1]["gates"][0]["at_least"]]["values"] = {"2020-01-01": 47}
    bundle["indicators"]["cnc_rate"]["definition"] = {"zh": "另一种口径。", "en": "Quite another definition."}
    content = canonical(bundle)
    sha256 = digest(content)
    kept = {"framework": "lianghua", "edition": "2099.1", "status": "draft", "created_at": NOW}
    session.add(EditionRecord(sha256=sha256, bundle=content.decode(), **kept))
    session.commit()
    yield sha256
    session.rollback()
    session.execute(delete(EditionRecord).where(EditionRecord.sha256 == sha256))
    session.commit()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_dimension_group_indicator_and_stage_is_on_the_page(
    browser: Browser, framework: Framework, lang: str
) -> None:
    html = unescape(browser.get(f"/methodology?lang={lang}").html)
    locale = "zh_CN" if lang == "zh" else "en"
    parts = (*framework.parts.values(), *framework.indicators.values(), *framework.levels.values())
    for words in parts:
        assert words.title.to(locale) in html
    for words in framework.indicators.values():
        assert words.body is not None
        assert words.body.to(locale) in html


def test_the_page_names_the_edition_and_its_hash(browser: Browser, framework: Framework) -> None:
    page = browser.get("/methodology?lang=en")
    assert framework.edition.edition in page.text
    assert digest(canonical(framework.bundle)) in page.text


def test_a_changed_edition_changes_the_page(browser: Browser, newer: str) -> None:
    page = browser.get("/methodology?lang=en")
    assert "2099.1" in page.text
    assert newer in page.text
    assert "weight 42.9 %" in page.text
    assert "≥ 47" in page.text
    assert "Quite another definition." in page.text


def test_without_it_nothing_of_the_change_is_there(browser: Browser) -> None:
    page = browser.get("/methodology?lang=en")
    assert "weight 20 %" in page.text
    assert "≥ 47" not in page.text
    assert "Quite another definition." not in page.text


def test_what_is_our_own_and_what_is_quoted_is_told(browser: Browser) -> None:
    text = browser.get("/methodology?lang=en").text
    assert "M from memory and unverified, I our own" in text
