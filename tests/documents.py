"""The documents as text a test can take apart: links, code, sections, tables."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
#: Folders of a machine, not of the checkout; an address of the site may follow a method, a word or another slash.
_MACHINE = re.compile(r"(?<![\w./:>}-])(?:~|/(?:home|root|work|tmp|usr|opt|etc|srv|mnt|var|Users))/[\w.]+|[A-Z]:\\")
_REGISTRY = re.compile(
    r"pypi\.|pythonhosted|npmjs|npmmirror|debian\.org|ubuntu\.com|proxy\.golang|crates\.io|mirrors?\."
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language.

    >>> blocks("```sh\\n./run\\n```\\n", "sh")
    ['./run\\n']
    """
    return [body for found, body in _FENCE.findall(text) if found == language]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def spans(text: str) -> list[str]:
    """What stands in backticks, in order.

    >>> spans("`./run` and `./check`")
    ['./run', './check']
    """
    return _SPAN.findall(prose(text))


def code(text: str) -> list[str]:
    """Every piece of code: spans, and the lines of fenced blocks."""
    return [*spans(text), *(line for _, body in _FENCE.findall(text) for line in body.splitlines())]


def local_links(text: str) -> list[str]:
    """The links to files, without those to other sites and to headings.

    >>> local_links("[a](docs/a.md#b) [c](https://example.org) [d](#d)")
    ['docs/a.md']
    """
    targets = (target.partition("#")[0] for target in _LINK.findall(prose(text)))
    return [target for target in targets if target and "://" not in target]


def foreign(text: str) -> list[str]:
    """Folders of somebody's machine and hosts of package registries.

    >>> foreign("see /home/jane/maturity or pypi.org, and /t/<tenant>/assessments or <http://127.0.0.1:8000/>")
    ['/home/jane', 'pypi.']
    """
    return [*_MACHINE.findall(text), *_REGISTRY.findall(text)]


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level, up to the next.

    >>> section("# A\\n## B\\nb\\n## C\\nc", "B")
    'b\\n'
    """
    return re.split(r"^## .*\n", text.partition(f"## {heading}\n")[2], flags=re.MULTILINE)[0]


def tables(text: str) -> list[list[list[str]]]:
    """Every table as rows of cells, its heading first.

    >>> tables("| a | b |\\n|---|---|\\n| 1 | 2 |\\n")
    [[['a', 'b'], ['1', '2']]]
    """
    found = re.findall(r"(?:^\|.*\|$\n?)+", prose(text), flags=re.MULTILINE)
    return [[_cells(row) for row in table.splitlines() if not re.fullmatch(r"[|\s:-]+", row)] for table in found]


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]
