from __future__ import annotations

import pytest

from maturity.adaptive.framework import Framework
from maturity.demo.population import Population, build_population
from maturity.demo.profiles import PERIODS

FEW = 600


@pytest.fixture(scope="session")
def years(framework: Framework) -> dict[int, Population]:
    """The whole population of every year, as it is released."""
    return {period: build_population(framework, period) for period in PERIODS}


@pytest.fixture(scope="session")
def few(framework: Framework) -> Population:
    """A small population of the last year."""
    return build_population(framework, PERIODS[-1], FEW)
