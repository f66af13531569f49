"""Rendering: what has no glyph is an error, nothing is fetched, the same page gives the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import matplotlib as mpl
import pytest

from maturity.reports import pdf
from maturity.reports.pdf import ForeignResource, MissingGlyph, render_pdf
from maturity.results.fonts import MissingFont
from tests.integration.reports.paper import Paper, alike

FAMILY = "<style>body { font: 20pt 'Noto Sans CJK SC' }</style>"
#: A script that neither the report's font nor a usual fallback has.
UNKNOWN = "𓀀𓀁𓀂"
TITLE = "两化融合成熟度评估报告"


def test_a_character_without_a_glyph_is_named() -> None:
    with pytest.raises(MissingGlyph) as caught:
        render_pdf(f"{FAMILY}<p>企业{UNKNOWN}</p>", "x")
    assert caught.value.character == UNKNOWN[0]


def test_a_picture_is_watched_for_missing_glyphs_too() -> None:
    svg = f'<svg width="90" height="30" font-family="Noto Sans CJK SC"><text y="20">{UNKNOWN}</text></svg>'
    with pytest.raises(MissingGlyph):
        render_pdf(f"{FAMILY}{svg}", "x")


def test_boxes_would_be_found_in_the_ink(tmp_path: Path) -> None:
    """With no Chinese font WeasyPrint prints boxes without a word, and text extraction still looks right."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    (tmp_path / "fonts.conf").write_text(
        f"<fontconfig><dir>{folder}</dir><cachedir>{tmp_path}</cachedir></fontconfig>", encoding="utf-8"
    )
    program = f"import weasyprint, sys; sys.stdout.buffer.write(weasyprint.HTML(string={FAMILY + TITLE!r}).write_pdf())"
    environment = {**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    boxes = Paper(done.stdout)
    assert boxes.text == TITLE
    assert len(alike(boxes.shapes(1, TITLE))) > len(TITLE)


def test_different_characters_are_not_taken_for_boxes() -> None:
    assert not alike(Paper(render_pdf(f"{FAMILY}<p>己已巳大太犬</p>", "x")).shapes(1, "己已巳大太犬"))


def test_without_the_font_nothing_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise MissingFont("install the Debian package fonts-noto-cjk.")

    monkeypatch.setattr(pdf, "cjk_font_file", missing)
    with pytest.raises(MissingFont):
        render_pdf(f"{FAMILY}<p>企业</p>", "x")


@pytest.mark.parametrize("source", ["file:///etc/hostname", "http://127.0.0.1:9/x.png"])
def test_nothing_is_fetched(source: str) -> None:
    with pytest.raises(ForeignResource):
        render_pdf(f'{FAMILY}<img src="{source}" alt="">', "x")


def test_the_identity_is_in_the_file_and_nothing_else_changes() -> None:
    first, again, other = (render_pdf(f"{FAMILY}<p>企业</p>", identity) for identity in ("a", "a", "b"))
    assert first == again
    assert first != other
    assert len(first) == len(other)


def test_every_page_laid_out_is_a_step() -> None:
    steps: list[float] = []
    render_pdf(f"{FAMILY}<p>一</p><p style='break-before: page'>二</p>", "x", lambda: steps.append(time.monotonic()))
    assert len(steps) == 2


def test_a_rendering_beside_it_does_not_disturb() -> None:
    """Two threads: the missing glyph of one is not the fault of the other."""
    failed: list[str] = []

    def broken() -> None:
        with pytest.raises(MissingGlyph):
            render_pdf(f"{FAMILY}<p>{UNKNOWN}</p>" * 20, "x")
        failed.append("broken")

    thread = threading.Thread(target=broken)
    thread.start()
    while thread.is_alive():
        render_pdf(f"{FAMILY}<p>企业</p>", "y")
    assert failed == ["broken"]
