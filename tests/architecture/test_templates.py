"""The templates and static files keep the house's rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Documents of their own, rendered to PDF and never sent to a browser.
PRINTED = ("reports", "questionnaires")
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.relative_to(ROOT / "templates").parts[0] not in PRINTED]
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
SHEETS = sorted((ROOT / "static").rglob("*.css"))
#: Sent as a file to keep, never as a page: all that it needs stands in it.
SAVED = {"templates/transparency/verifier_file.html"}
#: Verifying a file changes nothing, and a token would need a cookie of whoever verifies.
WITHOUT_TOKEN = {"templates/verification/_ask.html"}
#: A script that is data is not run.
INLINE = re.compile(
    r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:"
    r"|<script(?![^>]*\s(?:src=|type=\"application/json\"))",
    re.IGNORECASE,
)
OTHER_HOST = re.compile(r"""(?:src|href|action|url\(|@import|fetch\(|import)\s*[=(]?\s*["'(]?\s*(?:https?:)?//""")
MACRO = re.compile(r"{%-?\s*macro\s+(\w+)")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [path for path in PAGES if _name(path) not in SAVED], ids=_name)
def test_no_page_has_inline_style_or_script(path: Path) -> None:
    found = INLINE.findall(path.read_text(encoding="utf-8"))
    assert not found, f"The security policy blocks {found}; use a class or a module in static/js."


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS, *SHEETS], ids=_name)
def test_nothing_is_loaded_from_another_host(path: Path) -> None:
    assert not OTHER_HOST.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted((ROOT / "templates" / "components").glob("*.html")), ids=_name)
def test_every_component_says_how_to_use_its_macros(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    header = text.partition("#}")[0]
    assert header.startswith("{#"), "Begin with a comment that documents the macros."
    unmentioned = [name for name in MACRO.findall(text) if not name.startswith("_") and name not in header]
    assert not unmentioned, f"Document in the header: {unmentioned}"


@pytest.mark.parametrize("path", [path for path in PAGES if _name(path) not in WITHOUT_TOKEN], ids=_name)
def test_every_form_that_is_posted_carries_its_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    posted = len(re.findall(r"<form[^>]*method=[\"']post", text, re.IGNORECASE))
    tokens = len(re.findall(r"hidden_tag\(\)|csrf_token", text))
    assert tokens >= posted


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_text_of_a_template_escapes_translation(path: Path) -> None:
    """Chinese belongs into the catalogue, so that the English page has none of it."""
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL).replace(">中文</a>", "")
    assert not re.search(r"[\u4e00-\u9fff]", text)
