"""The enterprise's own part: consent, receipts, and who read the releases that counted it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.benchmarks.models import AggregateRead
from maturity.clock import FixedClock
from maturity.releases.models import InclusionReceipt
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.functional.standing.conftest import OWN, release


@pytest.fixture
def authority(session: Session, clock: FixedClock) -> uuid.UUID:
    made = Tenant(id=uuid.uuid4(), kind="regulator", name="山东省工业和信息化厅", created_at=clock.now())
    session.add(made)
    session.commit()
    return made.id


def _read(session: Session, release_id: int, reader: uuid.UUID, clock: FixedClock, **more: Any) -> None:
    asked = {"industry": ["34"], "region": ["", "370000"], "size": None}
    given = {
        "reader_name": "山东省工业和信息化厅",
        "purpose": "数据看板",
        "asked": asked,
        "cells": 2,
        "at": clock.now(),
    }
    session.add(AggregateRead(release_id=release_id, reader_id=reader, **given | more))
    session.commit()


def _count(session: Session, tenant_id: uuid.UUID, release_id: int, clock: FixedClock) -> uuid.UUID:
    made = InclusionReceipt(
        id=uuid.uuid4(), tenant_id=tenant_id, release_id=release_id, document='{"proof": []}', issued_at=clock.now()
    )
    session.add(made)
    session.commit()
    return made.id


def test_before_any_release_the_page_says_so(browser: Browser, tenant: Tenant, base: str) -> None:
    page = browser.get(f"{base}/data").text
    assert "Nobody has agreed for the enterprise" in page
    assert "Once a release counts you, your receipt is here" in page
    assert "No authority has read a release that counted you" in page


def test_the_consent_is_that_of_the_data_page(browser: Browser, tenant: Tenant, base: str) -> None:
    own = f"/t/{tenant.id}/data"
    browser.post(f"{own}/consents", {"purposes": ["benchmarks"]})
    assert "Agreed on 2026-11-24" in browser.get(f"{base}/data").text
    browser.post(f"{own}/consents", {"purposes": []})
    assert "Withdrawn on 2026-11-24" in browser.get(f"{base}/data").text


def test_the_receipt_is_downloaded_as_it_was_signed(
    browser: Browser, session: Session, tenant: Tenant, base: str, clock: FixedClock
) -> None:
    number = tenant.id
    receipt = _count(session, number, release(session, clock, [(OWN, 60)]), clock)
    assert f"/benchmarks/receipts/{receipt}.json" in browser.get(f"{base}/data").html
    assert browser.client.get(f"{base}/receipts/{receipt}.json").text == '{"proof": []}'


def test_a_receipt_of_another_enterprise_is_not_there(
    browser: Browser, session: Session, tenant: Tenant, base: str, clock: FixedClock
) -> None:
    other = make_enterprise(session, make_user(session), clock).id
    receipt = _count(session, other, release(session, clock, [(OWN, 60)]), clock)
    assert str(receipt) not in browser.get(f"{base}/data").html
    assert browser.client.get(f"{base}/receipts/{receipt}.json").status_code == 404


def test_reads_are_seen_of_the_releases_that_counted_the_enterprise_alone(
    browser: Browser, session: Session, tenant: Tenant, base: str, clock: FixedClock, authority: uuid.UUID
) -> None:
    number = tenant.id
    counted = release(session, clock, [(OWN, 60)])
    other = release(session, clock, [(OWN, 70)], period=2024)
    _count(session, number, counted, clock)
    _read(session, counted, authority, clock)
    _read(session, other, authority, clock, purpose="另一次")
    page = browser.get(f"{base}/data").text
    assert "山东省工业和信息化厅" in page
    assert "数据看板" in page
    assert "General-purpose machinery; all of China, Shandong; every size" in page
    assert "另一次" not in page


def test_reads_are_filtered_by_authority_and_release(
    browser: Browser, session: Session, tenant: Tenant, base: str, clock: FixedClock, authority: uuid.UUID
) -> None:
    number = tenant.id
    first, second = release(session, clock, [(OWN, 60)]), release(session, clock, [(OWN, 70)], period=2024)
    for one in (first, second):
        _count(session, number, one, clock)
    _read(session, first, authority, clock, purpose="第一次")
    clock.at += timedelta(minutes=1)
    _read(session, second, authority, clock, purpose="第二次")
    page = browser.get(f"{base}/data?release={first}").text
    assert "第一次" in page
    assert "第二次" not in page
    assert "Nobody of those chosen read it" in browser.get(f"{base}/data?reader={uuid.uuid4()}").text
    assert "第二次" in browser.get(f"{base}/data?reader={authority}").text
