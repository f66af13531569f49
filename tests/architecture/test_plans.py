"""What a tenant may use is asked in one place: nobody else reads the terms of plans or knows plans by their names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from maturity.plans.loader import price_lists

ROOT = Path(__file__).resolve().parents[2]
#: What plans are, who has which, selling them, counting the money, taking data away, and making up examples.
KNOWS_PLANS = ("entitlements", "plans", "billing", "revenue", "rights", "demo")
#: What everybody may import of them.
FOR_EVERYBODY = {"maturity.entitlements.service", "maturity.plans.model", "maturity.plans.usage"}
ASKING = {"PlanRequired", "opens", "require", "require_room", "room_held", "usage"}
#: Codes that mean nothing else than a plan.
CODES = {code for prices in price_lists().values() for code in prices.plans} - {"free", "consultancy", "contract"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "maturity").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if path.relative_to(ROOT / "maturity").parts[0] not in KNOWS_PLANS:
            yield name, ast.parse(path.read_text("utf-8"))


def test_other_features_import_the_asking_alone() -> None:
    wrong = []
    for name, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            if node.module.startswith(("maturity.plans", "maturity.entitlements")):
                names = {alias.name for alias in node.names}
                asks = node.module != "maturity.entitlements.service" or names <= ASKING
                if node.module not in FOR_EVERYBODY or not asks:
                    wrong.append(f"{name}: {node.module} {sorted(names)}")
    assert not wrong, "Ask maturity.entitlements.service whether something is open:\n" + "\n".join(wrong)


def test_other_features_know_no_plan_by_its_name() -> None:
    wrong = [
        f"{name}:{node.lineno} {node.value}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in CODES
    ]
    assert not wrong, "A feature asks for what it needs, not for a plan:\n" + "\n".join(wrong)


def test_there_are_codes_to_look_for() -> None:
    assert {"pro", "consultancy_free"} <= CODES
