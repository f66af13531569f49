"""`booklet`: a file written whole, or a message that names the mistake and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from maturity import cli_booklet
from maturity.reports.pdf import MissingGlyph
from maturity.reports.typesetting import MissingTranslations
from maturity.results.fonts import MissingFont
from tests.cli.commands import Commands

CONTENT = b"%PDF-1.7 a booklet"


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages given to the renderer, which is replaced: it is run by the tests of what is on paper."""
    pages: list[str] = []
    monkeypatch.setattr(cli_booklet, "render_pdf", lambda html, _identity: pages.append(html) or CONTENT)
    return pages


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("lang", "words"), [("zh", "评估问卷"), ("en", "Assessment questionnaire")])
def test_it_writes_the_booklet_and_says_what_it_wrote(
    run: Commands, rendered: list[str], tmp_path: Path, lang: str, words: str
) -> None:
    target = tmp_path / "booklet.pdf"
    target.write_bytes(b"an older one")
    outcome = run("booklet", "--variant", "process", "--output", str(target), "--lang", lang)
    assert (outcome.status, outcome.err) == (0, "")
    assert target.read_bytes() == CONTENT
    assert words in rendered[0]
    assert f"{target}" in outcome.out
    assert "115" in outcome.out
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("line", "zh", "en"),
    [
        (["--output", "x.pdf"], "缺少 --variant", "required: --variant"),
        (["--variant", "process"], "缺少 --output", "required: --output"),
        (["--variant", "job_shop", "--output", "x.pdf"], "没有 'job_shop' 这一项", "invalid choice: 'job_shop'"),
        (["--variant", "process", "--output", "x.pdf", "--edition", "1999.1"], "没有“lianghua/1999.1”", "no edition"),
        (["--variant", "process", "--output", "."], "这是文件夹", "this is a folder"),
        (["--variant", "process", "--output", "no/such/x.pdf"], "没有这个文件夹", "there is no such folder"),
        (
            ["--variant", "process", "--output", f"{'x' * 300}.pdf"],
            "无法写入",
            "cannot be written (File name too long)",
        ),
    ],
)
def test_wrong_use_is_told_with_the_mend(
    run: Commands, folder: Path, rendered: list[str], line: list[str], zh: str, en: str
) -> None:
    for lang, words in (("zh", zh), ("en", en)):
        outcome = run("booklet", *line, "--lang", lang)
        assert (outcome.status, outcome.out) == (2, "")
        assert words in outcome.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MissingFont("the font is not installed"), "cannot be set: the font is not installed"),
        (MissingGlyph("𓀀"), "no character '𓀀'"),
        (MissingTranslations("not compiled"), "Run ./run or ./check once"),
    ],
)
def test_what_an_installation_lacks_is_named(
    run: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception, words: str
) -> None:
    def render(*_given: object) -> bytes:
        raise error

    monkeypatch.setattr(cli_booklet, "render_pdf", render)
    outcome = run("booklet", "--variant", "process", "--output", str(tmp_path / "x.pdf"), "--lang", "en")
    assert outcome.status == 2
    assert words in outcome.err
    assert list(tmp_path.iterdir()) == []
