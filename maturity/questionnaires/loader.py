"""From content files to an `Edition`: folder → bundle (plain JSON) → frozen values.

The bundle is what is stored, hashed and exchanged; an edition loaded from its folder and one loaded from its stored
bundle are the same. Bad content is refused with file, key and mend, every problem at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maturity.content import ContentError, Problem, read_yaml
from maturity.questionnaires import parsing
from maturity.questionnaires.model import Edition

LIBRARY = Path(__file__).parent / "library"
Bundle = Mapping[str, Any]
_KEYED_FOLDERS = ("indicators", "parameters", "plausibility")


def editions(library: Path = LIBRARY) -> tuple[str, ...]:
    """The slugs `framework/edition` of every edition folder of the library."""
    return tuple(sorted(f"{p.parent.parent.name}/{p.parent.name}" for p in library.glob("*/*/manifest.yaml")))


def read_bundle(slug: str, library: Path = LIBRARY) -> Bundle:
    """Read an edition folder and the shared facts it uses into one plain mapping of JSON values."""
    problems: list[Problem] = []
    folder = library / slug
    if not (folder / "manifest.yaml").is_file():
        known = ", ".join(editions(library)) or "none"
        raise ContentError([Problem(f"{slug}/manifest.yaml", "-", "no such edition.", f"use one of: {known}.")])
    bundle: dict[str, Any] = {
        "manifest": read_yaml(folder / "manifest.yaml", f"{slug}/manifest.yaml"),
        "scoring": read_yaml(folder / "scoring.yaml", f"{slug}/scoring.yaml"),
        "questions": _read_questions(folder, slug, problems),
    }
    for name in _KEYED_FOLDERS:
        bundle[name] = _read_lists(folder / name, f"{slug}/{name}", problems)
    facts = read_facts(library, problems)
    used = {fact for question in bundle["questions"].values() for fact in _named_facts(question)}
    bundle["facts"] = {fact_id: fact for fact_id, fact in facts.items() if fact_id in used}
    if problems:
        raise ContentError(problems)
    return bundle


def read_facts(library: Path, problems: list[Problem]) -> dict[str, Any]:
    """The facts all editions share, as plain data by id."""
    return _read_lists(library / "facts", "facts", problems)


def _read_questions(folder: Path, slug: str, problems: list[Problem]) -> dict[str, Any]:
    questions: dict[str, Any] = {}
    for path in sorted((folder / "questions").glob("*.yaml")):
        shown = f"{slug}/questions/{path.name}"
        data = _attempt(path, shown, problems)
        if not isinstance(data, dict) or data.get("id") != path.stem:
            problems.append(Problem(shown, "id", "must equal the file name.", f"write `id: {path.stem}`."))
            continue
        questions[path.stem] = data
    return questions


def _named_facts(question: Mapping[str, Any]) -> list[str]:
    """The facts a question names; what is no list of names is refused when the question is parsed."""
    facts = question.get("facts")
    return [fact for fact in facts if isinstance(fact, str)] if isinstance(facts, list) else []


def _read_lists(folder: Path, shown: str, problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        file = f"{shown}/{path.name}"
        items = _attempt(path, file, problems) or []
        if not isinstance(items, list):
            problems.append(Problem(file, "-", "must be a list.", "begin every entry with `- id: …`."))
            continue
        for item in items:
            item_id = item.get("id") if isinstance(item, dict) else None
            if not isinstance(item_id, str):
                problems.append(Problem(file, "-", "an entry has no id.", "begin every entry with `- id: …`."))
            elif item_id in found:
                problems.append(Problem(file, item_id, "is defined twice.", "keep one of the two, or rename one."))
            else:
                found[item_id] = item
    return found


def _attempt(path: Path, shown: str, problems: list[Problem]) -> Any:
    try:
        return read_yaml(path, shown)
    except ContentError as error:
        problems.extend(error.problems)
        return None


def parse_edition(bundle: Bundle) -> Edition:
    """Make an `Edition` of a bundle, or refuse it with every problem found."""
    problems: list[Problem] = []
    edition = parsing.parse_edition(bundle, problems)
    if problems:
        raise ContentError(problems)
    return edition


def load_edition(slug: str, library: Path = LIBRARY) -> Edition:
    """Read and parse an edition folder."""
    return parse_edition(read_bundle(slug, library))
