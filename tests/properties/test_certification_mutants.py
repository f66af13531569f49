"""What the properties of certification are worth: each condition is made to hold always, and each time they notice.

A property test that has become shallow still passes; these do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from maturity.certification import process
from maturity.certification.process import GUARDS, Event, Process
from tests.properties import certification, test_certification
from tests.properties.certification import (
    ENDED,
    SIDES,
    STAGES,
    STATUSES,
    assert_nothing_else_happens,
    assert_what_has_ended_stays_so,
    everybody_tries,
    spoiled,
)

#: Wherever it stands, another condition after it fails whenever it does: it only tells the reason more plainly.
TELLS_ONLY = {"lead_assigned"}
#: And these say the same as others of their step, once more.
SAID_TWICE = {("recommend", "sample_drawn"), ("plan", "lead_assigned"), ("begin", "lead_assigned")}
FEW = settings(
    max_examples=3,
    stateful_step_count=6,
    phases=[Phase.generate],  # nobody reads the example, so it need not be made short
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    print_blob=False,
)
EVENTS = process.the_process().events
CHANGES = process.the_process().changes


def notices(check: Callable[[], Any]) -> bool:
    try:
        check()
    except AssertionError:
        return True
    return False


def look_everywhere() -> None:
    """Every stage as it should be, and with each thing alone spoiled."""
    for at_once in (0, 1):
        for _, world in spoiled(at_once):
            everybody_tries(world)


def run_the_machine() -> None:
    for stage in STAGES:
        run_state_machine_as_test(partial(test_certification.Process, stage), settings=FEW)


def without(guard: str) -> dict[str, Any]:
    return {**GUARDS, guard: lambda *_: True}


def in_force(changed: Process) -> Callable[[], Process]:
    return lambda: changed


def with_event(event: Event) -> Callable[[], Process]:
    known = process.the_process()
    return in_force(replace(known, events={**known.events, event.code: event}))


def test_nothing_is_noticed_where_nothing_is_wrong() -> None:
    assert not notices(look_everywhere)
    assert not notices(run_the_machine)


@pytest.mark.parametrize("guard", sorted(set(GUARDS) - TELLS_ONLY))
def test_the_machine_notices_when_a_condition_always_holds(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GUARDS", without(guard))
    assert notices(run_the_machine)


@pytest.mark.parametrize("guard", sorted(GUARDS))
def test_the_enumeration_notices_when_a_condition_always_holds(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GUARDS", without(guard))
    assert notices(look_everywhere) == (guard not in TELLS_ONLY)


@pytest.mark.parametrize("guard", sorted(GUARDS))
def test_the_enumeration_notices_when_a_condition_never_holds(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GUARDS", {**GUARDS, guard: lambda *_: False})
    monkeypatch.setattr(certification, "ready", at_once_ready)
    assert notices(look_everywhere)


# The stages as the process leads there when nothing is wrong with it.
KEPT = {stage: certification.ready(stage) for stage in certification.STAGES}


def at_once_ready(stage: str) -> certification.World:
    return KEPT[stage]


@pytest.mark.parametrize(
    ("code", "guard"), [(event.code, guard) for event in EVENTS.values() for guard in event.guards]
)
def test_the_enumeration_notices_when_a_step_asks_for_one_thing_less(
    code: str, guard: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = EVENTS[code]
    less = replace(event, guards=tuple(name for name in event.guards if name != guard))
    monkeypatch.setattr(process, "the_process", with_event(less))
    assert notices(look_everywhere) == ((code, guard) not in SAID_TWICE)


@pytest.mark.parametrize("code", EVENTS)
def test_the_enumeration_notices_when_everybody_may_take_a_step(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sides = tuple(process.Who(side) for side in (*SIDES, "operator"))
    monkeypatch.setattr(process, "the_process", with_event(replace(EVENTS[code], who=sides)))
    monkeypatch.setattr(certification, "ready", at_once_ready)
    assert notices(look_everywhere)


# Certificates


def changed() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each change with one more standing to begin from, with another outcome, and with one more side."""
    for kind, change in CHANGES.items():
        for status in set(STATUSES) - set(change.sources):
            yield kind, {"sources": (*change.sources, status)}
        for status in set(STATUSES) - {change.target}:
            yield kind, {"target": status}
        for side in set(SIDES) - set(change.sides):
            yield kind, {"sides": (*change.sides, side)}


def notices_standing(kind: str, values: dict[str, Any], check: Callable[[], None]) -> bool:
    known = process.the_process()
    with pytest.MonkeyPatch.context() as patch:
        other = replace(known, changes={**known.changes, kind: replace(CHANGES[kind], **values)})
        patch.setattr(process, "the_process", in_force(other))
        return notices(check)


def test_whatever_else_may_happen_to_a_certificate_is_noticed() -> None:
    missed = [
        (kind, values) for kind, values in changed() if not notices_standing(kind, values, assert_nothing_else_happens)
    ]
    assert missed == []


def test_every_single_way_back_from_an_end_is_noticed() -> None:
    """What leads to an end, or leaves one as it stands, is no way back."""
    for (kind, change), status in product(CHANGES.items(), ENDED):
        if status in change.sources:
            continue
        leads_back = change.target in ("valid", "suspended")
        values = {"sources": (*change.sources, status)}
        found = notices_standing(kind, values, assert_what_has_ended_stays_so)
        assert found or not leads_back, (kind, status)
