"""Making a workbook: an instructions sheet, a sheet for each section, lists to choose from, and the seal.

Only answer cells and evidence cells can be changed. What does not apply is grey by a formula, and every formula comes
with its result, because a workbook fresh from the network is shown without being reckoned. Nothing that anybody typed
can become a formula: every text is written as one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from maturity.adaptive.framework import Framework
from maturity.assessments.pages import builds_on
from maturity.questionnaires.model import Edition, Fact, FactValue, Option, Profile, Question, Section, Text
from maturity.questionnaires.path import Standing, find_path
from maturity.questionnaires.plausibility import show
from maturity.questionnaires.values import MAX_TEXT, from_json
from maturity.reports.booklet_words import for_whom
from maturity.workbooks.formulas import Formulas, NotExpressible
from maturity.workbooks.layout import (
    ANSWER,
    COLUMNS,
    FIRST_ROW,
    HEADING_ROW,
    HELP_ROW,
    HIDDEN,
    ID,
    KEY_ROW,
    LISTS_SHEET,
    NOTE,
    PLACES,
    SHEET_MARK,
    STATE,
    TITLE_ROW,
    TOKEN_SHEET,
    Slot,
    letter,
    question_slots,
    sheet_names,
    shown_in,
)

INK, MUTED, ACCENT, PAPER, LINE = "#1F2733", "#4A5565", "#0A4488", "#FFFFFF", "#CFD6E1"
FILL, GREY, GREY_INK = "#FFF8E1", "#E4E7EC", "#6B7585"
LINE_HEIGHT, MOST_LINES = 14, 9
WIDE_FROM = 0x2E80  # characters that take the room of two
HUGE = 10**15 - 1  # more digits than that the site does not take
YES_TO_FILL, NOT_TO_FILL = Text("填写", "yes"), Text("不用填写", "no")
CARRIED_OVER = Text("沿用", "carried over")
PROPOSED = Text("沿用，在网站上确认后才计入", "carried over; counts once confirmed on the site")
UNCHECKED = Text("此条件表内无法判断，以网站为准。", "The sheet cannot tell this; the site decides.")
LEAD = Text("只填黄色单元格，灰色行不用填写。", "Fill the yellow cells only; leave grey rows empty.")
LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class Content:
    """What a workbook shows besides the questions. A blank one knows no enterprise and has none of it."""

    title: str
    lines: tuple[str, ...]  # below the title of the instructions: who, what year, made when
    profile: Profile | None = None
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    standing_facts: Mapping[str, FactValue] | None = None  # those of all sections, where only some are shown
    earlier: Mapping[str, Any] = field(default_factory=dict)  # JSON by fact id
    carried_over: frozenset[str] = frozenset()  # question ids
    proposed: frozenset[str] = frozenset()  # of these, those nobody has confirmed yet
    notes: Mapping[str, str] = field(default_factory=dict)  # question id -> reference to evidence
    sections: tuple[str, ...] = ()


class Book(Workbook):
    """With its sheets fixed: XlsxWriter protects cells, and the structure not yet."""

    def _write_book_views(self) -> None:
        self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])
        super()._write_book_views()


@dataclass(slots=True)
class Styles:
    """The formats of a workbook, each made once."""

    book: Workbook
    made: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def of(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            base = {"font_name": "Microsoft YaHei", "font_size": 10, "font_color": INK, "valign": "top"}
            self.made[key] = self.book.add_format(base | {"text_wrap": True} | properties)
        return self.made[key]


@dataclass(slots=True)
class Filling:
    """The workbook being filled, with the addresses that were given out before the first cell is written."""

    book: Workbook
    styles: Styles
    framework: Framework
    content: Content
    locale: str
    names: Mapping[str, str]
    questions: Mapping[str, tuple[str, ...]]  # section id -> its questions that can apply
    asked: Mapping[str, bool]
    formulas: Formulas
    lists: Lists

    @property
    def edition(self) -> Edition:
        return self.framework.edition

    def say(self, text: Text) -> str:
        return text.to(self.locale)


@dataclass(slots=True)
class Lists:
    """The hidden sheet with what can be chosen; every list stands there once."""

    sheet: Worksheet
    locale: str
    places: dict[tuple[str, ...], str] = field(default_factory=dict)

    def range_of(self, choices: Sequence[Option]) -> str:
        labels = tuple(choice.label.to(self.locale) for choice in choices)
        if labels not in self.places:
            column = len(self.places)
            for row, label in enumerate(labels):
                self.sheet.write_string(row, column, label)
            name = _column_name(column)
            self.places[labels] = f"='{LISTS_SHEET}'!${name}$1:${name}${len(labels)}"
        return self.places[labels]


def make_workbook(framework: Framework, content: Content, sealed: str, locale: str) -> bytes:
    """The workbook; `sealed` is its label, sealed."""
    buffer = io.BytesIO()
    book = Book(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": content.title})
    guide = book.add_worksheet(Text("填写说明", "Read first").to(locale))
    filling = _filling(book, framework, content, locale)
    sheets = {name: book.add_worksheet(filling.names[name]) for name in filling.questions}
    lists = book.add_worksheet(LISTS_SHEET)
    filling.lists = Lists(lists, locale)
    _write_guide(filling, guide)
    for section_id, sheet in sheets.items():
        _write_section(filling, sheet, framework.edition.section(section_id))
    token = book.add_worksheet(TOKEN_SHEET)
    token.write_string(0, 0, sealed)
    for hidden in (lists, token):
        hidden.protect("")
        hidden.very_hidden()
    guide.activate()
    book.close()
    return buffer.getvalue()


def _filling(book: Workbook, framework: Framework, content: Content, locale: str) -> Filling:
    edition = framework.edition
    known = content.facts if content.standing_facts is None else content.standing_facts
    path = find_path(edition, content.profile or {}, known)
    applicable = frozenset(
        name
        for name, step in path.steps.items()
        if content.profile is None or step.standing is not Standing.NOT_APPLICABLE
    )
    sections = [section for section in edition.sections if not content.sections or section.id in content.sections]
    questions = {section.id: tuple(filter(applicable.__contains__, section.questions)) for section in sections}
    questions = {name: asked for name, asked in questions.items() if asked}
    names = sheet_names([edition.section(name) for name in questions], locale)
    cells, states = _addresses(edition, names, questions)
    formulas = Formulas(edition, content.profile, locale, cells, states, applicable)
    asked = {name: path.steps[name].is_asked for name in edition.order}
    if content.profile is None:
        asked = {name: edition.questions[name].requires is None for name in edition.order}
    lists: Any = None  # made after the sheets, so that it stands behind them
    return Filling(book, Styles(book), framework, content, locale, names, questions, asked, formulas, lists)


def _addresses(
    edition: Edition, names: Mapping[str, str], questions: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Where every cell and every state will stand; sections follow each other, and so may what builds on what."""
    cells: dict[str, str] = {}
    states: dict[str, str] = {}
    for section_id, asked in questions.items():
        sheet, row = names[section_id].replace("'", "''"), FIRST_ROW
        for question_id in asked:
            states[question_id] = f"'{sheet}'!${letter(STATE)}${row}"
            for slot in question_slots(edition, question_id):
                cells[slot.id] = f"'{sheet}'!${letter(ANSWER)}${row}"
                row += 1
    return cells, states


def _write_guide(filling: Filling, sheet: Worksheet) -> None:
    say, styles, content = filling.say, filling.styles, filling.content
    sheet.set_column(0, 0, 5)
    sheet.set_column(1, 1, 96)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 1, content.title, styles.of(bold=True, font_size=16, font_color=ACCENT))
    sheet.set_row(0, 28)
    row = 1
    for line in content.lines:
        sheet.write_string(row, 1, line, styles.of(font_color=MUTED))
        row += 1
    row += 1
    for number, step in enumerate(GUIDE, start=1):
        sheet.write_number(row, 0, number, styles.of(bold=True, font_color=ACCENT, align="center"))
        sheet.write_string(row, 1, say(step), styles.of())
        sheet.set_row(row, LINE_HEIGHT * lines_in(say(step), 96) + 3)
        row += 1
    row += 1
    for colour, ink, words in LEGEND:
        sheet.write_blank(row, 0, None, styles.of(bg_color=colour, border=1, border_color=LINE))
        sheet.write_string(row, 1, say(words), styles.of(font_color=ink))
        row += 1
    row += 1
    sheet.write_string(row, 1, say(Text("部分", "Sections")), styles.of(bold=True, font_size=12, font_color=ACCENT))
    for section_id in filling.questions:
        row += 1
        section, name = filling.edition.section(section_id), filling.names[section_id]
        link = f"internal:'{name.replace(chr(39), chr(39) * 2)}'!{letter(ANSWER)}{FIRST_ROW}"
        sheet.write_url(row, 1, link, styles.of(font_color=ACCENT, underline=1), f"{name} — {say(section.purpose)}")
    sheet.protect("", {"format_columns": True, "format_rows": True})
    _print_well(filling, sheet)


GUIDE = (
    Text(
        "先看各表的题目和口径，也可以分给同事填写。",
        "Read the questions first; pass the sheets round if that helps.",
    ),
    Text(
        "只填黄色单元格：“答案”列和“证明材料”列。有下拉列表的从列表选；数字不带单位和百分号。",
        "Fill the yellow cells only: the columns “Answer” and “Evidence”. Choose from the list where there is one; "
        "type numbers without unit or percent sign.",
    ),
    Text(
        "灰色的行不用填：要不要填由前面的答案决定，“何时填写”列写着原因。",
        "Leave grey rows empty: earlier answers decide whether they are asked, and “Only after” says which.",
    ),
    Text(
        "不要改名或删除工作表，不要删除“答案”列，不要用公式代替答案。可以调整列宽，可以插入空行。",
        "Do not rename or delete sheets or the column “Answer”, and type no formula as an answer. Widths may be "
        "changed and rows inserted.",
    ),
    Text(
        "填好后在网站该评估的“Excel”页上传。先看到每一处变化，确认后才写入；其间网站上改过的答案不会被覆盖。",
        "Upload it on the page “Excel” of the assessment. You see every change before anything is saved, and answers "
        "changed on the site meanwhile are not overwritten.",
    ),
    Text(
        "没有填完也可以上传。清空一个原来有答案的单元格，就是删除该答案。",
        "It need not be complete. Emptying a cell that held an answer deletes the answer.",
    ),
)
LEGEND = (
    (FILL, INK, Text("要填写", "to be filled in")),
    (GREY, GREY_INK, Text("不用填写", "not asked")),
)


def _write_section(filling: Filling, sheet: Worksheet, section: Section) -> None:
    styles, say = filling.styles, filling.say
    for index, column in enumerate(COLUMNS):
        hidden = {"hidden": True} if column.key in HIDDEN else {}
        sheet.set_column(index, index, column.width, None, hidden)
        sheet.write_string(KEY_ROW - 1, index, column.key)
        sheet.write_string(
            HEADING_ROW - 1,
            index,
            say(column.heading),
            styles.of(bold=True, font_color=PAPER, bg_color=ACCENT, valign="vcenter"),
        )
    sheet.write_string(KEY_ROW - 1, len(COLUMNS), SHEET_MARK + section.id)
    sheet.set_column(len(COLUMNS), len(COLUMNS), None, None, {"hidden": True})
    sheet.set_row(KEY_ROW - 1, None, None, {"hidden": True})
    heading = styles.of(bold=True, font_size=14, font_color=ACCENT, text_wrap=False)
    sheet.write_string(TITLE_ROW - 1, 0, say(section.title), heading)
    sheet.write_string(
        HELP_ROW - 1, 0, f"{say(section.purpose)} {say(LEAD)}", styles.of(font_color=MUTED, text_wrap=False)
    )
    sheet.set_row(TITLE_ROW - 1, 24)
    sheet.set_row(HELP_ROW - 1, 18)
    row = FIRST_ROW
    for number, question_id in enumerate(filling.questions[section.id], start=1):
        row = _write_question(filling, sheet, number, filling.edition.questions[question_id], row)
    _grey_what_is_not_asked(filling, sheet, row - 1)
    _finish(filling, sheet, row - 1)


def _write_question(filling: Filling, sheet: Worksheet, number: int, question: Question, row: int) -> int:
    """The rows of a question; the row that follows them."""
    first = row
    try:
        formula = filling.formulas.of(question.requires)
    except NotExpressible:
        formula = None
    for slot in question_slots(filling.edition, question.id):
        opens = row == first
        styles = _RowStyles(filling.styles, opens)
        told = _told(filling, number, question, slot, formula is None, opens=opens)
        sheet.set_row(row - 1, LINE_HEIGHT * min(_lines(told), MOST_LINES) + 3)
        _write_cells(filling, sheet, row, styles, told)
        _write_state(filling, sheet, question.id, formula, row, first, styles)
        _write_answer(filling, sheet, slot, row, styles)
        if opens:
            style = styles.of(bg_color=FILL, locked=False, num_format="@")
            _write_text(sheet, row, PLACES[NOTE], filling.content.notes.get(question.id, ""), style)
            sheet.data_validation(row - 1, PLACES[NOTE], row - 1, PLACES[NOTE], _note_rule(filling.say))
        row += 1
    return row


@dataclass(frozen=True, slots=True)
class _RowStyles:
    """A stronger line above the first row of a question."""

    styles: Styles
    opens: bool

    def of(self, **properties: Any) -> Any:
        top = {"top": 1, "top_color": MUTED} if self.opens else {}
        return self.styles.of(bottom=1, bottom_color=LINE, **top, **properties)


def _told(
    filling: Filling, number: int, question: Question, slot: Slot, unchecked: bool, *, opens: bool
) -> Mapping[str, str]:
    """The texts of a row by column; what is said of a whole question stands beside its first cell only."""
    say, edition = filling.say, filling.edition
    told = {
        "item": say(slot.label),
        "unit": unit_text(slot, filling.locale),
        ID: slot.id,
        "earlier": _earlier(filling, slot),
    }
    if not opens:
        return told
    wordings = [say(edition.questions[name].wording) for name in builds_on(filling.framework, question)]
    when = wordings + ([say(UNCHECKED)] if unchecked and question.requires is not None else [])
    if filling.content.profile is None and question.applies is not None:
        when.insert(0, say(for_whom(question.applies)))
    carried = question.id in filling.content.carried_over
    came = PROPOSED if question.id in filling.content.proposed else CARRIED_OVER
    return told | {
        "no": str(number),
        "question": say(question.wording),
        "origin": say(came) if carried else "",
        "when": "\n".join(when),
        "definition": say(question.definition),
        "proof": say(question.evidence),
    }


def unit_text(slot: Slot, locale: str) -> str:
    """What may stand in the cell: its options, its unit, or what a date looks like."""
    if slot.choices:
        return " / ".join(choice.label.to(locale) for choice in slot.choices)
    if slot.kind == "date":
        return Text("日期，如 2025-12-31", "date, such as 2025-12-31").to(locale)
    return slot.fact.unit.to(locale) if slot.fact.unit else ""


def _earlier(filling: Filling, slot: Slot) -> str:
    """What was answered for the year before, in words; a fact that means something else by now has none."""
    told = filling.content.earlier.get(slot.fact.id)
    if told is None:
        return ""
    try:
        value = from_json(slot.fact, told)
    except ValueError:
        return ""
    shown = shown_in(slot, value, filling.locale)
    if isinstance(shown, Fraction):
        return show(filling.edition, slot.fact.id, shown, filling.locale)
    return "" if shown is None else str(shown)


def _write_cells(filling: Filling, sheet: Worksheet, row: int, styles: _RowStyles, told: Mapping[str, str]) -> None:
    for index, column in enumerate(COLUMNS):
        if column.key in (ANSWER, NOTE, STATE, "applies") and not (column.key == NOTE and not styles.opens):
            continue
        text = told.get(column.key, "")
        muted = (
            {"font_color": MUTED} if column.key in ("unit", "earlier", "origin", "when", "definition", "proof") else {}
        )
        _write_text(sheet, row, index, text, styles.of(bold=column.key == "question", **muted))


def _write_text(sheet: Worksheet, row: int, column: int, text: str, style: Any) -> None:
    if text:
        sheet.write_string(row - 1, column, plain_text(text), style)
    else:
        sheet.write_blank(row - 1, column, None, style)


def _lines(told: Mapping[str, str]) -> int:
    """How many lines the fullest cell of a row needs: spreadsheets do not all find that out by themselves."""
    return max(lines_in(told.get(column.key, ""), column.width) for column in COLUMNS if column.key not in HIDDEN)


def lines_in(text: str, width: int) -> int:
    """
    >>> lines_in("四个汉字", 8), lines_in("五个汉字多", 8), lines_in("", 8)
    (1, 2, 1)
    """
    used = (sum(2 if ord(character) > WIDE_FROM else 1 for character in line) for line in text.split("\n"))
    return sum(max(1, -(-length // width)) for length in used)


def _write_state(
    filling: Filling, sheet: Worksheet, question_id: str, formula: str | None, row: int, first: int, styles: _RowStyles
) -> None:
    """1 where the question is asked; the other rows of the question repeat its first one."""
    asked = filling.asked[question_id]
    if formula is None and filling.content.profile is None:
        asked = True
    place = f"{letter(STATE)}{row}"
    told = f"=IF({formula},1,0)" if row == first else f"={letter(STATE)}{first}"
    if formula is None and row == first:
        sheet.write_number(place, int(asked))  # as it was when the workbook was made
    else:
        sheet.write_formula(place, told, None, int(asked))
    words = YES_TO_FILL if asked else NOT_TO_FILL
    sheet.write_formula(
        row - 1,
        PLACES["applies"],
        f'=IF({place}=1,"{filling.say(YES_TO_FILL)}","{filling.say(NOT_TO_FILL)}")',
        styles.of(font_color=MUTED),
        filling.say(words),
    )


def _write_answer(filling: Filling, sheet: Worksheet, slot: Slot, row: int, styles: _RowStyles) -> None:
    shown = shown_in(slot, filling.content.facts.get(slot.fact.id), filling.locale)
    look: dict[str, Any] = {"bg_color": FILL, "locked": False}
    if slot.kind == "number":
        look |= {"num_format": "#,##0" if slot.fact.integer else "#,##0.######", "align": "right"}
    elif slot.kind == "date":
        look |= {"num_format": "yyyy-mm-dd", "align": "left"}
    elif slot.kind == "text":
        look |= {"num_format": "@"}
    style, column = styles.of(**look), PLACES[ANSWER]
    match shown:
        case None:
            sheet.write_blank(row - 1, column, None, style)
        case Fraction():
            sheet.write_number(row - 1, column, number_of(shown), style)
        case date():
            sheet.write_datetime(row - 1, column, shown, style)
        case _:
            sheet.write_string(row - 1, column, plain_text(shown), style)
    sheet.data_validation(row - 1, column, row - 1, column, rule_for(slot, filling.lists, filling.locale))


def rule_for(slot: Slot, lists: Lists, locale: str) -> dict[str, Any]:
    """What Excel itself refuses, because the site would: other words, broken counts, values out of bounds."""

    def say(text: Text) -> str:
        return text.to(locale)

    told: dict[str, Any] = {"error_title": say(Text("请检查", "Please check")), "ignore_blank": True}
    if slot.choices:
        message = say(Text("请从列表中选择。", "Choose from the list."))
        return told | {"validate": "list", "source": lists.range_of(slot.choices), "error_message": message}
    if slot.kind == "number":
        low, high = bounds(slot.fact)
        hint = say(limits_text(slot.fact))
        limits = {"criteria": "between", "minimum": low, "maximum": high}
        return (
            told
            | limits
            | {
                "validate": "integer" if slot.fact.integer else "decimal",
                "input_title": say(Text("数字", "Number")),
                "input_message": hint[:255],
                "error_message": hint[:255],
            }
        )
    if slot.kind == "date":
        message = say(Text("请填日期，如 2025-12-31。", "Enter a date, such as 2025-12-31."))
        first, last = date(1900, 1, 1), date(2100, 12, 31)
        days: dict[str, Any] = {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
        return told | days | {"error_message": message, "input_message": message}
    message = say(Text(f"最多 {MAX_TEXT} 个字。", f"{MAX_TEXT} characters at most."))
    return told | {"validate": "length", "criteria": "<=", "value": MAX_TEXT, "error_message": message}


def bounds(fact: Fact) -> tuple[int | float, int | float]:
    low = number_of(fact.minimum) if fact.minimum is not None else -HUGE
    high = number_of(fact.maximum) if fact.maximum is not None else HUGE
    return low, high


def limits_text(fact: Fact) -> Text:
    """What may be typed, with its unit and its bounds, in a sentence."""
    zh = ["整数" if fact.integer else "数字"]
    en = ["A whole number" if fact.integer else "A number"]
    if fact.unit is not None:
        zh.append(f"单位：{fact.unit.zh}")
        en.append(f"unit: {fact.unit.en}")
    if fact.minimum is not None:
        zh.append(f"不小于 {number_of(fact.minimum)}")
        en.append(f"at least {number_of(fact.minimum)}")
    if fact.maximum is not None:
        zh.append(f"不大于 {number_of(fact.maximum)}")
        en.append(f"at most {number_of(fact.maximum)}")
    return Text("，".join(zh) + "。只填数字，不带单位。", ", ".join(en) + ". Digits only, without the unit.")


def _note_rule(say: Callable[[Text], str]) -> dict[str, Any]:
    message = Text(f"最多 {LONGEST_NOTE} 个字。", f"{LONGEST_NOTE} characters at most.")
    return {"validate": "length", "criteria": "<=", "value": LONGEST_NOTE, "error_message": say(message)}


def _grey_what_is_not_asked(filling: Filling, sheet: Worksheet, last: int) -> None:
    look = filling.book.add_format({"bg_color": GREY, "font_color": GREY_INK})
    area = f"A{FIRST_ROW}:{letter('proof')}{last}"
    sheet.conditional_format(area, {"type": "formula", "criteria": f"=${letter(STATE)}{FIRST_ROW}=0", "format": look})


def _finish(filling: Filling, sheet: Worksheet, last: int) -> None:
    sheet.freeze_panes(HEADING_ROW, PLACES[ANSWER])
    sheet.autofilter(HEADING_ROW - 1, 0, last - 1, PLACES["proof"])
    allowed = ("format_columns", "format_rows", "insert_rows", "sort", "autofilter")
    sheet.protect("", dict.fromkeys(allowed, True))
    _print_well(filling, sheet)
    sheet.repeat_rows(HEADING_ROW - 1)
    sheet.print_area(TITLE_ROW - 1, 0, last - 1, PLACES[NOTE])


def _print_well(filling: Filling, sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(filling.say(Text("&R第 &P 页，共 &N 页", "&RPage &P of &N")))


def number_of(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def plain_text(text: str) -> str:
    """Without the control characters that a workbook cannot hold."""
    return _UNWRITABLE.sub("", text)


def _column_name(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, left = divmod(index - 1, 26)
        name = chr(ord("A") + left) + name
    return name
