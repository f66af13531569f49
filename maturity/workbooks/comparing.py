"""What an uploaded workbook would change: compared with what it showed when it was downloaded and what stands now.

An answer that the workbook leaves as it showed it is not touched, whatever happened to it since. One that it changed is
saved only over the version that it showed; where somebody changed it meanwhile, that is told and theirs stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.answering import Sheet, StoredAnswer, blank_answer, reload_answer
from maturity.assessments.models import AnswerVersion, Assessment
from maturity.assessments.reach import Reach
from maturity.questionnaires.model import FactValue, Question, Text
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import from_json, to_json
from maturity.workbooks.layout import question_slots, sheet_names
from maturity.workbooks.seals import Label
from maturity.workbooks.values import Cell, read_question
from maturity.workbooks.writing import LONGEST_NOTE, plain_text


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that must be mended in the workbook first; `cell` is empty where it is the sheet as a whole."""

    sheet: str
    cell: str
    text: Text
    question_id: str = ""

    @property
    def place(self) -> str:
        """
        >>> Problem("研发", "D12", Text("", "")).place, Problem("研发", "", Text("", "")).place
        ('研发!D12', '研发')
        """
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that becomes another; JSON facts by fact id, empty where there is no answer."""

    question_id: str
    place: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    seen_version: int


@dataclass(frozen=True, slots=True)
class Clash:
    """An answer that the workbook changes and somebody changed on the site since; the site's stays."""

    question_id: str
    place: str
    mine: Mapping[str, Any]
    current: StoredAnswer


@dataclass(frozen=True, slots=True)
class NoteChange:
    """A reference to evidence that becomes another."""

    question_id: str
    place: str
    before: str
    after: str
    seen_version: int


@dataclass(slots=True)
class Comparison:
    """Everything an upload would do and would not do."""

    changes: list[Change] = field(default_factory=list)
    notes: list[NoteChange] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    note_clashes: list[NoteChange] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: list[Change] = field(default_factory=list)  # filled in, but not asked
    strays: list[str] = field(default_factory=list)  # filled cells in rows that are not ours
    unchanged: int = 0
    outside: int = 0  # questions of sections that are not the person's

    @property
    def is_good(self) -> bool:
        return not self.problems

    @property
    def brings_something(self) -> bool:
        return bool(self.changes or self.notes)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands now: the answers, the references, and how far they are open to the person."""

    assessment: Assessment
    framework: Framework
    sheet: Sheet
    notes: Mapping[str, tuple[str, int]]  # question id -> text and version
    reach: Reach


def compare_workbook(session: Session, standing: Standing, label: Label, read: Mapping[str, Any]) -> Comparison:
    """`read` is what `reading.read_workbook` told of the file, whose label was unsealed."""
    found = Comparison()
    edition = standing.framework.edition
    path = find_path(edition, standing.assessment.profile, standing.sheet.facts)
    inside = [edition.section(name) for name in label.sections if standing.reach.holds(name)]
    found.outside = sum(
        len(edition.section(name).questions) for name in label.sections if not standing.reach.holds(name)
    )
    sheets = _by_section(found, sheet_names([edition.section(name) for name in label.sections], label.locale), read)
    shown = _Shown(session, standing.assessment.id, label)
    for section in inside:
        sheet = sheets.get(section.id)
        if sheet is None:
            continue
        found.strays += [f"{sheet['name']}!{cell}" for cell in sheet["strays"]]
        for name in section.questions:
            question = edition.questions[name]
            is_part = label.kind == "blank" or path.steps[name].standing.value != "not_applicable"
            _compare_question(found, standing, shown, question, sheet, is_part=is_part)
    _leave_out_what_is_not_asked(found, standing)
    return found


def compare_row(
    session: Session, standing: Standing, label: Label, sheet_name: str, cells: Mapping[str, Cell]
) -> Comparison:
    """The same for one row of a register, where a blank cell says nothing about the answer."""
    found = Comparison()
    edition = standing.framework.edition
    shown = _Shown(session, standing.assessment.id, label)
    for name in edition.order:
        question = edition.questions[name]
        filled = [slot.id for slot in question_slots(edition, name) if slot.id in cells]
        if not filled or not standing.reach.holds(question.section):
            continue
        given = read_question(edition, question, cells)
        if not given.is_good:
            found.problems += [
                Problem(sheet_name, bad.cell or cells[filled[0]]["cell"], bad.text, name) for bad in given.problems
            ]
            continue
        stored = standing.sheet.answers.get(name) or blank_answer(name)
        typed = {key: item for key, item in stored.facts.items() if key in question.facts}
        typed |= {key: to_json(value) for key, value in given.values.items()}
        _compare_answer(found, standing, shown, question, typed, f"{sheet_name}!{cells[filled[0]]['cell']}")
    _leave_out_what_is_not_asked(found, standing)
    return found


def _by_section(found: Comparison, names: Mapping[str, str], read: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The sheets that can be read; what is wrong with the others is told."""
    there = {sheet["section"]: sheet for sheet in read["sheets"] if sheet["section"]}
    titles = {sheet["name"] for sheet in read["sheets"]}
    good: dict[str, Mapping[str, Any]] = {}
    for section_id, name in names.items():
        sheet = there.get(section_id)
        if sheet is None:
            found.problems.append(Problem(name, "", _SHEETS["beheaded" if name in titles else "missing"]))
        elif sheet["name"] != name:
            found.problems.append(Problem(sheet["name"], "", _renamed(name)))
        elif not {"answer", "id"} <= set(sheet["columns"]):
            found.problems.append(Problem(name, "", _SHEETS["no_column"]))
        elif sheet["merged"]:
            found.problems += [Problem(name, area, _SHEETS["merged"]) for area in sheet["merged"]]
        else:
            good[section_id] = sheet
    return good


_SHEETS = {
    "missing": Text(
        "缺少这张工作表。请重新下载，把答案填到新的工作簿里。",
        "This sheet is missing. Download the workbook again and put the answers into the new one.",
    ),
    "beheaded": Text(
        "这张工作表的第一行（隐藏行）被删除，无法识别。请重新下载，把答案填到新的工作簿里。",
        "The hidden first row of this sheet was deleted, so that it cannot be read. Download the workbook again and "
        "put the answers into the new one.",
    ),
    "no_column": Text(
        "“答案”列或隐藏的“编号”列被删除。请重新下载，把答案填到新的工作簿里。",
        "The column “Answer” or the hidden column “Id” was deleted. Download the workbook again and put the answers "
        "into the new one.",
    ),
    "merged": Text(
        "答案单元格被合并，看不出哪一格是哪个答案。请取消合并后再上传。",
        "Answer cells were merged, so that it cannot be told which answer is which. Unmerge them and upload again.",
    ),
    "row": Text(
        "“{zh}”这一行被删除。请重新下载，把答案填到新的工作簿里。",
        "The row of “{en}” was deleted. Download the workbook again and put the answers into the new one.",
    ),
}


def _renamed(name: str) -> Text:
    return Text(
        f"这张工作表原名“{name}”。请改回原名再上传。",
        f"This sheet was called “{name}”. Give it its name back and upload again.",
    )


def _compare_question(
    found: Comparison,
    standing: Standing,
    shown: _Shown,
    question: Question,
    sheet: Mapping[str, Any],
    *,
    is_part: bool,
) -> None:
    slots = list(question_slots(standing.framework.edition, question.id))
    cells: Mapping[str, Cell] = sheet["answers"]
    missing = [slot for slot in slots if slot.id not in cells]
    if missing and not is_part:
        return
    if missing:
        label = missing[0].label
        text = Text(_SHEETS["row"].zh.format(zh=label.zh), _SHEETS["row"].en.format(en=label.en))
        found.problems.append(Problem(sheet["name"], "", text, question.id))
        return
    given = read_question(standing.framework.edition, question, cells)
    if given.is_good:
        typed = {name: to_json(value) for name, value in given.values.items()}
        _compare_answer(found, standing, shown, question, typed, f"{sheet['name']}!{given.cells[0]}")
    else:
        found.problems += [Problem(sheet["name"], bad.cell, bad.text, question.id) for bad in given.problems]
    _compare_note(found, standing, shown, question.id, sheet["notes"].get(slots[0].id), sheet["name"])


def _compare_answer(
    found: Comparison, standing: Standing, shown: _Shown, question: Question, typed: Mapping[str, Any], place: str
) -> None:
    stored = standing.sheet.answers.get(question.id) or blank_answer(question.id)
    if typed == stored.facts:
        found.unchanged += bool(typed)
        return
    if not typed and standing.sheet.is_proposed(question.id):
        return  # a blank cell says nothing about what waits to be confirmed
    seen = shown.version(question.id)
    if stored.version == seen:
        if typed or seen:
            found.changes.append(Change(question.id, place, stored.facts, typed, seen))
        return
    if typed == shown.facts(question.id):
        found.unchanged += 1  # not touched in the workbook; what somebody saved since stays
        return
    current = reload_answer(shown.session, standing.assessment, question.id)
    found.clashes.append(Clash(question.id, place, typed, current))


def _compare_note(
    found: Comparison, standing: Standing, shown: _Shown, question_id: str, cell: Cell | None, sheet_name: str
) -> None:
    """A reference to evidence; a blank cell of a workbook that showed none says nothing."""
    before, version = standing.notes.get(question_id, ("", 0))
    if cell is not None and cell["kind"] in ("formula", "fault"):
        found.problems.append(Problem(sheet_name, cell["cell"], _NOTE_FORMULA, question_id))
        return
    after = plain_text(str((cell or {}).get("value", ""))).strip()
    place = f"{sheet_name}!{cell['cell']}" if cell else sheet_name
    seen = shown.label.notes.get(question_id, 0)
    if after == before or (not after and not seen):
        return
    if len(after) > LONGEST_NOTE:
        found.problems.append(Problem(sheet_name, str((cell or {}).get("cell", "")), _NOTE_LONG, question_id))
        return
    change = NoteChange(question_id, place, before, after, version)
    (found.notes if version == seen else found.note_clashes).append(change)


_NOTE_FORMULA = Text(
    "证明材料这一格是公式或错误值，请改为文字。", "The evidence cell holds a formula or an error. Write words instead."
)
_NOTE_LONG = Text(
    f"证明材料最多 {LONGEST_NOTE} 个字，请缩短。", f"Shorten the evidence to at most {LONGEST_NOTE} characters."
)


def _leave_out_what_is_not_asked(found: Comparison, standing: Standing) -> None:
    """An answer to a question that the workbook's own answers do not lead to is not saved, as on the site."""
    facts: dict[str, FactValue] = dict(standing.sheet.facts)
    for change in found.changes:
        question = standing.framework.edition.questions[change.question_id]
        facts = {name: value for name, value in facts.items() if name not in question.facts}
        facts |= values_of(standing.framework, change.after)
    path = find_path(standing.framework.edition, standing.assessment.profile, facts)
    found.left_out = [change for change in found.changes if not path.steps[change.question_id].is_asked]
    found.changes = [change for change in found.changes if path.steps[change.question_id].is_asked]


def values_of(framework: Framework, data: Mapping[str, Any]) -> dict[str, FactValue]:
    return {name: from_json(framework.edition.facts[name], item) for name, item in data.items()}


class _Shown:
    """What the workbook showed when it was downloaded, read from the history where it is asked for."""

    def __init__(self, session: Session, assessment_id: uuid.UUID, label: Label) -> None:
        self.session, self._assessment_id, self.label = session, assessment_id, label

    def version(self, question_id: str) -> int:
        return self.label.versions.get(question_id, 0)

    def facts(self, question_id: str) -> Mapping[str, Any]:
        query = select(AnswerVersion.facts).where(
            AnswerVersion.assessment_id == self._assessment_id,
            AnswerVersion.question_id == question_id,
            AnswerVersion.version == self.version(question_id),
        )
        facts: Mapping[str, Any] | None = self.session.scalar(query)
        return facts or {}
