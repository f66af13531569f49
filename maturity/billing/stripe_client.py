"""Asking Stripe: one client with a pinned version and time limits, and its errors in our words.

What goes wrong is logged by Stripe's code and the number of the request, which Stripe's support asks for; never what
was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe
from stripe import StripeClient

from maturity.billing.gateway import Gone, StripeRefused, StripeUnreachable

#: The version of Stripe's API that this code was written against, whatever the library or the account prefers.
VERSION = "2026-10-28.endive"
#: Seconds to connect and to wait for an answer.
TIMEOUTS = (5.0, 20.0)
_logger = logging.getLogger(__name__)


def make_client(key: str, api: str = "", *, retries: int = 2) -> StripeClient:
    """The official client. `api` replaces Stripe's address, for trials; a failed request is repeated `retries` times
    with the same idempotency key."""
    addresses: Any = {"api": api} if api else None
    return StripeClient(
        key,
        stripe_version=VERSION,
        base_addresses=addresses,
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=TIMEOUTS),
    )


@contextmanager
def in_our_words() -> Iterator[None]:
    """`StripeUnreachable`, `Gone` or `StripeRefused` instead of the library's errors."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        _logger.warning("stripe does not answer: %s (%s)", type(error).__name__, error.request_id)
        raise StripeUnreachable from error
    except stripe.StripeError as error:
        code = _code(error)
        if code == "resource_missing":  # often asked for on purpose
            raise Gone(code, _parameter(error)) from error
        _logger.warning("stripe refused: %s (%s)", code, error.request_id)
        raise StripeRefused(code, _parameter(error)) from error


def _code(error: stripe.StripeError) -> str:
    """Of a declined card why; where Stripe gives no code, the kind of error."""
    declined = getattr(error.error, "decline_code", None) if error.error is not None else None
    return str(declined or error.code or type(error).__name__)


def _parameter(error: stripe.StripeError) -> str:
    return str(getattr(error, "param", None) or "")


def ask(call: Callable[..., Any], *args: Any, key: str | None = None) -> dict[str, Any]:
    """One request, its answer as a dict; with a `key` it has its effect once, however often it is asked."""
    options = ({"idempotency_key": key},) if key is not None else ()
    with in_our_words():
        answer: dict[str, Any] = call(*args, *options).to_dict()
    return answer


def listed(call: Callable[..., Any], params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything of a list, page by page, the newest first."""
    with in_our_words():
        pages = call({"limit": 100, **params}).auto_paging_iter()
    while True:
        with in_our_words():
            found = next(pages, None)
        if found is None:
            return
        yield found.to_dict()
