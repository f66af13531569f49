"""The texts to which people say yes or no: versioned files whose content is named by its hash and never edited.

A changed wording is a new version beside the old one; whoever agreed to the old one is asked again where it matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
#: Version files are named `<version>.<language>.md`.
LANGUAGES = {"zh_CN": "zh", "en": "en"}
#: Who says yes: a person for themselves, or an owner for the tenant.
PERSON, TENANT = "person", "tenant"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version in both languages. The first line of each is its title, the rest its paragraphs."""

    purpose: str
    version: str
    content: Mapping[str, str]

    def title(self, locale: str) -> str:
        return self.content[locale].partition("\n")[0].removeprefix("# ")

    def blocks(self, locale: str) -> tuple[tuple[str, str], ...]:
        """Headings (`h2`) and paragraphs (`p`), in order."""
        body = self.content[locale].partition("\n")[2]
        parts = [" ".join(part.split("\n")) for part in body.split("\n\n") if part.strip()]
        return tuple(("h2", part[3:]) if part.startswith("## ") else ("p", part.strip()) for part in parts)

    def sha256(self, locale: str) -> str:
        return hashlib.sha256(self.content[locale].encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Purpose:
    """What something may be used for, who decides, and whether the service can do without a yes."""

    name: str
    of: str
    is_optional: bool = True


PURPOSES: Mapping[str, Purpose] = {
    purpose.name: purpose
    for purpose in (
        Purpose("privacy", PERSON, is_optional=False),
        Purpose("contact", PERSON),
        Purpose("benchmarks", TENANT),
        Purpose("research", TENANT),
    )
}


@cache
def versions_of(purpose: str) -> tuple[ConsentText, ...]:
    """All versions of a text, the oldest first."""
    names = sorted({path.name.partition(".")[0] for path in (FOLDER / purpose).glob("*.md")})
    return tuple(
        ConsentText(
            purpose,
            name,
            {
                locale: (FOLDER / purpose / f"{name}.{language}.md").read_text(encoding="utf-8")
                for locale, language in LANGUAGES.items()
            },
        )
        for name in names
    )


def current_text(purpose: str) -> ConsentText:
    return versions_of(purpose)[-1]


def find_text(purpose: str, version: str) -> ConsentText | None:
    return (
        next((text for text in versions_of(purpose) if text.version == version), None) if purpose in PURPOSES else None
    )
