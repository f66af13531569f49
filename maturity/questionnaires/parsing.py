"""Bundle to frozen values, with the checks that make an edition safe to answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from maturity.content import ID_PATTERN, Problem, Reader, nearest
from maturity.questionnaires import condition_parsing as conditions
from maturity.questionnaires.conditions import Condition, leaves
from maturity.questionnaires.model import Edition, Fact, Option, Question, Ratio, Section, Text
from maturity.questionnaires.rule_parsing import parse_rule
from maturity.questionnaires.values import FACT_TYPES, parse_number

STATUSES = ("draft", "pilot", "published", "retired")
#: widget -> fact types it can elicit, and how many facts it can hold at most
WIDGETS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "single": (("choice",), 1),
    "multiple": (("multi",), 1),
    "yesno": (("yesno",), 1),
    "number": (("number",), 6),
    "ratio": (("number", "money"), 2),
    "money": (("money",), 6),
    "matrix": (("matrix",), 1),
    "pair": (("pair",), 3),
    "date": (("date",), 1),
    "text": (("text",), 1),
}


def parse_edition(bundle: Mapping[str, Any], problems: list[Problem]) -> Edition:
    # By id: a bundle is JSON, whose keys have no order, and every copy must make the same edition.
    facts = {fact_id: parse_fact(fact_id, data, problems) for fact_id, data in sorted(bundle["facts"].items())}
    questions = {qid: _question(qid, data, facts, problems) for qid, data in sorted(bundle["questions"].items())}
    reader = Reader.of(bundle["manifest"], "manifest.yaml", "", problems)
    sections = tuple(_section(i, item, problems) for i, item in enumerate(reader.items("sections")))
    edition = Edition(
        framework=reader.string("framework"),
        edition=reader.string("edition"),
        status=reader.one_of("status", STATUSES),
        valid_from=_date(reader, "valid_from"),
        title=Text.of(reader.text("title")),
        basis=Text.of(reader.text("basis")),
        sections=sections,
        questions=questions,
        facts=facts,
        asked_by=_asked_by(questions, problems),
        order=_order(sections, questions, problems),
        plausibility=tuple(
            parse_rule(rid, data, facts, problems) for rid, data in sorted(bundle["plausibility"].items())
        ),
    )
    reader.finish()
    _check_building(edition, problems)
    _check_upward(edition, problems)
    if edition.status == "published":
        _check_published(edition, problems)
    return edition


def _date(reader: Reader, key: str) -> date:
    try:
        return date.fromisoformat(reader.string(key))
    except ValueError:
        reader.refuse(key, "is not a date.", "write it as 2026-01-01.")
        return date.min


def _options(reader: Reader, key: str) -> tuple[Option, ...]:
    options: list[Option] = []
    for index, item in enumerate(reader.items(key)):
        option = Reader.of(item, reader.file, f"{reader.key}.{key}[{index}]", reader.problems)
        option_id = option.identifier("id")
        label = {"zh": option.string("zh"), "en": option.string("en")}
        option.finish()
        if option_id in {known.id for known in options}:
            option.refuse("id", f"{option_id!r} stands twice.", "give every option its own id.")
        options.append(Option(option_id, Text.of(label)))
    return tuple(options)


def parse_fact(fact_id: str, data: Any, problems: list[Problem]) -> Fact:
    reader = Reader.of(data, "facts", fact_id, problems)
    kind = reader.one_of("type", FACT_TYPES)
    reader.identifier("id")
    definition = reader.optional_text("definition")
    numeric = kind in ("number", "money", "pair")
    unit = reader.optional_text("unit") if numeric and kind != "money" else None
    if kind in ("number", "pair") and unit is None:
        reader.refuse("unit", "is missing.", "write `unit: {zh: 台, en: units}`.")
    fact = Fact(
        id=fact_id,
        type=kind,
        label=Text.of(reader.text("label")),
        definition=Text.of(definition) if definition else None,
        unit=Text("万元", "10,000 CNY") if kind == "money" else Text.of(unit) if unit else None,
        integer=reader.flag("integer") if kind in ("number", "pair") else False,
        minimum=parse_number(reader.take("min", 0)) if numeric else None,
        maximum=parse_number(reader.take("max")) if numeric and reader.has("max") else None,
        options=_options(reader, "options") if kind in ("choice", "multi") else (),
        ordered=reader.flag("ordered", default=True) if kind == "choice" else False,
        exclusive=reader.identifier("exclusive") if kind == "multi" else None,
        rows=_options(reader, "rows") if kind == "matrix" else (),
        columns=_options(reader, "columns") if kind == "matrix" else (),
    )
    if kind == "multi" and fact.exclusive not in fact.option_ids():
        reader.refuse("exclusive", "is not one of the options.", "list the exclusive “none” among the options too.")
    reader.finish()
    return fact


def _question(question_id: str, data: Any, facts: Mapping[str, Fact], problems: list[Problem]) -> Question:
    reader = Reader.of(data, f"questions/{question_id}.yaml", "", problems)
    reader.identifier("id")
    widget = reader.one_of("widget", WIDGETS)
    names = tuple(str(name) for name in reader.items("facts"))
    _check_facts(reader, widget, names, facts)
    example, decides = reader.optional_text("example"), reader.optional_text("decides")
    if widget == "ratio" and example is None:
        reader.refuse("example", "is missing.", "a ratio question needs a worked example with numbers.")
    question = Question(
        id=question_id,
        section=reader.identifier("section"),
        facts=names,
        widget=widget,
        ratio=_ratio(reader, names) if widget == "ratio" else None,
        wording=Text.of(reader.text("wording")),
        definition=Text.of(reader.text("definition")),
        why=Text.of(reader.text("why")),
        decides=Text.of(decides) if decides else None,
        evidence=Text.of(reader.text("evidence")),
        example=Text.of(example) if example else None,
        applies=conditions.parse(reader, "applies", facts, profile=True, operators=()),
        requires=conditions.parse(reader, "requires", facts, profile=False, operators=conditions.UPWARD),
        provenance=reader.string("provenance"),
    )
    reader.finish()
    return question


def _check_facts(reader: Reader, widget: str, names: Iterable[str], facts: Mapping[str, Fact]) -> None:
    types, most = WIDGETS[widget]
    names = tuple(names)
    if len(names) > most:
        reader.refuse("facts", f"a {widget} question holds {most} at most.", "split the question.")
    for name in names:
        if name not in facts:
            mend = "define it in library/facts or correct the name."
            reader.refuse("facts", f"the fact {name!r} is not defined.{nearest(name, facts)}", mend)
        elif facts[name].type not in types:
            expected = " or ".join(types)
            reader.refuse("facts", f"{name} is of type {facts[name].type}.", f"widget {widget} needs {expected}.")


def _ratio(reader: Reader, names: tuple[str, ...]) -> Ratio:
    part = Reader.of(reader.require("ratio"), reader.file, "ratio", reader.problems)
    ratio = Ratio(part.string("numerator"), part.string("denominator"))
    part.finish()
    if {ratio.numerator, ratio.denominator} != set(names):
        reader.refuse("ratio", "must use exactly the two facts of the question.", f"name {' and '.join(names)}.")
    return ratio


def _section(index: int, data: Any, problems: list[Problem]) -> Section:
    reader = Reader.of(data, "manifest.yaml", f"sections[{index}]", problems)
    section = Section(
        id=reader.identifier("id"),
        title=Text.of(reader.text("title")),
        purpose=Text.of(reader.text("purpose")),
        questions=tuple(str(item) for item in reader.items("questions")),
    )
    reader.finish()
    return section


def _asked_by(questions: Mapping[str, Question], problems: list[Problem]) -> Mapping[str, str]:
    asked_by: dict[str, str] = {}
    for question in questions.values():
        for fact in question.facts:
            if fact in asked_by:
                message = f"the fact {fact} is already asked by {asked_by[fact]}."
                problems.append(Problem(f"questions/{question.id}.yaml", "facts", message, "ask each fact once."))
            asked_by.setdefault(fact, question.id)
    return asked_by


def _order(sections: Iterable[Section], questions: Mapping[str, Question], problems: list[Problem]) -> tuple[str, ...]:
    order: list[str] = []
    for section in sections:
        for question_id in section.questions:
            where = f"sections.{section.id}"
            question = questions.get(question_id)
            if not ID_PATTERN.fullmatch(question_id) or question is None:
                message = f"the question {question_id!r} does not exist.{nearest(question_id, questions)}"
                problems.append(Problem("manifest.yaml", where, message, "write its file or remove it here."))
            elif question.section != section.id:
                message = f"{question_id} says it belongs to {question.section}."
                problems.append(Problem("manifest.yaml", where, message, "list it in that section."))
            elif question_id in order:
                problems.append(Problem("manifest.yaml", where, f"{question_id} stands twice.", "list it once."))
            else:
                order.append(question_id)
    for missing in sorted(set(questions) - set(order)):
        problems.append(Problem("manifest.yaml", "sections", f"{missing} is in no section.", "list it, or remove it."))
    return tuple(order)


def _check_published(edition: Edition, problems: list[Problem]) -> None:
    """A published question says which decision its answer changes; who answers is told what for."""
    for question in edition.questions.values():
        if question.decides is None:
            mend = "name the decision of the enterprise that the answer changes."
            problems.append(Problem(f"questions/{question.id}.yaml", "decides", "is missing, and is published.", mend))


def _check_building(edition: Edition, problems: list[Problem]) -> None:
    """What a question builds on must be asked before it: this refuses cycles and keeps new questions below."""
    position = {question_id: index for index, question_id in enumerate(edition.order)}
    for question_id in edition.order:
        for needed in _needs(edition.questions[question_id].requires):
            asked = edition.asked_by.get(needed)
            if asked is not None and position.get(asked, -1) >= position[question_id]:
                message = f"builds on {needed}, which {asked} asks later."
                mend = f"move {asked} before it in manifest.yaml."
                problems.append(Problem(f"questions/{question_id}.yaml", "requires", message, mend))


def _check_upward(edition: Edition, problems: list[Problem]) -> None:
    """Only what a better answer keeps true may open a question: a middle option or “none” would close it again."""
    for question in edition.questions.values():
        for leaf in leaves(question.requires):
            fact = edition.facts.get(leaf.name)
            if fact is None:
                continue
            wanted = leaf.value if isinstance(leaf.value, list) else [leaf.value]
            passed_over = leaf.op == "equals" and fact.ordered and fact.option_ids()[-1:] != (leaf.value,)
            if passed_over or (fact.exclusive is not None and fact.exclusive in wanted):
                message = f"{leaf.name} {leaf.op} {leaf.value} is no longer true of a better answer."
                mend = "use at_least with an option, or includes with a real one."
                problems.append(Problem(f"questions/{question.id}.yaml", "requires", message, mend))


def _needs(condition: Condition | None) -> tuple[str, ...]:
    return tuple(leaf.name for leaf in leaves(condition) if leaf.source == "fact")
