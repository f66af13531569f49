"""A person working on one assessment, with scripts (answers saved one by one) and without (whole pages sent)."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

from tests.conftest import Browser
from tests.page import Page

JSON = {"Accept": "application/json"}


class SentForm(HTMLParser):
    """What a browser without scripts sends of the answering form: every enabled field, ticked or typed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = "data-answers" in given
        if not self.inside or tag != "input" or not given.get("name"):
            return
        if given.get("type") in ("radio", "checkbox") and "checked" not in given:
            return
        self.fields.setdefault(str(given["name"]), []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


@dataclass(slots=True)
class Desk:
    browser: Browser
    base: str  # the address of the assessment

    def save(self, question_id: str, fields: dict[str, Any], version: int = 0) -> TestResponse:
        """Save one answer as the page's script does."""
        data = {f"version.{question_id}": version, **fields}
        return self.browser.client.post(f"{self.base}/answers/{question_id}", data=data, headers=JSON)

    def open(self, section: str, page: int = 1, status: int = 200) -> Page:
        return self.browser.get(f"{self.base}/sections/{section}?page={page}", status)

    def send(self, shown: Page, status: int = 200, page: int = 1, **changes: Any) -> Page:
        """Send the form of a page that was shown, with changes by field name (`__` for the dot in it)."""
        fields: dict[str, Any] = dict(SentForm(shown.html).fields)
        fields |= {name.replace("__", "."): value for name, value in changes.items()}
        return self.browser.post(f"{shown.path}?page={page}", fields, status)

    def review(self) -> Page:
        return self.browser.get(f"{self.base}/review")

    def submit(self, status: int = 200, **declaration: str) -> Page:
        return self.browser.post(f"{self.base}/submit", declaration, status)
