"""The checks of ./check fail when they should."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parents[2]


def catalogue(*texts: tuple[str | tuple[str, str], str | tuple[str, ...]], fuzzy: bool = False) -> Catalog:
    made = Catalog(locale="zh_CN")
    for text, translation in texts:
        made.add(text, translation, flags=["fuzzy"] if fuzzy else [])
    return made


@pytest.mark.parametrize(
    ("chinese", "problem"),
    [
        (catalogue(), "missing in Chinese: 'Save %(n)d'"),
        (catalogue(("Save %(n)d", "")), "missing in Chinese: 'Save %(n)d'"),
        (catalogue(("Save %(n)d", "保存 %(n)d"), fuzzy=True), "fuzzy: 'Save %(n)d'"),
        (catalogue(("Save %(n)d", "保存 %(m)d")), "placeholders differ: 'Save %(n)d'"),
        (catalogue(("Save %(n)d", "保存 %(n)d"), ("Old", "旧")), "no longer used: 'Old'"),
    ],
)
def test_what_is_wrong_in_the_catalogue_is_named(scripts: Path, chinese: Catalog, problem: str) -> None:
    from check_translations import problems

    assert problems(catalogue(("Save %(n)d", "")), chinese) == [problem]


def test_a_plural_without_its_translation_is_missing(scripts: Path) -> None:
    from check_translations import problems

    wanted = catalogue((("one step", "%(n)s steps"), ("", "")))
    assert problems(wanted, catalogue((("one step", "%(n)s steps"), ("",))))
    assert not problems(wanted, catalogue((("one step", "%(n)s steps"), ("%(n)s 步",))))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The site's code, to be broken."""
    left_out = shutil.ignore_patterns("__pycache__", "*.mo")
    for name in ("maturity", "migrations", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=left_out)
    for name in ("config.py", "wsgi.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (
            "    name: Mapped[str]",
            "    forgotten: Mapped[str | None]\n    name: Mapped[str]",
            "tenants column forgotten",
        ),
        ("kind in {KINDS}", "kind in {KINDS} or 1 = 1", "tenants check"),
        ("kind: Mapped[str]", "kind: Mapped[str | None]", "tenants column kind"),
    ],
)
def test_a_model_changed_without_its_migration_is_found(copy: Path, before: str, after: str, problem: str) -> None:
    models = copy / "maturity" / "tenancy" / "models.py"
    assert before in models.read_text()
    models.write_text(models.read_text().replace(before, after, 1))
    done = subprocess.run([sys.executable, copy / "scripts" / "check_migrations.py"], capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"sqlite: only in the models: {problem}" in done.stdout
