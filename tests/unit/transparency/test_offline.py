"""The offline verifier as one file: its modules fit together, and it loads nothing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from maturity.transparency import offline

DECLARED = re.compile(r"^(?:async )?(?:function|class|const|let) (?:[{\[][^}\]]*[}\]]|(\w+))", re.MULTILINE)
WORDS = re.compile(r"^    (\w+): ", re.MULTILINE)


@pytest.fixture
def static(repository: Path) -> Path:
    return repository / "static"


def test_every_module_is_in_the_file_once_and_none_is_imported(static: Path) -> None:
    program = offline.program_in(static)
    assert {path.stem for path in (static / "js/verifier").iterdir()} == set(offline.MODULES)
    assert not re.search(r"^(?:import|export)\b", program, re.MULTILINE)


def test_no_name_of_one_module_hides_another(static: Path) -> None:
    names = Counter(DECLARED.findall(offline.program_in(static)))
    assert {name for name, count in names.items() if name and count > 1} == set()


def test_a_module_stands_after_those_it_needs(static: Path) -> None:
    for place, name in enumerate(offline.MODULES):
        needed = set(re.findall(r'from "\./(\w+)\.js"', (static / "js/verifier" / f"{name}.js").read_text("utf-8")))
        assert needed <= set(offline.MODULES[:place]), name


def test_what_would_end_its_element_is_refused(tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css/verifier.css").write_text("a { content: '</STYLE>' }", encoding="utf-8")
    with pytest.raises(ValueError, match="would end the element"):
        offline.style_in(tmp_path)


def test_both_languages_say_the_same_things(static: Path) -> None:
    text = (static / "js/verifier/words.js").read_text("utf-8")
    chinese, english = text.split("\n  en: {")
    keys = re.compile(r"(?:^\s+|\{ |, )(\w+): ", re.MULTILINE)
    assert Counter(keys.findall(chinese.split("zh: {")[1])) == Counter(keys.findall(english))


def test_it_names_no_other_host(static: Path) -> None:
    assert "http" not in offline.program_in(static) + offline.style_in(static)
