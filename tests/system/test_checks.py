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


#: What is changed in the models alone, and how it is named.
CHANGES = {
    "tenants column forgotten": ("    name: Mapped[str]", "    forgotten: Mapped[str | None]\n    name: Mapped[str]"),
    "tenants column kind": ("    kind: Mapped[str]", "    kind: Mapped[str | None]"),
    "memberships check": ("role in {ROLES}", "role in {ROLES} or 1 = 1"),
}


@pytest.fixture(scope="module")
def found_in_a_broken_copy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the check of the migrations says about a copy of the site whose models are ahead of them."""
    copy = tmp_path_factory.mktemp("broken")
    for name in ("maturity", "migrations", "scripts"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    for name in ("config.py", "wsgi.py"):
        shutil.copy(ROOT / name, copy / name)
    models = copy / "maturity" / "tenancy" / "models.py"
    text = models.read_text()
    for before, after in CHANGES.values():
        assert before in text
        text = text.replace(before, after, 1)
    models.write_text(text)
    done = subprocess.run([sys.executable, copy / "scripts" / "check_migrations.py"], capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.xdist_group("migrations")
@pytest.mark.parametrize("problem", CHANGES)
def test_a_model_changed_without_its_migration_is_found(found_in_a_broken_copy: str, problem: str) -> None:
    assert f"sqlite: only in the models: {problem}" in found_in_a_broken_copy
