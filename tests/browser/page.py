"""What is wrong with a page in a real browser: errors, other hosts, barriers to people, sideways scrolling."""

from __future__ import annotations

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_axe = Axe()


@dataclass  # no slots: Playwright notes its wrappers on the object whose methods it calls
class Faults:
    """Script errors, blocked content and requests to other hosts, on every page watched."""

    address: str
    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    #: Another site that the test goes to on purpose; its pages are not ours to judge.
    elsewhere: str | None = None

    def expect(self, text: str) -> None:
        """The test provokes this message on purpose: a refused form is an error on the console, too."""
        self.expected.append(text)

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"script error: {error}"))
        page.on("request", self._request)

    def _is_elsewhere(self, url: str) -> bool:
        return self.elsewhere is not None and url.startswith(self.elsewhere)

    def _console(self, message: ConsoleMessage) -> None:
        if message.page is not None and self._is_elsewhere(message.page.url):
            return
        if message.type in ("error", "warning") and not any(text in message.text for text in self.expected):
            self.seen.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if self._is_elsewhere(request.url) or self._is_elsewhere(request.frame.url):
            return
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.seen.append(f"request to another host: {request.url}")


def check_page(page: Page) -> None:
    """No barrier that axe can see, and nothing wider than the window."""
    report = _axe.run(page, options={"resultTypes": ["violations"], "runOnly": RULES})
    where = page.url.partition("//")[2].partition("/")[2]
    assert not report.violations_count, f"/{where}: {report.generate_report()}"
    check_width(page)


def check_width(page: Page) -> None:
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window, f"{page.url} is {wide} px wide in a window of {window}"
