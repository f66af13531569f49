"""What scripts/scan_site.sh needs besides the scanner: a session to scan with, and a judgement of what was found.

    scan_report.py sign-in https://localhost:PORT CERTIFICATE    prints the session's cookie
    scan_report.py judge EXPLAINED.json REPORT.json …            exit 1 when a finding is not explained

An explanation names the category and the module, a pattern of the path, optionally the parameter, and why it is no
hole. One that explains nothing any more is named, too, so that the list does not outlive its reasons.
"""

from __future__ import annotations

import http.cookiejar
import json
import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PATIENCE_SECONDS = 90
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def sign_in(site: str, certificate: str) -> str:
    """Wait until the site is up, sign in as the demonstration's manufacturer, and give the cookie."""
    from maturity.demo.service import OWNER, PASSWORD  # after the path is set

    jar = http.cookiejar.CookieJar()
    context = ssl.create_default_context(cafile=certificate)
    browser = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(jar)
    )
    page = _first_page(browser, f"{site}/sign-in")
    token = TOKEN.search(page)
    if token is None:
        raise SystemExit("the sign-in page has no token")
    given = {"csrf_token": token[1], "email": OWNER, "password": PASSWORD}
    request = urllib.request.Request(  # noqa: S310  # https, to our own machine
        f"{site}/sign-in", urllib.parse.urlencode(given).encode(), {"Referer": f"{site}/sign-in"}
    )
    landed = browser.open(request).geturl()
    if "/sign-in" in landed:
        raise SystemExit("the demonstration's manufacturer could not sign in")
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def _first_page(browser: urllib.request.OpenerDirector, address: str) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return str(browser.open(address).read().decode())
        except urllib.error.URLError as error:
            if time.monotonic() > deadline:
                raise SystemExit(f"the site did not come up: {error}") from error
            time.sleep(0.5)


def findings(report: dict[str, Any]) -> list[dict[str, str]]:
    """Every finding of a report, of whatever weight."""
    return [
        {
            "category": category,
            "module": str(found.get("module", "")),
            "method": str(found.get("method", "")),
            "path": urllib.parse.unquote(str(found.get("path", ""))),
            "parameter": str(found.get("parameter") or ""),
            "info": str(found.get("info", "")),
        }
        for part in ("vulnerabilities", "anomalies", "additionals")
        for category, entries in report.get(part, {}).items()
        for found in entries
    ]


def explains(explanation: dict[str, str], found: dict[str, str]) -> bool:
    """
    >>> explains({"category": "A", "path": "/x.*", "why": ""}, {"category": "A", "path": "/xy", "info": ""})
    True
    """
    return explanation["category"] == found["category"] and all(
        re.fullmatch(explanation[name], found.get(name, ""), re.DOTALL)
        for name in ("module", "path", "parameter", "info")
        if name in explanation
    )


def judge(explained: Path, reports: list[Path]) -> int:
    """Print each finding with its explanation; 1 when one has none."""
    explanations: list[dict[str, str]] = json.loads(explained.read_text(encoding="utf-8"))
    used: set[int] = set()
    open_findings = 0
    for path in reports:
        report = json.loads(path.read_text(encoding="utf-8"))
        found = findings(report)
        pages = report.get("infos", {}).get("crawled_pages_nbr", "?")
        print(f"{path.stem}: {pages} pages crawled, {len(found)} findings")
        for item in found:
            number = next((i for i, known in enumerate(explanations) if explains(known, item)), None)
            if number is None:
                open_findings += 1
                words = f"{item['method']} {item['path']} {item['parameter']} ({item['module']})"
                print(f"  NOT EXPLAINED {item['category']}: {words}: {item['info']}"[:400])
            else:
                used.add(number)
    for number, known in enumerate(explanations):
        note = known["why"] if number in used else "explains nothing any more"
        print(f"  explained, {known['category']} {known.get('path', '')}: {note}")
    print(f"findings: {open_findings} not explained")
    return 1 if open_findings else 0


def main(argv: list[str]) -> int:
    match argv:
        case ["sign-in", site, certificate]:
            print(sign_in(site, certificate))
            return 0
        case ["judge", explained, *reports] if reports:
            return judge(Path(explained), [Path(report) for report in reports])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
