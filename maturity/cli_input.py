"""Reading the file a command is given; whatever is wrong with it is told at once, in the language asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maturity.adaptive.framework import Framework
from maturity.adaptive.profile import KEYS, InvalidProfile, build_profile
from maturity.cli_messages import message
from maturity.content import ContentError, closest, parse_yaml
from maturity.questionnaires.model import Fact, FactValue
from maturity.questionnaires.values import InvalidValue, parse

STANDARD_INPUT = "-"
TOP_KEYS = ("enterprise", "facts", "period")
YEARS = ("current", "prior")


class WrongUse(Exception):
    """The command cannot be carried out as given; each problem says what to change."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Case:
    """One enterprise as described in a file; `period` as written there, None when it is not."""

    profile: Mapping[str, Any]
    facts: Mapping[str, FactValue]
    period: Any


def read_case(file: str, framework: Framework, lang: str) -> Case:
    """The enterprise and its facts; `WrongUse` lists everything that cannot be used."""
    data = _read(file, lang)
    if not isinstance(data, dict) or "enterprise" not in data:
        raise WrongUse(message("no_enterprise", lang, file=file))
    problems = [_unknown(file, key, key, TOP_KEYS, lang) for key in data if key not in TOP_KEYS]
    enterprise = _part(file, data, "enterprise", problems, lang)
    facts = _part(file, data, "facts", problems, lang)
    profile: Mapping[str, Any] = {}
    known = (*KEYS, "name")
    problems += [_unknown(file, f"enterprise.{key}", key, known, lang) for key in enterprise if key not in known]
    if enterprise or isinstance(data["enterprise"], dict):
        try:
            profile = build_profile(enterprise)
        except InvalidProfile as error:
            problems += [
                message("enterprise", lang, file=file, key=p.field, message=p.message.to(lang), mend=p.mend.to(lang))
                for p in error.problems
            ]
    values = _facts(file, framework, facts, problems, lang)
    if problems:
        raise WrongUse(*problems)
    return Case(profile, values, data.get("period"))


def _read(file: str, lang: str) -> Any:
    text = _text(file, lang)
    if Path(file).suffix.lower() == ".json":
        return _parse_json(file, text, lang)
    try:
        return parse_yaml(text, file)
    except ContentError as error:
        problem = error.problems[0]
        number = problem.key.removeprefix("line ")
        where = message("line", lang, number=number) if number != problem.key else message("document", lang)
        reason = problem.message.removeprefix("not readable as YAML: ").rstrip(".")
        raise WrongUse(message("not_yaml", lang, file=file, where=where, kind="YAML", reason=reason)) from error


def _text(file: str, lang: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise WrongUse(message("no_file", lang, file=file)) from error
    except IsADirectoryError as error:
        raise WrongUse(message("is_folder", lang, file=file)) from error
    except UnicodeDecodeError as error:
        raise WrongUse(message("not_utf8", lang, file=file, position=error.start + 1)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WrongUse(message("unreadable", lang, file=file, reason=reason)) from error


def _parse_json(file: str, text: str, lang: str) -> Any:
    """Numbers stay text until a fact says how to read them, so that 0.1 is exactly one tenth."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key, value in pairs:
            if key in mapping:
                where, reason = message("document", lang), message("twice", lang, key=key)
                raise WrongUse(message("not_yaml", lang, file=file, where=where, kind="JSON", reason=reason))
            mapping[key] = value
        return mapping

    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        where = message("line", lang, number=error.lineno)
        raise WrongUse(message("not_yaml", lang, file=file, where=where, kind="JSON", reason=error.msg)) from error
    except RecursionError as error:
        where = message("document", lang)
        raise WrongUse(message("not_yaml", lang, file=file, where=where, kind="JSON", reason="too deep")) from error


def _part(file: str, data: Mapping[str, Any], key: str, problems: list[str], lang: str) -> Mapping[str, Any]:
    """A part of the file as a mapping; one that is left empty is one without entries."""
    part = data.get(key)
    if isinstance(part, dict):
        return part
    if part is not None:
        problems.append(message("not_mapping", lang, file=file, key=key))
    return {}


def _unknown(file: str, key: str, word: str, known: Iterable[str], lang: str) -> str:
    return message("unknown_key", lang, file=file, key=key, hint=_hint(word, known, lang))


def _hint(word: str, known: Iterable[str], lang: str, *, otherwise: str = "") -> str:
    """What was probably meant; without an idea, what there is."""
    known = tuple(known)
    close = closest(word, known)
    if close:
        return message("meant", lang, word=close)
    return otherwise or message("allowed", lang, words=", ".join(known))


def _facts(
    file: str, framework: Framework, given: Mapping[str, Any], problems: list[str], lang: str
) -> dict[str, FactValue]:
    known = framework.edition.facts
    facts: dict[str, FactValue] = {}
    for key, raw in given.items():
        fact = known.get(key)
        if fact is None:
            hint = _hint(key, known, lang, otherwise=message("remove", lang))
            problems.append(message("unknown_fact", lang, file=file, key=key, hint=hint))
            continue
        if fact.type == "pair" and isinstance(raw, dict):
            problems += [_unknown(file, f"facts.{key}.{k}", k, YEARS, lang) for k in raw if k not in YEARS]
        try:
            value = parse(fact, raw)
        except InvalidValue as error:
            told = error.text().to(lang) + _written(error, raw, lang)
            problems.append(message("fact", lang, file=file, key=key, message=told))
            continue
        if value is not None:
            facts[key] = value
    return facts


def _written(error: InvalidValue, raw: Any, lang: str) -> str:
    """How the value is written in a file: a person at a screen would see the options and the fields."""
    if error.fact.type == "pair" and not isinstance(raw, dict):
        return message("pair", lang)
    return message("options", lang, words=_ids(error.fact)) if error.code == "unknown_option" else ""


def _ids(fact: Fact) -> str:
    if fact.type == "yesno":
        return "true, false"
    if fact.type == "matrix":
        return f"{{{', '.join(f'{row}: …' for row in fact.row_ids())}}} … = {' | '.join(fact.column_ids())}"
    return ", ".join(fact.option_ids())
