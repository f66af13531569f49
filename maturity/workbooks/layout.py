"""Where everything stands in a workbook: one cell for each thing to fill in, found again by ids and not by place.

The first row of a sheet is hidden and names the sheet and its columns; a hidden column names what each row asks for.
So rows may be inserted, help columns deleted and everything sorted, and the answers are still found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from maturity.questionnaires.model import Edition, Fact, FactValue, Option, Pair, Section, Text

#: Counted up when a workbook of before cannot be read like one of today any more.
FORMAT = 1
TOKEN_SHEET, LISTS_SHEET = "_maturity", "_lists"
KEY_ROW, TITLE_ROW, HELP_ROW, HEADING_ROW, FIRST_ROW = 1, 2, 3, 4, 5
SHEET_MARK = "sheet:"
LONGEST_SHEET_NAME = 31
#: A register has a row for each enterprise: keys, title, headings of questions and of cells, then the enterprises.
REGISTER_FIRST_ROW = 6
REGISTER_MARK = "register"
USCC, NAME, SEAL = "uscc", "name", "seal"
MOST_ENTERPRISES = 1_000  # of one upload

ANSWER, NOTE, STATE, ID = "answer", "note", "state", "id"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet of questions: its key in the hidden row, its heading, its width in characters."""

    key: str
    heading: Text
    width: int


COLUMNS = (
    Column("no", Text("序号", "No."), 6),
    Column("question", Text("题目", "Question"), 40),
    Column("item", Text("填写项", "Item"), 30),
    Column(ANSWER, Text("答案", "Answer"), 30),
    Column("unit", Text("单位或选项", "Unit or options"), 34),
    Column("applies", Text("是否填写", "To be filled in?"), 13),
    Column("earlier", Text("上一年度", "Last year"), 20),
    Column("origin", Text("来源", "Origin"), 13),
    Column(NOTE, Text("证明材料（文件名、编号或存放处）", "Evidence (name, number or place)"), 32),
    Column("when", Text("何时填写", "Only after"), 30),
    Column("definition", Text("口径", "Definition"), 52),
    Column("proof", Text("可证明的材料", "What proves it"), 34),
    Column(STATE, Text("适用", "Applies"), 6),
    Column(ID, Text("编号", "Id"), 12),
)
PLACES: Mapping[str, int] = {column.key: index for index, column in enumerate(COLUMNS)}
HIDDEN = (STATE, ID)
YES_NO = (Option("true", Text("是", "Yes")), Option("false", Text("否", "No")))
CURRENT, PRIOR = Text("报告期", "reporting year"), Text("上年", "prior year")


@dataclass(frozen=True, slots=True)
class Slot:
    """One cell to fill: of which fact, which part of it, what it is called and what may stand in it."""

    id: str
    fact: Fact
    part: str  # a row, an option, "current" or "prior"; empty where the fact is one cell
    label: Text
    kind: str  # "number", "choice", "date" or "text"
    choices: tuple[Option, ...] = ()


@lru_cache(maxsize=4096)
def slots_of(fact: Fact) -> tuple[Slot, ...]:
    """The cells of a fact: one, or one for each row, option or year."""
    match fact.type:
        case "matrix":
            rows = ((row, fact.columns) for row in fact.rows)
            return tuple(_part(fact, row, "choice", choices) for row, choices in rows)
        case "multi":
            return tuple(_part(fact, option, "choice", YES_NO) for option in fact.options)
        case "pair":
            years = (Option("current", CURRENT), Option("prior", PRIOR))
            return tuple(_part(fact, year, "number") for year in years)
        case "choice":
            return (Slot(fact.id, fact, "", fact.label, "choice", fact.options),)
        case "yesno":
            return (Slot(fact.id, fact, "", fact.label, "choice", YES_NO),)
        case "number" | "money":
            return (Slot(fact.id, fact, "", fact.label, "number"),)
        case "date":
            return (Slot(fact.id, fact, "", fact.label, "date"),)
        case _:
            return (Slot(fact.id, fact, "", fact.label, "text"),)


def _part(fact: Fact, part: Option, kind: str, choices: tuple[Option, ...] = ()) -> Slot:
    label = Text(f"{fact.label.zh}：{part.label.zh}", f"{fact.label.en}: {part.label.en}")
    return Slot(f"{fact.id}.{part.id}", fact, part.id, label, kind, choices)


def question_slots(edition: Edition, question_id: str) -> Iterator[Slot]:
    """The cells of a question, in order."""
    for fact_id in edition.questions[question_id].facts:
        yield from slots_of(edition.facts[fact_id])


Shown = Fraction | str | date | None


def shown_in(slot: Slot, value: FactValue | None, locale: str) -> Shown:
    """What the cell shows of the fact's value."""
    match value:
        case None:
            return None
        case Pair():
            part: Fraction | None = getattr(value, slot.part)
            return part
        case bool():
            return YES_NO[not value].label.to(locale)
        case frozenset():
            return YES_NO[slot.part not in value].label.to(locale)
        case str():
            return label_of(slot.choices, value, locale) if slot.choices else value
        case Mapping():
            return label_of(slot.choices, value.get(slot.part), locale)
        case _:
            return value


def label_of(choices: Sequence[Option], option_id: str | None, locale: str) -> str | None:
    return next((option.label.to(locale) for option in choices if option.id == option_id), None)


def find_option(choices: Sequence[Option], typed: str) -> str | None:
    """The option that a text names, in either language or by its id; width, case and blanks do not matter."""
    wanted = plain(typed)
    for option in choices:
        if wanted in (plain(option.label.zh), plain(option.label.en), option.id):
            return option.id
    return None


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """
    >>> plain(" ＥＲＰ　系统 ") == plain("erp 系统")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")


def sheet_names(sections: Sequence[Section], locale: str) -> dict[str, str]:
    """The name of each section's sheet: its title as far as Excel takes it, and no name twice."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for section in sections:
        title = _NOT_IN_A_NAME.sub(" ", section.title.to(locale)).strip(" '")[:LONGEST_SHEET_NAME]
        name, number = title, 2
        while name.casefold() in taken:
            ending = f" {number}"
            name, number = title[: LONGEST_SHEET_NAME - len(ending)] + ending, number + 1
        taken.add(name.casefold())
        names[section.id] = name
    return names


def letter(key: str) -> str:
    """The letter of a column by its key."""
    return chr(ord("A") + PLACES[key])
