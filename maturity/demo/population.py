"""The synthetic population: enterprises over industries, regions, sizes and years, in columns, from one seed.

Its totals are held to the published figures of each year: the CNC rate of key processes, the use of digital design
tools, and the share of enterprises at the two upper stages. Everything made from it is marked synthetic wherever it
is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from maturity.adaptive.framework import Framework
from maturity.demo.columns import Scores, score_population
from maturity.demo.facts import Columns, make_facts
from maturity.demo.profiles import SEED, SIZE, Profiles, build_profiles, capability_of

#: rates that a benchmark may hold: name -> (part, whole)
RATES = {
    "cnc_rate": ("key_processes_controlled", "key_processes_total"),
    "equipment_digital_rate": ("equipment_digital", "equipment_total"),
    "equipment_networked_rate": ("equipment_networked", "equipment_total"),
    "online_purchase_rate": ("purchase_online", "purchase_total"),
    "online_sales_rate": ("sales_online", "sales_total"),
}


@dataclass(frozen=True, slots=True)
class Population:
    """One year: profiles, facts in columns, scores. A row is the same enterprise in every year."""

    period: int
    profiles: Profiles
    columns: Columns
    scores: Scores

    def __len__(self) -> int:
        return len(self.profiles)

    def rate(self, name: str) -> NDArray[np.float64]:
        """A rate of each enterprise in percent, to two places."""
        part, whole = RATES[name]
        found: NDArray[np.float64] = np.round(100 * self.columns[part] / self.columns[whole], 2)
        return found


def build_population(framework: Framework, period: int, count: int = SIZE, seed: int = SEED) -> Population:
    """The population of one year, scored."""
    profiles = build_profiles(count, seed)
    columns = make_facts(framework.edition, profiles, capability_of(profiles, period, seed), period, seed)
    return Population(period, profiles, columns, score_population(framework, profiles, columns, period))
