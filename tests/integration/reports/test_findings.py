"""What the summary says in sentences follows from the result and contradicts nothing on the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.submission import submission_of
from maturity.clock import FixedClock
from maturity.editions.service import framework_by_hash
from maturity.reports.findings import findings_of, median_of
from maturity.results.view import Result, result_of
from tests.factories.results import release_peers_of, submit_scenario

ResultOf = Callable[..., Result]


@pytest.fixture
def result(session: Session, clock: FixedClock) -> ResultOf:
    def make(slug: str, *, peers: bool = True) -> Result:
        assessment = submit_scenario(session, slug, clock)
        if peers:
            release_peers_of(session, assessment, clock)
        submission = submission_of(session, assessment)
        assert submission is not None
        return result_of(session, framework_by_hash(session, assessment.edition_sha256), submission)

    return make


def said(result: Result) -> dict[str, str]:
    return {finding.heading.en: finding.sentence.en for finding in findings_of(result)}


def test_a_board_reads_position_gates_room_and_outcomes(result: ResultOf) -> None:
    assert list(said(result("typical_discrete_sme"))) == ["Position", "Gates", "Room", "Outcomes"]


def test_without_peers_nothing_is_said_of_them(result: ResultOf) -> None:
    found = result("typical_discrete_sme", peers=False)
    assert median_of(found, "capability") is None
    assert list(said(found)) == ["Gates", "Room", "Outcomes"]


def test_the_strong_are_above_and_the_weak_below_their_peers(result: ResultOf) -> None:
    assert "above the peer median" in said(result("lighthouse"))["Position"]
    weak = said(result("paper_workshop"))["Position"]
    assert "below the peer median" in weak
    assert weak.endswith("below the peers in every dimension.")


def test_every_gate_that_is_missing_is_named_with_its_gap(result: ResultOf) -> None:
    found = result("typical_discrete_sme")
    above = next(rung for rung in found.ladder if not rung.reached)
    missing = [gate for gate in above.gates if not gate.passed]
    assert missing
    for gate in missing:
        assert f"{gate.dimension.en} is " in said(found)["Gates"]


def test_at_the_top_no_gate_is_missing(result: ResultOf) -> None:
    assert said(result("lighthouse"))["Gates"] == "Every gate is passed: the highest stage is reached."


def test_the_room_is_a_share_of_all_that_is_open(result: ResultOf) -> None:
    found = result("typical_discrete_sme")
    lost = sum(item.lost for item in found.gaps(5))
    assert f"{round(100 * lost / (100 - found.capability))} % of all still open" in said(found)["Room"]
