"""The routes of the whole site keep the house's rules."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.routing import Rule

from maturity.tenancy.permissions import Permission, permissions_of
from maturity.web import navigation
from maturity.web.access import LIBRARY_ENDPOINTS
from maturity.web.site import WRITING_METHODS

#: Asking for the report of a synthetic enterprise: the same job for everybody, and limited in rate. Asking for the
#: questionnaire on paper: made once for everybody.
OPEN_TO_ALL = {"reports.ask", "booklets.ask"}
#: Whoever forgot the password cannot sign in; the message that is sent proves who it is.
OPEN_TO_ALL |= {"accounts.forgot", "accounts.reset_by_code", "accounts.reset_by_link"}
#: Who comes through a company has no account yet: its provider has said who it is. And the letter with the way to one.
OPEN_TO_ALL |= {"federation.begin_here", "federation.send_way_in"}
#: The first account of an installation, which a token printed on the machine's console proves.
OPEN_TO_ALL |= {"setup.make_account"}
#: The three-minute check, which keeps nothing.
OPEN_TO_ALL |= {"crosswalk.check"}
#: Stripe, whose signature is verified.
OPEN_TO_ALL |= {"billing.webhook"}
#: A file is verified and forgotten.
OPEN_TO_ALL |= {"verification.examine", "verification.examine_json", "credentials.read"}
#: Where standards say that programs look things up (RFC 8615).
WELL_KNOWN = "/.well-known/"
PART = re.compile(r"<[^>]+>|[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?|<[^>]+>\.[a-z]+")


@pytest.fixture(scope="session")
def rules(site: Any) -> list[Rule]:
    return list(site.url_map.iter_rules())


def _access(site: Any, rule: Rule) -> Any:
    return getattr(site.view_functions[rule.endpoint], "access", None)


def test_every_route_declares_who_may_use_it(site: Any) -> None:
    undeclared = sorted(
        name
        for name, view in site.view_functions.items()
        if name not in LIBRARY_ENDPOINTS and not hasattr(view, "access")
    )
    assert not undeclared, f"Add @requires(...), @signed_in or @public to: {', '.join(undeclared)}"


def test_the_list_of_library_endpoints_holds_nothing_else(site: Any) -> None:
    assert set(site.view_functions) >= LIBRARY_ENDPOINTS
    assert not [name for name in LIBRARY_ENDPOINTS if not name.startswith(("security.", "static"))]


def test_a_permission_goes_with_a_tenant_in_the_address(site: Any, rules: list[Rule]) -> None:
    wrong = [
        rule.rule
        for rule in rules
        if isinstance(_access(site, rule), Permission) != rule.rule.startswith("/t/<uuid:tenant_id>")
    ]
    assert not wrong, f"Routes in a tenant need @requires, others must not have it: {wrong}"


def test_nobody_changes_anything_without_signing_in(site: Any, rules: list[Rule]) -> None:
    open_to_all = permissions_of(None, is_synthetic=True)
    wrong = [
        rule.rule
        for rule in rules
        if set(WRITING_METHODS) & (rule.methods or set())
        and rule.endpoint not in LIBRARY_ENDPOINTS | OPEN_TO_ALL
        and (_access(site, rule) == "public" or _access(site, rule) in open_to_all)
    ]
    assert not wrong, f"These write, but everybody may use them: {wrong}"


def test_addresses_are_in_kebab_case(rules: list[Rule]) -> None:
    ours = [
        rule.rule for rule in rules if not rule.endpoint.endswith("static") and not rule.rule.startswith(WELL_KNOWN)
    ]
    wrong = [rule for rule in ours if not all(PART.fullmatch(part) for part in rule.strip("/").split("/") if part)]
    assert not wrong, f"Write these in lower case with hyphens: {wrong}"


def test_every_identifier_in_an_address_is_typed(rules: list[Rule]) -> None:
    wrong = [
        rule.rule
        for rule in rules
        if re.search(r"<\w+_id>", rule.rule.replace("<section_id>", "").replace("<question_id>", ""))
    ]
    assert not wrong, f"Write <uuid:...> in: {wrong}"


def test_the_navigation_names_routes_that_exist(site: Any) -> None:
    named = {endpoint for endpoint, *_rest in (*navigation.PUBLIC, *navigation.FOOTER, *navigation.TENANT)}
    assert named <= set(site.view_functions)


def test_an_undeclared_route_is_refused(site: Any) -> None:
    from flask import Flask

    from maturity.web.access import deny_undeclared

    app = Flask(__name__)
    deny_undeclared(app)
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    assert app.test_client().get("/forgotten").status_code == 403
