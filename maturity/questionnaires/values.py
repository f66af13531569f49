"""Fact values: from what a person typed to an exact value, and to and from JSON.

People type 1,200 and １２００ and 1 200; all are the number. What cannot be understood is refused with a reason code;
`messages.py` has its words in both languages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from maturity.questionnaires.messages import message
from maturity.questionnaires.model import Fact, FactValue, Pair, Text

MAX_DIGITS = 15
MAX_TEXT = 2000
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_SEPARATED = re.compile(r"(?<=\d)[,，_ ](?=\d{3}(\D|$))")


class InvalidValue(ValueError):
    """The input is not a value of this fact; `text()` says why and what to do."""

    def __init__(self, fact: Fact, code: str, **details: str) -> None:
        self.fact = fact
        self.code = code
        self.details = details
        super().__init__(f"{fact.id}: {self.text().en}")

    def text(self) -> Text:
        label = {"label_zh": self.fact.label.zh, "label_en": self.fact.label.en}
        return message(self.code, **self.details, **label)


def parse_number(raw: Any) -> Fraction | None:
    """
    >>> parse_number("１，２００.50"), parse_number(" 3 "), parse_number("abc")
    (Fraction(2401, 2), Fraction(3, 1), None)
    """
    text = None if isinstance(raw, bool) else _plain_number(raw)
    return None if text is None or _digits(text) > MAX_DIGITS else Fraction(text)


def _plain_number(raw: Any) -> str | None:
    """What was typed as digits with a sign and a point at most; None when it is no number."""
    typed = format(raw, "f") if isinstance(raw, Decimal) else str(raw)  # a Decimal may call a thousand 1E+3
    text = _SEPARATED.sub("", unicodedata.normalize("NFKC", typed).strip())
    return text if _NUMBER.fullmatch(text) else None


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def parse(fact: Fact, raw: Any) -> FactValue | None:
    """The value of `fact` that `raw` stands for, None when nothing was given; `InvalidValue` when it cannot be one."""
    if raw is None or (isinstance(raw, str) and not raw.strip()) or (isinstance(raw, list | tuple | dict) and not raw):
        return None
    return _PARSERS[fact.type](fact, raw)


def _parse_number(fact: Fact, raw: Any) -> Fraction:
    if isinstance(raw, str) and raw.strip().endswith(("%", "％")):
        raise InvalidValue(fact, "percent_sign")
    value = parse_number(raw)
    if value is None:
        if _plain_number(raw) is not None:
            raise InvalidValue(fact, "too_many_digits", limit=str(MAX_DIGITS))
        raise InvalidValue(fact, "not_a_number", typed=str(raw)[:40])
    if fact.integer and value.denominator != 1:
        raise InvalidValue(fact, "not_whole", typed=str(raw)[:40])
    if fact.minimum is not None and value < fact.minimum:
        raise InvalidValue(fact, "too_small", limit=decimal_text(fact.minimum))
    if fact.maximum is not None and value > fact.maximum:
        raise InvalidValue(fact, "too_large", limit=decimal_text(fact.maximum))
    return value


def _parse_choice(fact: Fact, raw: Any) -> str:
    if raw not in fact.option_ids():
        raise InvalidValue(fact, "unknown_option", typed=str(raw)[:40])
    return str(raw)


def _parse_multi(fact: Fact, raw: Any) -> frozenset[str]:
    chosen = list(raw) if isinstance(raw, list | tuple | set | frozenset) else [raw]
    for item in chosen:
        if item not in fact.option_ids():
            raise InvalidValue(fact, "unknown_option", typed=str(item)[:40])
    if fact.exclusive in chosen and len(set(chosen)) > 1:
        raise InvalidValue(fact, "exclusive_option")
    return frozenset(chosen)


def _parse_yesno(fact: Fact, raw: Any) -> bool:
    known = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}
    value = raw if isinstance(raw, bool) else known.get(str(raw).strip().lower())
    if value is None:
        raise InvalidValue(fact, "unknown_option", typed=str(raw)[:40])
    return value


def _parse_matrix(fact: Fact, raw: Any) -> Mapping[str, str] | None:
    if not isinstance(raw, Mapping):
        raise InvalidValue(fact, "unknown_option", typed=str(raw)[:40])
    given = {str(row): column for row, column in raw.items() if column not in (None, "")}
    for row, column in given.items():
        if row not in fact.row_ids() or column not in fact.column_ids():
            raise InvalidValue(fact, "unknown_option", typed=f"{row}: {column}"[:40])
    if not given:
        return None
    missing = [row for row in fact.rows if row.id not in given]
    if missing:
        raise InvalidValue(fact, "row_missing", row_zh=missing[0].label.zh, row_en=missing[0].label.en)
    return {row: given[row] for row in fact.row_ids()}


def _parse_pair(fact: Fact, raw: Any) -> Pair | None:
    if not isinstance(raw, Mapping):
        raise InvalidValue(fact, "not_a_number", typed=str(raw)[:40])
    given = {key: raw.get(key) for key in ("current", "prior")}
    blank = {key for key, value in given.items() if value is None or not str(value).strip()}
    if blank == {"current", "prior"}:
        return None
    if "current" in blank:
        raise InvalidValue(fact, "current_missing")
    prior = None if "prior" in blank else _parse_number(fact, given["prior"])
    return Pair(_parse_number(fact, given["current"]), prior)


def _parse_date(fact: Fact, raw: Any) -> date:
    try:
        return date.fromisoformat(str(raw).strip().replace("/", "-"))
    except ValueError as error:
        raise InvalidValue(fact, "not_a_date", typed=str(raw)[:40]) from error


def _parse_text(fact: Fact, raw: Any) -> str:
    text = str(raw).strip()
    if len(text) > MAX_TEXT:
        raise InvalidValue(fact, "text_too_long", limit=str(MAX_TEXT))
    return text


_PARSERS: Mapping[str, Callable[[Fact, Any], FactValue | None]] = {
    "number": _parse_number,
    "money": _parse_number,
    "choice": _parse_choice,
    "multi": _parse_multi,
    "yesno": _parse_yesno,
    "matrix": _parse_matrix,
    "pair": _parse_pair,
    "date": _parse_date,
    "text": _parse_text,
}
FACT_TYPES = tuple(_PARSERS)


def decimal_text(value: Fraction) -> str:
    """The number as a plain decimal, exactly when it terminates, otherwise to six places.

    >>> decimal_text(Fraction(5, 4)), decimal_text(Fraction(1200)), decimal_text(Fraction(1, 3))
    ('1.25', '1200', '0.333333')
    """
    if value.denominator == 1:
        return str(value.numerator)
    quotient = Decimal(value.numerator) / Decimal(value.denominator)
    shown = quotient.normalize() if Fraction(quotient) == value else quotient.quantize(Decimal("0.000001"))
    return format(shown, "f")


def to_json(value: FactValue) -> Any:
    """A JSON value from which `from_json` makes the same fact value again; numbers become text to stay exact."""
    match value:
        case bool() | str():
            return value
        case Pair(current, prior):
            return {"current": decimal_text(current), "prior": None if prior is None else decimal_text(prior)}
        case Fraction():
            return decimal_text(value)
        case frozenset():
            return sorted(value)
        case date():
            return value.isoformat()
        case _:
            return dict(value)


def from_json(fact: Fact, data: Any) -> FactValue:
    """The inverse of `to_json`; refuses data that is no value of the fact."""
    value = parse(fact, data)
    if value is None:
        raise InvalidValue(fact, "empty")
    return value
