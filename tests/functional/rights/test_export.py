"""An owner takes everything away, as files that people and programs can read, and nobody else does."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.assessments.models import Answer, AnswerVersion, Submission
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.db import Base
from maturity.rights.inventory import entries, exported_columns, exported_tables, left_out, tenants_tables
from maturity.rights.models import TenantExport
from maturity.walls import scoped_tables
from tests.conftest import Browser
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.functional.rights.conftest import Place, Worker, members, tenant_of


def manifest_of(archive: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(members(archive)["manifest.json"])
    return found


def rows_of(archive: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(members(archive)[f"data/{table}.json"])
    return found


def test_every_table_of_a_tenant_is_in_the_archive_or_left_out_with_a_reason(archive: Path) -> None:
    """A table that is added to the schema is in here without anybody having thought of it."""
    manifest = manifest_of(archive)
    assert set(manifest["tables"]) | set(manifest["left_out"]) >= scoped_tables()
    assert not set(manifest["tables"]) & set(manifest["left_out"])
    assert all(reason["zh"] and reason["en"] for reason in manifest["left_out"].values())


def test_every_table_has_its_words_in_both_languages(site: Any) -> None:
    unnamed = {table.name for table in tenants_tables()} - set(entries())
    assert not unnamed, f"Say in maturity/rights/inventory.yaml what an archive calls them: {unnamed}"
    gone = set(entries()) - {table.name for table in tenants_tables()}
    assert not gone, f"Take out of maturity/rights/inventory.yaml what is no table of tenants any more: {gone}"


def test_what_is_left_out_says_why(site: Any) -> None:
    assert [name for name, reason in left_out().items() if reason == entries()[name].title] == []


def test_the_archive_holds_what_the_database_holds(archive: Path, session: Session, place: Place) -> None:
    for table in (Answer, AnswerVersion, Submission):
        mine = select(func.count()).select_from(table).where(table.tenant_id == place.tenant_id)
        assert len(rows_of(archive, table.__tablename__)) == session.scalar(mine) > 0
    document = session.scalars(select(Submission.document)).one()
    assert rows_of(archive, "submissions")[0]["document"] == document


def test_every_part_has_the_size_and_hash_that_the_manifest_says(archive: Path) -> None:
    parts, manifest = members(archive), manifest_of(archive)
    assert set(manifest["parts"]) == set(parts) - {"manifest.json"}
    for name, part in manifest["parts"].items():
        assert (len(parts[name]), hashlib.sha256(parts[name]).hexdigest()) == (part["size"], part["sha256"]), name


def test_a_file_goes_along_under_a_name_that_says_what_it_is(archive: Path, place: Place) -> None:
    (file,) = manifest_of(archive)["files"]
    assert (file["table"], file["sha256"]) == ("evidence_files", place.sha256)
    assert file["name"].startswith("files/evidence/")
    assert file["name"].endswith("-投入_台账.pdf")
    assert hashlib.sha256(members(archive)[file["name"]]).hexdigest() == place.sha256


def test_the_page_to_begin_with_links_to_files_and_says_what_is_missing(archive: Path) -> None:
    page = members(archive)["index.html"].decode()
    assert "Data of 青岛海岳数控机床有限公司" in page
    assert "投入_台账.pdf" in page
    assert "data/answers.json" in page
    assert "Passwords, second factors" in page
    assert "src=" not in page  # it opens without a network
    assert "http" not in page


def test_the_editions_answered_in_go_along_byte_for_byte(archive: Path) -> None:
    (sha256,) = manifest_of(archive)["editions"]
    assert hashlib.sha256(members(archive)[f"editions/{sha256}.json"]).hexdigest() == sha256


def test_no_password_second_factor_or_token_is_in_the_archive(archive: Path) -> None:
    for name, content in members(archive).items():
        if name.startswith(("data/", "people")):
            keys = {key for row in json.loads(content) for key in row}
            assert not {key for key in keys if "token" in key or "password" in key or "secret" in key}, name


#: The sample, which is not to be foreseen, and what came of it, which holds the sample: told by the minutes.
UNTOLD = ("seed", "reviewed_document", "reviewed_sha256", "level_reviewed", "weight_reviewed")


def test_what_a_review_has_not_told_yet_is_in_no_archive(site: Any) -> None:
    told = {column.name for column in exported_columns(Base.metadata.tables["certification_cases"])}
    assert not told & {*UNTOLD}
    assert "case_items" not in {table.name for table in exported_tables()}


def test_every_column_but_secrets_is_exported(archive: Path) -> None:
    schema = json.loads(members(archive)["schema.json"])
    for name, table in schema.items():
        missing = {column.name for column in Base.metadata.tables[name].columns} - set(table["columns"])
        assert missing <= {
            "token_hash",
            "code_hash",
            "client_secret",
            "secret_set_at",
            "receipt_token_hash",
            "claim_id",
            "campaign_id",
            *UNTOLD,
            *("regulator_id", "sample_id", "asked_by", "result_by"),  # whoever re-checks
            *("marked_by", "confirmed_by", "agreed_by"),  # staff of the operator
        }


def test_nothing_of_another_tenant_is_in_the_archive(
    app: Any, session: Session, browser: Browser, clock: FixedClock, place: Place, worker: Worker
) -> None:
    stranger = make_user(session, name="别人", email="stranger@example.com")
    other = make_enterprise(session, stranger, clock, name="别家企业有限公司")
    other_id = str(other.id)
    session.commit()
    browser.post(f"{place.base}/exports")
    worker.work_off()
    export = session.scalars(select(TenantExport)).one()
    path = app.config["DATA_DIR"] / "exports" / str(place.tenant_id) / f"{export.id}.zip"
    session.rollback()
    everything = b"".join(members(path).values()).decode("utf-8", "replace")
    assert not [word for word in ("stranger@example.com", "别家企业", other_id) if word in everything]


def test_the_log_in_the_archive_is_readable_and_carries_its_seals(archive: Path) -> None:
    entries = [json.loads(line) for line in members(archive)["log.jsonl"].splitlines()]
    assert {"assessment.submitted", "export.requested"} <= {entry["event"]["event"] for entry in entries}
    assert all(entry["read"]["sentence"] for entry in entries)


def test_the_owner_downloads_it_gets_a_letter_and_leaves_a_trace(
    archive: Path, browser: Browser, session: Session, place: Place, letters: Any
) -> None:
    page = browser.get(place.base)
    (link,) = [link for link in page.links if "/data/exports/" in link]
    response = browser.client.get(link)
    assert response.status_code == 200
    assert hashlib.sha256(response.data).hexdigest() in page.html
    assert response.data == archive.read_bytes()
    assert "are ready to be downloaded" in letters()[-1][1]
    session.rollback()
    events = set(session.scalars(select(AuditEvent.event)))
    assert {"export.requested", "export.downloaded"} <= events


def test_while_one_is_being_made_there_is_no_second(browser: Browser, place: Place) -> None:
    page = browser.post(f"{place.base}/exports")
    assert "Waiting for the worker" in page.text
    assert "An archive is being made already" in browser.post(f"{place.base}/exports", status=409).text


def test_after_a_week_it_is_gone(
    archive: Path, browser: Browser, session: Session, place: Place, clock: FixedClock, app: Any, worker: Worker
) -> None:
    link = next(link for link in browser.get(place.base).links if "/data/exports/" in link)
    session.rollback()
    clock.at += timedelta(days=8)
    browser.get(link, status=404)
    result = app.test_cli_runner().invoke(args=["retention", "apply"])
    assert "exports: 1" in result.output
    assert not archive.exists()
    assert "Removed after 7 days" in browser.get(place.base).text


def test_a_file_that_was_lost_is_named_and_stops_nothing(
    app: Any, session: Session, browser: Browser, place: Place, worker: Worker
) -> None:
    for path in (app.config["DATA_DIR"] / "evidence" / str(place.tenant_id)).rglob(place.sha256):
        path.unlink()
    browser.post(f"{place.base}/exports")
    worker.work_off()
    assert worker.failed() == []
    export = session.scalars(select(TenantExport)).one()
    path = app.config["DATA_DIR"] / "exports" / str(place.tenant_id) / f"{export.id}.zip"
    session.rollback()
    assert len(manifest_of(path)["lost"]) == 1
    assert "1 file was not found" in members(path)["index.html"].decode()


def test_only_owners_may(app: Any, session: Session, clock: FixedClock, place: Place) -> None:
    editor = make_user(session)
    add_member(session, tenant_of(session, place), editor, "editor", clock)
    session.commit()
    client: FlaskClient = app.test_client()
    sign_in(client, editor)
    session.rollback()
    assert client.get(place.base).status_code == 403
    assert client.post(f"{place.base}/exports").status_code == 403


def test_the_archive_speaks_the_language_it_was_asked_for_in(
    app: Any, session: Session, browser: Browser, place: Place, worker: Worker
) -> None:
    browser.get(f"{place.base}?lang=zh")
    browser.post(f"{place.base}/exports")
    worker.work_off()
    export = session.scalars(select(TenantExport)).one()
    path = app.config["DATA_DIR"] / "exports" / str(place.tenant_id) / f"{export.id}.zip"
    session.rollback()
    page = members(path)["index.html"].decode()
    assert '<html lang="zh-CN">' in page
    assert "回答的修改记录" in page
