"""A whole log under a checker that believes nobody: what is removed, changed, dated back, moved or forked is found."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from maturity.transparency.checking import (
    Deviation,
    Malformed,
    check_log,
    hash_leaf,
    head_problem,
    latest_status,
    read_entry,
    read_head,
    read_keys,
    read_proof,
    read_signed,
)
from maturity.transparency.statement import SignedHead, certificate_key, entry_text, head_document
from tests.factories.transparency import BEGUN, MINUTE, PaperLog, paper_log

LOG = paper_log(12)


def look(log: PaperLog, entries: list[tuple[int, str]], **more: Any) -> list[tuple[str, int]]:
    found = check_log(entries, log.heads, log.keys, **more)
    return [(one.code, one.place) for one in found]


def entries() -> list[tuple[int, str]]:
    return LOG.numbered()


def test_a_sound_log_has_no_deviations() -> None:
    assert look(LOG, entries(), saved=LOG.heads[::3]) == []
    assert check_log([], [], {}) == []


@given(st.integers(0, 11))
def test_a_removed_entry_is_found(number: int) -> None:
    assert ("removed", number) in look(LOG, [one for one in entries() if one[0] != number])


@given(st.integers(0, 11))
def test_a_removed_entry_is_found_where_those_behind_it_moved_up(number: int) -> None:
    left = [text for at, text in entries() if at != number]
    found = look(LOG, list(enumerate(left)))
    assert found[0][1] == number
    assert ("removed", 11) in found


@given(st.integers(0, 11), st.booleans())
def test_an_altered_entry_is_found_alone_where_hashes_are_kept(number: int, is_kept: bool) -> None:
    changed = [(at, LOG.text(at, status="withdrawn") if at == number else text) for at, text in entries()]
    kept = {at: hash_leaf(text.encode()) for at, text in entries()} if is_kept else None
    assert look(LOG, changed, kept=kept) == [("altered", number)]


@given(st.integers(1, 11))
def test_a_back_dated_entry_is_found(number: int) -> None:
    early = LOG.time(number - 1) + timedelta(seconds=5)
    changed = [(at, LOG.text(at, early) if at == number else text) for at, text in entries()]
    assert look(LOG, changed) == [("back_dated", number)]


def test_an_entry_that_the_log_itself_dates_back_is_found() -> None:
    """The key of the log does not help whoever has it: the time of an entry never goes back."""
    log = paper_log(5)
    log.add(log.text(5, BEGUN))
    assert look(log, log.numbered()) == [("back_dated", 5)]


@given(st.lists(st.integers(0, 11), min_size=2, max_size=2, unique=True))
def test_exchanged_entries_are_found_both_and_nothing_else(pair: list[int]) -> None:
    texts = list(LOG.entries)
    texts[pair[0]], texts[pair[1]] = texts[pair[1]], texts[pair[0]]
    assert look(LOG, list(enumerate(texts))) == [("reordered", number) for number in sorted(pair)]


def test_text_that_is_not_canonical_is_an_altered_entry() -> None:
    loose = json.dumps(json.loads(LOG.entries[3]))
    changed = [(at, loose if at == 3 else text) for at, text in entries()]
    assert ("altered", 3) in look(LOG, changed)


def test_without_a_head_for_each_size_the_range_is_told() -> None:
    changed = [(at, LOG.text(at, status="withdrawn") if at == 6 else text) for at, text in entries()]
    heads = [LOG.heads[3], LOG.heads[8], LOG.heads[11]]
    assert check_log(changed, heads, LOG.keys, all_heads=False) == [Deviation("root", 8, 4)]


def test_a_missing_head_is_found() -> None:
    assert [(one.code, one.place) for one in check_log(entries(), LOG.heads[:-1], LOG.keys)] == [("head_missing", 12)]


def test_a_log_rolled_back_behind_a_head_that_was_kept_is_found() -> None:
    found = check_log(entries()[:8], LOG.heads[:8], LOG.keys, saved=[LOG.heads[10]])
    assert found == [Deviation("rolled_back", 11)]


def test_a_log_written_anew_with_its_own_key_is_found_by_a_head_that_was_kept() -> None:
    """The strongest attacker: has the database and the signing key, and makes everything again."""
    forged = PaperLog(LOG.private)
    for number in range(12):
        forged.add(LOG.text(number, status="withdrawn") if number == 4 else LOG.entries[number])
    assert look(forged, forged.numbered()) == []
    assert look(forged, forged.numbered(), saved=[LOG.heads[3]]) == []
    assert look(forged, forged.numbered(), saved=[LOG.heads[7]]) == [("forked", 8)]


def test_two_heads_of_one_size_are_a_fork() -> None:
    other = LOG.sign(5, "ab" * 32, LOG.time(4) + timedelta(seconds=1))
    found = check_log(entries(), [*LOG.heads, other], LOG.keys)
    assert found == [Deviation("forked", 5)]


def test_a_head_signed_with_another_key_is_found() -> None:
    stranger = paper_log(12)
    heads = [*LOG.heads[:5], stranger.heads[5], *LOG.heads[6:]]
    assert ("head_key", 6) in [(one.code, one.place) for one in check_log(entries(), heads, LOG.keys)]


def test_a_head_whose_key_is_named_but_did_not_sign_is_found() -> None:
    head = replace(paper_log(3).heads[2], key_id=LOG.key.key_id)
    assert head_problem(head, LOG.keys) == "head_signature"


@pytest.mark.parametrize("change", [{"size": 4}, {"root": "00" * 32}, {"at": BEGUN + 9 * MINUTE}])
def test_a_changed_head_is_found(change: dict[str, Any]) -> None:
    assert head_problem(replace(LOG.heads[2], **change), LOG.keys) == "head_signature"


def test_a_head_dated_before_the_one_before_it_is_found() -> None:
    late = LOG.sign(12, LOG.heads[11].root, LOG.time(3))
    found = check_log(entries(), [*LOG.heads[:11], late], LOG.keys)
    assert ("head_back_dated", 12) in [(one.code, one.place) for one in found]


@pytest.mark.parametrize(
    "key",
    [
        replace(LOG.key, purpose="credential"),
        replace(LOG.key, retired_at=BEGUN),
        replace(LOG.key, not_before=BEGUN + 60 * MINUTE),
        replace(LOG.key, retired_at=BEGUN + 60 * MINUTE, revoked_at=BEGUN + 60 * MINUTE),
    ],
    ids=["of another purpose", "retired before", "made later", "revoked"],
)
def test_a_key_is_believed_for_its_purpose_and_time_only(key: Any) -> None:
    assert head_problem(LOG.heads[4], {key.key_id: key}) == "head_key"


def test_a_retired_key_is_believed_for_what_it_signed_in_its_time() -> None:
    key = replace(LOG.key, retired_at=BEGUN + 60 * MINUTE)
    assert head_problem(LOG.heads[4], {key.key_id: key}) is None


def test_the_latest_status_of_a_certificate() -> None:
    log = paper_log(2)
    log.add(log.text(0, log.time(2), event="suspended", status="suspended", reason="missed_surveillance"))
    found = latest_status(map(read_entry, log.entries), certificate_key("MC-00000"))
    assert found is not None
    assert found["status"] == "suspended"
    assert latest_status(map(read_entry, log.entries), "0") is None


# Documents from anywhere


def document() -> dict[str, Any]:
    return head_document(LOG.heads[4])


def test_a_head_is_read_as_it_was_published() -> None:
    assert read_head(document()) == LOG.heads[4]


@pytest.mark.parametrize(
    "change",
    [
        {"format": "maturity-log-head/2"},
        {"size": True},
        {"size": 0},
        {"size": "5"},
        {"root": "AB" * 32},
        {"root": "ab"},
        {"at": "2027-03-01 08:05:00"},
        {"at": "2027-3-01T08:05:00Z"},
        {"signature": None},
        {"signature": "zz" * 64},
    ],
)
def test_a_head_in_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_head(document() | change)


@pytest.mark.parametrize("found", [None, [], "head", {"format": "maturity-log-head/1"}])
def test_what_is_no_head_is_refused(found: Any) -> None:
    with pytest.raises(Malformed):
        read_head(found)


@pytest.mark.parametrize("found", [None, "ab", [1], ["ab"], ["ab" * 32] * 65, ["AB" * 32]])
def test_what_is_no_proof_is_refused(found: Any) -> None:
    with pytest.raises(Malformed):
        read_proof(found)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_whatever_stands_in_a_file_is_read_or_refused(found: Any) -> None:
    for read in (read_head, read_proof, read_keys, lambda given: read_entry(json.dumps(given))):
        with suppress(Malformed):
            read(found)


def published() -> dict[str, Any]:
    pem = LOG.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    row = {"key_id": LOG.key.key_id, "purpose": "log", "public_key": pem, "not_before": "2027-03-01T08:00:00Z"}
    return {"keys": [row]}


def test_the_published_keys_are_read() -> None:
    assert read_keys(published())[LOG.key.key_id].was_in_force(BEGUN)


def test_a_key_under_the_name_of_another_is_refused() -> None:
    found = published()
    found["keys"][0]["key_id"] = "0" * 16
    with pytest.raises(Malformed):
        read_keys(found)


def jws(payload: dict[str, Any], **header: Any) -> str:
    parts = [{"alg": "EdDSA", "kid": LOG.key.key_id} | header, payload]
    told = ".".join(base64.urlsafe_b64encode(entry_text(part).encode()).rstrip(b"=").decode() for part in parts)
    return f"{told}.{base64.urlsafe_b64encode(LOG.private.sign(told.encode())).rstrip(b'=').decode()}"


def test_a_signed_statement_is_read() -> None:
    found = read_signed(jws({"number": "MC"}), LOG.keys, "log")
    assert found.payload == {"number": "MC"}
    assert found.text == b'{"number":"MC"}'


def test_a_signed_statement_names_its_key_by_an_address_too() -> None:
    assert read_signed(jws({}, kid=f"did:web:example.com#{LOG.key.key_id}"), LOG.keys, "log").key_id == LOG.key.key_id


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"crit": ["b64"], "b64": False}])
def test_a_statement_under_another_algorithm_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_signed(jws({}, **header), LOG.keys, "log")


def test_a_statement_signed_for_another_purpose_is_refused() -> None:
    with pytest.raises(LookupError):
        read_signed(jws({}), LOG.keys, "credential")


def test_a_changed_statement_is_refused() -> None:
    head, _body, signature = jws({"level": 3}).split(".")
    body = base64.urlsafe_b64encode(b'{"level":4}').rstrip(b"=").decode()
    with pytest.raises(InvalidSignature):
        read_signed(f"{head}.{body}.{signature}", LOG.keys, "log")


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "..", "!.!.!"])
def test_what_is_no_signed_statement_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_signed(text, LOG.keys)


def test_a_signed_head_is_the_same_on_every_machine() -> None:
    head = SignedHead(1, "ab" * 32, BEGUN, "0123456789abcdef", "")
    assert entry_text(head_document(head)) == (
        '{"at":"2027-03-01T08:00:00Z","format":"maturity-log-head/1","key_id":"0123456789abcdef",'
        f'"root":"{"ab" * 32}","signature":"","size":1}}'
    )
