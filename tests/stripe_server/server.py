"""The server itself: HTTP, idempotency, faults that tests order, pages for people, webhooks with a real signature."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import parse_qsl

import requests
import stripe
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.stripe_server.api import Api
from tests.stripe_server.state import API_VERSION, DAY, GOOD, State
from tests.stripe_server.wire import Json, StripeFault, bad, parse_form

KEY = "sk_test_made_up_for_tests"
SECRET = "whsec_made_up_for_tests"  # signs nothing but what tests send


class StripeServer:
    """As tests see it. Events wait until `deliver`, or leave at once after `deliver_at_once`."""

    def __init__(self, now: int) -> None:
        self.key, self.secret, self.url = KEY, SECRET, ""
        self.state = State(now)
        self.api = Api(self.state, lambda: self.url)
        self.target: str | None = None
        self.delivered = 0
        #: method and path of every request, in order
        self.requests: list[str] = []
        self._lock = threading.RLock()
        self._answers: dict[str, tuple[str, int, Json]] = {}
        self._faults: list[tuple[str, re.Pattern[str], int, bool]] = []

    # What a test does

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.state.now, UTC)

    def advance(self, *, days: float = 0, to: int | None = None) -> None:
        """Let time go on; what falls due happens in its order."""
        with self._lock:
            self.state.advance(to if to is not None else self.state.now + int(days * DAY))

    def pay(self, session_id: str, *, card: str | None = GOOD, method: str = "card") -> Json:
        """What a person does on the page; a card that refuses raises `StripeFault`."""
        with self._lock:
            return self.api.complete(session_id, method=method, card=card)

    def set_card(self, customer: str, card: str) -> None:
        """What a person does in the portal."""
        with self._lock:
            self.state.cards[customer] = card

    def fail_next(self, method: str, path: str, status: int, *, after: bool = False) -> None:
        """The next request that matches fails, before its effect or after it."""
        self._faults.append((method, re.compile(path), status, after))

    def listen(self, url: str) -> None:
        """Where webhooks go."""
        self.target = url

    @property
    def pending(self) -> list[Json]:
        """The events that nobody was told of yet."""
        return self.state.events[self.delivered :]

    def deliver(self, events: Sequence[Json] | None = None) -> list[int]:
        """Tell of some events, or of all that wait; the statuses that came back."""
        if events is None:
            events, self.delivered = self.pending, len(self.state.events)
        return [self.send(event) for event in events]

    def drop(self) -> None:
        """What waits is lost."""
        self.delivered = len(self.state.events)

    def send(self, event: Json, *, secret: str | None = None, at: int | None = None) -> int:
        """One webhook; with another secret or time it is forged or old."""
        body, header = self.signed(event, secret=secret, at=at)
        answer = requests.post(str(self.target), data=body, headers={"Stripe-Signature": header}, timeout=20)
        return answer.status_code

    def signed(self, event: Json, *, secret: str | None = None, at: int | None = None) -> tuple[bytes, str]:
        """The body of a webhook and its signature header."""
        body = json.dumps(event, ensure_ascii=False)
        header = stripe.WebhookSignature.generate_signature_header(body, secret or self.secret, at or self.state.now)
        return body.encode(), header

    # HTTP

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        try:
            response = self._page(request) if not request.path.startswith("/v1/") else self._api(request)
        except StripeFault as fault:
            response = _json(fault.status, fault.body)
        return response(environ, start_response)

    def _api(self, request: Request) -> Response:
        with self._lock:
            self.requests.append(f"{request.method} {request.path}")
            self._check(request)
            before, after = self._fault(request, late=False), self._fault(request, late=True)
            if before is not None:
                return _json(before, {"error": {"type": "api_error", "message": "ordered by a test"}})
            status, body = self._once(request)
            if after is not None:
                return _json(after, {"error": {"type": "api_error", "message": "ordered by a test"}})
            return _json(status, body)

    def _check(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            raise StripeFault(401, "invalid_request_error", "api_key_invalid", "Invalid API Key provided")
        if request.headers.get("Stripe-Version") != API_VERSION:
            raise bad("This server speaks another version.", "Stripe-Version", "invalid_api_version")

    def _fault(self, request: Request, *, late: bool) -> int | None:
        for number, (method, path, status, after) in enumerate(self._faults):
            if after == late and method == request.method and path.search(request.path):
                del self._faults[number]
                return status
        return None

    def _once(self, request: Request) -> tuple[int, Json]:
        """An idempotency key gives the first answer again; with other parameters it is refused."""
        text = request.get_data(as_text=True) if request.method == "POST" else request.query_string.decode()
        key = request.headers.get("Idempotency-Key")
        said = f"{request.method} {request.path} {text}"
        if key is not None and key in self._answers:
            first, status, body = self._answers[key]
            if first != said:
                message = "Keys for idempotent requests can only be used with the same parameters."
                raise StripeFault(400, "idempotency_error", "idempotency_key_in_use", message)
            return status, body
        try:
            status, body = 200, self.api.call(request.method, request.path, parse_form(text))
        except StripeFault as fault:
            status, body = fault.status, fault.body
        body = json.loads(json.dumps(body))
        if key is not None:
            self._answers[key] = said, status, body
        return status, body

    # Pages

    def _page(self, request: Request) -> Response:
        found = re.fullmatch(r"/(pay|portal)/([A-Za-z0-9_]+)", request.path)
        if found is None:
            return Response("not found", 404)
        with self._lock:
            page: Callable[[Request, str], Response] = getattr(self, f"_{found[1]}_page")
            return page(request, found[2])

    def _pay_page(self, request: Request, name: str) -> Response:
        row = self.state.get("sessions", name, "checkout.session")
        said = ""
        if request.method == "POST":
            form = dict(parse_qsl(request.get_data(as_text=True)))
            card = re.sub(r"\D", "", form.get("card", "")) or None
            try:
                self.api.complete(name, method=form.get("method", "card"), card=card)
            except StripeFault as fault:
                said = str(fault)
            else:
                return _redirect(row["success_url"].replace("{CHECKOUT_SESSION_ID}", name))
        if row["status"] != "open":
            return Response("<h1>This page is over</h1>", 410, content_type="text/html")
        ways = "".join(
            f'<label><input type="radio" name="method" value="{way}"{" checked" if number == 0 else ""}>{way}</label>'
            for number, way in enumerate(row["payment_method_types"])
        )
        amount = f"{row['amount_total'] / 100:,.2f} {row['currency'].upper()}"
        return _html(
            "Checkout",
            f'<p role="alert">{escape(said)}</p><p id="amount">{amount}</p><form method="post">{ways}'
            '<label>Card number <input name="card" inputmode="numeric"></label><button>Pay</button></form>'
            f'<a href="{escape(row["cancel_url"] or "")}">Cancel</a>',
        )

    def _portal_page(self, request: Request, name: str) -> Response:
        row = self.state.get("portals", name, "billing_portal.session")
        live = [
            one
            for one in self.state.tables["subscriptions"].values()
            if one["customer"] == row["customer"] and one["status"] != "canceled"
        ]
        if request.method == "POST":
            form = dict(parse_qsl(request.get_data(as_text=True)))
            if form.get("do") == "card":
                self.state.cards[row["customer"]] = re.sub(r"\D", "", form["card"])
            for one in live if form.get("do") in ("cancel", "resume") else []:
                self.state.update(one, {"cancel_at_period_end": str(form["do"] == "cancel").lower()})
        back = escape(row["return_url"] or "")
        return _html(
            "Portal",
            '<form method="post"><label>Card number <input name="card"></label>'
            '<button name="do" value="card">Save card</button><button name="do" value="cancel">Cancel plan</button>'
            f'<button name="do" value="resume">Keep plan</button></form><a href="{back}">Back</a>',
        )


def _json(status: int, body: Json) -> Response:
    headers = {"Request-Id": "req_test"}
    return Response(json.dumps(body), status, headers=headers, content_type="application/json")


def _html(title: str, body: str) -> Response:
    page = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1>{body}'
    return Response(page, content_type="text/html; charset=utf-8")


def _redirect(url: str) -> Response:
    return Response("", 303, headers={"Location": url})


@contextmanager
def running_stripe(now: datetime | None = None) -> Iterator[StripeServer]:
    """A server on a free port, with its clock at `now`."""
    stripe_server = StripeServer(int(now.timestamp() if now is not None else time.time()))
    http = make_server("127.0.0.1", 0, stripe_server, threaded=True)
    stripe_server.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield stripe_server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
