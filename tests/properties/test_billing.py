"""Whatever happens to a subscription, and however its news arrive, the site ends with exactly Stripe's own state."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from maturity.billing import applying
from maturity.billing.models import BillingFinding, StripeEvent
from maturity.db import every_tenant
from maturity.extensions import db
from tests.integration.billing.conftest import World, world  # noqa: F401  # the fixture
from tests.properties.billing import STEPS, assert_kept, new_life

STEP = st.tuples(st.sampled_from(STEPS), st.integers(1, 40), st.integers(0, 6))
LIVES = st.lists(STEP, min_size=2, max_size=7)
FEW = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    report_multiple_bugs=False,
)


def live(world: World, steps: list[tuple[str, int, int]], seed: int, fresh: Any, *, lossy: bool) -> None:  # noqa: F811
    session = db.session()
    with new_life(world, fresh, seed) as life:
        life.begin(trial=seed % 3 == 0)
        for what, amount, heard in steps:
            life.step(what, amount)
            if lossy and heard % 3 == 0:
                life.lose()
            life.hear(heard)
        life.hear_the_rest()
        if lossy:
            life.compare()
    with every_tenant(session):
        assert_kept(session, world)
        states = set(session.scalars(db.select(StripeEvent.state)))
        findings = session.scalars(db.select(BillingFinding.code).where(BillingFinding.state == "open")).all()
        session.rollback()
    assert states <= {"applied", "ignored"}
    assert findings == []


@pytest.mark.parametrize("lossy", [False, True], ids=["any order", "losses made up for"])
def test_any_life_ends_in_stripes_own_state(world: World, session: Session, lossy: bool) -> None:  # noqa: F811
    fresh = copy.deepcopy(world.stripe.state)

    @FEW
    @given(LIVES, st.integers(0, 2**16))
    def check(steps: list[tuple[str, int, int]], seed: int) -> None:
        live(world, steps, seed, fresh, lossy=lossy)

    check()
    session.rollback()


# What the property is worth


def guard_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes last writes, however old what was fetched."""
    monkeypatch.setattr(applying, "_may_write", _claim)


def _claim(session: Session, object_id: str, ticket: int, tenant_id: Any, clock: Any) -> bool:
    row = session.get_one(applying.StripeObject, object_id)
    row.applied, row.tenant_id = max(row.applied, ticket), tenant_id
    session.flush()
    return True


def ledger_not_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    """Money is written as often as it is told of."""
    write, told = applying.write_movement, [0]

    def again(session: Session, tenant_id: Any, movement: Any, clock: Any) -> bool:
        told[0] += 1
        if movement.amount_minor > 0:
            return write(session, tenant_id, movement, clock)
        other = applying.replace(movement, external_id=f"{movement.external_id}#{told[0]}")
        return write(session, tenant_id, other, clock)

    monkeypatch.setattr(applying, "write_movement", again)


def ticket_after_fetching(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number is taken when it is written, so that an old answer has a high one."""
    write = applying._write

    def late(session: Session, news: Any, ticket: int, clock: Any) -> str:
        row = session.get_one(applying.StripeObject, news.object_id)
        row.asked += 1
        session.flush()
        return write(session, news, row.asked, clock)

    monkeypatch.setattr(applying, "_write", late)


def fetched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer about an object is believed for ever."""
    fetch, kept = applying._fetch, {}

    def from_memory(gateway: Any, kind: str, object_id: str) -> Any:
        key = (id(gateway), kind, object_id, gateway.subscription.__self__)
        if key not in kept:
            kept[key] = fetch(gateway, kind, object_id)
        return kept[key]

    monkeypatch.setattr(applying, "_fetch", from_memory)


@pytest.mark.parametrize("fault", [guard_off, ledger_not_unique, ticket_after_fetching, fetched_once])
def test_the_property_notices_what_is_switched_off(
    world: World,  # noqa: F811
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[pytest.MonkeyPatch], None],
) -> None:
    fresh = copy.deepcopy(world.stripe.state)
    fault(monkeypatch)

    @settings(FEW, max_examples=25)
    @given(LIVES, st.integers(0, 2**16))
    def check(steps: list[tuple[str, int, int]], seed: int) -> None:
        live(world, steps, seed, fresh, lossy=False)

    with pytest.raises(AssertionError):
        check()
    session.rollback()
