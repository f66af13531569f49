"""The command as a program: what it loads, where it runs, how it ends when its surroundings fail it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import ENTERPRISE, ROOT, program

pytestmark = pytest.mark.slow
EXAMPLE = str(ROOT / "docs" / "examples" / "parts-maker.yaml")


def test_it_loads_neither_the_web_nor_the_database_nor_arrays() -> None:
    script = (
        "import sys; from maturity.__main__ import run; status = run(['score', sys.argv[1], '--json']);"
        "loaded = {name.partition('.')[0] for name in sys.modules};"
        "sys.exit(', '.join(loaded & {'flask', 'sqlalchemy', 'werkzeug', 'jinja2', 'numpy'}) or status)"
    )
    done = subprocess.run([sys.executable, "-c", script, EXAMPLE], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_it_works_from_another_folder(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(ENTERPRISE, encoding="utf-8")
    done = program("score", "case.yaml", "--json", folder=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")
    assert json.loads(done.stdout)["level"] == 1


def test_it_reads_standard_input() -> None:
    command = [sys.executable, "-m", "maturity", "path", "-", "--json"]
    done = subprocess.run(command, cwd=ROOT, input=ENTERPRISE.encode(), capture_output=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["remaining"][0] > 0


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "maturity", "path", EXAMPLE, "--json"]
    with os.fdopen(writing, "wb") as out:
        done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_without_a_traceback() -> None:
    command = [sys.executable, "-m", "maturity", "census"]
    with Path("/dev/full").open("wb") as out:
        done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (2, b"maturity: No space left on device\n")


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_json_is_utf8_whatever_the_terminal_speaks(encoding: str) -> None:
    done = program("census", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout.decode("utf-8"))["archetypes"][0]["title"].startswith("纸面")


def test_words_a_terminal_cannot_show_do_not_stop_it() -> None:
    done = program("census", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"paper_workshop" in done.stdout


def test_the_same_file_gives_the_same_bytes_in_every_process() -> None:
    first = program("score", EXAMPLE, "--explain", "--json", PYTHONHASHSEED="1")
    second = program("score", EXAMPLE, "--explain", "--json", PYTHONHASHSEED="2")
    assert first.stdout
    assert first.stdout == second.stdout
