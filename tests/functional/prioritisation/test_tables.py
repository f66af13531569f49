"""The enterprise's own tables over HTTP: templates, uploads, refusals, descriptors typed by hand."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.prioritisation.models import SuppliedTable
from maturity.prioritisation.service import current_areas
from maturity.prioritisation.sheets import csv_of, rows_of_file, workbook_of
from tests.conftest import Browser
from tests.factories.prioritisation import Rows, best_rows, cost_rows
from tests.functional.prioritisation.conftest import Sign

AREA = "band_vertical_integration"


def upload(browser: Browser, base: str, kind: str, content: bytes, status: int = 200, source: str = "本厂估算") -> Any:
    data = {"file": (BytesIO(content), f"{kind}.csv"), "source": source}
    response = browser.client.post(
        f"{base}/prioritisation/{kind}", data=data, content_type="multipart/form-data", follow_redirects=True
    )
    assert response.status_code == status, response.text[:500]
    return response.text


def stored(session: Session, kind: str) -> SuppliedTable | None:
    session.rollback()
    found = session.scalar(select(SuppliedTable).where(SuppliedTable.kind == kind))
    session.expunge_all()  # reading it must not begin a transaction, which locks SQLite
    session.rollback()
    return found


def rows(session: Session, **cells: Any) -> Rows:
    made = cost_rows(current_areas(session), **cells)
    session.rollback()
    return made


def test_the_page_tells_what_is_missing(owner: Browser, base: str) -> None:
    page = owner.get(f"{base}/prioritisation")
    assert page.text.count("missing") == 3
    assert "optional" in page.text


@pytest.mark.parametrize("kind", ["cost", "kpi", "best", "descriptors"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_has_a_row_for_every_area(owner: Browser, base: str, kind: str, ending: str) -> None:
    response = owner.client.get(f"{base}/prioritisation/{kind}.{ending}")
    found = rows_of_file(response.data)
    assert response.status_code == 200
    assert found[0][:2] == ["area", "name"]
    assert len(found) == 1 + (96 if kind == "descriptors" else 16)
    assert found[1][0] == AREA


@pytest.mark.parametrize("pack", [csv_of, lambda made: workbook_of(made, "x")])
def test_a_table_is_taken_as_csv_or_excel(owner: Browser, base: str, session: Session, pack: Any) -> None:
    text = upload(owner, base, "cost", pack(rows(session, **{AREA: ("0.1", "3")})))
    assert "The table is taken" in text
    table = stored(session, "cost")
    assert table is not None
    assert table.content["rows"][AREA] == ["0.1", "3"]
    assert (table.source, table.name) == ("本厂估算", "cost.csv")
    event = session.scalars(select(AuditEvent).where(AuditEvent.event == "prioritisation.table_supplied")).one()
    assert event.details["table"] == "cost"


def test_what_stands_can_be_downloaded_mended_and_uploaded_again(owner: Browser, base: str, session: Session) -> None:
    upload(owner, base, "cost", csv_of(rows(session, **{AREA: ("0.1", "3")})))
    found = rows_of_file(owner.client.get(f"{base}/prioritisation/cost.xlsx").data)
    assert found[1][2:] == ["0.1", "3"]
    found[1][2] = "0.2"
    upload(owner, base, "cost", csv_of(found))
    table = stored(session, "cost")
    assert table is not None
    assert table.content["rows"][AREA] == ["0.2", "3"]


def test_a_bad_table_is_refused_with_every_place_and_the_one_before_stays(
    owner: Browser, base: str, session: Session
) -> None:
    upload(owner, base, "cost", csv_of(rows(session)))
    text = upload(owner, base, "cost", csv_of(rows(session, **{AREA: ("half", "-1")})), 422, source="第二版")
    assert "Row 2, column “人工”" in text
    assert "“half” is no number" in text
    assert "“-1” is below 0" in text
    assert 'value="第二版"' in text  # what was typed is kept
    table = stored(session, "cost")
    assert table is not None
    assert table.content["rows"][AREA] == ["1", "0"]


def test_a_table_says_where_it_is_from(owner: Browser, base: str, session: Session) -> None:
    text = upload(owner, base, "cost", csv_of(rows(session)), 422, source=" ")
    assert "Write where the table is from" in text
    assert stored(session, "cost") is None


def test_without_a_file_the_field_says_so(owner: Browser, base: str) -> None:
    assert "Choose the file first" in owner.post(f"{base}/prioritisation/cost", {"source": "x"}, 422).text


def test_a_table_can_be_removed(owner: Browser, base: str, session: Session) -> None:
    upload(owner, base, "cost", csv_of(rows(session)))
    assert "The table is removed" in owner.post(f"{base}/prioritisation/cost/remove").text
    assert stored(session, "cost") is None
    owner.post(f"{base}/prioritisation/cost/remove", status=404)


def test_an_unknown_table_is_not_there(owner: Browser, base: str) -> None:
    owner.get(f"{base}/prioritisation/secrets.csv", 404)
    owner.post(f"{base}/prioritisation/secrets", {"source": "x"}, 404)


@pytest.mark.parametrize(
    ("role", "may"), [("owner", True), ("editor", True), ("contributor", False), ("viewer", False)]
)
def test_owners_and_editors_bring_tables(sign: Sign, base: str, session: Session, role: str, may: bool) -> None:
    browser = sign(role)
    content = csv_of(best_rows(current_areas(session)))
    session.rollback()
    upload(browser, base, "best", content, 200 if may else 403)
    assert (stored(session, "best") is not None) is may
    assert ("Upload the table" in browser.get(f"{base}/prioritisation").text) is may


def test_descriptors_are_typed_area_by_area(owner: Browser, base: str, session: Session) -> None:
    address = f"{base}/prioritisation/descriptors/{AREA}"
    assert "Vertical integration" in owner.get(address).text
    page = owner.post(address, {"zh-3": "计划自动下达", "en-3": "Plans passed down", "source": "许可证第 1 号"})
    assert "The descriptors are saved" in page.text
    table = stored(session, "descriptors")
    assert table is not None
    assert table.content["rows"] == {AREA: {"3": {"zh": "计划自动下达", "en": "Plans passed down"}}}
    assert "计划自动下达" in owner.get(address).html
    owner.post(address, {"source": "许可证第 1 号"})
    assert stored(session, "descriptors") is None  # nothing is left of them


def test_a_descriptor_without_a_source_is_kept_in_the_form(owner: Browser, base: str, session: Session) -> None:
    page = owner.post(f"{base}/prioritisation/descriptors/{AREA}", {"zh-3": "计划自动下达"}, 422)
    assert "Write where the table is from" in page.text
    assert "计划自动下达" in page.html
    assert stored(session, "descriptors") is None


def test_an_unknown_area_is_not_there(owner: Browser, base: str) -> None:
    owner.get(f"{base}/prioritisation/descriptors/elsewhere", 404)
