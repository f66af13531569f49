"""The engines on the command line, for experts, scripts and examiners. Exit 0 fine, 1 a finding, 2 wrong use.

The keys of `--json` are stable and listed in docs/command-line.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

from maturity.adaptive.crosswalk import cross, facts_gone
from maturity.adaptive.evaluation import Evaluation, evaluate, explain_evaluation, period_end
from maturity.adaptive.framework import Framework, load_framework, unscored_questions
from maturity.adaptive.profile import InvalidProfile, build_profile
from maturity.adaptive.settled import find_bounds, recommend
from maturity.cli_adaptive import (
    census_lines,
    census_of,
    crosswalk_lines,
    crosswalk_report,
    settled_lines,
    settled_report,
)
from maturity.cli_calibration import DEFAULT_COUNT, LEAST_COUNT, MOST_COUNT, calibration_lines, calibration_report
from maturity.cli_input import Case, WrongUse, read_case
from maturity.cli_messages import message, usage
from maturity.cli_verify import is_certificate, verify_lines, verify_report
from maturity.clock import Clock, SystemClock
from maturity.content import ContentError, Problem, read_yaml
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.derivations import load_derivations
from maturity.questionnaires.loader import LIBRARY, editions
from maturity.questionnaires.path import find_path
from maturity.questionnaires.terminology import FILE as TERMS
from maturity.questionnaires.terminology import check_wording, read_glossary
from maturity.scoring.engine import prepare, rounded
from maturity.scoring.model import GateResult
from maturity.scoring.parameters import NoParameterValue

DEFAULT_FRAMEWORK = "lianghua"
LANGUAGES = ("zh", "en")
HELD_OUT, LEAST_HELD_OUT = 3000, 100
FINE, FINDING, WRONG_USE = 0, 1, 2


def main(argv: Sequence[str], clock: Clock | None = None) -> int:
    """Run one command and return its exit status."""
    lang, as_json = _wanted(argv), "--json" in argv
    try:
        arguments = _parser(lang).parse_args(argv)
        arguments.clock = clock or SystemClock()
        command: Callable[[argparse.Namespace], int] = arguments.command
        return command(arguments)
    except WrongUse as error:
        return _fail(error.problems, as_json=as_json)
    except ContentError as error:
        first = str(error.problems[0])
        told = message("broken_library", lang, count=len(error.problems), problem=first)
        return _fail((told,), as_json=as_json)


def _fail(problems: Sequence[str], *, as_json: bool) -> int:
    if as_json:
        _print({"error": problems[0], "problems": list(problems)})
    else:
        sys.stderr.writelines(f"maturity: {problem}\n" for problem in problems)
    return WRONG_USE


def _wanted(argv: Sequence[str]) -> str:
    """The language asked for, known before anything can go wrong with the rest of the line."""
    for index, word in enumerate(argv):
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if word == "--lang" and index + 1 < len(argv):
            value = argv[index + 1]
        if value in LANGUAGES:
            return value
    return LANGUAGES[0]


class _Parser(argparse.ArgumentParser):
    """Tells wrong use like every other problem, in the language asked for."""

    lang = LANGUAGES[0]

    def error(self, message_: str) -> NoReturn:
        raise WrongUse(message("usage", self.lang, problem=usage(message_, self.lang), prog=self.prog))


def _parser(lang: str) -> argparse.ArgumentParser:
    _Parser.lang = lang
    parser = _Parser(prog="python -m maturity", description=message("about", lang), allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    score = _add(commands, "score", score_command, lang, file=True)
    score.add_argument("--period", help=message("help_period", lang))
    score.add_argument("--explain", action="store_true", help=message("help_explain", lang))
    _add(commands, "path", path_command, lang, file=True)
    settled = _add(commands, "settled", settled_command, lang, file=True)
    settled.add_argument("--period", help=message("help_period", lang))
    crosswalk = _add(commands, "crosswalk", crosswalk_command, lang, file=True)
    crosswalk.add_argument("--period", help=message("help_period", lang))
    _add(commands, "census", census_command, lang)
    calibrate = _add(commands, "calibrate", calibrate_command, lang)
    calibrate.add_argument("--count", type=int, default=DEFAULT_COUNT, help=message("help_count", lang))
    express = _add(commands, "express", express_command, lang, file=True)
    express.add_argument("--period", help=message("help_period", lang))
    measured = _add(commands, "express-calibration", express_calibration_command, lang)
    measured.add_argument("--write", action="store_true", help=message("help_write", lang))
    measured.add_argument("--held-out", type=int, default=HELD_OUT, metavar="N", help=message("help_held_out", lang))
    booklet = _add(commands, "booklet", booklet_command, lang)
    booklet.add_argument("--variant", choices=PRODUCTION_TYPES, required=True, help=message("help_variant", lang))
    booklet.add_argument("--output", type=Path, required=True, metavar="FILE", help=message("help_output", lang))
    verify = _add(commands, "verify", verify_command, lang)
    verify.add_argument("file", type=Path, metavar="FILE", help=message("help_receipt", lang))
    verify.add_argument("--key", metavar="HEX", help=message("help_key", lang))
    verify.add_argument("--keys", type=Path, metavar="JSON", help=message("help_keys", lang))
    verify.add_argument("--head", type=Path, metavar="JSON", help=message("help_head", lang))
    verify.add_argument("--log", type=Path, metavar="JSON", action="append", help=message("help_log", lang))
    lint = _add(commands, "lint", lint_command, lang)
    lint.add_argument("path", nargs="?", type=Path, default=LIBRARY, help=message("help_library", lang))
    return parser


def _add(commands: Any, name: str, command: Any, lang: str, *, file: bool = False) -> argparse.ArgumentParser:
    words = message(name, lang)
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
    parser.set_defaults(command=command)
    parser.add_argument("--json", action="store_true", help=message("help_json", lang))
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help=message("help_lang", lang))
    if file:
        parser.add_argument("file", metavar="FILE", help=message("help_file", lang))
    if name not in ("lint", "verify"):
        parser.add_argument("--framework", default=DEFAULT_FRAMEWORK, help=message("help_framework", lang))
        parser.add_argument("--edition", help=message("help_edition", lang))
    return parser


def _framework(arguments: argparse.Namespace) -> Framework:
    slugs = editions()
    known = [slug for slug in slugs if slug.startswith(f"{arguments.framework}/")]
    if not known:
        words = ", ".join(sorted({slug.split("/")[0] for slug in slugs}))
        raise WrongUse(message("no_framework", arguments.lang, name=arguments.framework, words=words))
    slug = f"{arguments.framework}/{arguments.edition}" if arguments.edition else known[-1]
    if slug not in known:
        raise WrongUse(message("no_edition", arguments.lang, name=slug, words=", ".join(known)))
    return load_framework(slug)


def _period(arguments: argparse.Namespace, framework: Framework, case: Case) -> tuple[int, str]:
    """The reporting period and where it comes from: the option, else the file, else the last complete year."""
    this_year = arguments.clock.today().year
    given, origin = arguments.period, "option"
    if given is None:
        given, origin = case.period, "file"
    if given is None:
        return this_year - 1, "clock"
    typed = str(given).strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) == 4):
        raise WrongUse(message("not_a_year", arguments.lang, typed=typed[:40], example=this_year - 1))
    period, first = int(typed), first_period(framework)
    if not first <= period <= this_year:
        raise WrongUse(message("period_range", arguments.lang, period=period, first=first, last=this_year))
    return period, origin


def first_period(framework: Framework) -> int:
    """The first year at whose end every parameter and weight has a value."""
    scoring = framework.scoring
    weights = [indicator.weight for indicator in scoring.indicators.values()]
    return max(parameter.values[0][0].year for parameter in (*scoring.parameters.values(), *weights))


def score_command(arguments: argparse.Namespace) -> int:
    """Exit 1 when the facts are incomplete or implausible: the score is then provisional."""
    framework = _framework(arguments)
    case = read_case(arguments.file, framework, arguments.lang)
    period, origin = _period(arguments, framework, case)
    on = period_end(period)
    result = evaluate(framework, case.profile, case.facts, on)
    report = {"period": period, "period_from": origin, "profile": dict(case.profile)}
    report |= score_report(framework, result, arguments.lang)
    report["off_path"] = sorted(set(case.facts) - set(result.path.facts))
    tree = explain_evaluation(framework, case.profile, result, on) if arguments.explain else None
    if arguments.json:
        _print(report | ({"explanation": tree} if tree else {}))
    else:
        _print_score(report, arguments.lang)
        if tree:
            _print_tree(framework, tree, arguments.lang)
    return FINDING if report["unanswered"] or report["findings"] else FINE


def score_report(framework: Framework, result: Evaluation, lang: str) -> dict[str, Any]:
    """The result as `--json` prints it; a dimension below one of its gates never shows as the gate."""
    score = result.score
    return {
        "edition": framework.edition.slug,
        "level": score.level,
        "stage": framework.level_title(score.level).to(lang),
        "capability": _shown(score.capability, score.limits("total", "capability")),
        "outcome": _shown(score.outcome),
        "dimensions": {
            name: {"title": framework.parts[name].title.to(lang), **_shown(value, score.limits("dimension", name))}
            for name, value in score.dimensions.items()
        },
        "blocking": [
            {
                "level": gate.level,
                **_measured(gate),
                "title": framework.gate_title(gate.gate.kind, gate.of, gate.level, gate.gate.value).to(lang),
                "threshold": str(gate.threshold),
                "actual": _shown(gate.actual, (gate.threshold,)),
                "gap": {"exact": str(gate.gap), "rounded": str(_gap(gate.threshold, gate.actual))},
            }
            for gate in score.blocking()
        ],
        "unanswered": [question.id for question in result.path.unanswered()],
        "findings": [
            {"rule": finding.rule, "severity": finding.severity, "message": finding.message.to(lang)}
            for finding in result.findings
        ],
    }


def _shown(value: Fraction, gates: tuple[Fraction, ...] = ()) -> dict[str, str]:
    return {"exact": str(value), "rounded": str(rounded(value, gates))}


def _measured(result: GateResult) -> dict[str, str]:
    """What the gate measures: a dimension by name, anything else with its kind."""
    gate = result.gate
    return {"dimension": gate.of} if gate.kind == "dimension" else {"kind": gate.kind, "of": gate.of}


def _gap(threshold: Fraction, actual: Fraction) -> Any:
    """What is missing between the two figures as they are shown, so that they add up on paper."""
    return rounded(threshold) - rounded(actual, (threshold,))


def _print_score(report: dict[str, Any], lang: str) -> None:
    out = sys.stdout.write
    out(message("headline", lang, **report) + "\n")
    out(message(f"period_{report['period_from']}", lang, period=report["period"]) + "\n")
    totals = {name: report[name]["rounded"] for name in ("capability", "outcome")}
    out(message("totals", lang, **totals) + "\n")
    for name, dimension in report["dimensions"].items():
        out(f"  {name}  {dimension['rounded']:>6}  {dimension['title']}\n")
    for gate in report["blocking"]:
        figures = {"actual": gate["actual"]["rounded"], "gap": gate["gap"]["rounded"]}
        out(message("blocking", lang, **gate | figures) + "\n")
    for finding in report["findings"]:
        out(message(finding["severity"], lang, message=finding["message"]) + "\n")
    for key in ("unanswered", "off_path"):
        if report[key]:
            out(message(key, lang, count=len(report[key]), ids=", ".join(report[key])) + "\n")


def _print_tree(framework: Framework, tree: dict[str, Any], lang: str) -> None:
    for role in framework.scoring.roles:
        for dimension in tree[role]["children"]:
            _print_node(framework, dimension, 0, lang)


def _print_node(framework: Framework, node: dict[str, Any], depth: int, lang: str) -> None:
    """One line for each node: points of the total and, for an answer, its value or why there is none."""
    title = framework.title(node["id"]).to(lang)
    if node["kind"] == "answer":
        value = node["value"]
        state = message("unanswered_state" if node["state"] == "unanswered" else node["state"], lang)
        given = state if value is None else json.dumps(value, ensure_ascii=False)
        sys.stdout.write(f"{'  ' * depth}{title}: {given}\n")
        return
    points = rounded(Fraction(node["contribution"]))
    weight = node.get("share") or message("not_applicable", lang)
    worth = message("worth", lang, points=points, weight=weight, rule=node["rule"])
    sys.stdout.write(f"{'  ' * depth}{title}  [{worth}]\n")
    for child in node["children"]:
        _print_node(framework, child, depth + 1, lang)


def path_command(arguments: argparse.Namespace) -> int:
    """Exit 1 while a question on the path is unanswered."""
    framework = _framework(arguments)
    case = read_case(arguments.file, framework, arguments.lang)
    path = find_path(framework.edition, case.profile, case.facts)
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
            standing = message(str(item["standing"]), arguments.lang)
            sys.stdout.write(f"[{mark}] {item['question']:<26} {standing:<16} {item['wording']}\n")
        counts = {"asked": len(path.asked()), "answered": path.answered_count(), "fewest": fewest, "most": most}
        sys.stdout.write(message("remaining", arguments.lang, **counts) + "\n")
    return FINE if path.is_complete else FINDING


def settled_command(arguments: argparse.Namespace) -> int:
    """Exit 1 while an answer can still change the level."""
    framework = _framework(arguments)
    case = read_case(arguments.file, framework, arguments.lang)
    period, _ = _period(arguments, framework, case)
    on = period_end(period)
    bounds = find_bounds(framework, case.profile, case.facts, on)
    advice = recommend(framework, case.profile, bounds, on)
    report = {"period": period} | settled_report(framework, bounds, advice, arguments.lang)
    if arguments.json:
        _print(report)
    else:
        sys.stdout.write("\n".join(settled_lines(report, arguments.lang)) + "\n")
    return FINE if bounds.is_settled else FINDING


def crosswalk_command(arguments: argparse.Namespace) -> int:
    """The answers of one framework under every other: results, or how many questions are missing for one."""
    source = _framework(arguments)
    case = read_case(arguments.file, source, arguments.lang)
    period, _ = _period(arguments, source, case)
    path = find_path(source.edition, case.profile, case.facts)
    gone, derivations = facts_gone(path), load_derivations()
    crossings = [
        cross(target, case.profile, path.facts, derivations, period_end(period), gone)
        for target in _all_frameworks()
        if target.edition.framework != source.edition.framework
    ]
    report = crosswalk_report(crossings, arguments.lang)
    if arguments.json:
        _print({"edition": source.edition.slug, "period": period, "frameworks": report})
    else:
        sys.stdout.write("\n".join(crosswalk_lines(report, arguments.lang)) + "\n")
    return FINE


def _all_frameworks() -> list[Framework]:
    return [load_framework(slug) for slug in editions()]


def verify_command(arguments: argparse.Namespace) -> int:
    """Whether a receipt or a certificate holds, and what is still to be compared."""
    lines = verify_lines
    if is_certificate(arguments.file):
        from maturity.cli_certificate import certificate_lines, certificate_report  # pikepdf, as with the booklet

        given = (arguments.keys, arguments.head, arguments.log or ())
        report = certificate_report(arguments.file, *given, arguments.lang, arguments.clock)
        lines = certificate_lines
    else:
        report = verify_report(arguments.file, arguments.key, arguments.lang)
    if arguments.json:
        _print(report)
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines(report, arguments.lang))
    return FINE if report["good"] else FINDING


def census_command(arguments: argparse.Namespace) -> int:
    """For each archetype: questions asked of a blank sheet, and the most that can be; for each edition: its facts."""
    framework = _framework(arguments)
    rows = []
    profiles = []
    for archetype in read_yaml(LIBRARY / "archetypes.yaml", "archetypes.yaml"):
        profiles.append(build_profile(archetype["enterprise"]))
        path = find_path(framework.edition, profiles[-1], {})
        fewest, most = path.remaining()
        title = archetype["title"][arguments.lang]
        rows.append({"archetype": archetype["id"], "title": title, "fewest": fewest, "most": most})
    count, slug = len(framework.edition.questions), framework.edition.slug
    census = census_of(_all_frameworks(), framework, profiles, load_derivations(), arguments.lang)
    if arguments.json:
        _print({"edition": slug, "questions": count, "archetypes": rows, "editions": census})
    else:
        for row in rows:
            between = message("between", arguments.lang, **row)
            sys.stdout.write(f"{row['archetype']:<24} {between:<12} {row['title']}\n")
        sys.stdout.write(message("questions", arguments.lang, count=count, edition=slug) + "\n\n")
        sys.stdout.write("\n".join(census_lines(census, arguments.lang)) + "\n")
    return FINE


def calibrate_command(arguments: argparse.Namespace) -> int:
    """Exit 1 when the share at the two upper stages leaves the published anchor."""
    from maturity.calibration import calibrate  # NumPy, which no other command needs

    if not LEAST_COUNT <= arguments.count <= MOST_COUNT:
        raise WrongUse(message("bad_count", arguments.lang, count=arguments.count))
    framework = _framework(arguments)
    if framework.edition.framework != DEFAULT_FRAMEWORK:
        raise WrongUse(message("no_population", arguments.lang, name=framework.edition.slug, main=DEFAULT_FRAMEWORK))
    found = calibrate(framework, count=arguments.count)
    if arguments.json:
        _print(calibration_report(found))
    else:
        sys.stdout.write("\n".join(calibration_lines(framework, found, arguments.lang)) + "\n")
    return FINE if found.is_within_anchor else FINDING


def express_command(arguments: argparse.Namespace) -> int:
    """Exit 1 while the estimate is not sure enough to stop."""
    from maturity import cli_express  # NumPy, as with the calibration

    framework = _framework(arguments)
    case = read_case(arguments.file, framework, arguments.lang)
    period, _ = _period(arguments, framework, case)
    report = {"period": period} | cli_express.express_report(framework, case, period_end(period), arguments.lang)
    if arguments.json:
        _print(report)
    else:
        sys.stdout.write("\n".join(cli_express.express_lines(report, arguments.lang)) + "\n")
    return FINE if report["over"] else FINDING


def express_calibration_command(arguments: argparse.Namespace) -> int:
    """Make the calibration of an edition anew; exit 1 when it differs from the one that is kept, or misses its aims."""
    from maturity import cli_express  # NumPy, as with the calibration

    framework = _framework(arguments)
    if framework.edition.framework != DEFAULT_FRAMEWORK:
        raise WrongUse(message("no_population", arguments.lang, name=framework.edition.slug, main=DEFAULT_FRAMEWORK))
    if not LEAST_HELD_OUT <= arguments.held_out <= MOST_COUNT:
        raise WrongUse(message("bad_held_out", arguments.lang, count=arguments.held_out))
    today = arguments.clock.today()
    report = cli_express.calibration_report(framework, arguments.held_out, today, write=arguments.write)
    if arguments.json:
        _print(report)
    else:
        sys.stdout.write("\n".join(cli_express.calibration_lines(report, arguments.lang)) + "\n")
    return FINE if report["good"] else FINDING


def booklet_command(arguments: argparse.Namespace) -> int:
    """The printed questionnaire of a production type; the same edition, variant and language give the same bytes."""
    from maturity.cli_booklet import BookletRefused, make_booklet  # WeasyPrint, which no other command needs

    framework = _framework(arguments)
    try:
        made = make_booklet(framework, arguments.variant, arguments.lang, arguments.output)
    except BookletRefused as error:
        raise WrongUse(message(error.code, arguments.lang, **error.details)) from error
    if arguments.json:
        _print({"edition": framework.edition.slug, "variant": arguments.variant, "lang": arguments.lang} | made)
    else:
        sys.stdout.write(message("booklet_made", arguments.lang, **made) + "\n")
    return FINE


def lint_command(arguments: argparse.Namespace) -> int:
    """Exit 1 with every problem found in the content of the library."""
    library = arguments.path
    slugs = editions(library)
    if not slugs:
        raise WrongUse(message("no_library", arguments.lang, path=library))
    problems = [(slug, problem) for slug in slugs for problem in edition_problems(slug, library)]
    problems += [("-", problem) for problem in (*archetype_problems(library), *derivation_problems(library))]
    if arguments.json:
        fields = ("file", "key", "message", "mend")
        rows = [{"edition": slug} | {name: getattr(problem, name) for name in fields} for slug, problem in problems]
        _print({"editions": list(slugs), "problems": rows})
    else:
        sys.stdout.writelines(f"{slug}: {problem}\n" for slug, problem in problems)
        sys.stdout.write(message("linted", arguments.lang, editions=len(slugs), problems=len(problems)) + "\n")
    return FINDING if problems else FINE


def edition_problems(slug: str, library: Path) -> tuple[Problem, ...]:
    """What is wrong with an edition: what the loader refuses, what scores nothing, what cannot be scored."""
    try:
        framework = load_framework(slug, library)
    except ContentError as error:
        return error.problems
    idle = [
        Problem(f"questions/{name}.yaml", "facts", "no indicator or rule reads them.", "score them, or do not ask.")
        for name in unscored_questions(framework)
    ]
    missing = []
    for variant in PRODUCTION_TYPES:
        try:
            prepare(framework.scoring, framework.edition.valid_from, variant)
        except NoParameterValue as error:
            missing.append(Problem("parameters", variant, f"{error}.", "give it a value from that day on."))
    return (*idle, *missing, *_wording_problems(framework, library))


def _wording_problems(framework: Framework, library: Path) -> tuple[Problem, ...]:
    """Words of the edition that are not those of the glossary; a library need not have one."""
    if not (library / TERMS).is_file():
        return ()
    try:
        return check_wording(framework.bundle, read_glossary(library))
    except ContentError as error:
        return error.problems


def derivation_problems(library: Path) -> tuple[Problem, ...]:
    """What is wrong with the derivations between frameworks; a library need not have any."""
    try:
        load_derivations(library)
    except ContentError as error:
        return error.problems
    return ()


def archetype_problems(library: Path) -> tuple[Problem, ...]:
    """What is wrong with the archetypes that the census counts; a library need not have any."""
    file = library / "archetypes.yaml"
    if not file.is_file():
        return ()
    try:
        archetypes = read_yaml(file, file.name)
    except ContentError as error:
        return error.problems
    problems = []
    for index, item in enumerate(archetypes if isinstance(archetypes, list) else [None]):
        try:
            words = item["title"]
            key = str(item["id"])
            build_profile(item["enterprise"] if words["zh"] and words["en"] else {})
        except InvalidProfile as error:
            problems += [Problem(file.name, f"{key}.{p.field}", p.message.en, p.mend.en) for p in error.problems]
        except (KeyError, TypeError, AttributeError):
            mend = "write id, title with zh and en, and enterprise."
            problems.append(Problem(file.name, f"[{index}]", "is not an archetype.", mend))
    return tuple(problems)


def _print(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2, sort_keys=True)
    sys.stdout.write("\n")
