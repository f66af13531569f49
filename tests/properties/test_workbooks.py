"""Whatever can be answered comes back from a workbook as it was: all editions, all scenarios, any valid sheet.

The workbook is made, read by the side that the site confines, and turned into facts again; nothing in between is ours
to invent.
"""

from __future__ import annotations

import io
import tempfile
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.formula import Tokenizer
from openpyxl.utils import get_column_letter

from maturity.adaptive.framework import Framework, load_framework
from maturity.questionnaires.loader import editions
from maturity.questionnaires.model import Facts
from maturity.questionnaires.path import Standing, find_path
from maturity.questionnaires.values import decimal_text
from maturity.workbooks.reading import read_workbook
from maturity.workbooks.values import read_question
from maturity.workbooks.writing import Content, make_workbook
from tests.content.golden import Scenario, read_scenario, scenario_files
from tests.properties.strategies import SHEETS, answers, profiles

LOCALES = ("zh_CN", "en")


def read_back(framework: Framework, profile: dict[str, Any] | None, facts: Facts, locale: str) -> dict[str, Any]:
    """The facts that stand in the workbook made of these, of the questions that can apply."""
    content = make_workbook(framework, Content("x", (), profile=profile, facts=facts), "sealed", locale)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        path.write_bytes(content)
        told = read_workbook(path, "a.xlsx")
    assert told["seal"] == "sealed"
    found: dict[str, Any] = {}
    for sheet in told["sheets"]:
        if sheet["section"] is None:
            continue
        for name in framework.edition.section(sheet["section"]).questions:
            given = read_question(framework.edition, framework.edition.questions[name], sheet["answers"])
            assert given.is_good, given.problems
            found |= given.values
    return found


def expected(framework: Framework, profile: dict[str, Any] | None, facts: Facts) -> dict[str, Any]:
    if profile is None:
        return dict(facts)
    steps = find_path(framework.edition, profile, facts).steps
    asked_by = framework.edition.asked_by
    shown = {name for name, step in steps.items() if step.standing is not Standing.NOT_APPLICABLE}
    return {fact: value for fact, value in facts.items() if asked_by[fact] in shown}


@pytest.mark.parametrize("slug", editions())
@settings(SHEETS, max_examples=4)
@given(st.data(), profiles(), st.sampled_from(LOCALES))
def test_any_answers_come_back_from_a_workbook(
    slug: str, data: st.DataObject, who: dict[str, Any], locale: str
) -> None:
    framework = load_framework(slug)
    facts = data.draw(answers(framework))
    assert read_back(framework, who, facts, locale) == expected(framework, who, facts)


@pytest.mark.parametrize("scenario", [read_scenario(path) for path in scenario_files()], ids=lambda item: item.id)
def test_every_scenario_comes_back_from_a_workbook(scenario: Scenario) -> None:
    framework = load_framework(scenario.slug)
    facts, who = scenario.facts(framework.edition), scenario.profile()
    for locale in LOCALES:
        assert read_back(framework, who, facts, locale) == expected(framework, who, facts)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("slug", editions())
def test_a_blank_workbook_holds_every_question_and_no_answer(slug: str, locale: str) -> None:
    framework = load_framework(slug)
    assert read_back(framework, None, {}, locale) == {}


@settings(SHEETS, max_examples=200)
@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 14))
def test_a_number_of_fifteen_digits_survives_excel(digits: int, places: int) -> None:
    """Excel keeps a double; to fifteen digits that is exact."""
    value = Fraction(digits, 10**places)
    told = Decimal(format(float(value), ".15g"))
    assert Fraction(told) == value
    assert Fraction(decimal_text(value)) == value


class Reckoned:
    """A workbook's formulas, reckoned from its answer cells alone, as a spreadsheet program does."""

    def __init__(self, content: bytes) -> None:
        self.book = load_workbook(io.BytesIO(content))

    def states(self) -> dict[str, bool]:
        """Whether each question is asked, by the slot of its first row."""
        found = {}
        for sheet in self.book.worksheets:
            keys = {cell.value: cell.column for cell in sheet[1]}
            if "id" not in keys:
                continue
            for row in range(5, sheet.max_row + 1):
                slot = sheet.cell(row, keys["id"]).value
                found[slot] = self.value(sheet.title, f"${get_column_letter(keys['state'])}${row}") == 1
        return found

    @cache  # noqa: B019  # as long as the test
    def value(self, sheet: str, cell: str) -> Any:
        held = self.book[sheet][cell.replace("$", "")].value
        if not isinstance(held, str) or not held.startswith("="):
            return Words(held or "") if held is None or isinstance(held, str) else held
        names = {"AND": lambda *a: all(a), "OR": lambda *a: any(a), "NOT": lambda a: not a, "IF": _if}
        names |= {"ISNUMBER": lambda a: isinstance(a, int | float), "AT": lambda place: self._at(sheet, place)}
        return eval("".join(map(_python, Tokenizer(held).items)), {"__builtins__": {}}, names)  # noqa: S307  # ours

    def _at(self, sheet: str, place: str) -> Any:
        named, _mark, cell = place.rpartition("!")
        return self.value(named.strip("'").replace("''", "'") or sheet, cell)


class Words(str):
    """To a spreadsheet every text is more than every number, and no comparison is an error."""

    __slots__ = ()

    def __gt__(self, other: object) -> bool:
        return True

    def __ge__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return False

    def __le__(self, other: object) -> bool:
        return False


def _if(condition: bool, yes: Any, no: Any) -> Any:
    return yes if condition else no


def _python(token: Any) -> str:
    match token.type, token.subtype:
        case "OPERAND", "RANGE":
            return f"AT({token.value!r})"
        case "OPERAND", "TEXT":
            return repr(token.value[1:-1].replace('""', '"'))
        case "OPERAND", "LOGICAL":
            return str(token.value.title())
        case "OPERATOR-INFIX", _:
            return {"=": "==", "<>": "!="}.get(token.value, token.value)
        case _:
            return str(token.value)


@pytest.mark.parametrize("slug", editions())
@settings(SHEETS, max_examples=4)
@given(st.data(), profiles(), st.sampled_from(LOCALES))
def test_the_sheet_greys_what_the_site_does_not_ask(
    slug: str, data: st.DataObject, who: dict[str, Any], locale: str
) -> None:
    framework = load_framework(slug)
    facts = data.draw(answers(framework, gaps=40))
    content = make_workbook(framework, Content("x", (), profile=who, facts=facts), "sealed", locale)
    steps = find_path(framework.edition, who, facts).steps
    for slot, is_asked in Reckoned(content).states().items():
        assert steps[framework.edition.asked_by[slot.partition(".")[0]]].is_asked == is_asked, slot
