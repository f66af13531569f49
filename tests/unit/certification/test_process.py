"""The process as data: each condition alone stands in the way, every state has a way on, every period is configured."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from maturity.audit.vocabulary import EVENTS
from maturity.certification import process
from maturity.certification.models import OVER, STATES
from maturity.certification.process import (
    CLOCK,
    GUARDS,
    CaseFacts,
    Findings,
    Lead,
    Move,
    Refusal,
    Taker,
    apply,
    may_take,
    parse_process,
    steps_of_clock,
    the_process,
)
from maturity.tenancy.permissions import Permission
from maturity.web.messages import MESSAGES

TODAY = date(2026, 12, 1)
LEAD, DECIDER = 1, 2
#: A case of which nothing stands in the way of a certificate.
READY = CaseFacts(
    "recommended",
    TODAY,
    due_on=TODAY + timedelta(days=15),
    is_recognised=True,
    review_from=TODAY,
    review_until=TODAY,
    sampled=10,
    unjudged=0,
    is_rescored=True,
    lead=Lead(LEAD, is_qualified=True, is_unconflicted=True, is_independent=True),
    reviewers=frozenset({LEAD}),
    involved=frozenset({LEAD}),
    recommended_by=LEAD,
    recommendation="certify",
    level_reviewed=3,
    took_part=frozenset({LEAD}),
)
#: What may be wrong, one thing each, and the code by which it is told.
SPOILED: dict[str, dict[str, Any]] = {
    "somebody_else": {"involved": frozenset({LEAD, DECIDER})},
    "decider_unconflicted": {"is_actor_unconflicted": False},
    "recommended_by_somebody": {"recommended_by": None},
    "recommended_certify": {"recommendation": "refuse"},
    "body_recognised": {"is_recognised": False},
    "everything_judged": {"unjudged": 1},
    "rescored": {"is_rescored": False},
    "findings_closed": {"findings": Findings(open=1, unclosed=1)},
    "level_left": {"level_reviewed": 0},
    "lead_qualified": {"lead": Lead(LEAD, is_unconflicted=True, is_independent=True)},
    "lead_unconflicted": {"lead": Lead(LEAD, is_qualified=True, is_independent=True)},
    "lead_independent": {"lead": Lead(LEAD, is_qualified=True, is_unconflicted=True)},
}


def decider(user_id: int = DECIDER, *, permissions: frozenset[str] = frozenset({"CASE_DECIDE"})) -> Taker:
    return Taker("body", user_id, permissions)


def test_a_case_of_which_nothing_stands_in_the_way_is_certified() -> None:
    assert apply(READY, "decide_certify", decider()) == Move("decide_certify", "recommended", "certified", None)


@pytest.mark.parametrize("code", SPOILED)
def test_each_condition_alone_stands_in_the_way_of_a_certificate(code: str) -> None:
    assert apply(replace(READY, **SPOILED[code]), "decide_certify", decider()) == Refusal(code)


def test_there_is_no_other_condition() -> None:
    assert set(the_process().events["decide_certify"].guards) == set(SPOILED)


def test_of_every_combination_of_conditions_one_alone_certifies() -> None:
    """Exhaustively: 2 to the number of conditions that do not share a fact."""
    free = [code for code in SPOILED if not code.startswith("lead_")]
    certified = 0
    for chosen in product((False, True), repeat=len(free)):
        values: dict[str, Any] = {}
        for code, is_wrong in zip(free, chosen, strict=True):
            values |= SPOILED[code] if is_wrong else {}
        certified += isinstance(apply(replace(READY, **values), "decide_certify", decider()), Move)
    assert certified == 1


def test_nothing_but_a_decision_certifies_and_nothing_but_the_lead_recommends() -> None:
    events = the_process().events.values()
    assert [event.code for event in events if event.target == "certified"] == ["decide_certify"]
    assert [event.code for event in events if event.target == "recommended"] == ["recommend"]
    assert the_process().events["decide_certify"].sources == ("recommended",)
    assert the_process().events["recommend"].sources == ("reviewing",)
    wanted = {"is_lead", "lead_qualified", "lead_unconflicted", "lead_independent", "everything_judged", "rescored"}
    assert wanted <= set(the_process().events["recommend"].guards)


def test_the_lead_does_not_decide_and_whoever_may_not_decide_does_not_either() -> None:
    assert apply(READY, "decide_certify", decider(LEAD)) == Refusal("somebody_else")
    assert apply(READY, "decide_certify", decider(permissions=frozenset({"CASE_REVIEW"}))) == Refusal("not_yours")
    for side in ("enterprise", "operator", "clock"):
        assert apply(READY, "decide_certify", Taker(side, 9, frozenset({"CASE_DECIDE"}))) == Refusal("not_yours")


@pytest.mark.parametrize("state", STATES)
def test_a_decision_comes_in_one_state_alone(state: str) -> None:
    result = apply(replace(READY, state=state), "decide_certify", decider())
    assert isinstance(result, Move) == (state == "recommended")


def test_only_the_lead_recommends_and_the_clock_never_does() -> None:
    facts = replace(READY, state="reviewing")
    reviewer = frozenset({"CASE_REVIEW"})
    assert isinstance(apply(facts, "recommend", Taker("body", LEAD, reviewer), reason="certify"), Move)
    assert apply(facts, "recommend", Taker("body", 3, reviewer), reason="certify") == Refusal("is_lead")
    assert apply(facts, "recommend", CLOCK, reason="certify") == Refusal("not_yours")


@pytest.mark.parametrize("code", ["findings_closed", "level_left"])
def test_what_stands_in_the_way_of_a_certificate_does_not_of_a_refusal(code: str) -> None:
    facts = replace(READY, state="reviewing", **SPOILED[code])
    lead = Taker("body", LEAD, frozenset({"CASE_REVIEW"}))
    assert apply(facts, "recommend", lead, reason="certify") == Refusal(code)
    assert isinstance(apply(facts, "recommend", lead, reason="refuse"), Move)


# Ways on


@pytest.mark.parametrize("state", [state for state in STATES if state not in OVER])
def test_every_state_has_a_way_on_for_people_and_one_for_the_clock(state: str) -> None:
    events = [event for event in the_process().events.values() if state in event.sources]
    assert any(who.side in ("body", "enterprise") for event in events for who in event.who if event.code != "withdraw")
    assert steps_of_clock(state)
    entry = the_process().states[state]
    assert entry.turn in ("body", "enterprise")
    assert entry.days is not None or entry.due is not None


@pytest.mark.parametrize("state", [state for state in STATES if state not in OVER])
def test_long_after_its_last_day_the_clock_moves_every_case(state: str) -> None:
    for findings in (Findings(), Findings(open=1), Findings(answered=1), Findings(open=1, answered=1)):
        facts = CaseFacts(state, TODAY, due_on=TODAY - timedelta(days=1000), findings=findings)
        moved = [apply(facts, event, CLOCK, reason=reason) for event, reason in steps_of_clock(state)]
        assert sum(isinstance(result, Move) for result in moved) == 1


def test_the_clock_moves_nothing_before_its_day() -> None:
    for state in STATES:
        if state in OVER:
            continue
        facts = CaseFacts(state, TODAY, due_on=TODAY, findings=Findings(open=1))
        moved = [apply(facts, event, CLOCK, reason=reason) for event, reason in steps_of_clock(state)]
        assert not any(isinstance(result, Move) for result in moved)


@pytest.mark.parametrize("state", OVER)
def test_from_an_end_nothing_but_an_upheld_appeal_leads_on(state: str) -> None:
    events = {event.code for event in the_process().events.values() if state in event.sources}
    assert events <= {"reopen"}


def test_an_appeal_is_answered_by_somebody_without_a_part_in_the_case() -> None:
    facts = replace(READY, state="refused", is_appeal_upheld=True)
    assert isinstance(apply(facts, "reopen", decider(), note="It was shown."), Move)
    assert apply(facts, "reopen", decider(LEAD), note="It was shown.") == Refusal("no_part_in_it")
    assert apply(replace(facts, is_appeal_upheld=False), "reopen", decider(), note="x") == Refusal("appeal_upheld")
    assert apply(facts, "reopen", decider()) == Refusal("note_missing")


# The file


def test_states_of_the_file_and_of_the_table_are_the_same() -> None:
    assert tuple(the_process().states) == STATES
    assert tuple(code for code, state in the_process().states.items() if state.is_over) == OVER


def test_every_condition_is_used_and_every_refusal_has_its_words() -> None:
    used = {guard for event in the_process().events.values() for guard in event.guards}
    assert used == set(GUARDS)
    plain = {"unknown_step", "not_now", "not_yours", "reason_missing", "note_missing"}
    assert {f"step_{code}" for code in used | plain} <= set(MESSAGES)


def test_every_permission_of_the_file_exists() -> None:
    for event in the_process().events.values():
        for who in event.who:
            assert who.permission is None or who.permission in Permission.__members__


def test_every_number_says_where_it_comes_from() -> None:
    raw = yaml.safe_load(Path(process.__file__).with_name("process.yaml").read_text(encoding="utf-8"))
    for section in ("states", "periods", "reminders_days_before"):
        for name, entry in raw[section].items():
            assert entry["provenance"] in process.PROVENANCES, name
    for name, codes in raw["reasons"].items():
        assert all(entry["provenance"] in process.PROVENANCES for entry in codes.values()), name


def test_the_log_knows_every_step_and_every_reason_of_the_file() -> None:
    steps = EVENTS["case.moved"].fields["step"].words or {}
    assert set(steps) == set(the_process().events)
    for kind, name in (("suspended", "suspend"), ("withdrawn", "withdraw")):
        words = EVENTS[f"certificate.{kind}"].fields["reason"].words or {}
        assert set(words) == set(the_process().reasons[name])
    assert all(f"certificate.{kind}" in EVENTS for kind in the_process().changes)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("events", "accept", "to"), "nowhere"),
        (("events", "accept", "guards"), ["friendly"]),
        (("events", "reject", "reasons"), "moods"),
        (("certificate", "suspended", "reasons"), "moods"),
    ],
)
def test_a_slip_in_the_file_is_found_when_it_is_read(place: tuple[str, ...], value: Any) -> None:
    raw = yaml.safe_load(Path(process.__file__).with_name("process.yaml").read_text(encoding="utf-8"))
    entry = raw
    for name in place[:-1]:
        entry = entry[name]
    entry[place[-1]] = value
    with pytest.raises(ValueError, match="no "):
        parse_process(raw)


def test_who_may_take_a_step_is_a_matter_of_side_and_permission() -> None:
    accept = the_process().events["accept"]
    assert may_take(accept, Taker("body", 1, frozenset({"CASE_MANAGE"})))
    assert not may_take(accept, Taker("body", 1, frozenset({"CASE_DECIDE"})))
    assert not may_take(accept, Taker("enterprise", 1, frozenset({"CASE_MANAGE"})))
