"""The vocabulary: closed, complete in both languages, and strict with what is recorded."""

from __future__ import annotations

import re
import string
from datetime import date, datetime
from typing import Any

import pytest

from maturity.audit.vocabulary import (
    EVENTS,
    GROUPS,
    LONGEST_TEXT,
    Kind,
    Personal,
    UnknownEvent,
    check,
    group_of,
    outline,
    tell,
)
from maturity.tenancy.models import ROLES

SAMPLES: dict[Kind, Any] = {
    Kind.ID: "5d0c7a32-9d5b-4f9e-8d5e-3a6c8f0e9b21",
    Kind.NUMBER: 2025,
    Kind.DAY: date(2026, 12, 24),
    Kind.TEXT: "产品设计",
    Kind.TYPED: "产品设计",
    Kind.PERSONAL: Personal("user:7", "张伟"),
}
#: An id is for programs; the one event whose thing has no name left shows it.
UNSAID = {Kind.ID}


def sample(event: str) -> dict[str, Any]:
    fields = EVENTS[event].fields
    return {name: next(iter(field.words or ()), None) or SAMPLES[field.kind] for name, field in fields.items()}


def placeholders(text: str) -> set[str]:
    return {name for _text, name, *_rest in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_can_be_recorded_and_told_in_both_languages(event: str) -> None:
    stored = check(event, sample(event))
    read = {name: value.text if isinstance(value, Personal) else value for name, value in stored.items()}
    for locale in ("zh_CN", "en"):
        told = tell(event, read, locale)
        assert "{" not in told
        assert told.endswith("。" if locale == "zh_CN" else ".")
    assert re.search(r"[\u4e00-\u9fff]", EVENTS[event].sentence.zh)
    assert not re.search(r"[\u4e00-\u9fff]", EVENTS[event].sentence.en)


@pytest.mark.parametrize("event", EVENTS)
def test_a_sentence_says_the_same_in_both_languages_and_leaves_nothing_out(event: str) -> None:
    kind = EVENTS[event]
    assert placeholders(kind.sentence.zh) == placeholders(kind.sentence.en)
    unsaid = set(kind.fields) - placeholders(kind.sentence.en)
    assert {kind.fields[name].kind for name in unsaid} <= UNSAID


def test_every_event_belongs_to_a_group_with_words() -> None:
    assert {group_of(event) for event in EVENTS} == set(GROUPS)


def test_every_code_has_words_and_every_role_is_a_code() -> None:
    fields = [field for kind in EVENTS.values() for field in kind.fields.values()]
    assert all((field.kind is Kind.CODE) == bool(field.words) for field in fields)
    assert set(ROLES) <= set(EVENTS["member.joined"].fields["role"].words or {})


def test_names_and_addresses_are_personal_wherever_they_occur() -> None:
    named = [
        field for kind in EVENTS.values() for name, field in kind.fields.items() if name in ("name", "email", "ip")
    ]
    assert named
    assert {field.kind for field in named} == {Kind.PERSONAL}


@pytest.mark.parametrize(
    ("event", "details"),
    [
        ("assessment.deleted", {"assessment_id": "1"}),
        ("assessment.started", {"assessment_id": "1"}),
        ("assessment.started", {"assessment_id": "1", "period": 2025, "note": "x"}),
        ("assessment.started", {"assessment_id": "1", "period": "2025"}),
        ("assessment.started", {"assessment_id": "1", "period": True}),
        ("assessment.started", {"assessment_id": "1", "period": 2**53}),
        ("assessment.started", {"assessment_id": "a b", "period": 2025}),
        ("assessment.started", {"assessment_id": "x" * 65, "period": 2025}),
        ("consent.given", {"purpose": "world_peace"}),
        ("staff.opened", {"reason": "x" * (LONGEST_TEXT + 1)}),
        ("staff.opened", {"reason": Personal("user:1", "x")}),
        ("deletion.requested", {"due": "2026-12-24"}),
        ("deletion.requested", {"due": datetime(2026, 12, 24, 8)}),  # noqa: DTZ001  # refused is what it should be
        ("member.removed", {"user_id": "1", "name": "张伟"}),
    ],
)
def test_what_is_not_in_the_schema_is_refused(event: str, details: dict[str, Any]) -> None:
    with pytest.raises(UnknownEvent):
        check(event, details)


def test_a_refusal_does_not_repeat_what_is_personal() -> None:
    with pytest.raises(UnknownEvent) as refused:
        check("member.removed", {"user_id": "1", "name": "张伟"})
    assert "张伟" not in str(refused.value)


def test_what_is_erased_is_said_to_be() -> None:
    assert tell("member.removed", {"user_id": "1", "name": None}, "zh_CN") == "移除了成员（已删除）。"


def test_braces_in_a_text_stay_what_they_are() -> None:
    assert (
        tell("staff.opened", {"reason": "{name} {0}"}, "en")
        == "The operator's staff opened the enterprise: {name} {0}."
    )


def test_an_event_of_a_later_version_is_told_by_its_name() -> None:
    assert tell("moon.landed", {}, "en") == "moon.landed"


def test_the_outline_is_what_one_chooses_an_event_by() -> None:
    assert outline("member.role_changed", "zh_CN") == "把…的角色由…改为…"
