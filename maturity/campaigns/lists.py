"""The invitation list: from the cells of an upload to enterprises, each mistake with its row, column and mend.

Nothing is sent and nothing stored here. A row with a mistake waits until it is mended; the others can be taken in
without it. A code that stands twice is one enterprise: what a later row says counts, what it leaves out stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from maturity.accounts.contacts import read_contact
from maturity.campaigns.places import Park, UnknownPlace, covers, find_place
from maturity.errors import Invalid
from maturity.reference import industries
from maturity.reference.regions import counties
from maturity.reference.uscc import UsccError, validate

MOST_LINES = 20_000
LONGEST_NAME = 120
REQUIRED = ("uscc", "name", "city", "industry")
FIELDS = (*REQUIRED, "size", "email", "mobile")
#: What the columns may be called; `county` is read together with the city.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "uscc": (
        "统一社会信用代码",
        "社会信用代码",
        "信用代码",
        "unified social credit code",
        "credit code",
        "code",
        "uscc",
    ),
    "name": ("企业名称", "单位名称", "名称", "企业", "name", "enterprise", "company"),
    "city": ("所在市区县", "市区县", "所在地", "地市", "城市", "市", "city", "city or county", "place"),
    "county": ("区县", "县区", "县市区", "区", "县", "county", "district"),
    "industry": ("行业", "所属行业", "行业代码", "国民经济行业", "industry"),
    "size": ("规模", "企业规模", "规模类型", "size"),
    "email": ("电子邮箱", "邮箱", "联系邮箱", "电子邮件", "email", "e-mail", "e-mail address"),
    "mobile": ("手机", "手机号", "手机号码", "联系手机", "联系电话", "mobile", "mobile number", "phone"),
}
_SIZES = {
    "large": ("大型", "大", "large", "l"),
    "medium": ("中型", "中", "medium", "medium-sized", "m"),
    "small": ("小型", "小", "small", "s"),
    "micro": ("微型", "微", "micro", "xs"),
}
_REMARK = re.compile(r"[（(\[【].*|\*")
Cell = Mapping[str, Any]  # as `maturity.workbooks.reading.read_cell` tells it


class UnreadableList(Invalid):
    """The upload is no list; `missing` names the columns that were not found."""

    def __init__(self, code: str, missing: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the campaign takes: its place, its industries and its sizes; empty means all of them."""

    place: str
    parks: tuple[Park, ...] = ()
    industries: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell: the column as in Excel, a code the page has words for, and what it is about."""

    field: str
    column: str
    code: str
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One enterprise of the list: as typed, as understood, and what is wrong with it."""

    number: int
    typed: Mapping[str, str]
    values: Mapping[str, str]  # uscc, name, city, county, industry, size, email, mobile
    problems: tuple[Problem, ...] = ()
    merged: tuple[int, ...] = ()  # other rows with the same code

    @property
    def is_good(self) -> bool:
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Line:
        problems = tuple(Problem(**{**item, "detail": tuple(item["detail"])}) for item in data["problems"])
        return cls(data["number"], data["typed"], data["values"], problems, tuple(data["merged"]))


class _Wrong(ValueError):
    """A cell that cannot be used: which field, why, and what it is about."""

    def __init__(self, name: str, code: str, *detail: str) -> None:
        self.field, self.code, self.detail = name, code, detail
        super().__init__(code)


@dataclass(slots=True)
class _Reading:
    """One row being read: what is understood so far and what is not."""

    columns: Mapping[str, int]
    cells: Sequence[Cell]
    problems: list[Problem] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)

    def cell(self, name: str) -> Cell:
        place = self.columns.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else {"kind": "empty"}

    def text(self, name: str) -> str:
        return " ".join(str(self.cell(name).get("value", "")).split())

    def wrong(self, name: str, code: str, *detail: str) -> None:
        self.problems.append(Problem(name, letter_of(self.columns.get(name)), code, detail))


def letter_of(index: int | None) -> str:
    """
    >>> letter_of(0), letter_of(27), letter_of(None)
    ('A', 'AB', '')
    """
    letters = ""
    while index is not None and index >= 0:
        letters = chr(ord("A") + index % 26) + letters
        index = index // 26 - 1
    return letters


def check_list(rows: Sequence[tuple[int, Sequence[Cell]]], scope: Scope) -> tuple[Line, ...]:
    """Every enterprise of the list, in order; `UnreadableList` where it has no headings, no rows or too many."""
    start, columns = _heading(rows)
    body = [(number, cells) for number, cells in rows[start + 1 :] if _is_filled(cells, columns)]
    if not body:
        raise UnreadableList("campaign_list_empty")
    if len(body) > MOST_LINES:
        raise UnreadableList("campaign_list_too_long")
    return _merged(_line(number, cells, columns, scope) for number, cells in body)


def _heading(rows: Sequence[tuple[int, Sequence[Cell]]]) -> tuple[int, dict[str, int]]:
    """Where the row of headings stands among the first ones, and which column is which."""
    best: dict[str, int] = {}
    place = 0
    for index, (_number, cells) in enumerate(rows[:12]):
        words = [_heading_word(cell) for cell in cells]
        found = {name: words.index(word) for name, known in HEADINGS.items() for word in known[::-1] if word in words}
        if len(found) > len(best):
            best, place = found, index
    missing = [name for name in REQUIRED if name not in best]
    if "city" in missing and "county" in best:
        missing.remove("city")
    if missing:
        raise UnreadableList("campaign_list_headings", missing)
    return place, best


def _heading_word(cell: Cell) -> str:
    text = unicodedata.normalize("NFKC", str(cell.get("value", ""))).casefold()
    return _REMARK.sub("", text).strip(" :：/")


def _is_filled(cells: Sequence[Cell], columns: Mapping[str, int]) -> bool:
    return any(
        index < len(cells) and (cells[index].get("value") or cells[index]["kind"] == "formula")
        for index in columns.values()
    )


def _line(number: int, cells: Sequence[Cell], columns: Mapping[str, int], scope: Scope) -> Line:
    row = _Reading(columns, cells)
    for name in columns:
        kind = row.cell(name)["kind"]
        if kind in ("formula", "fault"):
            row.wrong(name, f"cell_{kind}")
    bad = {problem.field for problem in row.problems}
    for name, read in _READERS.items():
        if name not in bad:
            try:
                read(row, scope)
            except _Wrong as error:
                row.wrong(error.field, error.code, *error.detail)
    typed = {name: row.text(name) for name in columns}
    return Line(number, typed, row.values, tuple(row.problems))


def _read_uscc(row: _Reading, _scope: Scope) -> None:
    text = row.text("uscc")
    if not text:
        raise _Wrong("uscc", "uscc_missing")
    if row.cell("uscc")["kind"] == "number":
        raise _Wrong("uscc", "uscc_number")
    try:
        row.values["uscc"] = validate(text)
    except UsccError as error:
        raise _Wrong("uscc", f"uscc_{error.kind}", str(error.position), error.hint) from error


def _read_name(row: _Reading, _scope: Scope) -> None:
    text = row.text("name")
    if not text:
        raise _Wrong("name", "name_missing")
    if len(text) > LONGEST_NAME:
        raise _Wrong("name", "name_too_long")
    row.values["name"] = text


def _read_city(row: _Reading, scope: Scope) -> None:
    name = "city" if "city" in row.columns else "county"
    typed = [text for text in (row.text("city"), row.text("county")) if text]
    if not typed:
        raise _Wrong(name, "city_missing")
    try:
        city, county = _spot(typed, scope)
    except UnknownPlace as error:
        code = "city_unclear" if error.candidates else "city_outside" if _is_elsewhere(typed) else "city_unknown"
        raise _Wrong(name, code, " ".join(typed), *error.candidates[:4]) from error
    if not covers(scope.place, city, county, scope.parks):
        raise _Wrong(name, "county_needed" if not county else "city_outside", " ".join(typed))
    row.values |= {"city": city, "county": county}


def _spot(typed: Sequence[str], scope: Scope) -> tuple[str, str]:
    """The city, with the county from the same cell or from its own."""
    if len(typed) == 1:
        return find_place(typed[0], _city_wide(scope), scope.parks)
    city, _county = find_place(typed[0], _city_wide(scope), scope.parks)
    return find_place(typed[1], city)


def _city_wide(scope: Scope) -> str:
    """A campaign over a county finds the names of its whole city, so that what is missing can be said."""
    county = counties().get(scope.place)
    return county.parent if county else scope.place


def _is_elsewhere(typed: Sequence[str]) -> bool:
    try:
        find_place(typed[-1], "")
    except UnknownPlace as error:
        return bool(error.candidates)
    return True


def _read_industry(row: _Reading, scope: Scope) -> None:
    text = row.text("industry")
    if not text:
        raise _Wrong("industry", "industry_missing")
    code = _industry(text)
    if code is None:
        raise _Wrong("industry", "industry_unknown", text)
    if scope.industries and industries.division_of(code) not in scope.industries:
        raise _Wrong("industry", "industry_outside", text)
    row.values["industry"] = code


def _industry(text: str) -> str | None:
    """
    >>> _industry("C34 通用设备制造业"), _industry("3421"), _industry("通用设备制造业"), _industry("诗")
    ('34', '342', '34', None)
    """
    head = re.match(r"[A-Za-z]?(\d{2,4})(?!\d)", text)
    if head:
        digits = head[1]
        return next((digits[:length] for length in (3, 2) if industries.industry(digits[:length])), None)
    exact = [item.code for item in industries.industries().values() if text.casefold() in (item.zh, item.en.casefold())]
    if exact:
        return exact[0]
    found = industries.search(text)
    return found[0].code if len(found) == 1 else None


def _read_size(row: _Reading, scope: Scope) -> None:
    text = row.text("size").casefold().removesuffix("企业")
    size = next((name for name, known in _SIZES.items() if text in known), "")
    if text and not size:
        raise _Wrong("size", "size_unknown", row.text("size"))
    if scope.sizes and size not in scope.sizes:
        raise _Wrong("size", "size_outside" if size else "size_missing", row.text("size"))
    row.values["size"] = size


def _read_email(row: _Reading, _scope: Scope) -> None:
    _read_contact(row, "email")


def _read_mobile(row: _Reading, _scope: Scope) -> None:
    _read_contact(row, "mobile")


def _read_contact(row: _Reading, name: str) -> None:
    text = row.text(name)
    contact = read_contact(text)
    if text and (contact is None or contact.kind != name):
        raise _Wrong(name, f"{name}_wrong", text)
    row.values[name] = contact.value if contact else ""


_READERS = {
    "uscc": _read_uscc,
    "name": _read_name,
    "city": _read_city,
    "industry": _read_industry,
    "size": _read_size,
    "email": _read_email,
    "mobile": _read_mobile,
}


def _merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Good rows of one code as one enterprise, in the place of the first."""
    found: dict[str, Line] = {}
    for line in lines:
        code = line.values.get("uscc", "") if line.is_good else ""
        before = found.get(code)
        if code and before is not None:
            values = {name: line.values.get(name) or value for name, value in before.values.items()}
            found[code] = replace(before, values=values, merged=(*before.merged, line.number))
        else:
            found[code or f"row {line.number}"] = line
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Changes:
    """What taking a list in would do: who is new, whose particulars change and how, who is there already."""

    added: tuple[Line, ...]
    changed: tuple[tuple[Line, Mapping[str, tuple[str, str]]], ...]  # with field -> (before, after)
    same: tuple[Line, ...]
    wrong: tuple[Line, ...]

    @property
    def count(self) -> int:
        return len(self.added) + len(self.changed)


def changes_of(lines: Sequence[Line], there: Mapping[str, Mapping[str, str]]) -> Changes:
    """Compared with who is on the list already, by code. An empty cell changes nothing."""
    added, changed, same = [], [], []
    for line in lines:
        if not line.is_good:
            continue
        before = there.get(line.values["uscc"])
        if before is None:
            added.append(line)
            continue
        differs = {
            name: (before[name], value) for name, value in line.values.items() if value and before[name] != value
        }
        if "city" in differs and not line.values["county"]:
            differs["county"] = (before["county"], "")
        if differs:
            changed.append((line, differs))
        else:
            same.append(line)
    return Changes(tuple(added), tuple(changed), tuple(same), tuple(line for line in lines if not line.is_good))
