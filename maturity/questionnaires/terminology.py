"""The words of the trade, said one way: terms in both languages, and content that says them otherwise is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from maturity.content import ContentError, Problem, Reader, read_yaml
from maturity.questionnaires.loader import LIBRARY, Bundle
from maturity.questionnaires.model import Text

FILE = "terms.yaml"
LANGUAGES = ("zh", "en")
#: keys that name a thing; there the two languages must be the pair of the glossary
NAMES = ("label", "title")


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the trade: its form in both languages, what it means, where it comes from, what not to say."""

    id: str
    theme: str
    form: Text
    meaning: str
    source: str
    also: Mapping[str, tuple[str, ...]]  # language -> other forms that may name the same thing
    avoid: Mapping[str, tuple[str, ...]]  # language -> forms that content must not use


@dataclass(frozen=True, slots=True)
class Glossary:
    """The terms by theme, in order."""

    themes: Mapping[str, str]  # id -> title
    terms: tuple[Term, ...]


def read_glossary(library: Path = LIBRARY) -> Glossary:
    """The words of a library; a `ContentError` says everything that is wrong with the file."""
    problems: list[Problem] = []
    reader = Reader.of(read_yaml(library / FILE, FILE), FILE, "", problems)
    themes = {str(item["id"]): str(item["title"]) for item in reader.items("themes")}
    terms = tuple(_term(item, themes, problems) for item in reader.items("terms"))
    reader.finish()
    for language in LANGUAGES:
        problems.extend(_twice(terms, language))
    if problems:
        raise ContentError(problems)
    return Glossary(themes, terms)


def _term(data: Any, themes: Mapping[str, str], problems: list[Problem]) -> Term:
    key = str(data.get("id", "-")) if isinstance(data, Mapping) else "-"
    reader = Reader.of(data, FILE, key, problems)
    term = Term(
        id=reader.identifier("id"),
        theme=reader.one_of("theme", themes),
        form=Text(reader.string("zh"), reader.string("en")),
        meaning=reader.string("meaning"),
        source=reader.string("source"),
        also=_forms(reader, "also"),
        avoid=_forms(reader, "avoid"),
    )
    reader.finish()
    return term


def _forms(reader: Reader, key: str) -> Mapping[str, tuple[str, ...]]:
    given = reader.mapping(key, required=False)
    return {language: tuple(str(word) for word in given.get(language) or ()) for language in LANGUAGES}


def _twice(terms: tuple[Term, ...], language: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for term in terms:
        form = term.form.to(language).lower()
        if form in seen:
            yield Problem(
                FILE, f"{term.id}.{language}", f"{form!r} is also {seen[form]}.", "keep one, or tell them apart."
            )
        seen.setdefault(form, term.id)


def check_wording(bundle: Bundle, glossary: Glossary) -> tuple[Problem, ...]:
    """Every text of the edition that uses an avoided form, or names a term by another word in one language."""
    problems = []
    pairs = {term.form.zh: term for term in glossary.terms}
    for where, key, text in _texts(bundle, ()):
        file, name = where[0], ".".join((*where[1:], key))
        for language in LANGUAGES:
            for said, term in _avoided(text[language], glossary.terms, language):
                mend = f"write {term.form.to(language)!r}."
                problems.append(Problem(file, f"{name}.{language}", f"says {said!r}.", mend))
        wanted = pairs.get(text["zh"])
        if key in NAMES and wanted is not None and not _names(wanted, text["en"]):
            message = f"calls {text['zh']} {text['en']!r}."
            problems.append(Problem(file, f"{name}.en", message, f"write {wanted.form.en!r}, as the glossary does."))
    return tuple(problems)


def _names(term: Term, english: str) -> bool:
    return english.lower() in {form.lower() for form in (term.form.en, *term.also["en"])}


def _texts(data: Any, where: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, str]]]:
    """Every two-language text below `data`, with the keys that lead to it."""
    if isinstance(data, Mapping):
        if isinstance(data.get("zh"), str) and isinstance(data.get("en"), str):
            yield where[:-1] or ("-",), where[-1] if where else "-", {"zh": data["zh"], "en": data["en"]}
            return
        for key, value in data.items():
            yield from _texts(value, (*where, str(key)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            name = str(value.get("id", index)) if isinstance(value, Mapping) else str(index)
            yield from _texts(value, (*where, name))


def _avoided(text: str, terms: tuple[Term, ...], language: str) -> Iterator[tuple[str, Term]]:
    for term in terms:
        for form in term.avoid[language]:
            found = _pattern(form, language).search(text)
            if found:
                yield found.group(), term


@cache
def _pattern(form: str, language: str) -> re.Pattern[str]:
    """English by whole words in any case; Chinese, which has no word boundaries, as it stands."""
    return re.compile(rf"\b{re.escape(form)}\b", re.IGNORECASE) if language == "en" else re.compile(re.escape(form))
