"""Every industry and place that is offered can be chosen by the words it is offered with."""

from __future__ import annotations

import pytest

from maturity.organisations.choosing import choose_industry, choose_region, industry_label, region_label
from maturity.reference.industries import industries
from maturity.reference.regions import children, regions

LOCALES = ["zh_CN", "en"]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_place_is_chosen_by_its_label(locale: str) -> None:
    places = [code for code in regions() if not children(code)]
    assert len(places) > 300
    assert [choose_region(region_label(code, locale), locale) for code in places] == places


@pytest.mark.parametrize("locale", LOCALES)
def test_an_industry_is_chosen_by_its_label(locale: str) -> None:
    assert [choose_industry(industry_label(code, locale), locale) for code in industries()] == list(industries())
