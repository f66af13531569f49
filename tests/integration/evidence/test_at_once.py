"""Several uploads and erasures at the same moment: the quota holds, one content is one file, nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.evidence import service
from maturity.evidence.storage import Vault
from maturity.plans.usage import Usage
from tests.conftest import Browser
from tests.factories import files
from tests.factories.people import sign_in
from tests.functional.evidence.conftest import ANOTHER, QUESTION, Cabinet, Stored, on_disk
from tests.integration.assessments.conftest import at_once

ONE, OTHER = ("one.png", files.picture(colour="navy")), ("other.png", files.picture(colour="teal"))


@pytest.fixture
def people(app: Any, session: Session, owner: User, cabinet: Cabinet) -> Callable[[int], list[Cabinet]]:
    """Cabinets of the same person in several browsers."""

    def open_cabinets(count: int) -> list[Cabinet]:
        found = []
        for _ in range(count):
            client = app.test_client()
            sign_in(client, owner)
            found.append(Cabinet(Browser(client), cabinet.base))
        session.rollback()
        return found

    return open_cabinets


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has read the usage waits a moment for the other: without a lock both would go on with the same figure."""
    barrier = threading.Barrier(2)

    def read_and_wait(*asked: Any) -> Usage:
        usage = read(*asked)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(0.5)
        return usage

    read = service.usage_of
    monkeypatch.setattr(service, "usage_of", read_and_wait)


@pytest.mark.usefixtures("together")
def test_two_uploads_do_not_pass_the_quota_together(
    people: Callable[[int], list[Cabinet]], stored: Stored, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = max(len(ONE[1]), len(OTHER[1])) + 10
    monkeypatch.setattr(service, "usage", lambda _session, _tenant, _limit, used, _clock: Usage(used, room))
    first, second = people(2)
    replies = at_once([partial(first.send, ONE), partial(second.send, OTHER)])
    assert Counter(reply.status_code for reply in replies) == {200: 1, 422: 1}
    refused = next(reply for reply in replies if reply.status_code == 422)
    assert "There is no room left" in refused.json["refused"][0]
    assert sum(file.size for file in stored.files()) <= room
    assert len(on_disk(vault)) == 1


@pytest.mark.parametrize("round_number", range(3))
def test_the_same_content_from_two_people_is_one_file(
    people: Callable[[int], list[Cabinet]], stored: Stored, vault: Vault, round_number: int
) -> None:
    first, second = people(2)
    replies = at_once([partial(first.send, ONE), partial(second.send, ONE, question=ANOTHER)])
    assert [reply.status_code for reply in replies] == [200, 200]
    assert len(stored.files()) == len(on_disk(vault)) == 1
    assert {link.question_id for link in stored.links()} == {QUESTION, ANOTHER}
