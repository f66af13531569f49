"""Express: an estimate that depends on the answers alone, is never outside the exact bounds, and refuses to guess."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
import pytest

from maturity.adaptive import express
from maturity.adaptive.calibrations import Stored, calibration_for, parse_calibration, path_for, written_calibration
from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.express import Calibration, Estimate, Uncalibrated, estimate, require_calibrated
from maturity.adaptive.framework import Framework
from maturity.cli_express import edition_hash, meets_aims
from maturity.demo.columns import facts_of_row
from maturity.demo.population import Population, build_population
from maturity.express_calibration import HELD_OUT_SEED, answer_all, measure
from maturity.questionnaires.model import Facts, Profile
from maturity.questionnaires.path import find_path

PERIOD = 2025
ON = period_end(PERIOD)


@pytest.fixture(scope="module")
def stored(framework: Framework) -> Stored:
    return calibration_for(framework, edition_hash(framework))


@pytest.fixture(scope="module")
def calibration(stored: Stored) -> Calibration:
    return stored.calibration


@pytest.fixture(scope="module")
def people(framework: Framework) -> Population:
    return build_population(framework, PERIOD, 400, HELD_OUT_SEED)


def enterprise(framework: Framework, people: Population, row: int) -> tuple[Profile, Facts]:
    return people.profiles[row], facts_of_row(framework, people.columns, row)


def steps(framework: Framework, calibration: Calibration, profile: Profile, sheet: Facts) -> Iterator[Estimate]:
    """The estimate after every answer until it stops."""
    given: dict[str, Any] = {}
    while True:
        found = estimate(framework, calibration, profile, given, ON)
        yield found
        if found.question is None:
            return
        given |= {fact: sheet[fact] for fact in found.question.facts}


def test_the_kept_calibration_is_of_the_edition_and_meets_its_aims_on_a_population_it_has_not_seen(
    stored: Stored,
) -> None:
    assert stored.calibration.size >= 5000
    assert stored.measured.population >= 3000
    assert stored.seed != stored.measured.seed
    assert meets_aims(stored.measured)


def test_every_step_stays_within_the_exact_bounds_which_only_narrow(
    framework: Framework, calibration: Calibration, people: Population
) -> None:
    for row in range(12):
        profile, sheet = enterprise(framework, people, row)
        level, before, asked = evaluate(framework, profile, sheet, ON).score.level, (0, 9), set()
        for found in steps(framework, calibration, profile, sheet):
            lowest, highest = found.bounds.levels
            assert before[0] <= lowest <= level <= highest <= before[1]
            assert lowest <= found.level <= highest
            assert sum(found.probabilities.values()) == pytest.approx(1)
            assert found.probability == max(found.probabilities.values())
            if found.question is not None:
                assert found.question.id not in asked
                assert found.question in found.bounds.path.unanswered()
                asked.add(found.question.id)
            before = lowest, highest
        assert found.is_over
        assert found.is_certain or found.probability >= calibration.sureness


def test_the_order_of_answers_does_not_matter(
    framework: Framework, calibration: Calibration, people: Population
) -> None:
    profile, sheet = enterprise(framework, people, 3)
    asked = list(find_path(framework.edition, profile, sheet).asked())[:20]
    results = []
    for seed in range(4):
        shuffled = Random(seed).sample(asked, len(asked))
        given = {fact: sheet[fact] for question in shuffled for fact in question.facts}
        results.append(estimate(framework, calibration, profile, given, ON))
    assert len({(found.level, found.probability, found.question and found.question.id) for found in results}) == 1


def test_without_a_sureness_that_can_be_reached_only_the_bounds_stop_it(
    framework: Framework, calibration: Calibration, people: Population
) -> None:
    never = dataclasses.replace(calibration, sureness=1.01)
    for row in range(4):
        profile, sheet = enterprise(framework, people, row)
        found = answer_all(framework, never, profile, sheet, ON)
        assert found.is_certain
        assert found.level == evaluate(framework, profile, sheet, ON).score.level


def test_it_asks_at_least_eight_questions_before_it_is_sure(
    framework: Framework, calibration: Calibration, people: Population
) -> None:
    ends = [answer_all(framework, calibration, *enterprise(framework, people, row), ON) for row in range(40)]
    assert min(found.answered for found in ends if not found.is_certain) >= express.LEAST_ANSWERS
    assert any(found.answered < 20 for found in ends)


def test_measured_anew_on_some_of_the_held_out_it_does_what_it_says(
    framework: Framework, calibration: Calibration
) -> None:
    found = measure(framework, calibration, 150)
    assert found.asked <= 0.32
    assert found.agreed >= 0.95
    assert abs(found.stated - found.agreed) <= 0.05


def test_an_answer_moves_what_is_expected_of_the_rest(
    framework: Framework, calibration: Calibration, people: Population
) -> None:
    """A sheet of an enterprise at the highest level, and one at the lowest, part after few answers."""
    levels = people.scores.level
    best, worst = int(np.argmax(levels)), int(np.argmin(levels))
    ends = [list(steps(framework, calibration, *enterprise(framework, people, row)))[-1] for row in (best, worst)]
    assert ends[0].level == levels[best] > ends[1].level == levels[worst]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"edition_sha256": "0" * 64}, "no calibration"),
        ({"framework": "sme/2024"}, "no calibration"),
        ({"size": 149}, "150 are needed"),
        ({"indicators": ("made_up",)}, "other indicators"),
    ],
)
def test_it_refuses_to_run_uncalibrated(
    framework: Framework, calibration: Calibration, change: dict[str, Any], why: str
) -> None:
    require_calibrated(framework, calibration, edition_hash(framework))
    with pytest.raises(Uncalibrated, match=why):
        require_calibrated(framework, dataclasses.replace(calibration, **change), edition_hash(framework))


def test_a_changed_edition_has_no_calibration(framework: Framework) -> None:
    with pytest.raises(Uncalibrated):
        calibration_for(framework, "f" * 64)


def test_a_file_reads_as_it_was_written(framework: Framework, stored: Stored) -> None:
    text = path_for(framework).read_text("utf-8")
    assert written_calibration(parse_calibration(json.loads(text))) == text
    with pytest.raises(Uncalibrated):
        parse_calibration({"format": "maturity-express/0"})
    assert np.array_equal(stored.calibration.covariance, stored.calibration.covariance.T)


def test_a_calibration_finds_the_covariance_that_values_were_drawn_from() -> None:
    random = np.random.default_rng(7)
    true = np.array([[0.04, 0.03, 0.0], [0.03, 0.05, 0.0], [0.0, 0.0, 0.02]])
    values = random.multivariate_normal([0.4, 0.5, 0.6], true, 20_000)
    mean, covariance = express.calibrate_values(values)
    assert np.allclose(mean, [0.4, 0.5, 0.6], atol=0.01)
    assert np.allclose(covariance, true, atol=0.002)


def test_what_does_not_apply_to_some_leaves_a_covariance_that_can_be_one() -> None:
    random = np.random.default_rng(8)
    values = random.normal(0.5, 0.2, (60, 12))
    values[random.random(values.shape) < 0.6] = np.nan
    _mean, covariance = express.calibrate_values(values)
    assert np.linalg.eigvalsh(covariance).min() > 0


def test_few_enterprises_are_drawn_towards_independence() -> None:
    """What few have in common may be chance; what many have is believed."""
    random = np.random.default_rng(9)
    true = np.full((10, 10), 0.02) + 0.02 * np.eye(10)

    def kept(count: int) -> float:
        """How much of the covariance that was seen is left."""
        values = random.multivariate_normal(np.full(10, 0.5), true, count)
        _mean, covariance = express.calibrate_values(values)
        seen = np.cov(values.T, bias=True)
        off = ~np.eye(10, dtype=bool)
        return float(np.abs(covariance[off]).sum() / np.abs(seen[off]).sum())

    assert kept(20) < 0.97 < kept(5000) < 1.0001
