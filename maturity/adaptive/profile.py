"""The profile of an enterprise: what decides which questions apply, frozen at the start of an assessment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from maturity.content import closest
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.model import Text
from maturity.questionnaires.values import decimal_text, parse_number
from maturity.reference import industries, regions
from maturity.reference.size import size_class

FLAGS = ("is_group", "designs_products", "exports")
KEYS = ("industry", "region", "headcount", "revenue", "production_type", *FLAGS)
#: more than any enterprise has: what is above is a slip of the keyboard
MOST_PEOPLE = 2_000_000
MOST_REVENUE_WAN = 1_000_000_000
SHOWN_HINTS = 3


@dataclass(frozen=True, slots=True)
class ProfileProblem:
    """One thing wrong with the enterprise as given: the field, what is wrong, and what to write instead."""

    field: str
    message: Text
    mend: Text


class InvalidProfile(ValueError):
    """The enterprise cannot be profiled; `problems` says everything that was found."""

    def __init__(self, problems: Iterable[ProfileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"enterprise.{p.field}: {p.message.en} {p.mend.en}" for p in self.problems))


def build_profile(enterprise: Mapping[str, Any]) -> dict[str, Any]:
    """The profile of an enterprise's data; size and energy intensity are computed, never asked.

    `headcount` is persons, `revenue` 10,000 yuan of the last full year.
    """
    problems: list[ProfileProblem] = []
    headcount = int(_number(enterprise, "headcount", MOST_PEOPLE, problems))
    amount = _number(enterprise, "revenue", MOST_REVENUE_WAN, problems)
    revenue = Decimal(amount.numerator) / Decimal(amount.denominator)
    code = _industry(str(enterprise.get("industry", "")).strip(), problems)
    place = _region(str(enterprise.get("region", "")).strip(), problems)
    kind = _production_type(enterprise.get("production_type"), problems)
    flags = {flag: _flag(enterprise, flag, problems) for flag in FLAGS}
    if problems:
        raise InvalidProfile(problems)
    profile = {
        "production_type": kind,
        "size": size_class(headcount, revenue),
        "industry": code,
        "region": place,
        "energy_intensive": industries.is_energy_intensive(code),
        "headcount": headcount,
        "revenue": decimal_text(amount),
    }
    return profile | flags


def _number(enterprise: Mapping[str, Any], key: str, most: int, problems: list[ProfileProblem]) -> Fraction:
    """A count of persons or an amount, as the site's form takes them."""
    given = enterprise.get(key)
    mend = _NUMBER_MENDS[key]
    value = None if given is None else parse_number(given)
    if given is None:
        problems.append(ProfileProblem(key, Text("缺少这一项。", "is missing."), mend))
    elif isinstance(given, str) and given.strip().endswith(("%", "％")):
        message = Text("须填数量，不是百分比。", "must be a count or an amount, not a percentage.")
        problems.append(ProfileProblem(key, message, mend))
    elif value is None:
        message = Text(f"“{_short(given)}”不是数字。", f"{_short(given)!r} is not a number.")
        problems.append(ProfileProblem(key, message, mend))
    elif value < 0:
        message = Text(f"不能为负数（{_short(given)}）。", f"cannot be negative ({_short(given)}).")
        problems.append(ProfileProblem(key, message, mend))
    elif key == "headcount" and value.denominator != 1:
        message = Text(f"须为整数（{_short(given)}）。", f"must be a whole number ({_short(given)}).")
        problems.append(ProfileProblem(key, message, mend))
    elif value > most:
        message = Text(f"大于 {most}，不会有这样的企业。", f"is above {most}, which no enterprise has.")
        problems.append(ProfileProblem(key, message, mend))
    else:
        return value
    return Fraction(0)


_NUMBER_MENDS: Mapping[str, Text] = {
    "headcount": Text("写年末从业人数，如 320。", "Write the people at year-end, such as 320."),
    "revenue": Text(
        "写上一完整年度营业收入（万元），如 24000。",
        "Write the operating revenue of the last full year in 10,000 yuan, such as 24000.",
    ),
}


def _short(given: Any) -> str:
    return str(given)[:40]


def _industry(code: str, problems: list[ProfileProblem]) -> str:
    if industries.industry(code) is not None:
        return code
    found = industries.search(code)[:SHOWN_HINTS]
    message = Text(
        f"“{code[:40]}”不是本平台所用的 GB/T 4754 行业代码。",
        f"{code[:40]!r} is not an industry code of GB/T 4754 known here.",
    )
    mend = _mend(
        Text('用引号写两位或三位代码，如 "34"。', 'Write a code of two or three digits in quotes, such as "34".'),
        [Text(f'"{item.code}" {item.zh}', f'"{item.code}" {item.en}') for item in found],
    )
    problems.append(ProfileProblem("industry", message, mend))
    return ""


def _region(code: str, problems: list[ProfileProblem]) -> str:
    if regions.region(code) is not None:
        return code
    found = regions.search(code)[:SHOWN_HINTS] if code else ()
    message = Text(
        f"“{code[:40]}”不是 GB/T 2260 的省级或地级代码。",
        f"{code[:40]!r} is not a code of a province or prefecture of GB/T 2260.",
    )
    mend = _mend(
        Text('用引号写六位代码，如 "370100"。', 'Write six digits in quotes, such as "370100".'),
        [
            Text(
                f'"{item.code}" {regions.full_name(item.code, "zh")}',
                f'"{item.code}" {regions.full_name(item.code, "en")}',
            )
            for item in found
        ],
    )
    problems.append(ProfileProblem("region", message, mend))
    return ""


def _mend(advice: Text, candidates: list[Text]) -> Text:
    """The advice, with what was probably meant where something comes close."""
    if not candidates:
        return advice
    zh, en = "、".join(item.zh for item in candidates), ", ".join(item.en for item in candidates)
    return Text(f"{advice.zh}您是否想写 {zh}？", f"{advice.en} Did you mean {en}?")


def _production_type(given: Any, problems: list[ProfileProblem]) -> str:
    if given in PRODUCTION_TYPES:
        return str(given)
    if given is None:
        message = Text("缺少这一项。", "is missing.")
    else:
        message = Text(f"没有“{_short(given)}”这种生产类型。", f"{_short(given)!r} is not a production type.")
    listed = ", ".join(PRODUCTION_TYPES)
    close = closest(str(given), PRODUCTION_TYPES)
    advice = Text(f"从 {listed} 中选一个。", f"Use one of {listed}.")
    mend = _mend(advice, [Text(close, close)] if close else [])
    problems.append(ProfileProblem("production_type", message, mend))
    return PRODUCTION_TYPES[0]


def _flag(enterprise: Mapping[str, Any], key: str, problems: list[ProfileProblem]) -> bool:
    value = enterprise.get(key, False)
    if not isinstance(value, bool):
        message = Text(f"“{_short(value)}”既非 true 也非 false。", f"{_short(value)!r} is neither true nor false.")
        problems.append(ProfileProblem(key, message, Text("写 true 或 false。", "Write true or false.")))
        return False
    return value
