"""The questionnaire as frozen values: facts, questions, sections, plausibility rules, editions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from maturity.questionnaires.conditions import Condition
    from maturity.questionnaires.plausibility import Rule


class Pair(NamedTuple):
    """A year-on-year figure: this reporting period and the one before; `prior` is None without a prior year."""

    current: Fraction
    prior: Fraction | None


FactValue = Fraction | str | bool | frozenset[str] | Mapping[str, str] | Pair | date
Facts = Mapping[str, FactValue]
Profile = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages of the product."""

    zh: str
    en: str

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Text:
        return cls(data["zh"], data["en"])

    def to(self, locale: str) -> str:
        """
        >>> Text("等级", "Level").to("zh_CN"), Text("等级", "Level").to("en")
        ('等级', 'Level')
        """
        return self.zh if locale.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Option:
    """One choice, row or column of a fact."""

    id: str
    label: Text


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is true of an enterprise on a date; shared by all frameworks."""

    id: str
    type: str
    label: Text
    definition: Text | None
    unit: Text | None
    integer: bool
    minimum: Fraction | None
    maximum: Fraction | None
    options: tuple[Option, ...]
    ordered: bool
    exclusive: str | None
    rows: tuple[Option, ...]
    columns: tuple[Option, ...]

    def option_ids(self) -> tuple[str, ...]:
        return tuple(option.id for option in self.options)

    def row_ids(self) -> tuple[str, ...]:
        return tuple(row.id for row in self.rows)

    def column_ids(self) -> tuple[str, ...]:
        return tuple(column.id for column in self.columns)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The two facts from which a ratio question's percentage is computed."""

    numerator: str
    denominator: str


@dataclass(frozen=True, slots=True)
class Question:
    """Wording, help and widget that elicit one or more facts in one edition."""

    id: str
    section: str
    facts: tuple[str, ...]
    widget: str
    ratio: Ratio | None
    wording: Text
    definition: Text
    why: Text
    decides: Text | None  # the decision of the enterprise that the answer changes; a draft may lack it
    evidence: Text
    example: Text | None
    applies: Condition | None
    requires: Condition | None
    provenance: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the questionnaire that one person can answer in one sitting."""

    id: str
    title: Text
    purpose: Text
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """One immutable, dated release of a framework with its questions."""

    framework: str
    edition: str
    status: str
    valid_from: date
    title: Text
    basis: Text
    sections: tuple[Section, ...]
    questions: Mapping[str, Question]
    facts: Mapping[str, Fact]
    asked_by: Mapping[str, str]  # fact id -> question id
    order: tuple[str, ...]  # question ids as presented; what a question builds on always stands before it
    plausibility: tuple[Rule, ...]

    @property
    def slug(self) -> str:
        return f"{self.framework}/{self.edition}"

    def section(self, section_id: str) -> Section:
        return next(section for section in self.sections if section.id == section_id)
