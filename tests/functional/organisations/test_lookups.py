"""The look-ups that help while one types."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient


@pytest.fixture
def client(app: Any) -> FlaskClient:
    client: FlaskClient = app.test_client()
    client.get("/?lang=zh")
    return client


@pytest.mark.parametrize(("typed", "first"), [("数控", "C34 通用设备制造业"), ("c36", "C36 汽车制造业")])
def test_an_industry_is_found_by_an_everyday_word_or_its_code(client: FlaskClient, typed: str, first: str) -> None:
    assert client.get("/lookup/industries", query_string={"q": typed}).json[0] == first


def test_a_province_is_offered_as_its_cities(client: FlaskClient) -> None:
    found = client.get("/lookup/regions", query_string={"q": "山东"}).json
    assert "山东 青岛市" in found
    assert "山东" not in found


def test_nothing_typed_finds_nothing(client: FlaskClient) -> None:
    assert client.get("/lookup/industries").json == []


def test_a_good_code_comes_back_tidied(client: FlaskClient) -> None:
    answer = client.get("/lookup/uscc", query_string={"code": "91110000 600037341l"}).json
    assert answer["valid"] is True
    assert answer["code"] == "91110000600037341L"


def test_a_bad_code_comes_back_with_the_mend(client: FlaskClient) -> None:
    answer = client.get("/lookup/uscc", query_string={"code": "9111"}).json
    assert answer["valid"] is False
    assert "18" in answer["message"]


@pytest.mark.parametrize(
    ("people", "revenue", "words"),
    [
        ("1000", "40000", "a large enterprise."),
        ("1000", "39999", "Large would need 40,000 ×10,000 yuan; the headcount suffices."),
        ("999", "40000", "Large would need 1,000 people; the revenue suffices."),
        ("10", "100", "Small would need 20 people and 300 ×10,000 yuan."),
        ("many", "100", ""),
        ("", "", ""),
    ],
)
def test_the_size_class_is_explained(client: FlaskClient, people: str, revenue: str, words: str) -> None:
    client.get("/?lang=en")
    answer = client.get("/lookup/size", query_string={"headcount": people, "revenue": revenue}).json
    assert answer["message"].endswith(words)
