"""The log over HTTP, as a monitor of somebody else's reads it: what it gets is checked by what it gets alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.transparency.checking import (
    check_log,
    hash_leaf,
    head_problem,
    is_consistent,
    is_included,
    read_head,
    read_keys,
    read_proof,
)
from maturity.transparency.service import append, file_entry, status_entry
from maturity.transparency.statement import certificate_key, entry_text
from maturity.web.registry import READ_RATES
from tests.conftest import Browser

NUMBER = "MC-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZT"
HEX = "ab" * 32


@pytest.fixture
def log(session: Session, clock: FixedClock) -> None:
    """Three certificates: issued with their files, and one of them suspended."""
    for number in (NUMBER, "MC-2", "MC-3"):
        append(session, status_entry(number, "issued", "valid", None, HEX), clock)
        append(session, file_entry(number, HEX), clock)
    append(session, status_entry(NUMBER, "suspended", "suspended", "missed_surveillance", HEX), clock)
    session.commit()


@pytest.fixture
def fetch(browser: Browser) -> Callable[..., Any]:
    def get(path: str, status: int = 200) -> Any:
        response = browser.client.get(path)
        assert response.status_code == status, response.text[:300]
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        return response.json

    return get


def test_the_page_of_an_empty_log_says_when_it_begins(browser: Browser) -> None:
    page = browser.get("/log")
    assert "第一份证书" in page.text


@pytest.mark.usefixtures("log")
def test_the_page_shows_the_head_and_the_entries_and_no_number(browser: Browser, fetch: Callable[..., Any]) -> None:
    page = browser.get("/log")
    assert fetch("/log/head.json")["root"] in page.text
    assert "ZZZZZ" not in page.text
    assert certificate_key(NUMBER)[:16] in page.text


@pytest.mark.usefixtures("log")
def test_a_whole_log_is_checked_from_what_the_site_gives_out(fetch: Callable[..., Any]) -> None:
    keys = read_keys(fetch("/signing-keys.json"))
    found = fetch("/log/entries.json")
    heads = [read_head(one) for one in found["heads"]]
    entries = list(enumerate(entry_text(entry) for entry in found["entries"]))
    assert check_log(entries, heads, keys) == []
    assert (len(entries), found["head"]) == (7, fetch("/log/head.json"))
    assert found["head"] == fetch("/log/heads/7.json")


@pytest.mark.usefixtures("log")
def test_every_proof_holds_under_its_head(fetch: Callable[..., Any]) -> None:
    keys = read_keys(fetch("/signing-keys.json"))
    for leaf in range(7):
        found = fetch(f"/log/inclusion.json?leaf={leaf}")
        head = read_head(found["head"])
        assert head_problem(head, keys) is None
        hashed = hash_leaf(entry_text(found["entry"]).encode())
        assert is_included(hashed, leaf, 7, bytes.fromhex(head.root), read_proof(found["inclusion"]))
    for old in range(1, 8):
        found = fetch(f"/log/consistency.json?old={old}&new=7")
        first, last = read_head(found["old"]), read_head(found["new"])
        roots = bytes.fromhex(first.root), bytes.fromhex(last.root)
        assert is_consistent(first.size, last.size, *roots, read_proof(found["consistency"]))


@pytest.mark.usefixtures("log")
def test_who_has_the_number_finds_the_entries(fetch: Callable[..., Any]) -> None:
    found = fetch(f"/log/certificate/{NUMBER.lower()}.json")
    assert [one["leaf"] for one in found["leaves"]] == [0, 1, 6]
    root = bytes.fromhex(read_head(found["head"]).root)
    for one in found["leaves"]:
        hashed = hash_leaf(entry_text(one["entry"]).encode())
        assert is_included(hashed, one["leaf"], 7, root, read_proof(one["inclusion"]))
    assert NUMBER not in str(found)


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/log/heads/0.json", 404, "log_no_size"),
        ("/log/heads/8.json", 404, "log_no_size"),
        ("/log/entries.json?from=7", 404, "log_no_entries"),
        ("/log/entries.json?from=3&to=3", 404, "log_no_entries"),
        ("/log/entries.json?from=-1", 400, "log_not_a_number"),
        ("/log/inclusion.json", 400, "log_not_a_number"),
        ("/log/inclusion.json?leaf=7", 404, "log_no_leaf"),
        ("/log/inclusion.json?leaf=2&size=2", 404, "log_no_leaf"),
        ("/log/inclusion.json?leaf=2&size=99", 404, "log_no_leaf"),
        ("/log/consistency.json?new=3", 400, "log_not_a_number"),
        ("/log/consistency.json?old=0&new=3", 404, "log_no_size"),
        ("/log/consistency.json?old=4&new=3", 404, "log_no_size"),
        ("/log/consistency.json?old=4&new=９", 400, "log_not_a_number"),
        ("/log/certificate/MC-NONE.json", 404, "log_no_certificate"),
    ],
)
def test_what_is_not_there_is_said_in_words(fetch: Callable[..., Any], path: str, status: int, code: str) -> None:
    found = fetch(path, status)
    assert found["error"] == code
    assert len(found["message"]) > 10


def test_an_empty_log_has_no_head_to_give(fetch: Callable[..., Any]) -> None:
    assert fetch("/log/head.json", 404)["error"] == "log_empty"


@pytest.mark.usefixtures("log")
def test_no_answer_has_more_than_its_share(fetch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maturity.transparency.routes.MOST_ENTRIES", 3)
    found = fetch("/log/entries.json?from=2&to=7")
    assert (found["from"], found["to"], len(found["entries"])) == (2, 5, 3)
    assert [one["size"] for one in found["heads"]] == [3, 4, 5]


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/log/heads/3.json", "public, max-age=31536000, immutable"),
        ("/log/entries.json?from=0&to=4", "public, max-age=31536000, immutable"),
        ("/log/inclusion.json?leaf=1&size=4", "public, max-age=31536000, immutable"),
        ("/log/consistency.json?old=1&new=4", "public, max-age=31536000, immutable"),
        ("/log/head.json", "public, max-age=30"),
        ("/log/entries.json?from=0&to=99", "public, max-age=30"),
        ("/log/inclusion.json?leaf=1", "public, max-age=30"),
        ("/log/consistency.json?old=1", "public, max-age=30"),
        (f"/log/certificate/{NUMBER}.json", "no-store"),
        ("/log/heads/9.json", "no-store"),
    ],
)
def test_what_cannot_change_is_kept_and_what_can_is_not_kept_long(browser: Browser, path: str, kept: str) -> None:
    assert browser.client.get(path).headers["Cache-Control"] == kept


@pytest.mark.parametrize("endpoint", ["certificate", "entries", "inclusion", "consistency"])
def test_what_is_read_too_often_waits(limited: Any, endpoint: str) -> None:
    path = "/log/certificate/MC-1.json" if endpoint == "certificate" else f"/log/{endpoint}.json?leaf=0&old=1"
    client, most = limited.test_client(), int(READ_RATES[f"transparency.{endpoint}"].split()[0])
    here, there = ({"REMOTE_ADDR": f"198.51.100.{number}"} for number in (1, 2))
    for _ in range(most):
        assert client.get(path, environ_base=here).status_code != 429
    assert client.get(path, environ_base=here).status_code == 429
    assert client.get(path, environ_base=there).status_code != 429
