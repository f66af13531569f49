"""The engines on the command line, for experts, scripts and examiners. Exit 0 fine, 1 a finding, 2 wrong use."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from maturity.adaptive.evaluation import Evaluation, evaluate, explain_evaluation, period_end
from maturity.adaptive.framework import Framework, load_framework, unscored_questions
from maturity.adaptive.profile import KEYS, InvalidProfile, build_profile
from maturity.content import ContentError, Problem, nearest, read_yaml
from maturity.questionnaires.loader import LIBRARY, editions
from maturity.questionnaires.model import FactValue
from maturity.questionnaires.values import InvalidValue, parse
from maturity.scoring.engine import rounded

DEFAULT_FRAMEWORK = "lianghua"
DEFAULT_PERIOD = 2025


class WrongUse(Exception):
    """The command cannot be carried out as given; the message says what to change."""


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except (WrongUse, InvalidProfile) as error:
        return _fail(arguments, str(error))
    except ContentError as error:
        return _fail(arguments, str(error), [str(problem) for problem in error.problems])


def _fail(arguments: argparse.Namespace, message: str, problems: list[str] | None = None) -> int:
    if arguments.json:
        _print({"error": message, "problems": problems or [message]})
    else:
        sys.stderr.write(f"maturity: {message}\n")
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m maturity", description="Score and inspect maturity assessments.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "score", score_command, "score a file of facts", file=True).add_argument(
        "--explain", action="store_true", help="print the explanation tree too"
    )
    _add(commands, "path", path_command, "which questions are asked, and why the others are not", file=True)
    _add(commands, "census", census_command, "how many questions each archetype is asked")
    lint = _add(commands, "lint", lint_command, "check the content of every edition")
    lint.add_argument(
        "path", nargs="?", type=Path, default=LIBRARY, help="a library folder (default: the built-in one)"
    )
    return parser


def _add(commands: Any, name: str, command: Any, help_text: str, *, file: bool = False) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_text, description=help_text.capitalize())
    parser.set_defaults(command=command)
    parser.add_argument("--json", action="store_true", help="machine-readable output with stable keys")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of the content (default zh)")
    if file:
        parser.add_argument("file", type=Path, help="YAML or JSON with `enterprise:` and `facts:`")
    if name != "lint":
        parser.add_argument("--framework", default=DEFAULT_FRAMEWORK)
        parser.add_argument("--edition", help="default: the newest edition of the framework")
        parser.add_argument("--period", type=int, default=DEFAULT_PERIOD, help="reporting period, a year")
    return parser


def _framework(arguments: argparse.Namespace) -> Framework:
    known = [slug for slug in editions() if slug.startswith(f"{arguments.framework}/")]
    if not known:
        listed = ", ".join(sorted({slug.split("/")[0] for slug in editions()}))
        raise WrongUse(f"there is no framework {arguments.framework!r}. Use one of: {listed}.")
    slug = f"{arguments.framework}/{arguments.edition}" if arguments.edition else known[-1]
    if slug not in known:
        raise WrongUse(f"there is no edition {slug!r}. Use one of: {', '.join(known)}.")
    return load_framework(slug)


def _load(arguments: argparse.Namespace) -> tuple[Framework, dict[str, Any], dict[str, FactValue]]:
    framework = _framework(arguments)
    data = read_yaml(arguments.file, arguments.file.name)
    if not isinstance(data, dict) or not isinstance(data.get("enterprise"), dict):
        raise WrongUse(f"{arguments.file.name}: needs `enterprise:` and `facts:` at the top level.")
    for key in sorted(set(data["enterprise"]) - {*KEYS, "name"}):
        raise WrongUse(f"{arguments.file.name}: enterprise.{key} is not known.{nearest(key, KEYS)}")
    return framework, build_profile(data["enterprise"]), _facts(framework, data.get("facts") or {}, arguments)


def _facts(framework: Framework, given: dict[str, Any], arguments: argparse.Namespace) -> dict[str, FactValue]:
    problems = []
    facts: dict[str, FactValue] = {}
    name = arguments.file.name
    for fact_id, raw in given.items():
        fact = framework.edition.facts.get(fact_id)
        if fact is None:
            hint = nearest(fact_id, framework.edition.facts)
            problems.append(Problem(name, f"facts.{fact_id}", f"is not a fact of this edition.{hint}", "correct it."))
            continue
        try:
            value = parse(fact, raw)
        except InvalidValue as error:
            problems.append(Problem(name, f"facts.{fact_id}", error.text().to(arguments.lang), "correct the value."))
            continue
        if value is not None:
            facts[fact_id] = value
    if problems:
        raise ContentError(problems)
    return facts


def score_command(arguments: argparse.Namespace) -> int:
    """Exit 1 when the facts are incomplete or implausible: the score is then provisional."""
    framework, profile, facts = _load(arguments)
    on = period_end(arguments.period)
    result = evaluate(framework, profile, facts, on)
    report = _score_report(framework, result, arguments.lang)
    report["profile"] = profile
    if arguments.explain:
        report["explanation"] = explain_evaluation(framework, profile, result, on)
    if arguments.json:
        _print(report)
    else:
        _print_score(report)
        if arguments.explain:
            _print(report["explanation"])
    return 1 if report["unanswered"] or report["findings"] else 0


def _score_report(framework: Framework, result: Evaluation, lang: str) -> dict[str, Any]:
    score = result.score
    gates = tuple(gate.threshold for gate in score.gates)
    return {
        "edition": framework.edition.slug,
        "level": score.level,
        "stage": framework.levels[score.level].title.to(lang),
        "capability": {"exact": str(score.capability), "rounded": str(rounded(score.capability))},
        "outcome": {"exact": str(score.outcome), "rounded": str(rounded(score.outcome))},
        "dimensions": {
            name: {
                "title": framework.parts[name].title.to(lang),
                "exact": str(value),
                "rounded": str(rounded(value, gates)),
            }
            for name, value in score.dimensions.items()
        },
        "blocking": [
            {"level": gate.level, "dimension": gate.dimension, "threshold": str(gate.threshold), "gap": str(gate.gap)}
            for gate in score.blocking()
        ],
        "unanswered": [question.id for question in result.path.unanswered()],
        "findings": [
            {"rule": finding.rule, "severity": finding.severity, "message": finding.message.to(lang)}
            for finding in result.findings
        ],
    }


def _print_score(report: dict[str, Any]) -> None:
    out = sys.stdout.write
    out(f"{report['edition']}  level {report['level']}  {report['stage']}\n")
    out(f"capability {report['capability']['rounded']}   outcome {report['outcome']['rounded']}\n")
    for name, dimension in report["dimensions"].items():
        out(f"  {name}  {dimension['rounded']:>6}  {dimension['title']}\n")
    for gate in report["blocking"]:
        out(f"level {gate['level']} needs {gate['dimension']} >= {gate['threshold']}\n")
    for finding in report["findings"]:
        out(f"{finding['severity']}: {finding['message']}\n")
    if report["unanswered"]:
        out(f"provisional: {len(report['unanswered'])} unanswered: {', '.join(report['unanswered'])}\n")


def path_command(arguments: argparse.Namespace) -> int:
    framework, profile, facts = _load(arguments)
    path = evaluate(framework, profile, facts, period_end(arguments.period)).path
    fewest, most = path.remaining()
    steps = [
        {
            "question": step.question.id,
            "section": step.question.section,
            "standing": step.standing.value,
            "answered": step.answered,
            "wording": step.question.wording.to(arguments.lang),
        }
        for step in path.steps.values()
    ]
    if arguments.json:
        _print({"edition": framework.edition.slug, "remaining": [fewest, most], "steps": steps})
    else:
        for item in steps:
            mark = "x" if item["answered"] else " "
            sys.stdout.write(f"[{mark}] {item['standing']:<15} {item['question']:<34} {item['wording']}\n")
        sys.stdout.write(f"asked {len(path.asked())}, answered {path.answered_count()}, left {fewest} to {most}\n")
    return 0 if path.is_complete else 1


def census_command(arguments: argparse.Namespace) -> int:
    """For each archetype of the library: questions asked of a blank sheet, and the most that can be asked."""
    framework = _framework(arguments)
    archetypes = read_yaml(LIBRARY / "archetypes.yaml", "archetypes.yaml")
    rows = []
    for archetype in archetypes:
        profile = build_profile(archetype["enterprise"])
        path = evaluate(framework, profile, {}, period_end(arguments.period)).path
        fewest, most = path.remaining()
        title = archetype["title"][arguments.lang]
        rows.append({"archetype": archetype["id"], "title": title, "fewest": fewest, "most": most})
    if arguments.json:
        _print({"edition": framework.edition.slug, "questions": len(framework.edition.questions), "archetypes": rows})
    else:
        for row in rows:
            sys.stdout.write(f"{row['archetype']:<28} {row['fewest']:>3} to {row['most']:>3}   {row['title']}\n")
        sys.stdout.write(f"{len(framework.edition.questions)} questions in {framework.edition.slug}\n")
    return 0


def lint_command(arguments: argparse.Namespace) -> int:
    """Exit 1 with every problem found in the content of the library."""
    problems: list[str] = []
    slugs = editions(arguments.path)
    if not slugs:
        raise WrongUse(
            f"no edition under {arguments.path}: an edition is a folder FRAMEWORK/EDITION with manifest.yaml."
        )
    for slug in slugs:
        try:
            framework = load_framework(slug, arguments.path)
        except ContentError as error:
            problems.extend(f"{slug}: {problem}" for problem in error.problems)
            continue
        for question in unscored_questions(framework):
            problems.append(
                f"{slug}: questions/{question}.yaml: changes nothing: no indicator or rule reads its facts."
            )
    if arguments.json:
        _print({"editions": list(slugs), "problems": problems})
    else:
        sys.stdout.writelines(f"{problem}\n" for problem in problems)
        sys.stdout.write(f"{len(slugs)} edition(s), {len(problems)} problem(s)\n")
    return 1 if problems else 0


def _print(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2, sort_keys=True, default=str)
    sys.stdout.write("\n")
