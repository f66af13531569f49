"""Conditions as a reader of the printed questionnaire meets them: who answers a question, and what it builds on.

Everything is derived from the conditions of the edition: the options that satisfy a comparison are found by trying
each of them, so that the words cannot differ from what the path does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maturity.questionnaires.conditions import SIZES, All, AnyOf, Condition, Leaf, Not, holds
from maturity.questionnaires.model import Edition, Fact, Profile, Text
from maturity.reference.industries import industry
from maturity.reference.regions import full_name, region

SIZE_NAMES: Mapping[str, Text] = {
    "micro": Text("微型", "micro"),
    "small": Text("小型", "small"),
    "medium": Text("中型", "medium-sized"),
    "large": Text("大型", "large"),
}
#: what is said of an enterprise for which a flag is true, and for which it is false
FLAG_NAMES: Mapping[str, tuple[Text, Text]] = {
    "is_group": (Text("集团企业", "group enterprises only"), Text("非集团企业", "enterprises that are no group")),
    "designs_products": (
        Text("自行研发产品或配方的企业", "with own product development only"),
        Text("不自行研发产品的企业", "without own product development only"),
    ),
    "exports": (
        Text("有出口的企业", "exporting enterprises only"),
        Text("无出口的企业", "enterprises without exports"),
    ),
    "energy_intensive": (
        Text("高耗能行业的企业", "energy-intensive industries only"),
        Text("非高耗能行业的企业", "industries that are not energy-intensive"),
    ),
}
AMOUNT_NAMES: Mapping[str, tuple[Text, Text]] = {  # (name, unit)
    "headcount": (Text("从业人员", "staff"), Text(" 人", " persons")),
    "revenue": (Text("营业收入", "revenue"), Text(" 万元", " × 10,000 CNY")),
}
COMPARED: Mapping[str, Text] = {
    "at_least": Text("不少于 ", "at least "),
    "more_than": Text("大于 ", "above "),
    "at_most": Text("不超过 ", "at most "),
    "less_than": Text("小于 ", "below "),
    "equals": Text("等于 ", "equal to "),
    "not_equals": Text("不等于 ", "not equal to "),
}


def narrowed(condition: Condition | None, known: Profile) -> Condition | bool:
    """What is left of a condition once part of the profile is known: true, false, or a smaller condition.

    >>> discrete = Leaf("profile", "production_type", "in", ["discrete_mass"])
    >>> grouped = Leaf("profile", "is_group", "equals", True)
    >>> narrowed(All((discrete, grouped)), {"production_type": "process"})
    False
    >>> narrowed(All((discrete, grouped)), {"production_type": "discrete_mass"}) == grouped
    True
    """
    match condition:
        case None:
            return True
        case Leaf(source="profile", name=name) if name in known:
            return holds(condition, known, {})
        case Leaf():
            return condition
        case Not(part):
            left = narrowed(part, known)
            return not left if isinstance(left, bool) else Not(left)
        case All(parts):
            return _joined(All, [narrowed(part, known) for part in parts], decisive=False)
        case AnyOf(parts):
            return _joined(AnyOf, [narrowed(part, known) for part in parts], decisive=True)


def _joined(kind: type[All] | type[AnyOf], parts: list[Condition | bool], *, decisive: bool) -> Condition | bool:
    if any(part is decisive for part in parts):
        return decisive
    left = [part for part in parts if not isinstance(part, bool)]
    return kind(tuple(left)) if len(left) > 1 else (left[0] if left else not decisive)


def parts_of(condition: Condition | bool) -> tuple[Condition, ...]:
    """The conditions all of which must hold."""
    if isinstance(condition, bool):
        return ()
    return condition.parts if isinstance(condition, All) else (condition,)


def industries_of(condition: Condition) -> tuple[str, ...]:
    """The codes of a comparison of the industry and nothing else; empty for any other condition."""
    if isinstance(condition, Leaf) and condition.name == "industry" and condition.op in ("under", "in", "equals"):
        return tuple(condition.value) if isinstance(condition.value, list) else (str(condition.value),)
    return ()


def for_whom(condition: Condition) -> Text:
    """Which enterprises a condition over the profile names.

    >>> for_whom(Leaf("profile", "size", "at_least", "medium", SIZES))
    Text(zh='中型及以上企业', en='from medium size')
    >>> for_whom(Leaf("profile", "size", "at_most", "small", SIZES)).en
    'small and micro enterprises only'
    """
    match condition:
        case All(parts):
            return _list([for_whom(part) for part in parts], Text("且", "and"))
        case AnyOf(parts):
            return _list([for_whom(part) for part in parts], Text("或", "or"))
        case Not(part):
            inner = for_whom(part)
            return Text(f"除“{inner.zh}”以外的企业", f"all but: {inner.en}")
        case Leaf(name="size"):
            return _sizes([size for size in SIZES if holds(condition, {"size": size}, {})])
        case Leaf(name=name) if name in FLAG_NAMES:
            return FLAG_NAMES[name][not holds(condition, {name: True}, {})]
        case Leaf(name=name, op=op, value=value) if name in AMOUNT_NAMES:
            label, unit = AMOUNT_NAMES[name]
            compared = COMPARED[op]
            return Text(f"{label.zh}{compared.zh}{value}{unit.zh}的企业", f"{label.en} {compared.en}{value}{unit.en}")
        case Leaf(op=op, value=value):
            named = [_place(condition.name, str(code)) for code in (value if isinstance(value, list) else [value])]
            listed = _list(named, Text("或", "or"))
            if op in ("not_in", "not_equals"):
                return Text(f"不属于{listed.zh}的企业", f"all but {listed.en}")
            return Text(f"属于{listed.zh}的企业", f"{listed.en} only")


def _place(name: str, code: str) -> Text:
    """A code of the profile in words: an industry, a region, else as it is."""
    if name == "region":
        return region_name(code)
    found = industry(code) if name == "industry" else None
    return Text(found.label("zh"), found.label("en")) if found else Text(code, code)


def region_name(code: str) -> Text:
    """A region by its code or the beginning of it; the code where it is none.

    >>> region_name("37").en, region_name("99").en
    ('Shandong', '99')
    """
    whole = code.ljust(6, "0")
    return Text(full_name(whole, "zh"), full_name(whole, "en")) if region(whole) else Text(code, code)


def _sizes(sizes: Sequence[str]) -> Text:
    first = SIZE_NAMES[sizes[0]] if sizes else Text("", "")
    if len(sizes) > 1 and tuple(sizes) == SIZES[SIZES.index(sizes[0]) :]:
        return Text(f"{first.zh}及以上企业", f"from {first.en.removesuffix('-sized')} size")
    names = _list([SIZE_NAMES[size] for size in reversed(sizes)], Text("和", "and"))
    return Text(f"{names.zh}企业", f"{names.en} enterprises only")


@dataclass(frozen=True, slots=True)
class Builder:
    """Says what questions build on, by their printed numbers."""

    edition: Edition
    numbers: Mapping[str, int]  # question id -> printed number

    def said(self, condition: Condition) -> Text:
        """A condition over earlier answers, with the numbers they are printed under."""
        match condition:
            case All(parts):
                return _list([self.said(part) for part in parts], Text("，且", "and"))
            case AnyOf(parts):
                return _list([self.said(part) for part in parts], Text("，或", "or"))
            case Leaf(source="fact"):
                return self._compared(condition)
            case _:
                return for_whom(condition)

    def _compared(self, leaf: Leaf) -> Text:
        fact = self.edition.facts[leaf.name]
        number = self.numbers[self.edition.asked_by[leaf.name]]
        zh, en = self._place(fact, number)
        if leaf.op == "answered":
            return Text(f"{zh}已填写", f"{en} is answered")
        if fact.type == "matrix":
            row = next(option.label for option in fact.rows if option.id == leaf.value["row"])
            letters = _letters(fact.column_ids(), leaf, lambda column: {leaf.value["row"]: column})
            return Text(f"{zh}“{row.zh}”一行选 {letters.zh}", f"row “{row.en}” of {en} is {letters.en}")
        if fact.options:
            wrap = frozenset if fact.type == "multi" else tuple
            letters = _letters(fact.option_ids(), leaf, lambda option: wrap([option]) if wrap is frozenset else option)
            return Text(f"{zh}选 {letters.zh}", f"{en} is answered {letters.en}")
        if fact.type == "yesno":
            return Text(f"{zh}选“是”", f"{en} is answered yes")
        compared = COMPARED[leaf.op]
        return Text(f"{zh}{compared.zh}{leaf.value}", f"{en} is {compared.en}{leaf.value}")

    def _place(self, fact: Fact, number: int) -> tuple[str, str]:
        """The question by its number, and which of its figures where it has several."""
        question = self.edition.questions[self.edition.asked_by[fact.id]]
        zh, en = f"第 {number} 题", f"question {number}"
        if len(question.facts) == 1:
            return zh, en
        letter = letter_of(question.facts.index(fact.id)).lower()
        return f"{zh} {letter} 项", f"figure {letter} of {en}"


def _letters(ids: Iterable[str], leaf: Leaf, made: Any) -> Text:
    """The letters of the options for which the comparison is true."""
    found = [letter_of(index) for index, name in enumerate(ids) if holds(leaf, {}, {leaf.name: made(name)})]
    return _list([Text(letter, letter) for letter in found], Text(" 或 ", "or"))


def letter_of(index: int) -> str:
    """
    >>> letter_of(0), letter_of(4)
    ('A', 'E')
    """
    return chr(ord("A") + index)


def _list(items: Sequence[Text], last: Text) -> Text:
    """The items in one phrase.

    >>> _list([Text("甲", "a"), Text("乙", "b"), Text("丙", "c")], Text("和", "and"))
    Text(zh='甲、乙和丙', en='a, b and c')
    """
    if len(items) == 1:
        return items[0]
    zh = "、".join(item.zh for item in items[:-1]) + last.zh + items[-1].zh
    return Text(zh, ", ".join(item.en for item in items[:-1]) + f" {last.en} " + items[-1].en)


def numbers_text(numbers: Sequence[int]) -> Text:
    """Printed numbers, runs of them drawn together.

    >>> numbers_text([3, 4, 5, 9])
    Text(zh='3–5、9', en='3–5, 9')
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return Text("、".join(shown), ", ".join(shown))
