"""Whatever is sent for a fact is a value, nothing, or refused with words; never a fault in the program."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.adaptive.framework import Framework, load_framework
from maturity.questionnaires.model import Fact
from maturity.questionnaires.values import InvalidValue, from_json, parse, to_json

FACTS = load_framework("lianghua/2026.1").edition.facts
KINDS = {fact.type: fact for fact in FACTS.values()}
WORDS = st.sampled_from(
    ["none", "finance", "shared", "current", "prior", "yes", "12", "1,200", "50%", "-3", "1e9", "²", ""]
)
SENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("fact", KINDS.values(), ids=lambda fact: fact.type)
@given(raw=SENT)
def test_anything_sent_is_a_value_or_nothing_or_is_refused_with_words(fact: Fact, raw: Any) -> None:
    try:
        value = parse(fact, raw)
    except InvalidValue as error:
        refused = error.text()
    else:
        assert value is None or from_json(fact, to_json(value)) == value
        return
    assert refused.zh.strip()
    assert refused.en.strip()


@pytest.mark.parametrize("raw", [5, 5.5, True, {"office": True}])
def test_several_options_are_a_list_and_nothing_else(framework: Framework, raw: Any) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse(framework.edition.facts["cloud_use"], raw)
    assert refused.value.code == "unknown_option"
