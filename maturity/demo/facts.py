"""From capability to facts: columns that fit each other, the enterprise and the published figures.

Every question has a latent level: the enterprise's capability that year, its strength in the section, what is its own
in that question, and the section's difficulty. The level becomes a rank among options, or a share of a whole. Then
what cannot stand together is settled, so that no contradiction is ever made that a person would be asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maturity.demo.anchors import published, solve
from maturity.demo.profiles import PERIODS, SIZE_SHIFT, Floats, Profiles, draws
from maturity.questionnaires.conditions import Condition, holds, leaves
from maturity.questionnaires.model import Edition, Fact

#: how hard a topic is compared with the rest, by section
DIFFICULTY = {
    "infrastructure": -0.25, "governance": 0.0, "rd": -0.14, "production": -0.04, "management": -0.18,
    "ecommerce": 0.28, "integration": 0.09, "collaboration": 0.52, "security": 0.1, "industry": 0.1, "outcomes": 0.0,
}  # fmt: skip
#: facts that are further along than the rest of their section, or less far
EASE = {
    "erp_functions": 0.6, "workshops_mes": 0.2, "networked_collaboration": 0.2, "platform_use": 0.08,
    "supply_chain_integration": 0.1, "vertical_integration": 0.1,
}  # fmt: skip
SECTION_SPREAD, OWN_NOISE, YEARLY_NOISE, ROW_NOISE = 0.3, 0.55, 0.14, 0.35
# Small enterprises are asked fewer outcomes, those that are easily met: without the size in it, they would seem ahead.
SIZE_IN_OUTCOMES, COURSE_BY_CAPABILITY = 1.8, 0.1
NO_PRIOR_YEAR = 0.02  # of enterprises in the first year
REVENUE_A_HEAD, ENERGY_INTENSIVE = 120.0, 4.0
Columns = dict[str, NDArray[Any]]

#: whether an enterprise designs with digital tools: the first of these that it is asked decides, by the least option
DESIGN_TOOLS: Mapping[str, str] = {
    "design_tools": "cad_2d", "formula_management": "system", "process_planning": "capp",
    "process_simulation": "design",
}  # fmt: skip
#: core management is in systems when all of these are, together or each by itself
CORE_MANAGEMENT = ("finance", "purchasing", "inventory", "sales")
#: part -> (its whole, factor on the share); order matters where parts are wholes of others
PARTS: Mapping[str, tuple[str, float]] = {
    "it_investment": ("operating_revenue", 0.016), "it_operations_5y": ("it_total_5y", 0.5),
    "computers": ("staff_total", 0.95), "it_staff": ("staff_total", 0.03), "staff_trained": ("staff_relevant", 1.1),
    "designs_3d": ("designs_new", 1.2), "parts_reused": ("parts_in_designs", 0.95),
    "sheets_in_system": ("sheets_valid", 1.15), "key_processes_controlled": ("key_processes_total", 1.0),
    "key_processes_inspected": ("key_processes_total", 0.6), "equipment_digital": ("equipment_total", 1.0),
    "equipment_networked": ("equipment_digital", 1.0), "equipment_collecting": ("equipment_networked", 0.95),
    "assets_automated": ("assets_equipment", 1.0), "loops_automatic": ("loops_total", 1.15),
    "units_apc": ("units_key", 0.7), "workshops_mes": ("workshops_total", 1.1),
    "orders_in_system": ("orders_total", 1.2),
    "purchase_online": ("purchase_total", 0.55), "sales_online": ("sales_total", 0.45),
    "export_online": ("sales_online", 0.25), "interfaces_automatic": ("interfaces_needed", 1.1),
    "special_characteristics_recorded": ("special_characteristics_total", 1.0), "ccp_recorded": ("ccp_total", 1.0),
    "gxp_systems_validated": ("gxp_systems_total", 1.1), "lines_with_models": ("lines_main", 0.9),
}  # fmt: skip
#: discrete manufacturers who control more processes a digital machine than this would be asked
PROCESSES_A_MACHINE = 3
#: so many networked machines are never without any protection
MANY = 50
#: counts of what is recorded by system -> of what; where production data are on paper at most half
RECORDED = (
    ("workshops_mes", "workshops_total"), ("ccp_recorded", "ccp_total"),
    ("special_characteristics_recorded", "special_characteristics_total"),
)  # fmt: skip
#: (fact, the most it can be, while this, has not come as far as that); `fact.row` is a row of a matrix
PRESUPPOSES: tuple[tuple[str, str, str, str | int], ...] = (
    ("platform_use", "learning", "equipment_networked", 1), ("equipment_management", "eam", "equipment_networked", 1),
    ("tool_management", "job", "equipment_networked", 1), ("cotton_machine_stops", "lamps", "equipment_networked", 1),
    ("vertical_integration", "down", "workshops_mes", 1), ("quality_management", "qms", "key_processes_inspected", 1),
    ("kiln_control", "manual", "key_processes_controlled", 1), ("planning_model", "checked", "units_apc", 1),
    ("unattended_dispatch", "unattended", "sales_online", 1),
    ("decision_support", "fixed", "interfaces_automatic", 1),
    ("production_traceability", "batch", "data_acquisition", "typed"),
    ("material_error_proofing", "scan", "data_acquisition", "typed"),
    ("welding_heat_records", "device", "data_acquisition", "typed"),
    ("batch_record", "partial", "data_acquisition", "typed"),
    ("textile_order_visibility", "system", "data_acquisition", "typed"),
    ("heat_tracking", "scan", "data_acquisition", "scan"),
    ("configuration_control", "baseline", "production_traceability", "batch"),
    ("test_data_use", "export", "production_traceability", "batch"),
    ("recall_lock_time", "hours", "production_traceability", "batch"),
    ("embedded_software", "managed", "production_traceability", "batch"),
    ("calibration_data", "station", "quality_management", "records"),
    ("risk_prevention", "mobile", "safety_environment", "online"),
    ("green_digital", "monitor", "energy_management", "typed"),
    ("energy_media", "sheet", "energy_management", "metered"),
    ("sequenced_supply", "import", "b2b_integration", "portal"),
    ("supplier_model_release", "portal", "mbd_use", "trial"),
    ("bom_integration", "import", "plm_functions.bom", "partial"),
    ("bom_integration", "consistent", "change_closed_loop", "linked"),
    ("group_control", "business", "group_data_standard", "codes"),
    ("sme_it_support", "part_time_contract", "it_department", "within"),
    ("finance_business", "partial", "erp_functions.finance", "shared"),
    ("finance_business", "partial", "erp_functions.inventory", "shared"),
    ("supply_chain_integration", "most", "erp_functions.purchasing", "shared"),
    ("supply_chain_integration", "most", "erp_functions.inventory", "shared"),
    ("supply_chain_integration", "most", "erp_functions.sales", "shared"),
    ("demand_driven", "manual", "erp_functions.sales", "shared"),
    ("cost_accounting", "monthly", "erp_functions.cost", "standalone"),
    ("purchasing_process", "register", "erp_functions.purchasing", "standalone"),
    ("warehouse", "register", "erp_functions.inventory", "standalone"),
    ("customer_management", "register", "erp_functions.sales", "standalone"),
)  # fmt: skip
#: fact -> (mean, spread by capability, yearly change, spread of it, least, most); changes of RELATIVE ones in percent
OUTCOMES: Mapping[str, tuple[float, float, float, float, float, float]] = {
    "first_pass_yield": (91.0, 3.0, 0.35, 0.6, 70, 99.9), "on_time_delivery": (78, 7, 0.7, 1.4, 50, 100),
    "inventory_turnover": (6, 1.0, 8, 7, 1, 30), "development_cycle": (150, -14, -4, 6, 20, 500),
    "new_product_share": (17, 6, 0.6, 1.3, 0, 70), "closing_days": (4.5, -1.0, -3, 6, 1, 25),
    "labour_productivity": (32, 2, 5.5, 5, 5, 200), "profit_margin": (6, 0.4, 0.2, 0.9, -20, 30),
    "energy_intensity": (0.3, -0.015, -3, 2.5, 0.02, 3), "accident_rate": (6, -0.4, -5, 10, 0, 20),
}  # fmt: skip
RELATIVE = frozenset(
    (
        "inventory_turnover",
        "development_cycle",
        "closing_days",
        "labour_productivity",
        "energy_intensity",
        "accident_rate",
    )
)


def make_facts(edition: Edition, profiles: Profiles, capability: Floats, period: int, seed: int) -> Columns:
    """One year's facts of every enterprise."""
    maker = _Maker(edition, profiles, capability, period, seed)
    columns = maker.raw()
    maker.hold_to_published(columns)
    maker.size_parts(columns)
    settle(edition, columns)
    return columns


class _Maker:
    """Turns latent levels into the columns of one year."""

    def __init__(self, edition: Edition, profiles: Profiles, capability: Floats, period: int, seed: int) -> None:
        self.edition = edition
        self.profiles = profiles
        self.capability = capability
        self.period = period
        self.seed = seed
        self.count = len(profiles)
        self.section = {name: part.id for part in edition.sections for name in part.questions}
        self.people = np.array([profile["headcount"] for profile in profiles], dtype=float)
        self.revenue = np.array([float(profile["revenue"]) for profile in profiles])

    def normal(self, name: str, spread: float, period: int = 0) -> Floats:
        return draws(self.seed, name, period).normal(0, spread, self.count)

    def level(self, fact_id: str) -> Floats:
        """The latent level behind a fact; what belongs to the question is the same for all its facts."""
        question = self.edition.asked_by[fact_id]
        section = self.section[question]
        return (
            self.capability
            + self.normal(f"section {section}", SECTION_SPREAD)
            + self.normal(f"question {question}", OWN_NOISE)
            + self.normal(f"question {question}", YEARLY_NOISE, self.period)
            - DIFFICULTY[section]
            + EASE.get(fact_id, 0.0)
        )

    def raw(self) -> Columns:
        """Ranks, choices and outcomes, and for numbers the share of their whole."""
        return {name: self.column(fact) for name, fact in self.edition.facts.items()}

    def column(self, fact: Fact) -> NDArray[Any]:
        level = self.level(fact.id)
        match fact.type:
            case "choice":
                return rank(level, len(fact.options))
            case "matrix":
                return np.stack([rank(self.row_level(fact, row), len(fact.columns)) for row in fact.row_ids()], axis=1)
            case "multi":
                return self.several(fact, level)
            case "pair":
                return self.pair(fact.id)
            case _:
                return share(level)

    def row_level(self, fact: Fact, row: str) -> Floats:
        return self.level(fact.id) + self.normal(f"row {fact.id} {row}", ROW_NOISE)

    def several(self, fact: Fact, level: Floats) -> NDArray[np.bool_]:
        chosen = np.zeros((self.count, len(fact.options)), dtype=np.bool_)
        ids = fact.option_ids()
        for index, option in enumerate(ids):
            if option != fact.exclusive:
                chosen[:, index] = level + self.normal(f"option {fact.id} {option}", ROW_NOISE) > -0.6 + 0.35 * index
        chosen[:, ids.index(fact.exclusive or "")] = ~chosen.any(axis=1)
        return chosen

    def pair(self, fact_id: str) -> Floats:
        """This year and the year before, which is what was reported then; a few begin without a year before."""
        years: Floats = np.stack([self.outcome(fact_id, year) for year in (self.period, self.period - 1)], axis=1)
        if self.period == PERIODS[0]:
            years[draws(self.seed, "no prior year").random(self.count) < NO_PRIOR_YEAR, 1] = np.nan
        return years

    def outcome(self, fact_id: str, year: int) -> Floats:
        """An enterprise's own course over the years from its own start; what is capable starts and moves better."""
        mean, spread, change, change_spread, least, most = OUTCOMES[fact_id]
        start = mean + spread * (self.steady(fact_id) + self.normal(f"start {fact_id}", 1.0))
        course = change * (1 + COURSE_BY_CAPABILITY * self.steady(fact_id)) * (year - PERIODS[0])
        course = course + self.normal(f"course {fact_id}", change_spread, year)
        start = start * self.scale(fact_id)
        value: Any = start * (1 + course / 100) if fact_id in RELATIVE else start + course
        found: Floats = np.round(np.clip(value, least, most), 2).astype(np.float64)
        return found

    def scale(self, fact_id: str) -> Floats:
        """What an outcome is measured by, against the mean: the revenue a head, the kind of industry."""
        if fact_id == "labour_productivity":
            return self.revenue / self.people / REVENUE_A_HEAD
        if fact_id == "energy_intensity":
            return np.array([ENERGY_INTENSIVE if profile["energy_intensive"] else 1.0 for profile in self.profiles])
        return np.ones(self.count)

    def steady(self, fact_id: str) -> Floats:
        """The part of the level that is the same in every year."""
        size = np.array([SIZE_SHIFT[profile["size"]] for profile in self.profiles])
        own = self.normal("own", 1.0) + self.normal(f"question {self.edition.asked_by[fact_id]}", OWN_NOISE)
        return own + SIZE_IN_OUTCOMES * size

    def hold_to_published(self, columns: Columns) -> None:
        """Move what the published figures speak of, all enterprises alike, until the year's figure is met."""
        self.hold_cnc(columns)
        self.hold_design_tools(columns)
        self.hold_management(columns)

    def hold_cnc(self, columns: Columns) -> None:
        totals = self.wholes()["key_processes_total"]
        level = self.level("key_processes_controlled")

        def cnc_rate(shift: float) -> float:
            return float(np.mean(np.rint(totals * share(level + shift)) / totals) * 100)

        shift = solve(cnc_rate, published("cnc_rate", self.period))
        columns["key_processes_controlled"] = share(level + shift)

    def hold_design_tools(self, columns: Columns) -> None:
        """Who uses tools at all is held to the figure; how far the others are stays as it is."""
        deciding = deciding_tools(self.edition, self.profiles)
        levels = np.zeros(self.count)
        for name in DESIGN_TOOLS:
            levels = np.where(deciding == name, self.level(name), levels)
        users = levels > np.percentile(levels, 100 - published("rd_tool_rate", self.period))
        for name, option in DESIGN_TOOLS.items():
            first = self.edition.facts[name].option_ids().index(option)
            held = np.where(users, np.maximum(columns[name], first), np.minimum(columns[name], first - 1))
            columns[name] = np.where(deciding == name, held, columns[name])

    def hold_management(self, columns: Columns) -> None:
        """Likewise whose core management is in systems; whoever is not there yet has its weakest part on paper."""
        fact = self.edition.facts["erp_functions"]
        parts = [fact.row_ids().index(row) for row in CORE_MANAGEMENT]
        levels = np.stack([self.row_level(fact, CORE_MANAGEMENT[i]) for i in range(len(parts))], axis=1)
        weakest, level = np.argmin(levels, axis=1), np.min(levels, axis=1)
        managed = level > np.percentile(level, 100 - published("management_rate", self.period))
        ranks = columns["erp_functions"]
        for number, column in enumerate(parts):
            paper = ~managed & (weakest == number)
            ranks[:, column] = np.where(managed, np.maximum(ranks[:, column], 1), np.where(paper, 0, ranks[:, column]))

    def wholes(self) -> dict[str, Floats]:
        """What an enterprise of this size has: people, money, machines; the same in every year."""
        people, revenue = self.people, self.revenue

        def about(name: str, amount: Floats, least: float, most: float = np.inf) -> Floats:
            return np.clip(np.rint(amount * np.exp(self.normal(f"amount {name}", 0.2))), least, most)

        def between(name: str, low: float, high: float) -> Floats:
            return low + (high - low) * draws(self.seed, f"share {name}").random(self.count)

        return {
            "staff_total": people,
            "operating_revenue": revenue,
            "sales_total": np.rint(revenue * 0.98),
            "purchase_total": np.rint(revenue * between("purchase", 0.35, 0.7)),
            "export_total": np.rint(revenue * between("export", 0.05, 0.5)),
            "it_total_5y": np.maximum(np.rint(revenue * 0.016 * between("it", 3.5, 4.8)), 5),
            "staff_relevant": np.clip(np.rint(people * between("relevant", 0.35, 0.65)), 2, people),
            "designs_new": about("designs", people / 12, 2),
            "parts_in_designs": about("parts", people * 4, 30),
            "sheets_valid": about("sheets", people * 2, 20),
            "key_processes_total": about("processes", 6 + people / 25, 6, 160),
            "equipment_total": about("equipment", people / 2.5, 6),
            "assets_equipment": about("assets", revenue * 0.25, 20),
            "loops_total": about("loops", people / 2, 8),
            "units_key": about("units", people / 150, 2, 40),
            "workshops_total": about("workshops", people / 90, 1, 40),
            "orders_total": about("orders", revenue / 15, 20),
            "interfaces_needed": about("interfaces", 4 + people / 60, 4, 60),
            "special_characteristics_total": about("characteristics", 12 + people / 15, 6, 400),
            "ccp_total": about("control points", 3 + people / 60, 2, 40),
            "gxp_systems_total": about("validated systems", 3 + people / 50, 2, 60),
            "lines_main": about("lines", 1 + people / 200, 1, 30),
        }

    def size_parts(self, columns: Columns) -> None:
        """Counts and amounts of shares; parts never exceed their wholes."""
        columns.update(self.wholes())
        for part, (whole, factor) in PARTS.items():
            columns[part] = np.rint(columns[whole] * np.clip(columns[part] * factor, 0, 1))
        # Cross-border sales are part of two wholes: of what is sold online and of what is exported.
        columns["export_online"] = np.minimum(columns["export_online"], columns["export_total"])


def rank(level: Floats, options: int) -> NDArray[np.int64]:
    """The option a level stands for, low to high."""
    cuts = np.linspace(-1.5, 1.9, options - 1)
    found: NDArray[np.int64] = np.sum(level[:, None] > cuts, axis=1)
    return found


def share(level: Floats) -> Floats:
    """The share of a whole a level stands for."""
    found: Floats = 1 / (1 + np.exp(-(1.35 * level + 0.35)))
    return found


def deciding_tools(edition: Edition, profiles: Profiles) -> NDArray[np.str_]:
    """For each enterprise the fact that says whether it designs products, formulas or processes with digital tools."""
    deciding = np.full(len(profiles), "", dtype="U32")
    for name in reversed(list(DESIGN_TOOLS)):
        asked = applies_to(edition.questions[edition.asked_by[name]].applies, profiles)
        deciding = np.where(asked, name, deciding)
    return deciding


def applies_to(condition: Condition | None, profiles: Profiles) -> NDArray[np.bool_]:
    """Whether a condition over the profile holds, by row; profiles alike in what it reads are looked at once."""
    names = sorted({leaf.name for leaf in leaves(condition)})
    known: dict[tuple[Any, ...], bool] = {}
    found = np.ones(len(profiles), dtype=np.bool_)
    for row, profile in enumerate(profiles if names else ()):
        key = tuple(profile[name] for name in names)
        if key not in known:
            known[key] = holds(condition, profile, {})
        found[row] = known[key]
    return found


def uses_design_tools(edition: Edition, profiles: Profiles, columns: Columns) -> NDArray[np.bool_]:
    """Whether each enterprise designs with digital tools."""
    deciding = deciding_tools(edition, profiles)
    uses = np.zeros(len(profiles), dtype=np.bool_)
    for name, least in DESIGN_TOOLS.items():
        uses |= (deciding == name) & (columns[name] >= edition.facts[name].option_ids().index(least))
    return uses


def manages_by_system(edition: Edition, columns: Columns) -> NDArray[np.bool_]:
    """Whether each enterprise's core management is handled by information systems."""
    rows = edition.facts["erp_functions"].row_ids()
    parts = columns["erp_functions"][:, [rows.index(row) for row in CORE_MANAGEMENT]]
    found: NDArray[np.bool_] = np.all(parts >= 1, axis=1)
    return found


def settle(edition: Edition, columns: Columns) -> None:
    """What an answer presupposes: where it is missing, the answer is taken back, or the least of it supplied."""
    settler = _Settler(edition, columns)
    settler.machines()
    settler.trade()
    settler.supports()
    settler.designs()
    for fact_id, most, because, least in PRESUPPOSES:
        settler.cap(fact_id, most, settler.below(because, least))
    settler.planning()


class _Settler:
    """Changes the columns of one year where answers cannot stand together."""

    def __init__(self, edition: Edition, columns: Columns) -> None:
        self.edition = edition
        self.columns = columns

    def at(self, fact_id: str, option: str) -> int:
        return self.edition.facts[fact_id].option_ids().index(option)

    def below(self, name: str, least: str | int) -> NDArray[np.bool_]:
        """Whether a number, a choice or a row of a matrix (`fact.row`) has not come as far as this."""
        fact_id, _, row = name.partition(".")
        fact, column = self.edition.facts[fact_id], self.columns[fact_id]
        found: NDArray[np.bool_]
        if isinstance(least, int):
            found = column < least
        elif row:
            found = column[:, fact.row_ids().index(row)] < fact.column_ids().index(least)
        else:
            found = column < self.at(fact_id, least)
        return found

    def cap(self, fact_id: str, option: str, where: NDArray[np.bool_]) -> None:
        self.most(fact_id, self.at(fact_id, option), where)

    def most(self, fact_id: str, number: Any, where: NDArray[np.bool_]) -> None:
        column = self.columns[fact_id]
        self.columns[fact_id] = np.where(where, np.minimum(column, number), column)

    def least(self, fact_id: str, number: Any, where: NDArray[np.bool_]) -> None:
        column = self.columns[fact_id]
        self.columns[fact_id] = np.where(where, np.maximum(column, number), column)

    def hold_row(self, fact_id: str, row: str, low: str, high: str, where: NDArray[np.bool_]) -> None:
        """Keep one row of a matrix between two of its columns."""
        fact, found = self.edition.facts[fact_id], self.columns[fact_id].copy()
        index, ids = fact.row_ids().index(row), fact.column_ids()
        found[:, index] = np.where(where, np.clip(found[:, index], ids.index(low), ids.index(high)), found[:, index])
        self.columns[fact_id] = found

    def chosen(self, fact_id: str, option: str) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.columns[fact_id][:, self.at(fact_id, option)]
        return found

    def choose(self, fact_id: str, option: str, value: bool, where: NDArray[np.bool_]) -> None:
        """Choose an option or take it back; "none" is then what is left, or no longer."""
        found, none = self.columns[fact_id].copy(), self.at(fact_id, self.edition.facts[fact_id].exclusive or "")
        found[where, self.at(fact_id, option)] = value
        found[:, none] = ~np.delete(found, none, axis=1).any(axis=1)
        self.columns[fact_id] = found

    def machines(self) -> None:
        """Control needs digital machines, at least one for three processes; data and links need the network."""
        columns = self.columns
        controlled = columns["key_processes_controlled"]
        needed = np.minimum(np.ceil(controlled / PROCESSES_A_MACHINE), columns["equipment_total"])
        self.least("equipment_digital", needed, controlled > 0)
        self.most("lines_with_models", 0, controlled < 1)
        unlinked = columns["equipment_networked"] < 1
        self.cap("data_acquisition", "scan", unlinked)
        self.choose("cloud_use", "equipment", False, unlinked)
        few = 10 * columns["equipment_collecting"] < columns["equipment_total"]
        self.cap("data_acquisition", "key_auto", few)
        self.most("equipment_collecting", 0, self.below("data_acquisition", "scan"))
        on_paper = self.below("data_acquisition", "typed")
        for part, whole in RECORDED:
            self.most(part, columns[whole] // 2, on_paper)
        self.choose("ics_security", "backup", True, (columns["equipment_networked"] >= MANY) & self.unprotected())
        self.cap("network_coverage", "half", ~unlinked & ~self.chosen("ics_security", "separation"))
        self.hold_row("mes_functions", "trace", "none", "partial", self.below("production_traceability", "batch"))

    def unprotected(self) -> NDArray[np.bool_]:
        return self.chosen("ics_security", "none")

    def trade(self) -> None:
        """What is traded online goes through a channel, and what is linked carries orders."""
        for amount, channels in (("sales_online", "sales_channels"), ("purchase_online", "purchase_channels")):
            traded = self.columns[amount] > 0
            self.choose(channels, "platform", True, traded & self.chosen(channels, "none"))
        idle = (self.columns["sales_online"] < 1) & (self.columns["purchase_online"] < 1)
        self.cap("b2b_integration", "files", idle)

    def supports(self) -> None:
        """A department of one's own has people; support, backups and group control fit what is said of them."""
        own = ~self.below("it_department", "own")
        self.least("it_staff", 1, own)
        self.least("sme_it_support", self.at("sme_it_support", "part_time"), own)
        self.choose("sme_public_services", "training", False, self.columns["staff_trained"] < 1)
        self.choose("cloud_use", "backup", False, self.below("backup_drill", "regular"))
        governed = ~self.below("group_control", "finance")
        self.hold_row("group_shared_services", "finance", "rules", "centre", governed)

    def designs(self) -> None:
        """Tools said to be in use leave models, sheets and simulations behind."""
        self.cap("design_tools", "cad_3d_cae", self.below("mbd_use", "families"))
        self.least("designs_3d", 1, ~self.below("design_tools", "cad_3d"))
        self.least("sheets_in_system", 1, ~self.below("process_planning", "capp"))
        simulating = ~self.below("design_tools", "cad_3d_cae")
        self.hold_row("cae_use", "structure", "routine", "validated", simulating)

    def planning(self) -> None:
        """Material needs are computed where planning shares its data; else by spreadsheet, unless a scheduler does."""
        computed = self.columns["planning_scheduling"] == self.at("planning_scheduling", "mrp")
        self.cap("planning_scheduling", "sheet", computed & self.below("erp_functions.planning", "shared"))
        apart = [self.below(f"erp_functions.{row}", "shared") for row in ("finance", "inventory", "sales")]
        self.cap("decision_support", "self_service", np.logical_and.reduce(apart))
