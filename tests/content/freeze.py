"""Freeze what every golden scenario scores, to the byte: `python -m tests.content.freeze`.

While an edition is a draft its results may be frozen again after its scenarios have been worked out anew. From the
first freezing after it left the draft they stand for ever, and only new scenarios are added.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from maturity.adaptive.evaluation import Evaluation, evaluate, explain_evaluation, period_end
from maturity.adaptive.framework import Framework, load_framework
from maturity.assessments.submission import score_summary
from maturity.editions.service import canonical, digest
from maturity.questionnaires.values import from_json, to_json
from tests.content.golden import Scenario, read_scenario, scenario_files

FROZEN = Path(__file__).parent / "frozen"
FORMAT = "maturity-frozen/1"
DRAFT = "draft"


class AlreadyReleased(Exception):
    """The frozen result belongs to a released edition and would come out differently; the message names the files."""


def frozen_files(folder: Path = FROZEN) -> tuple[Path, ...]:
    return tuple(sorted(folder.glob("*/*.json")))


def frozen_file(scenario: Scenario, folder: Path = FROZEN) -> Path:
    return folder / scenario.slug.replace("/", "-") / f"{scenario.id}.json"


def document_of(scenario: Scenario, framework: Framework) -> dict[str, Any]:
    """The result of a scenario with everything it follows from, as a submission stores it."""
    profile = scenario.profile()
    evaluation = evaluate(framework, profile, scenario.facts(framework.edition), period_end(scenario.period))
    heading = {"format": FORMAT, "scenario": scenario.id, "edition": _edition(framework), "period": scenario.period}
    return heading | {"profile": profile} | _result(framework, profile, evaluation, scenario.period)


def rescored(document: dict[str, Any], framework: Framework) -> dict[str, Any]:
    """The same document scored again from nothing but its own profile, facts and period."""
    facts = {name: from_json(framework.edition.facts[name], data) for name, data in document["facts"].items()}
    profile, period = document["profile"], document["period"]
    evaluation = evaluate(framework, profile, facts, period_end(period))
    return document | {"edition": _edition(framework)} | _result(framework, profile, evaluation, period)


def _edition(framework: Framework) -> dict[str, Any]:
    """A draft has no hash here: its wording changes daily and scores nothing."""
    edition = framework.edition
    sha256 = None if edition.status == DRAFT else digest(canonical(framework.bundle))
    return {"framework": edition.framework, "edition": edition.edition, "status": edition.status, "sha256": sha256}


def _result(framework: Framework, profile: dict[str, Any], evaluation: Evaluation, period: int) -> dict[str, Any]:
    return {
        "facts": {name: to_json(value) for name, value in evaluation.path.facts.items()},
        "findings": {finding.rule: finding.severity for finding in evaluation.findings},
        "score": score_summary(evaluation.score),
        "explanation": explain_evaluation(framework, profile, evaluation, period_end(period)),
    }


def freeze(scenarios: Iterable[tuple[Scenario, Framework]], folder: Path = FROZEN) -> tuple[Path, ...]:
    """Write what has changed and return it; nothing at all is written when a released result would change."""
    changed = {}
    for scenario, framework in scenarios:
        file = frozen_file(scenario, folder)
        content = canonical(document_of(scenario, framework))
        if not file.is_file() or file.read_bytes() != content:
            changed[file] = content
    if released := [file for file in changed if file.is_file() and not is_draft(file)]:
        raise AlreadyReleased(", ".join(str(file) for file in released))
    for file, content in changed.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tuple(changed)


def is_draft(file: Path) -> bool:
    return bool(json.loads(file.read_bytes())["edition"]["status"] == DRAFT)


def main(folder: Path = FROZEN) -> int:
    scenarios = [read_scenario(path) for path in scenario_files()]
    frameworks = {slug: load_framework(slug) for slug in {scenario.slug for scenario in scenarios}}
    try:
        changed = freeze(((scenario, frameworks[scenario.slug]) for scenario in scenarios), folder)
    except AlreadyReleased as error:
        sys.stderr.write(f"refused: results of a released edition would change: {error}\n")
        return 1
    sys.stdout.writelines(f"frozen: {file.relative_to(folder)}\n" for file in changed)
    sys.stdout.write(f"{len(scenarios)} scenarios, {len(changed)} frozen anew\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
