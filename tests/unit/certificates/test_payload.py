"""What a certificate says, and what runs out when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.certificates.backing import reviewed_in, weights_in
from maturity.certificates.payload import Expiry, levels_at_risk
from maturity.editions.service import canonical
from tests.unit.certificates.sheets import Sheet


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return Sheet()


def test_the_same_result_gives_the_same_bytes() -> None:
    assert canonical(Sheet().payload()) == canonical(Sheet().payload())


def numbers_in(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [found for item in value.values() for found in numbers_in(item)]
    if isinstance(value, list):
        return [found for item in value for found in numbers_in(item)]
    return [value] if isinstance(value, float) else []


def test_no_number_is_inexact(sheet: Sheet) -> None:
    assert not numbers_in(sheet.payload())


def test_score_level_and_gates_are_those_of_the_document(sheet: Sheet) -> None:
    payload = sheet.payload()
    assert payload["level"]["number"] == sheet.document["score"]["level"] == 2
    assert payload["score"]["exact"] == sheet.document["score"]["capability"]["exact"]
    assert payload["score"]["dimensions"]["S"]["rounded"] == "59.47"
    missed = next(gate for gate in payload["gates"] if gate["of"] == "S" and gate["level"] == 3)
    assert (missed["passed"], missed["threshold"]["rounded"]) == (False, "60.00")


def test_a_gate_that_is_missed_never_shows_as_met(sheet: Sheet) -> None:
    sheet = Sheet()
    gate = sheet.document["explanation"]["level"]["gates"][2]
    gate |= {"actual": "5999999/100000", "threshold": "60", "passed": False}
    shown = sheet.payload()["gates"][2]
    assert shown["actual"] == {"exact": "5999999/100000", "rounded": "59.99"}


def test_dimensions_keep_their_order_through_canonical_json(sheet: Sheet) -> None:
    places = {name: item["place"] for name, item in sheet.payload()["score"]["dimensions"].items()}
    assert sorted(places, key=places.__getitem__) == ["B", "S", "G", "X", "C", "E"]


def test_it_says_what_it_is_not_in_both_languages(sheet: Sheet) -> None:
    said = sheet.payload()["is_not"]
    assert "不是两化融合管理体系评定证书" in said["zh"]
    assert "两化融合管理体系评定证书" in said["en"]
    assert "not a certificate" in said["en"]


def test_reviewed_and_declared_make_the_whole(sheet: Sheet) -> None:
    weight = sheet.payload()["weight"]
    for shares in (weight, *weight["dimensions"].values()):
        assert Decimal(shares["reviewed_percent"]) + Decimal(shares["declared_percent"]) == 100


def test_the_weights_of_a_dimension_add_up(sheet: Sheet) -> None:
    for weights in weights_in(sheet.framework, sheet.profile, sheet.on).values():
        assert sum(weights.values()) == Fraction(1)


def test_everything_reviewed_is_a_hundred_and_nothing_is_nought(sheet: Sheet) -> None:
    def of(judged: list[str]) -> set[Decimal]:
        return set(reviewed_in(sheet.framework, sheet.profile, sheet.facts, sheet.on, judged).values())

    assert of(sheet.answered) == {Decimal("100.00")}
    assert of([]) == {Decimal("0.00")}


# What runs out


def test_evidence_that_carries_the_level_puts_it_at_risk(sheet: Sheet) -> None:
    payload = sheet.payload({name: date(2027, 2, 28) for name in sheet.answered})
    (item,) = payload["evidence_at_risk"]
    assert (item["valid_until"], item["level_after"]) == ("2027-02-28", 1)
    assert set(item["dimensions"]) == {"B", "S", "G", "X", "C", "E"}
    assert payload["levels_at_risk"] == [{"level": 2, "from": "2027-03"}]


def test_evidence_that_carries_nothing_decisive_is_named_and_no_level_is_at_risk(sheet: Sheet) -> None:
    payload = sheet.payload({sheet.answered[0]: date(2027, 2, 28)})
    assert [item["questions"] for item in payload["evidence_at_risk"]] == [[sheet.answered[0]]]
    assert payload["levels_at_risk"] == []


def test_evidence_that_outlasts_the_certificate_is_not_named(sheet: Sheet) -> None:
    payload = sheet.payload({name: date(2030, 1, 1) for name in sheet.answered})
    assert payload["evidence_at_risk"] == []


def test_days_add_up(sheet: Sheet) -> None:
    """What ran out on a day stays out on the next."""
    half = len(sheet.answered) // 2
    proofs = {name: date(2027, 1, 1) if n < half else date(2028, 1, 1) for n, name in enumerate(sheet.answered)}
    levels = [item["level_after"] for item in sheet.payload(proofs)["evidence_at_risk"]]
    assert levels == sorted(levels, reverse=True)


expiries = st.lists(
    st.tuples(st.dates(date(2027, 1, 1), date(2029, 12, 31)), st.integers(0, 4)).map(
        lambda pair: Expiry(pair[0], (), (), pair[1])
    )
)


@given(st.integers(0, 4), expiries)
def test_a_higher_level_is_never_at_risk_later_than_a_lower_one(level: int, items: list[Expiry]) -> None:
    found = levels_at_risk(level, items)
    assert [item["level"] for item in found] == sorted((item["level"] for item in found), reverse=True)
    assert [item["from"] for item in found] == sorted(item["from"] for item in found)
    assert all(item["level"] <= level for item in found)
