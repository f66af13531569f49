"""Models, figures and frozen indices in the database: what it refuses, what stays, and who sees what."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.db import EVERY_TENANT, act_for, for_tenant
from maturity.errors import Conflict, NotFound
from maturity.regional.figures import Entry, is_sound, keep_entries, rows_of, values_of
from maturity.regional.models import IndexResult, IndexValue, NationalModel, StoredModel
from maturity.regional.service import (
    BUILT_IN_ID,
    Who,
    begin_version,
    compute_now,
    current_result,
    find_model,
    freeze,
    put_in_force,
    read_result,
    versions_of,
)
from maturity.tenancy.models import Tenant
from tests.factories.people import make_user
from tests.factories.regional import SOURCE, enter, make_model, make_regulator

FIGURES = {"370000": {"a": "20", "b": "5", "c": "30"}, "320000": {"a": "30", "b": "10", "c": "10"}}


@pytest.fixture
def tenant(session: Session, clock: FixedClock) -> Tenant:
    return make_regulator(session, make_user(session), clock)


@pytest.fixture
def model_id(session: Session, clock: FixedClock, tenant: Tenant) -> uuid.UUID:
    made: uuid.UUID = make_model(session, tenant, clock)
    enter(session, tenant, clock, made, FIGURES)
    return made


def frozen(session: Session, tenant: Tenant, clock: FixedClock, model_id: uuid.UUID, **more: Any) -> IndexResult:
    found = find_model(session, model_id)
    result = compute_now(found, 2024, values_of(rows_of(session, found.line)))
    return freeze(session, found, result, Who(tenant, None, clock), **more)


def test_the_same_figures_freeze_to_the_same_bytes(
    session: Session, clock: FixedClock, tenant: Tenant, model_id: uuid.UUID
) -> None:
    """Whoever has the figures and the model can compute the hash anew."""
    with for_tenant(session, tenant.id):
        row = frozen(session, tenant, clock, model_id)
        found = find_model(session, model_id)
        again = compute_now(found, 2024, values_of(rows_of(session, found.line)))
    assert read_result(row).totals == again.totals
    assert json.loads(row.document)["model_sha256"] == found.sha256


def test_a_document_that_was_tampered_with_is_not_read(
    session: Session, clock: FixedClock, tenant: Tenant, model_id: uuid.UUID
) -> None:
    with for_tenant(session, tenant.id):
        row = frozen(session, tenant, clock, model_id)
        row.document = row.document.replace('"printed":"100.0"', '"printed":"199.0"')
        with pytest.raises(ValueError, match="is not what its hash says"):
            read_result(row)


def test_a_frozen_result_is_replaced_once_and_stays(
    session: Session, clock: FixedClock, tenant: Tenant, model_id: uuid.UUID
) -> None:
    with for_tenant(session, tenant.id):
        first = frozen(session, tenant, clock, model_id)
        enter(session, tenant, clock, model_id, {"370000": {"c": "10"}})
        second = frozen(session, tenant, clock, model_id, replaces=first.id, reason="更正")
        current = current_result(session, second.line, 2024)
        assert current is second
        enter(session, tenant, clock, model_id, {"370000": {"c": "11"}})
        with pytest.raises(Conflict, match="index_result_meanwhile"):
            frozen(session, tenant, clock, model_id, replaces=first.id, reason="再更正")
    assert session.scalar(select(func.count()).select_from(IndexResult)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": None},
        {"comparator": "~"},
        {"year": 1900},
        {"source": ""},
    ],
    ids=str,
)
def test_the_database_refuses_a_figure_that_cannot_be(
    session: Session, clock: FixedClock, tenant: Tenant, wrong: dict[str, Any]
) -> None:
    given = {"value": "1", "comparator": "", "year": 2024, "source": "s"} | wrong
    row = IndexValue(
        tenant_id=tenant.id, line=uuid.uuid4(), indicator="a", region="370000", provenance="Q",
        entered_at=clock.now(), **given,
    )  # fmt: skip
    session.add(row)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_one_figure_for_each_indicator_region_and_year(
    session: Session, clock: FixedClock, tenant: Tenant, model_id: uuid.UUID
) -> None:
    line = session.get_one(StoredModel, model_id).line
    row = {"line": line, "indicator": "a", "region": "370000", "year": 2024, "value": "1", "source": "s"}
    session.add(IndexValue(tenant_id=tenant.id, provenance="Q", entered_at=clock.now(), **row))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_a_line_has_one_draft_at_most(session: Session, clock: FixedClock, tenant: Tenant, model_id: uuid.UUID) -> None:
    who = Who(tenant, None, clock)
    with for_tenant(session, tenant.id):
        begin_version(session, model_id, who)
        with pytest.raises(Conflict, match="index_draft_exists"):
            begin_version(session, model_id, who)
        first = session.get_one(StoredModel, model_id)
        more = {"document": {}, "changed_at": clock.now(), "tenant_id": tenant.id}
        session.add(StoredModel(line=first.line, version=9, state="draft", **more))
        with pytest.raises(IntegrityError):
            session.flush()
    session.rollback()


def test_a_new_version_in_force_replaces_the_one_before(
    session: Session, clock: FixedClock, tenant: Tenant, model_id: uuid.UUID
) -> None:
    who = Who(tenant, None, clock)
    with for_tenant(session, tenant.id):
        second = put_in_force(session, begin_version(session, model_id, who).id, who)
        states = [(one.version, one.state) for one in versions_of(session, second.line)]
    assert states == [(2, "in_force"), (1, "replaced")]


def test_a_hash_goes_with_being_in_force(session: Session, clock: FixedClock, tenant: Tenant) -> None:
    more = {"document": {}, "changed_at": clock.now(), "tenant_id": tenant.id, "line": uuid.uuid4(), "version": 1}
    session.add(StoredModel(state="in_force", **more))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_models_and_figures_are_seen_from_no_other_tenant(
    session: Session, clock: FixedClock, tenant: Tenant, model_id: uuid.UUID
) -> None:
    other = make_regulator(session, make_user(session), clock)
    line = session.get_one(StoredModel, model_id).line
    with for_tenant(session, other.id):
        with pytest.raises(NotFound):
            find_model(session, model_id)
        assert rows_of(session, line) == []


def test_figures_of_the_product_s_model_are_each_tenant_s_own(
    session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    other = make_regulator(session, make_user(session), clock)
    enter(session, tenant, clock, BUILT_IN_ID, {"370000": {"erp": "61"}})
    enter(session, other, clock, BUILT_IN_ID, {"370000": {"erp": "62"}})
    with for_tenant(session, other.id):
        found = find_model(session, BUILT_IN_ID)
        assert [row.value for row in rows_of(session, found.line)] == ["62"]


def test_an_entry_says_where_it_is_from_and_is_a_number() -> None:
    good = Entry("a", "370000", 2024, "1", "", SOURCE, "Q")
    assert is_sound(good)
    assert not is_sound(Entry("a", "370000", 2024, "one", "", SOURCE, "Q"))
    assert not is_sound(Entry("a", "370000", 2024, "1", "", "", "Q"))


def test_what_is_done_stands_in_the_log(
    session: Session, clock: FixedClock, tenant: Tenant, model_id: uuid.UUID
) -> None:
    with for_tenant(session, tenant.id):
        frozen(session, tenant, clock, model_id)
        found = find_model(session, model_id)
        keep_entries(session, found, [], Who(tenant, None, clock))
        told = session.scalars(select(AuditEvent.event)).all()
    assert sorted(told) == ["index.frozen", "index.model_begun", "index.model_in_force", "index.values_entered"]


def test_only_the_operator_can_publish_for_all(session: Session, clock: FixedClock, tenant: Tenant) -> None:
    """The database itself keeps a regulator from it (PostgreSQL)."""
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has no row-level security")
    operator = make_regulator(session, make_user(session), clock, kind="operator")
    national = make_model(session, operator, clock)
    regulator_id, operator_id = tenant.id, operator.id
    session.commit()
    session.info[EVERY_TENANT] = False
    try:
        act_for(session, regulator_id)
        assert session.scalars(select(NationalModel.id)).all() == [national]
        insert = text(
            "insert into national_index_models (id, line, version, document, sha256, published_at) "
            "values (gen_random_uuid(), gen_random_uuid(), 1, '{}', 'x', now())"
        )
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.connection().execute(insert)
        session.rollback()
        act_for(session, operator_id)
        for forbidden in ("update national_index_models set version = 9", "delete from national_index_models"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                session.connection().execute(text(forbidden))
            session.rollback()
            act_for(session, operator_id)
        session.connection().execute(insert)
    finally:
        session.rollback()
        session.info[EVERY_TENANT] = True
