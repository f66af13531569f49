"""Write docs/glossary.md from the terms of the library; with --check only say whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from maturity.questionnaires.terminology import Glossary, read_glossary  # after the path is set

PAGE = Path(__file__).resolve().parent.parent / "docs" / "glossary.md"
FIRST = "## "


def page(glossary: Glossary, intro: str) -> str:
    """The introduction as it stands, then one table a theme."""
    parts = [intro.rstrip() + "\n"]
    for theme, title in glossary.themes.items():
        rows = [f"| {t.form.en} | {t.form.zh} | {t.meaning} | {t.source} |" for t in glossary.terms if t.theme == theme]
        head = f"## {title}\n\n| term | 中文 | meaning | source |\n|---|---|---|---|\n"
        parts.append(head + "\n".join(rows) + "\n")
    return "\n".join(parts)


def main() -> int:
    text = PAGE.read_text(encoding="utf-8")
    wanted = page(read_glossary(), text[: text.index(FIRST)])
    if "--check" in sys.argv:
        if text != wanted:
            print("docs/glossary.md differs from library/terms.yaml; run scripts/write_glossary.py")
        return int(text != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
