"""The hash of a link, and what a walk along a damaged chain says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from maturity.audit.chain import GENESIS, Finding, Link, link_hash, walk

SEALED_AT = "2026-11-24T02:00:00.500000Z"
LENGTH = 9
Damage = Callable[[list[Link]], list[Link]]


def event(number: int, period: int = 2025) -> dict[str, Any]:
    return {"id": f"e{number}", "event": "assessment.started", "details": {"period": period}}


def link(position: int, previous: str, content: dict[str, Any]) -> Link:
    made = link_hash(position, previous, SEALED_AT, content)
    return Link(position, previous, made, SEALED_AT, content["id"], content)


def chain_of(length: int = LENGTH) -> list[Link]:
    links: list[Link] = []
    for position in range(1, length + 1):
        links.append(link(position, links[-1].hash if links else GENESIS, event(position)))
    return links


def places(links: list[Link], **expected: Any) -> list[tuple[int, str]]:
    return [(finding.position, finding.kind) for finding in walk(links, **expected).findings]


def moved_to(found: Link, position: int) -> Link:
    return replace(found, position=position)


def test_the_hash_is_that_of_the_canonical_form() -> None:
    content = {
        "id": "00000000-0000-4000-8000-000000000001",
        "tenant_id": "00000000-0000-4000-8000-00000000000a",
        "event": "consent.given",
        "actor_id": 7,
        "details": {"purpose": "benchmarks"},
        "at": "2026-11-24T02:00:00.000000Z",
    }
    written_out = (
        b'{"event":{"actor_id":7,"at":"2026-11-24T02:00:00.000000Z","details":{"purpose":"benchmarks"},'
        b'"event":"consent.given","id":"00000000-0000-4000-8000-000000000001",'
        b'"tenant_id":"00000000-0000-4000-8000-00000000000a"},"position":1,'
        b'"previous":"0000000000000000000000000000000000000000000000000000000000000000",'
        b'"sealed_at":"2026-11-24T02:00:00.500000Z"}'
    )
    by_hand = "dd258d876c01057fd5f1ecad2fcd7d1846a2358e8e68896dd910d13487170693"  # sha256sum of these bytes
    assert hashlib.sha256(written_out).hexdigest() == by_hand
    assert link_hash(1, GENESIS, SEALED_AT, content) == by_hand


def test_a_whole_chain_has_no_findings_and_tells_its_head() -> None:
    links = chain_of()
    found = walk(links, {4: links[3].hash, LENGTH: links[-1].hash})
    assert (found.length, found.head, found.findings) == (LENGTH, links[-1].hash, [])


def test_an_empty_chain_is_whole() -> None:
    found = walk([])
    assert (found.length, found.head, found.findings) == (0, GENESIS, [])


def exchange(one: int, other: int) -> Damage:
    def damage(links: list[Link]) -> list[Link]:
        a, b = links[one - 1], links[other - 1]
        links[one - 1], links[other - 1] = moved_to(b, one), moved_to(a, other)
        return links

    return damage


def exchange_events(links: list[Link]) -> list[Link]:
    third, sixth = links[2], links[5]
    links[2] = replace(third, event_id=sixth.event_id, event=sixth.event)
    links[5] = replace(sixth, event_id=third.event_id, event=third.event)
    return links


def change_event(links: list[Link]) -> list[Link]:
    links[2] = replace(links[2], event=event(3, period=2024))
    return links


def change_event_and_seal(links: list[Link]) -> list[Link]:
    links[2] = link(3, links[1].hash, event(3, period=2024))
    return links


def change_hash(links: list[Link]) -> list[Link]:
    links[2] = replace(links[2], hash="f" * 64)
    return links


def change_time_of_sealing(links: list[Link]) -> list[Link]:
    links[2] = replace(links[2], sealed_at="2020-01-01T00:00:00.000000Z")
    return links


def delete_event(links: list[Link]) -> list[Link]:
    links[2] = replace(links[2], event=None)
    return links


def delete_seals(links: list[Link]) -> list[Link]:
    return links[:2] + links[4:]


def delete_and_close_up(links: list[Link]) -> list[Link]:
    return links[:2] + [moved_to(found, found.position - 1) for found in links[3:]]


def insert(forged: Link) -> Damage:
    def damage(links: list[Link]) -> list[Link]:
        sound = (
            replace(forged, previous=links[1].hash) if forged.hash == "0" * 64 else link(3, links[1].hash, event(99))
        )
        return [*links[:2], sound, *(moved_to(found, found.position + 1) for found in links[2:])]

    return damage


FORGED = Link(3, "", "0" * 64, SEALED_AT, "e99", event(99))


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (change_event, [(3, "tampered")]),
        (change_event_and_seal, [(3, "tampered")]),
        (change_hash, [(3, "tampered")]),
        (change_time_of_sealing, [(3, "tampered")]),
        (delete_event, [(3, "deleted")]),
        (delete_seals, [(3, "deleted"), (4, "deleted")]),
        (delete_and_close_up, [(3, "deleted")]),
        (insert(replace(FORGED, hash="")), [(3, "inserted")]),
        (insert(FORGED), [(3, "inserted")]),
        (exchange(3, 6), [(3, "reordered"), (6, "reordered")]),
        (exchange(3, 4), [(3, "reordered"), (4, "reordered")]),
        (exchange(8, 9), [(8, "reordered"), (9, "reordered")]),
        (exchange(1, 9), [(1, "reordered"), (9, "reordered")]),
        (exchange_events, [(3, "reordered"), (6, "reordered")]),
    ],
)
def test_the_place_and_kind_of_damage_are_named(damage: Damage, expected: list[tuple[int, str]]) -> None:
    assert places(damage(chain_of())) == expected


def test_a_shortened_chain_is_found_by_a_head_noted_before() -> None:
    links = chain_of()
    assert places(links[:6]) == []
    assert places(links[:6], expected={LENGTH: links[-1].hash}) == [(LENGTH, "deleted")]


def test_a_chain_made_anew_from_a_place_on_is_found_by_a_head_noted_before() -> None:
    links = chain_of()
    forged = links[:2]
    for position in range(3, LENGTH + 1):
        forged.append(link(position, forged[-1].hash, event(position, period=2024)))
    assert places(forged) == []
    assert places(forged, expected={LENGTH: links[-1].hash}) == [(LENGTH, "replaced")]


def test_a_beginning_that_was_cut_off_is_found() -> None:
    links = [moved_to(found, found.position - 2) for found in chain_of()[2:]]
    assert places(links)[:2] == [(1, "deleted"), (2, "deleted")]


def test_a_long_chain_that_was_pushed_down_is_explained_in_one_finding() -> None:
    links = chain_of(3000)
    pushed = [links[0], link(2, links[0].hash, event(0)), *(moved_to(found, found.position + 1) for found in links[1:])]
    assert walk(pushed).findings == [Finding(2, "inserted", "the rows after it were moved down")]
