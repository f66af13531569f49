"""What `settled`, `crosswalk` and `census` show: reports with stable keys for programs, lines for people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from maturity.adaptive.crosswalk import Crossing, coverage
from maturity.adaptive.framework import Framework
from maturity.adaptive.settled import Bounds, Recommendation
from maturity.cli_messages import message
from maturity.questionnaires.derivations import Derivation
from maturity.questionnaires.model import Profile
from maturity.scoring.bounds import Interval
from maturity.scoring.engine import rounded

SHOWN_QUESTIONS = 5
_TAG = re.compile(r"\b(?:Q2|QD|Q|M\?|M|I)(?![\w?])")


def settled_report(framework: Framework, bounds: Bounds, advice: Recommendation, lang: str) -> dict[str, Any]:
    """The levels still possible, the ranges of the scores, and the open questions in the order to ask them."""
    lowest, highest = bounds.levels
    fewest, most = bounds.path.remaining()
    return {
        "edition": framework.edition.slug,
        "settled": bounds.is_settled,
        "level": {"lowest": lowest, "highest": highest},
        "stage": {
            name: framework.level_title(level).to(lang) for name, level in zip(_ENDS, bounds.levels, strict=True)
        },
        "capability": _range(bounds.capability, bounds.low.limits("total", "capability")),
        "dimensions": {
            dimension.id: {
                "title": framework.parts[dimension.id].title.to(lang),
                **_range(bounds.dimension(dimension.id), bounds.low.limits("dimension", dimension.id)),
            }
            for dimension in framework.scoring.dimensions
            if dimension.id in bounds.high.dimensions
        },
        "answered": bounds.path.answered_count(),
        "remaining": [fewest, most],
        "next": [
            {"question": question.id, "wording": question.wording.to(lang), "idle": question.id in advice.idle}
            for question in advice.questions
        ],
    }


_ENDS = ("lowest", "highest")


def _range(interval: Interval, limits: tuple[Any, ...]) -> dict[str, dict[str, str]]:
    return {
        name: {"exact": str(value), "rounded": str(rounded(value, limits))}
        for name, value in zip(_ENDS, interval, strict=True)
    }


def settled_lines(report: Mapping[str, Any], lang: str) -> Iterator[str]:
    lowest, highest = report["level"]["lowest"], report["level"]["highest"]
    fewest, most = report["remaining"]
    stage = report["stage"]
    if report["settled"]:
        code = "settled_now" if most else "settled_complete"
        yield message(code, lang, level=lowest, stage=stage["lowest"], fewest=fewest, most=most)
    else:
        details = {"lowest": lowest, "highest": highest, "low": stage["lowest"], "high": stage["highest"]}
        yield message("settled_not", lang, **details)
    yield _line(message("capability_word", lang), report["capability"], lang)
    for dimension in report["dimensions"].values():
        yield "  " + _line(dimension["title"], dimension, lang)
    counts = {"asked": report["answered"] + fewest, "answered": report["answered"], "fewest": fewest, "most": most}
    yield message("remaining", lang, **counts)
    if not report["settled"]:
        yield message("ask_next", lang)
        for item in report["next"][:SHOWN_QUESTIONS]:
            yield f"  {item['question']:<26} {item['wording']}"


def _line(title: str, interval: Mapping[str, Any], lang: str) -> str:
    """A range, or the one figure where nothing is open any more."""
    figures = _rounded(interval)
    decided = interval["lowest"]["exact"] == interval["highest"]["exact"]
    return message("figure" if decided else "range", lang, title=title, **figures)


def _rounded(interval: Mapping[str, Any]) -> dict[str, str]:
    return {name: interval[name]["rounded"] for name in _ENDS}


def crosswalk_report(crossings: Sequence[Crossing], lang: str) -> list[dict[str, Any]]:
    """One entry for each framework: what is known, what is missing, and the result or the levels still possible."""
    return [_crossing(crossing, lang) for crossing in crossings]


def _crossing(crossing: Crossing, lang: str) -> dict[str, Any]:
    framework, bounds = crossing.framework, crossing.bounds
    fewest, most = crossing.path.remaining()
    missing = crossing.missing()
    return {
        "edition": framework.edition.slug,
        "title": framework.edition.title.to(lang),
        "facts": {
            "all": crossing.facts,
            "known": crossing.facts_known,
            "shared": len(crossing.shared()),
            "derived": len(crossing.derived()),
        },
        "derived": [{"fact": name, "note": known.derivation.note.to(lang)} for name, known in _derived(crossing)],
        "remaining": [fewest, most],
        "missing": [question.id for question in missing],
        "missing_facts": sorted(
            fact for question in missing for fact in question.facts if fact not in crossing.path.facts
        ),
        "sufficient": crossing.is_sufficient,
        "level": {"lowest": bounds.low.level, "highest": bounds.high.level},
        "stage": {
            name: framework.level_title(level).to(lang) for name, level in zip(_ENDS, bounds.levels, strict=True)
        },
        "capability": _range(bounds.capability, bounds.low.limits("total", "capability")),
    }


def _derived(crossing: Crossing) -> Iterator[tuple[str, Any]]:
    return ((name, known) for name, known in crossing.known.items() if known.is_derived)


def crosswalk_lines(report: Sequence[Mapping[str, Any]], lang: str) -> Iterator[str]:
    for entry in report:
        yield message("crossed", lang, edition=entry["edition"], title=entry["title"])
        yield "  " + message("crossed_facts", lang, **entry["facts"])
        low, high = entry["stage"]["lowest"], entry["stage"]["highest"]
        figures = _rounded(entry["capability"])
        fewest, most = entry["remaining"]
        if not most:
            yield "  " + message("crossed_result", lang, stage=low, score=figures["lowest"])
        elif entry["sufficient"]:
            yield "  " + message("crossed_settled", lang, stage=low, fewest=fewest, most=most, **figures)
        elif low == high:
            yield "  " + message("crossed_unlevelled", lang, fewest=fewest, most=most)
        else:
            yield "  " + message("crossed_open", lang, fewest=fewest, most=most, low=low, high=high)


def census_of(
    frameworks: Sequence[Framework],
    main: Framework,
    profiles: Sequence[Profile],
    derivations: Mapping[str, Derivation],
    lang: str,
) -> list[dict[str, Any]]:
    """For each edition: questions, facts, facts shared with other editions, provenance, and how many of its facts the
    main framework's complete sheet tells, on average over the profiles, in per cent."""
    asked_by = Counter(fact for names in _facts_by_framework(frameworks).values() for fact in names)
    rows = []
    for framework in frameworks:
        edition = framework.edition
        found = [coverage(main, framework, profile, derivations) for profile in profiles]
        own = framework.edition.framework == main.edition.framework
        rows.append(
            {
                "edition": edition.slug,
                "title": edition.title.to(lang),
                "status": edition.status,
                "questions": len(edition.questions),
                "facts": len(edition.facts),
                "shared_facts": sum(asked_by[name] > 1 for name in edition.facts),
                "provenance": dict(sorted(_provenance(framework).items())),
                "known_after_main": {"known": None, "shared": None} if own else _percent(found),
            }
        )
    return rows


def _facts_by_framework(frameworks: Sequence[Framework]) -> dict[str, set[str]]:
    """Facts by framework: two editions of one framework share nearly all of theirs, which says nothing."""
    found: dict[str, set[str]] = {}
    for framework in frameworks:
        found.setdefault(framework.edition.framework, set()).update(framework.edition.facts)
    return found


def _provenance(framework: Framework) -> Counter[str]:
    """How many questions, indicators and parameters come from where, by tag."""
    tags = [question.provenance for question in framework.edition.questions.values()]
    tags += [words.provenance for words in (*framework.indicators.values(), *framework.parameters.values())]
    return Counter(_tag(text) for text in tags)


def _tag(text: str) -> str:
    """The first tag of a provenance, such as `Q2` of `items Q2 S38; wording I`.

    >>> _tag("items Q2 S38; wording I"), _tag("M? from a talk"), _tag("")
    ('Q2', 'M?', '-')
    """
    found = _TAG.search(text)
    return found[0] if found else "-"


def _percent(found: Sequence[Any]) -> dict[str, str]:
    shares = [(Fraction(item.known, item.facts), Fraction(item.shared, item.facts)) for item in found if item.facts]
    known, shared = (sum((pair[place] for pair in shares), Fraction(0)) / len(shares) for place in (0, 1))
    return {"known": str(rounded(100 * known, places=1)), "shared": str(rounded(100 * shared, places=1))}


def census_lines(rows: Sequence[Mapping[str, Any]], lang: str) -> Iterator[str]:
    yield message("census_head", lang)
    for row in rows:
        tags = ", ".join(f"{tag} {count}" for tag, count in row["provenance"].items())
        known = row["known_after_main"]
        share = message("census_share", lang, **known) if known["known"] else message("census_main", lang)
        details = {name: row[name] for name in ("edition", "questions", "facts", "shared_facts")}
        yield message("census_row", lang, **details, share=share, tags=tags)
