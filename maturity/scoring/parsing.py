"""Bundle to `ScoringModel`, with the checks that make a model safe to score with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from maturity.content import ContentError, Problem, Reader, nearest
from maturity.scoring.model import (
    Dimension,
    Element,
    Gate,
    Group,
    Indicator,
    IndicatorSet,
    Level,
    ScoringModel,
    Shape,
)
from maturity.scoring.monotone import opposing_facts
from maturity.scoring.parameters import Parameter
from maturity.scoring.rules import RULES, Rule

ROLES = ("capability", "outcome", "counted")
TOTALS = ("weighted_mean@1", "staged_sum@1")
COMBINED = ("mean", "minimum")
#: what a gate may measure: the key that names it
GATE_KINDS = ("dimension", "total", "stage", "indicator", "count")
PRESENTATION = ("title", "purpose", "rationale", "definition", "description")
UNITS_FREE = ("%", "score")


def parse_scoring(bundle: Mapping[str, Any]) -> ScoringModel:
    """Make a `ScoringModel` of a bundle, or refuse it with every problem found."""
    problems: list[Problem] = []
    # By id: a bundle is JSON, whose keys have no order, and an explanation must be the same bytes from every copy.
    parameters = {name: _parameter(name, data, problems) for name, data in sorted(bundle["parameters"].items())}
    reader = Reader.of(bundle["scoring"], "scoring.yaml", "", problems)
    groups = [
        str(child["id"])
        for dimension in reader.items("dimensions")
        for child in (dimension.get("children") or [])
        if isinstance(child, dict) and "id" in child
    ]
    indicators = {
        name: _indicator(name, data, bundle["facts"], parameters, groups, problems)
        for name, data in sorted(bundle["indicators"].items())
    }
    elements = tuple(_element(i, data, problems) for i, data in enumerate(reader.items("elements", required=False)))
    names = [element.id for element in elements]
    dimensions = tuple(
        _dimension(i, data, indicators, names, problems) for i, data in enumerate(reader.items("dimensions"))
    )
    sets = _sets(reader, indicators, problems)
    total = reader.one_of("total", TOTALS) if reader.has("total") else TOTALS[0]
    model = ScoringModel(dimensions, (), parameters, indicators, total, elements, sets)
    levels = tuple(_level(i, data, model, problems) for i, data in enumerate(reader.items("levels", required=False)))
    reader.finish()
    model = replace(model, levels=levels)
    _check_directions(model, problems)
    _check_levels(levels, problems)
    _check_stages(model, problems)
    _check_unique([*names, *(dimension.id for dimension in dimensions), *groups], problems)
    if problems:
        raise ContentError(problems)
    if bundle["manifest"].get("status") == "published":
        _check_rationales(bundle, problems)
    if problems:
        raise ContentError(problems)
    return model


def _fraction(reader: Reader, key: str, value: Any) -> Fraction:
    try:
        if isinstance(value, bool):
            raise ValueError
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        reader.refuse(key, f"{value!r} is not a number.", "write 90, 0.5 or 1/3.")
        return Fraction(1)


def _present(reader: Reader, *keys: str) -> None:
    for key in keys:
        reader.text(key)


def _parameter(name: str, data: Any, problems: list[Problem]) -> Parameter:
    reader = Reader.of(data, "parameters", name, problems)
    reader.identifier("id") if name.islower() else reader.string("id")
    _present(reader, "title", "rationale")
    reader.string("reference")
    reader.string("provenance")
    parameter = Parameter(name, reader.string("unit"), _dated(reader))
    reader.finish()
    return parameter


def _dated(reader: Reader) -> tuple[tuple[date, Fraction | Mapping[str, Fraction]], ...]:
    """The values by date, ascending; a value may differ by production type."""
    values: list[tuple[date, Fraction | Mapping[str, Fraction]]] = []
    for day, value in sorted(reader.mapping("values").items()):
        number: Fraction | Mapping[str, Fraction]
        if isinstance(value, Mapping):
            number = {str(variant): _fraction(reader, f"values.{day}.{variant}", v) for variant, v in value.items()}
        else:
            number = _fraction(reader, f"values.{day}", value)
        values.append((_day(reader, day), number))
    if not values:
        reader.refuse("values", "is empty.", "give it a value from a day on, such as `'2020-01-01': 90`.")
        values.append((date.min, Fraction(1)))
    return tuple(values)


def _day(reader: Reader, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        reader.refuse(f"values.{text}", "is not a date.", "write it as 2026-01-01.")
        return date.min


def _indicator(
    name: str,
    data: Any,
    facts: Mapping[str, Any],
    parameters: Mapping[str, Parameter],
    groups: list[str],
    problems: list[Problem],
) -> Indicator:
    reader = Reader.of(data, "indicators", name, problems)
    reader.identifier("id")
    _present(reader, "title", "definition")
    reader.string("unit")
    reader.string("provenance")
    reader.take("applies")  # read by the questionnaire side, which knows profiles
    rule = RULES[reader.one_of("rule", RULES)]
    roles = _roles(reader, rule, facts)
    shapes = {role: _shape(facts.get(fact, {})) for role, fact in roles.items()}
    indicator = Indicator(
        id=name,
        parent=reader.one_of("parent", groups),
        weight=_weight(reader, name),
        rule=rule.name,
        facts=roles,
        shapes=shapes,
        parameters=_parameter_names(reader, rule, parameters),
        settings=_settings(reader, rule, shapes),
        waiver=reader.string("waiver") if reader.has("waiver") else None,
        stage=reader.integer("stage") if reader.has("stage") else 0,
    )
    reader.finish()
    return indicator


def _weight(reader: Reader, name: str) -> Parameter:
    """A weight among siblings: a dated parameter with its rationale, or the bare number in a draft."""
    given = reader.require("weight")
    if isinstance(given, Mapping):
        weight = _weight_parameter(reader, name, given)
    else:
        weight = Parameter(name, "weight", ((date.min, _fraction(reader, "weight", given)),))
    numbers = [n for _, v in weight.values for n in (v.values() if isinstance(v, Mapping) else (v,))]
    if any(number <= 0 for number in numbers):
        reader.refuse("weight", "must be more than 0.", "leave the part out instead of giving it no weight.")
    return weight


def _weight_parameter(reader: Reader, name: str, given: Mapping[str, Any]) -> Parameter:
    part = Reader.of(given, reader.file, f"{reader.key}.weight", reader.problems)
    _present(part, "rationale")
    part.string("reference")
    part.string("provenance")
    values = _dated(part)
    part.finish()
    return Parameter(name, "weight", values)


def _roles(reader: Reader, rule: Rule, facts: Mapping[str, Any]) -> dict[str, str]:
    given = {str(role): str(fact) for role, fact in reader.mapping("facts").items()}
    if set(given) != set(rule.roles):
        reader.refuse("facts", f"{rule.name} needs {', '.join(rule.roles)}.", "name exactly these roles.")
    for role, fact in given.items():
        if fact not in facts:
            mend = "use a fact asked in this edition."
            reader.refuse(f"facts.{role}", f"the fact {fact!r} is not asked.{nearest(fact, facts)}", mend)
        elif role in rule.fact_types and facts[fact].get("type") not in rule.fact_types[role]:
            expected = " or ".join(rule.fact_types[role])
            reader.refuse(f"facts.{role}", f"{fact} is {facts[fact].get('type')}.", f"{rule.name} needs {expected}.")
        elif rule.name in ("ratio@1", "ratio_bands@1") and str(facts[fact].get("min", 0)).startswith("-"):
            reader.refuse(f"facts.{role}", f"{fact} may be negative.", "a ratio needs counts or amounts from 0 on.")
        elif facts[fact].get("ordered") is False:
            reader.refuse(f"facts.{role}", f"the options of {fact} have no order.", "order them, low to high.")
    return {role: given[role] for role in rule.roles if role in given}


def _shape(fact: Mapping[str, Any]) -> Shape:
    def ids(key: str) -> tuple[str, ...]:
        items = fact.get(key)
        return (
            tuple(str(item.get("id")) for item in items if isinstance(item, Mapping)) if isinstance(items, list) else ()
        )

    return Shape(str(fact.get("type")), ids("options"), fact.get("exclusive"), ids("rows"), ids("columns"))


def _parameter_names(reader: Reader, rule: Rule, parameters: Mapping[str, Parameter]) -> dict[str, str]:
    names = {role: reader.string(role) for role in rule.parameters}
    names |= {role: reader.string(role) for role in rule.optional_parameters if reader.has(role)}
    for role, name in names.items():
        if name and name not in parameters:
            mend = "define it under parameters/."
            reader.refuse(role, f"the parameter {name!r} is not defined.{nearest(name, parameters)}", mend)
    if rule.name == "outcome@1":
        _check_outcome(reader, names)
    _check_marks(reader, {role: parameters[name] for role, name in names.items() if name in parameters})
    return {role: name for role, name in names.items() if name in parameters}


def _check_outcome(reader: Reader, names: Mapping[str, str]) -> None:
    if ("best_level" in names) != ("worst_level" in names):
        reader.refuse("best_level", "needs worst_level beside it, and the reverse.", "give both or neither.")
    if not names:
        reader.refuse("full_improvement", "nothing to measure against.", "give full_level or full_improvement.")


def _check_marks(reader: Reader, marks: Mapping[str, Parameter]) -> None:
    """A full mark of zero divides by nothing, and a best that is not below the worst turns the scale round."""
    for role in ("full", "full_level", "full_improvement"):
        if role in marks and any(number <= 0 for number in marks[role].numbers()):
            reader.refuse(role, f"{marks[role].id} must be above 0.", "correct its values under parameters/.")
    for low, high in (("best", "worst"), ("best_level", "worst_level")):
        if low in marks and high in marks and max(marks[low].numbers()) >= min(marks[high].numbers()):
            reader.refuse(low, f"{marks[low].id} must be below {marks[high].id}.", "correct them under parameters/.")


def _settings(reader: Reader, rule: Rule, shapes: Mapping[str, Shape]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    shape = shapes.get("answer", Shape(""))
    if "points" in rule.settings and reader.has("points"):
        known = (*shape.options, *shape.columns)
        given = {str(option): value for option, value in reader.mapping("points").items()}
        expected = {option for option in known if option != shape.exclusive}
        if set(given) - set(known) or expected - set(given):
            reader.refuse("points", "must give points for every option.", f"options: {', '.join(known)}.")
        settings["points"] = {option: _fraction(reader, f"points.{option}", value) for option, value in given.items()}
        _check_ascending(reader, settings["points"], shape)
    settings |= _row_settings(reader, rule, shape)
    if "bands" in rule.settings:
        settings["bands"] = _bands(reader)
        settings["closed"] = reader.one_of("closed", ("upper", "lower"))
    if "direction" in rule.settings:
        settings["direction"] = reader.one_of("direction", ("up", "down"))
    if "improvement" in rule.settings:
        settings["improvement"] = reader.one_of("improvement", ("relative", "points"))
    return settings


def _row_settings(reader: Reader, rule: Rule, shape: Shape) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if "row_weights" in rule.settings and reader.has("row_weights"):
        settings["row_weights"] = {str(row): weight for row, weight in reader.mapping("row_weights").items()}
        for row, weight in settings["row_weights"].items():
            if row not in shape.rows:
                reader.refuse("row_weights", f"{row!r} is not a row.", f"rows: {', '.join(shape.rows)}.")
            if isinstance(weight, bool) or not isinstance(weight, int) or weight < 1:
                reader.refuse(f"row_weights.{row}", f"{weight!r} is not a weight.", "write a whole number from 1 on.")
    if "row" in rule.settings:
        settings["row"] = reader.one_of("row", shape.rows)
    return settings


def _bands(reader: Reader) -> tuple[tuple[Fraction | None, Fraction], ...]:
    """Upper edge and points of each band, ascending in both; the last band has no edge."""
    bands: list[tuple[Fraction | None, Fraction]] = []
    for position, item in enumerate(reader.items("bands")):
        part = Reader.of(item, reader.file, f"{reader.key}.bands[{position}]", reader.problems)
        edge = _fraction(part, "up_to", part.take("up_to")) if part.has("up_to") else None
        bands.append((edge, _fraction(part, "points", part.require("points"))))
        part.finish()
    edges = [edge for edge, _ in bands[:-1] if edge is not None]
    points = [value for _, value in bands]
    if not bands or len(edges) != len(bands) - 1 or bands[-1][0] is not None or edges != sorted(set(edges)):
        reader.refuse("bands", "have no rising edges.", "give every band but the last an `up_to`, low to high.")
        return ((None, Fraction(0)),)
    if points != sorted(points) or not 0 <= points[0] <= points[-1] <= 1:
        reader.refuse("bands", "have points that fall or leave 0 to 1.", "write rising shares such as 1/4.")
    return tuple(bands)


def _check_ascending(reader: Reader, points: Mapping[str, Fraction], shape: Shape) -> None:
    """A better option must never be worth less than a lower one: the score would not be monotone."""
    if any(not 0 <= value <= 1 for value in points.values()):
        reader.refuse("points", "must lie between 0 and 1.", "write shares such as 1/4.")
    if shape.type == "multi":
        if points.get(shape.exclusive or ""):
            reader.refuse(f"points.{shape.exclusive}", "gives points for nothing.", "leave the exclusive option out.")
        return
    ordered = [points[option] for option in (shape.options or shape.columns) if option in points]
    if ordered != sorted(ordered):
        reader.refuse("points", "fall although the options rise.", "give higher options at least as many points.")


def _element(index: int, data: Any, problems: list[Problem]) -> Element:
    reader = Reader.of(data, "scoring.yaml", f"elements[{index}]", problems)
    _present(reader, "title")
    name = reader.string("id")
    element = Element(name, _weight(reader, name))
    reader.finish()
    return element


def _combine(reader: Reader) -> str:
    return reader.one_of("combine", COMBINED) if reader.has("combine") else COMBINED[0]


def _dimension(
    index: int, data: Any, indicators: Mapping[str, Indicator], elements: list[str], problems: list[Problem]
) -> Dimension:
    reader = Reader.of(data, "scoring.yaml", f"dimensions[{index}]", problems)
    _present(reader, "title", "purpose")
    groups = []
    for position, child in enumerate(reader.items("children")):
        part = Reader.of(child, "scoring.yaml", f"{reader.key}.children[{position}]", problems)
        _present(part, "title")
        group_id = part.string("id")
        members = tuple(item for item in indicators.values() if item.parent == group_id)
        if not members:
            part.refuse("id", f"{group_id} has no indicator.", "give it indicators or remove it.")
        groups.append(Group(group_id, _weight(part, group_id), members, _combine(part)))
        part.finish()
    name = reader.string("id")
    role = reader.one_of("role", ROLES)
    element = reader.one_of("element", elements) if elements else None
    dimension = Dimension(name, role, _weight(reader, name), tuple(groups), _combine(reader), element)
    reader.finish()
    return dimension


def _sets(reader: Reader, indicators: Mapping[str, Indicator], problems: list[Problem]) -> dict[str, IndicatorSet]:
    sets = {}
    for position, item in enumerate(reader.items("sets", required=False)):
        part = Reader.of(item, "scoring.yaml", f"sets[{position}]", problems)
        _present(part, "title")
        name = part.identifier("id")
        members = [str(member) for member in part.items("indicators")]
        for member in members:
            if member not in indicators:
                mend = "name indicators of this edition."
                part.refuse("indicators", f"{member!r} is no indicator.{nearest(member, indicators)}", mend)
        sets[name] = IndicatorSet(name, tuple(members))
        part.finish()
    return sets


def _level(index: int, data: Any, model: ScoringModel, problems: list[Problem]) -> Level:
    reader = Reader.of(data, "scoring.yaml", f"levels[{index}]", problems)
    _present(reader, "title", "description")
    gates = []
    for position, item in enumerate(reader.items("gates", required=False)):
        gate = Reader.of(item, "scoring.yaml", f"{reader.key}.gates[{position}]", problems)
        gates.append(_gate(gate, model))
        gate.finish()
    level = Level(reader.integer("level"), reader.identifier("id"), tuple(gates))
    reader.finish()
    return level


def _gate(reader: Reader, model: ScoringModel) -> Gate:
    kinds = [kind for kind in GATE_KINDS if reader.has(kind)]
    if len(kinds) != 1:
        reader.refuse("dimension", "must measure one thing.", f"write one of {', '.join(GATE_KINDS)}.")
        return Gate("total", "capability", next(iter(model.parameters), ""))
    measured = {
        "dimension": [dimension.id for dimension in model.dimensions if dimension.role == "capability"],
        "total": ["capability"],
        "stage": [str(stage) for stage in model.stages],
        "indicator": list(model.indicators),
        "count": list(model.sets),
    }
    kind = kinds[0]
    of = reader.one_of(kind, measured[kind])
    exceed = reader.has("more_than")
    parameter = reader.one_of("more_than" if exceed else "at_least", model.parameters)
    value = reader.one_of("value", model.parameters) if kind == "count" else None
    return Gate(kind, of, parameter, exceed, value)


def _check_levels(levels: tuple[Level, ...], problems: list[Problem]) -> None:
    numbers = [level.level for level in levels]
    first = numbers[0] if numbers else 1
    if first not in (0, 1) or numbers != list(range(first, first + len(levels))) or (levels and levels[0].gates):
        message = "levels must be numbered in order from 0 or 1, and the first has no gates."
        problems.append(Problem("scoring.yaml", "levels", message, "number them in order."))
    for level in levels[1:]:
        if not level.gates:
            message = f"level {level.level} has no gate: everybody at the level below would be there at once."
            problems.append(Problem("scoring.yaml", "levels", message, "name its gates, or remove the level."))


def _check_stages(model: ScoringModel, problems: list[Problem]) -> None:
    """A staged total adds stage after stage: each needs requirements, and a gate that says when it is passed."""
    staged = [indicator.id for indicator in model.indicators.values() if indicator.stage]
    if model.total != "staged_sum@1":
        if staged:
            message = f"{staged[0]} has a stage, but the total has none."
            problems.append(Problem("indicators", staged[0], message, "write `total: staged_sum@1` in scoring.yaml."))
        return
    gates = [gate.of for level in model.levels for gate in level.gates if gate.kind == "stage"]
    if len(staged) != len(model.indicators) or gates != [str(stage) for stage in model.stages]:
        message = "a staged total needs a stage for every indicator and one gate for every stage, in order."
        problems.append(
            Problem("scoring.yaml", "total", message, "give the indicators stages, the levels `stage` gates.")
        )


def _check_unique(ids: list[str], problems: list[Problem]) -> None:
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        message = f"{name} stands twice."
        problems.append(Problem("scoring.yaml", "dimensions", message, "give every dimension and group its own id."))


def _check_rationales(bundle: Mapping[str, Any], problems: list[Problem]) -> None:
    """What is published says of every weight why it is what it is."""
    dimensions = bundle["scoring"]["dimensions"]
    parts = [part for dimension in dimensions for part in (dimension, *dimension["children"])]
    parts += bundle["scoring"].get("elements", [])
    for file, items in (("indicators", bundle["indicators"].values()), ("scoring.yaml", parts)):
        for item in items:
            if not isinstance(item.get("weight"), Mapping):
                mend = "write values, rationale, reference and provenance."
                problems.append(Problem(file, f"{item.get('id')}.weight", "has no rationale, and is published.", mend))


def _check_directions(model: ScoringModel, problems: list[Problem]) -> None:
    """A fact good for one indicator and bad for another has no better answer; that needs a stated reason."""
    for fact, (up, down) in opposing_facts(model).items():
        if not any(model.indicators[name].waiver for name in (*up, *down)):
            message = f"{fact} raises {', '.join(up)} and lowers {', '.join(down)}."
            mend = "score one of them otherwise, or write `waiver: why` at one of the indicators."
            problems.append(Problem("indicators", fact, message, mend))
