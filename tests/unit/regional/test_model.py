"""A model as data: what is refused, by its key and with what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from maturity.regional.model import Fault, ModelRefused, built_in_document, faults_of, model_of
from tests.factories.regional import document

Spoil = Callable[[dict[str, Any]], Any]


def indicator(data: dict[str, Any], at: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = data["classes"][0]["indicators"][at]
    return found


TITLE = {"zh": "组", "en": "group"}
FIRST, SECOND = "classes[0].indicators[0]", "classes[0].indicators[1]"
CASES: dict[str, tuple[str, str, Spoil]] = {
    "no format": ("format", "format", lambda d: d.pop("format")),
    "another format": ("format", "format", lambda d: d.update(format=2)),
    "no title": ("title", "key_missing", lambda d: d.pop("title")),
    "an unknown key": ("colour", "key_unknown", lambda d: d.update(colour="red")),
    "a list for an object": ("title", "not_an_object", lambda d: d.update(title=[])),
    "an object for a list": ("classes", "not_a_list", lambda d: d.update(classes={})),
    "a number for a text": ("base_value", "not_a_text", lambda d: d.update(base_value=50)),
    "a long text": ("title.zh", "text_long", lambda d: d["title"].update(zh="长" * 201)),
    "a blank title": ("title.en", "text_missing", lambda d: d["title"].update(en=" ")),
    "another scope": ("scope", "scope_unknown", lambda d: d.update(scope="370100")),
    "another reference": ("reference", "reference_unknown", lambda d: d.update(reference="370000")),
    "no year": ("base_year", "year", lambda d: d.update(base_year="20l0")),
    "a far year": ("base_year", "year", lambda d: d.update(base_year="1900")),
    "no base value": ("base_value", "base_value", lambda d: d.update(base_value="0")),
    "too many places": ("places", "places", lambda d: d.update(places="4")),
    "another way to stand in": ("missing.order[0]", "imputation_unknown", lambda d: d["missing"].update(order=["x"])),
    "one way twice": (
        "missing.order[1]", "imputation_unknown", lambda d: d["missing"].update(order=["last_year", "last_year"])
    ),
    "more than all missing": ("missing.most", "most_missing", lambda d: d["missing"].update(most="1.5")),
    "no peers": ("peers", "peers_none", lambda d: d.update(peers=[])),
    "unknown peers": ("peers[0]", "peer_unknown", lambda d: d.update(peers=["neighbours"])),
    "no classes": ("classes", "no_classes", lambda d: d.update(classes=[])),
    "a class without indicators": (
        "classes[0].indicators", "no_indicators", lambda d: d["classes"][0].update(indicators=[])
    ),
    "weights of classes": ("classes", "class_weights", lambda d: d["classes"][0].update(weight="0.3")),
    "weights in a class": ("classes[0].indicators", "indicator_weights", lambda d: indicator(d).update(weight="0.6")),
    "a weight that is no number": ("classes[0].weight", "weight", lambda d: d["classes"][0].update(weight="half")),
    "a weight of nought": (f"{FIRST}.weight", "weight", lambda d: indicator(d).update(weight="0")),
    "an id with capitals": (f"{FIRST}.id", "id_form", lambda d: indicator(d).update(id="CNC")),
    "an id twice": (f"{SECOND}.id", "id_twice", lambda d: indicator(d, 1).update(id="a")),
    "an id of a class twice": ("classes[1].id", "id_twice", lambda d: d["classes"][1].update(id="ground")),
    "another source": (f"{FIRST}.source", "source_unknown", lambda d: indicator(d).update(source="web")),
    "no normalisation": (
        f"{FIRST}.normalisation", "normalisation_unknown", lambda d: indicator(d).update(normalisation="")
    ),
    "no direction": (f"{FIRST}.direction", "direction_unknown", lambda d: indicator(d).update(direction="")),
    "no base": (f"{FIRST}.base", "base_missing", lambda d: indicator(d).update(base="")),
    "a base of nought": (f"{FIRST}.base", "base_number", lambda d: indicator(d).update(base="0")),
    "no lower goalpost": (
        f"{FIRST}.low", "goalpost", lambda d: indicator(d).update(normalisation="range", high="5")
    ),
    "goalposts the wrong way round": (
        f"{FIRST}.high", "goalposts_order",
        lambda d: indicator(d).update(normalisation="range", low="5", high="5"),
    ),
    "less is better as it stands": (
        f"{SECOND}.direction", "plain_down", lambda d: indicator(d, 1).update(normalisation="plain")
    ),
    "a released figure of a statistic": (
        f"{FIRST}.cell", "cell_unknown", lambda d: indicator(d).update(cell="share:erp")
    ),
    "a released figure nobody knows": (
        f"{FIRST}.cell", "cell_unknown", lambda d: indicator(d).update(source="survey", cell="count:erp")
    ),
    "no provenance": (
        f"{FIRST}.provenance", "provenance_unknown", lambda d: indicator(d).update(provenance="")
    ),
    "a group of one": (
        "groups[0].regions", "group_small",
        lambda d: d.update(groups=[{"id": "g", "title": {"zh": "组", "en": "g"}, "regions": ["370000"]}]),
    ),
    "a group with a place that is none": (
        "groups[0].regions", "region_unknown",
        lambda d: d.update(groups=[{"id": "g", "title": TITLE, "regions": ["370000", "320000", "9"]}]),
    ),
    "a note without provenance": (
        "notes[0].provenance", "provenance_unknown",
        lambda d: d.update(notes=[{"about": {"zh": "注", "en": "note"}, "provenance": "x", "source": ""}]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_told_at_its_key(case: str) -> None:
    key, code, spoil = CASES[case]
    data = document()
    spoil(data)
    found = [(fault.key, fault.code) for fault in faults_of(data)]
    assert (key, code) in found
    with pytest.raises(ModelRefused):
        model_of(data)


@pytest.mark.parametrize("data", [None, [], "model", 1, {}, {"format": 1}])
def test_anything_else_is_refused_and_nothing_breaks(data: Any) -> None:
    assert faults_of(data)


def test_everything_wrong_is_told_at_once() -> None:
    data = document()
    data["base_year"] = ""
    indicator(data)["base"] = ""
    indicator(data, 1)["weight"] = "2"
    assert [fault.code for fault in faults_of(data)] == ["year", "base_missing", "weight", "indicator_weights"]


def test_a_sound_model_has_no_fault() -> None:
    assert faults_of(document()) == []
    assert faults_of(dict(built_in_document())) == []


def test_sums_are_exact() -> None:
    """Seven sevenths are one; seven times 0.142857 are not."""
    data = document()
    one = indicator(data)
    data["classes"][0]["indicators"] = [one | {"id": f"i{at}", "weight": "1/7"} for at in range(7)]
    assert faults_of(data) == []
    data["classes"][0]["indicators"] = [one | {"id": f"i{at}", "weight": "0.142857"} for at in range(7)]
    assert faults_of(data) == [Fault("classes[0].indicators", "indicator_weights", "0.999999")]


def test_a_province_has_its_own_places_and_groups() -> None:
    groups = [{"id": "coast", "title": {"zh": "沿海", "en": "coast"}, "regions": ["370200", "370600"]}]
    made = model_of(document(scope="370000", reference="370000", peers=[], groups=groups))
    assert len(made.regions) == 16
    assert [group.id for group in made.groups] == ["cities", "g-coast"]
    primary = made.primary_group("370200")
    assert primary is not None
    assert primary.id == "cities"


def test_the_municipalities_are_no_provinces() -> None:
    made = model_of(dict(built_in_document()))
    sizes = {group.id: len(group.regions) for group in made.groups}
    assert sizes == {
        "provinces": 31, "provinces-regions": 27, "municipalities": 4,
        "macro-east": 10, "macro-central": 6, "macro-west": 12, "macro-northeast": 3,
    }  # fmt: skip
