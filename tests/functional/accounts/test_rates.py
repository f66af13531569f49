"""Guessing is slowed down by network: whatever is sent too often from one address has to wait, and no other waits."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask

from maturity.web.registry import RATES

GUESSED = {"security.login", "security.register", "security.two_factor_token_validation", "security.mf_recovery"}
GUESSED |= {"security.wan_signin_response", "accounts.forgot", "accounts.reset_by_code", "accounts.enter_code"}


def address_of(site: Flask, endpoint: str) -> str:
    """Of a row that is nowhere, where the address names one: it is counted before anything is looked at."""
    rule = next(rule for rule in site.url_map.iter_rules(endpoint) if "POST" in (rule.methods or ()))
    values: dict[str, Any] = {part: uuid.uuid4() if part.endswith("_id") else "x" for part in rule.arguments}
    return str(site.url_map.bind("localhost").build(endpoint, values, method="POST"))


@pytest.mark.parametrize("endpoint", sorted(RATES))
def test_what_is_sent_too_often_waits(limited: Any, endpoint: str) -> None:
    address, most, client = address_of(limited, endpoint), int(RATES[endpoint].split()[0]), limited.test_client()
    here, there = ({"REMOTE_ADDR": f"198.51.100.{number}"} for number in (1, 2))
    for _ in range(most):
        assert client.post(address, environ_base=here).status_code != 429
    refused = client.post(address, environ_base=here)
    assert refused.status_code == 429
    assert "Retry-After" in refused.headers
    assert client.post(address, environ_base=there).status_code != 429
    assert client.get(address, environ_base=here).status_code != 429


def test_every_way_to_guess_a_secret_is_limited() -> None:
    assert set(RATES) >= GUESSED
