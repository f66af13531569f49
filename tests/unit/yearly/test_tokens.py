"""A text of a report holds no figure that is traced to nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import SIZES, sectors
from maturity.reference.regions import MACRO_REGIONS, provinces
from maturity.yearly.tokens import (
    BelowRef,
    Editorial,
    FigureRef,
    Unreadable,
    code_of,
    faults,
    key_of_code,
    pieces,
    read_token,
)

INDUSTRIES = ("", "34", *(f"s:{name}" for name in sectors()))
REGIONS = ("", "g:yangtze", "p:12", "370100", *MACRO_REGIONS, *(place.code for place in provinces()))
keys = st.builds(CellKey, st.sampled_from(INDUSTRIES), st.sampled_from(REGIONS), st.sampled_from(("", *SIZES)))


@given(keys)
def test_a_cell_is_written_and_read_back(key: CellKey) -> None:
    assert key_of_code(code_of(key)) == key


@given(keys, st.sampled_from(("median", "q1", "share", "3-4")), st.sampled_from((0, 2023)))
def test_a_reference_is_written_and_read_back(key: CellKey, statistic: str, period: int) -> None:
    reference = FigureRef("cnc_rate", statistic, key, period)
    assert read_token(str(reference)) == reference
    assert read_token(str(BelowRef("gate_3_g", key))) == BelowRef("gate_3_g", key)


@pytest.mark.parametrize(
    "text",
    [
        "占 63%",
        "63 per cent",
        "六成企业",
        "百分之六十",
        "四分之三的企业",
        "过半企业",
        "翻番",
        "three quarters of them",
        "half of them",
        "sixty percent",
        "①",
        "Ⅳ 级",
        "½",
        "６３",
        "٦٣",
        "提高 2 倍",
        "增长三倍",
        "{{=63}}",
        "{{=2025}}%",
        "{{=2025}} 家",
        "{{=2025}} enterprises",
        "{{cnc_rate.median@34}} 比上年高 3 个百分点",
        "{{cnc_rate}}",
        "{{cnc_rate.median@34",
        "{{cnc_rate.median@34,35}}",
        "{ 1 }",
    ],
)
def test_what_could_pass_for_a_figure_is_refused(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "关键工序数控化率为 {{cnc_rate.median@34}}。",
        "按 {{=GB/T 23020-2013}} {{=第5条}} 的要求",
        "{{=2023–2025}} 三年",
        "截至 {{=2026-06-30}}",
        "一是加强基础，二是推进集成。",
        "三方合作，分三步走",
        "rule {{=R6b}} applies",
        "{{below:gate_3_g@all}}的企业未达到",
        "no figure at all",
        "分为四个阶段",
        "四分位数",
        "{{rule:least_groups}} groups, {{ref:cnc_rate@2025-03}}, {{src:S11}}",
    ],
)
def test_words_references_and_declared_years_pass(text: str) -> None:
    assert faults(text) == []


@given(st.text(alphabet="0123456789 .%年占为", min_size=1, max_size=20))
def test_no_digit_stands_outside_a_reference(text: str) -> None:
    assert bool(faults(text)) == any(character.isdigit() for character in text)


def test_a_text_comes_apart_into_words_and_references() -> None:
    found = list(pieces("In {{=2025}}: {{erp.share@all#2024}}."))
    assert found == ["In ", Editorial("2025"), ": ", FigureRef("erp", "share", CellKey("", "", ""), 2024), "."]


@pytest.mark.parametrize("code", ["34,35", "large,small", "east,370000", "x", "", "all,34"])
def test_a_code_that_is_no_cell_is_not_read(code: str) -> None:
    with pytest.raises(Unreadable):
        key_of_code(code)
