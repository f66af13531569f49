"""What somebody asks of the portfolio page: view, filters, order, columns and page, in the words of its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

TODAY, ALL = "today", "all"
PAGE_SIZE = 50
LONGEST = 80
#: Every column of the table, in order; the client's name stands before them and can neither move nor go.
COLUMNS = (
    "reasons", "stage", "capability", "outcome", "change", "progress", "left", "due", "tasks", "industry", "region",
    "size", "scope", "until", "active",
)  # fmt: skip
DEFAULT_COLUMNS = ("reasons", "stage", "capability", "change", "progress", "left", "due", "tasks")
SORTS = frozenset({"urgency", "client", *COLUMNS}) - {"reasons"}
SIZES = ("large", "medium", "small", "micro")
PROGRESS = ("none", "draft", "ready", "submitted")
DAYS = ("0", "7", "14", "30", "90")
_FILTERS = ("text", "industry", "region", "size", "stage", "progress", "days")


@dataclass(frozen=True, slots=True)
class Asked:
    """`view` is `today`, `all` or the id of a saved view; an empty filter lets everything through.

    >>> Asked.of({}).view, Asked.of({"size": "small"}).view, Asked.of({"size": "huge"}).size
    ('today', 'all', '')
    >>> Asked.of({"sort": "-capability"}).descending
    True
    """

    view: str = TODAY
    text: str = ""
    industry: str = ""  # division, two digits
    region: str = ""  # province, two digits
    size: str = ""
    stage: str = ""
    progress: str = ""
    days: str = ""  # due within so many days
    sort: str = ""
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    page: int = 1

    @classmethod
    def of(cls, args: Mapping[str, Any], columns: tuple[str, ...] = ()) -> Self:
        """From the fields of an address; what is not known there is left out rather than refused."""
        given = {name: str(args.get(name, "")).strip()[:LONGEST] for name in (*_FILTERS, "sort", "view")}
        chosen = tuple(name for name in COLUMNS if name in columns) or DEFAULT_COLUMNS
        page = str(args.get("page", ""))[:6]
        return cls(
            view=given["view"] or (ALL if any(given[name] for name in (*_FILTERS, "sort")) else TODAY),
            text=given["text"],
            industry=_digits(given["industry"], 2),
            region=_digits(given["region"], 2),
            size=_one_of(given["size"], SIZES),
            stage=_digits(given["stage"], 1),
            progress=_one_of(given["progress"], PROGRESS),
            days=_one_of(given["days"], DAYS),
            sort=given["sort"] if given["sort"].removeprefix("-") in SORTS else "",
            columns=chosen,
            page=max(int(page), 1) if page.isascii() and page.isdigit() else 1,
        )

    @classmethod
    def saved(cls, query: str) -> Self:
        """From the words of a saved view."""
        pairs = parse_qsl(query)
        return cls.of(dict(pairs), tuple(value for name, value in pairs if name == "columns"))

    @property
    def order(self) -> str:
        return self.sort.removeprefix("-") or ("urgency" if self.view == TODAY else "client")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def is_filtered(self) -> bool:
        return any(getattr(self, name) for name in _FILTERS)

    def address(self, **changes: Any) -> dict[str, Any]:
        """The fields of an address that asks the same but for the changes; another order begins at the first page."""
        other = replace(self, **({"page": 1} | changes))
        blank = Asked()
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in fields(other)
            if (value := getattr(other, field.name)) != getattr(blank, field.name) or field.name == "view"
        }

    def sorted_by(self, column: str) -> dict[str, Any]:
        """The address behind a column's heading: by it, and by it the other way round the second time."""
        turned = self.sort == column
        return self.address(sort=f"-{column}" if turned else column)

    def direction(self, column: str) -> str:
        """For `aria-sort`."""
        return "none" if self.order != column else "descending" if self.descending else "ascending"

    def to_save(self) -> str:
        """The words of a saved view: everything but the view and the page."""
        asked = {name: value for name, value in self.address().items() if name not in ("view", "page")}
        return urlencode(asked, doseq=True)


def _digits(text: str, count: int) -> str:
    return text if len(text) == count and text.isascii() and text.isdigit() else ""


def _one_of(text: str, known: tuple[str, ...]) -> str:
    return text if text in known else ""
