"""The editor of a model and the sheet of an indicator as they are sent: everything kept as it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from maturity.regional.figures import COMPARATORS, LONGEST_SOURCE, Entry
from maturity.regional.index import Datum, Values
from maturity.regional.model import (
    BUILT_IN_PEERS,
    FORMAT,
    LONGEST_TEXT,
    MOST_CLASSES,
    MOST_GROUPS,
    MOST_INDICATORS,
    PROVENANCES,
    PROVINCES,
    IndexModel,
    Indicator,
    number_of,
    regions_of,
    shown,
)
from maturity.regional.sheets import region_codes
from maturity.regional.words import figure_fault

Form = Mapping[str, str]
_ACTION = re.compile(
    r"(add-class|add-group|add-note|(?:add-indicator|equal|remove-(?:class|group|note|indicator)))((?:-\d+)*)"
)
MOST_NOTES = 20


def _typed(form: Form, name: str) -> str:
    """As typed, one character past the limit at most, so that what is too long is seen to be."""
    return form.get(name, "").replace("\0", "").strip()[: LONGEST_TEXT + 1]


def _pair(form: Form, name: str) -> dict[str, str]:
    return {language: _typed(form, f"{name}-{language}") for language in ("zh", "en")}


def _places(form: Form, prefix: str) -> Iterator[str]:
    """The rows of a list that were sent, in order: their id is always among them."""
    found = {int(m[1]) for key in form if (m := re.fullmatch(rf"{prefix}-(\d{{1,3}})-id", key))}
    yield from (f"{prefix}-{number}" for number in sorted(found))


def model_document(form: Any) -> dict[str, Any]:
    """What the editor was filled with, as a model that may or may not be sound."""
    scope = _typed(form, "scope")
    order = _typed(form, "missing-order")
    return {
        "format": FORMAT,
        "title": _pair(form, "title"),
        "scope": scope,
        "reference": _typed(form, "reference"),
        "base_year": _typed(form, "base_year"),
        "base_value": _typed(form, "base_value"),
        "places": _typed(form, "places"),
        "missing": {"order": order.split(",") if order else [], "most": _typed(form, "missing-most")},
        "peers": [name for name in BUILT_IN_PEERS if name in form.getlist("peers")] if scope == PROVINCES else [],
        "groups": [_group(form, name, scope) for name in _places(form, "groups")],
        "notes": [
            {
                "about": _pair(form, f"{name}-about"),
                "provenance": _typed(form, f"{name}-provenance"),
                "source": _typed(form, f"{name}-source"),
            }
            for name in _places(form, "notes")
        ],
        "classes": [
            {
                "id": _typed(form, f"{name}-id"),
                "title": _pair(form, f"{name}-title"),
                "weight": _typed(form, f"{name}-weight"),
                "provenance": _typed(form, f"{name}-provenance"),
                "indicators": [_indicator(form, one) for one in _places(form, f"{name}-indicators")],
            }
            for name in _places(form, "classes")
        ],
    }


def _group(form: Form, name: str, scope: str) -> dict[str, Any]:
    typed = form.get(f"{name}-regions", "").replace("\0", "")[:2000]
    codes = region_codes(typed, regions_of(scope))
    return {"id": _typed(form, f"{name}-id"), "title": _pair(form, f"{name}-title"), "regions": codes[:200]}


def _indicator(form: Form, name: str) -> dict[str, Any]:
    texts = (
        "id",
        "unit",
        "weight",
        "source",
        "normalisation",
        "direction",
        "base",
        "low",
        "high",
        "cell",
        "provenance",
    )
    return {"title": _pair(form, f"{name}-title")} | {one: _typed(form, f"{name}-{one}") for one in texts}


def changed(document: dict[str, Any], action: str) -> str:
    """Do what a button of the editor asks for; says where in the page it was done, empty for mere saving."""
    match = _ACTION.fullmatch(action)
    if match is None:
        return ""
    what, at = match[1], [int(part) for part in match[2].split("-")[1:]]
    classes: list[Any] = document["classes"]
    try:
        if what == "add-class":
            return _add_class(classes)
        if what in ("add-group", "add-note"):
            return _add_row(document, what)
        if what == "add-indicator":
            return _add_indicator(classes, at[0])
        if what == "equal":
            for one in classes[at[0]]["indicators"]:
                one["weight"] = f"1/{len(classes[at[0]]['indicators'])}"
            return f"classes-{at[0]}"
        if what == "remove-indicator":
            del classes[at[0]]["indicators"][at[1]]
            return f"classes-{at[0]}"
        del document[{"remove-class": "classes", "remove-group": "groups", "remove-note": "notes"}[what]][at[0]]
    except IndexError:
        return ""
    return {"remove-class": "classes", "remove-group": "groups", "remove-note": "notes"}[what]


def _add_class(classes: list[Any]) -> str:
    if len(classes) < MOST_CLASSES:
        taken = {item["id"] for item in classes}
        title = {"zh": "", "en": ""}
        classes.append({"id": _free("class", taken), "title": title, "weight": "", "provenance": "I", "indicators": []})
    return f"classes-{len(classes) - 1}"


def _add_row(document: dict[str, Any], what: str) -> str:
    groups, notes = document["groups"], document["notes"]
    if what == "add-group" and len(groups) < MOST_GROUPS:
        taken = {item["id"] for item in groups}
        groups.append({"id": _free("group", taken), "title": {"zh": "", "en": ""}, "regions": []})
    if what == "add-note" and len(notes) < MOST_NOTES:
        notes.append({"about": {"zh": "", "en": ""}, "provenance": "I", "source": ""})
    return f"groups-{len(groups) - 1}" if what == "add-group" else f"notes-{len(notes) - 1}"


def _add_indicator(classes: list[Any], at: int) -> str:
    every = [one["id"] for item in classes for one in item["indicators"]]
    if len(every) < MOST_INDICATORS:
        classes[at]["indicators"].append(
            {
                "id": _free("indicator", set(every)), "title": {"zh": "", "en": ""}, "unit": "", "weight": "",
                "source": "stat", "normalisation": "ratio", "direction": "up", "base": "reference", "low": "",
                "high": "", "cell": "", "provenance": "I",
            }
        )  # fmt: skip
    return f"classes-{at}-indicators-{len(classes[at]['indicators']) - 1}"


def _free(stem: str, taken: set[str]) -> str:
    """
    >>> _free("class", {"class_1", "benefit"})
    'class_2'
    """
    return next(f"{stem}_{number}" for number in range(1, 1000) if f"{stem}_{number}" not in taken)


def field_id(key: str) -> str:
    """The id in the page of what a fault's key names.

    >>> field_id("classes[0].indicators[2].title.zh"), field_id("missing.order[0]"), field_id("peers[3]")
    ('classes-0-indicators-2-title-zh', 'missing-order', 'peers')
    """
    key = re.sub(r"^(missing\.order|peers)\[\d+\]", r"\1", key)
    return re.sub(r"[\[\].]+", "-", key).strip("-") or "model"


# ---- the sheet of one indicator


@dataclass(slots=True)
class Line:
    """A region in the sheet: what stands for it, or was typed, and what is wrong with it."""

    region: str
    value: str = ""
    comparator: str = ""
    source: str = ""
    provenance: str = ""
    error: str = ""
    is_released: bool = False
    is_withheld: bool = False
    was: str = ""  # as it stands by now: what an editor was shown, unless somebody changed it since


@dataclass(slots=True)
class SheetForm:
    """One indicator in one year: a value for each region, and where those that change are from."""

    indicator: Indicator
    year: int
    lines: list[Line]
    source: str = ""
    provenance: str = "Q"
    source_error: str = ""
    provenance_error: str = ""
    entries: list[Entry] = field(default_factory=list)

    @classmethod
    def of(cls, model: IndexModel, indicator: Indicator, year: int, values: Values) -> SheetForm:
        codes = dict.fromkeys((model.reference, *model.regions))
        lines = [_line(code, values.get((indicator.id, code, year))) for code in codes]
        last = next((line for line in reversed(lines) if line.source and not line.is_released), None)
        form = cls(indicator, year, lines)
        if last is not None:
            form.source, form.provenance = last.source, last.provenance
        return form

    def fill(self, given: Form) -> bool:
        """Take what was sent; False where something of it cannot be kept, and then it says so at its field."""
        self.source = given.get("source", "").strip()[: LONGEST_SOURCE + 1]
        self.provenance = given.get("provenance", "")
        is_changed = False
        for line in self.lines:
            if line.is_released:
                continue
            name = line.region or "nation"
            value = given.get(f"value-{name}", "").replace(",", "").replace("，", "").strip()[:40]
            comparator = given.get(f"comparator-{name}", "") if value else ""
            before = (line.value, line.comparator)
            shown_before = given.get(f"was-{name}", line.was)
            if f"{comparator}{value}" == shown_before:
                continue  # not touched here: it stays as it is by now, whoever changed it
            line.value, line.comparator = value, comparator
            if line.was not in (shown_before, f"{comparator}{value}"):
                line.error = figure_fault("meanwhile", line.was or "—")
            elif value and number_of(value) is None:
                line.error = figure_fault("value", value)
            elif line.comparator not in COMPARATORS:
                line.error = figure_fault("comparator", line.comparator[:10])
            elif value and (value, line.comparator) != before:
                is_changed = True
                line.source, line.provenance = self.source, self.provenance
        self._check_source(is_changed)
        self.entries = [
            Entry(self.indicator.id, line.region, self.year, line.value, line.comparator, line.source, line.provenance)
            for line in self.lines
            if not line.is_released
        ]
        return not self.errors

    def _check_source(self, is_changed: bool) -> None:
        if len(self.source) > LONGEST_SOURCE or (is_changed and not self.source):
            self.source_error = figure_fault("source")
        if self.provenance not in PROVENANCES:
            self.provenance_error = _("Choose where this is from: Q, QD, Q2, M, M? or I.")

    @property
    def errors(self) -> list[tuple[str, str]]:
        found = [("source", self.source_error), ("provenance", self.provenance_error)]
        found += [(f"value-{line.region or 'nation'}", line.error) for line in self.lines]
        return [(name, message) for name, message in found if message]


def _line(code: str, datum: Datum | None) -> Line:
    if datum is None:
        return Line(code)
    value = "" if datum.value is None else shown(datum.value)
    released = bool(datum.release)
    return Line(
        code, value, datum.comparator, datum.source, datum.provenance,
        is_released=released, is_withheld=datum.value is None, was=f"{datum.comparator}{value}",
    )  # fmt: skip
