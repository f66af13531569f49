"""Answers as a reader of the printed report wants them: ratios with their counts, money as people say it, short."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import Fact, Facts, FactValue, Pair, Question, Text
from maturity.questionnaires.plausibility import show
from maturity.questionnaires.values import decimal_text

TEN_THOUSAND_YUAN = "10,000 CNY"


def question_answer(framework: Framework, question: Question, facts: Facts, locale: str) -> str | None:
    """The answer to a question in one line; None where it was not given."""
    if question.ratio is not None:
        pair = (question.ratio.numerator, question.ratio.denominator)
        return ratio_words(framework, *pair, facts, locale)
    given = [(framework.edition.facts[name], facts[name]) for name in question.facts if name in facts]
    if not given:
        return None
    if len(question.facts) == 1:
        return fact_words(framework, *given[0], locale)
    joiner, colon = Text("；", "; ").to(locale), Text("：", ": ").to(locale)
    return joiner.join(
        f"{fact.label.to(locale)}{colon}{fact_words(framework, fact, value, locale)}" for fact, value in given
    )


def indicator_answer(framework: Framework, indicator_id: str, facts: Facts, locale: str) -> str | None:
    """What an indicator was computed from; None where what it builds on is not there."""
    parts = framework.scoring.indicators[indicator_id].facts
    if "numerator" in parts:
        return ratio_words(framework, parts["numerator"], parts["denominator"], facts, locale)
    (name,) = parts.values()
    return fact_words(framework, framework.edition.facts[name], facts[name], locale) if name in facts else None


def ratio_words(framework: Framework, numerator: str, denominator: str, facts: Facts, locale: str) -> str | None:
    """The percentage with the counts or amounts it comes from; where the units differ it is no percentage."""
    part, whole = facts.get(numerator), facts.get(denominator)
    if not isinstance(part, Fraction):
        return None
    first, second = framework.edition.facts[numerator], framework.edition.facts[denominator]
    if not isinstance(whole, Fraction):
        return fact_words(framework, first, part, locale)
    percent = _tenths(100 * part / whole) if whole else "—"
    zh, en = ("%", " %") if whole else ("", "")
    if first.unit != second.unit:
        left, right = _measured(first, part, locale), _measured(second, whole, locale)
        return Text(f"{percent}（{left} / {right}）", f"{percent} ({left} for {right})").to(locale)
    if first.type == "money" and not locale.startswith("zh"):
        return f"{percent}{en} (CNY {grouped(part / 100)} of {grouped(whole / 100)} million)"
    unit = first.unit.to(locale) if first.unit else ""
    counts = Text(f"{grouped(part)} / {grouped(whole)} {unit}", f"{grouped(part)} of {grouped(whole)} {unit}").to(
        locale
    )
    return Text(f"{percent}{zh}（{counts.rstrip()}）", f"{percent}{en} ({counts.rstrip()})").to(locale)


def fact_words(framework: Framework, fact: Fact, value: FactValue, locale: str) -> str:
    """One fact with its unit; the rows of a matrix are gathered by what was chosen, best first."""
    match value:
        case Pair(current, prior):
            earlier = _measured(fact, prior, locale) if prior is not None else None
            note = Text(f"上年 {earlier}", f"prior year {earlier}") if earlier else Text("无上年数据", "no prior year")
            now = _measured(fact, current, locale)
            return Text(f"{now}（{note.zh}）", f"{now} ({note.en})").to(locale)
        case Fraction():
            return _measured(fact, value, locale)
        case Mapping():
            return _gathered(fact, value, locale)
        case _:
            return show(framework.edition, fact.id, value, locale)


def _gathered(fact: Fact, chosen: Mapping[str, str], locale: str) -> str:
    comma, joiner = Text("、", ", ").to(locale), Text("；", "; ").to(locale)
    parts = []
    for column in reversed(fact.columns):
        rows = [row.label.to(locale) for row in fact.rows if chosen.get(row.id) == column.id]
        if rows:
            names = comma.join(rows)
            parts.append(Text(f"{names}（{column.label.zh}）", f"{names} ({column.label.en})").to(locale))
    return joiner.join(parts)


def _measured(fact: Fact, value: Fraction, locale: str) -> str:
    """A number with its unit; in English, units of ten thousand yuan become yuan or millions.

    >>> from maturity.adaptive.framework import load_framework
    >>> facts = load_framework("lianghua/2026.1").edition.facts
    >>> _measured(facts["operating_revenue"], Fraction(24000), "en")
    'CNY 240 million'
    >>> _measured(facts["labour_productivity"], Fraction("20.65"), "en")
    'CNY 206,500 a person'
    >>> _measured(facts["first_pass_yield"], Fraction("95.5"), "zh_CN")
    '95.5%'
    """
    unit = fact.unit.to(locale) if fact.unit else ""
    if fact.type == "money":
        return money_words(value, locale)
    if unit.startswith(TEN_THOUSAND_YUAN):
        return f"CNY {grouped(value * 10_000)}{unit.removeprefix(TEN_THOUSAND_YUAN)}"
    if unit == "%" and locale.startswith("zh"):
        return f"{grouped(value)}%"
    return f"{grouped(value)} {unit}".rstrip()


def money_words(wan: Fraction, locale: str) -> str:
    """
    >>> money_words(Fraction(24000), "zh_CN"), money_words(Fraction(24000), "en")
    ('24,000 万元', 'CNY 240 million')
    """
    return Text(f"{grouped(wan)} 万元", f"CNY {grouped(wan / 100)} million").to(locale)


def grouped(value: Fraction) -> str:
    """
    >>> grouped(Fraction(24000)), grouped(Fraction(5, 4))
    ('24,000', '1.25')
    """
    return format(Decimal(decimal_text(value)), ",f")


def _tenths(value: Fraction) -> str:
    return format(Decimal(round(value * 10)).scaleb(-1), ",f")
