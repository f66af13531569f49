"""What ./run and ./check bring before they work, and what they say where it cannot be brought."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    """A folder of programs that stand before the machine's own."""
    folder = tmp_path / "stubs"
    folder.mkdir()
    return folder


def stub(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def without_root(folder: Path) -> None:
    stub(folder, "id", "echo 1000")
    stub(folder, "sudo", "exit 1")
    stub(folder, "dpkg-query", 'test "$4" = there && echo "install ok installed"')


def bash(script: str, folder: Path, stubs: Path) -> tuple[int, str]:
    """Run a script with the functions of set-up in a folder: the exit status and everything said."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f". {ROOT}/scripts/setup.sh; {script}"],
        cwd=folder,
        env=os.environ | {"PATH": f"{stubs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def made_venv(folder: Path, shebang: Path) -> None:
    (folder / ".venv" / "bin").mkdir(parents=True)
    stub(folder / ".venv" / "bin", "python", "exit 0")
    (folder / ".venv" / "bin" / "pip").write_text(f"#!{shebang}/.venv/bin/python\n")


def test_an_old_python_is_told_with_what_brings_a_new_one(tmp_path: Path, stubs: Path) -> None:
    stub(stubs, "python3", 'test "$1" = --version && echo "Python 3.9.2"')
    status, said = bash("ensure_python", tmp_path, stubs)
    assert status == 1
    assert "Python 3.11 or newer is needed and python3 is Python 3.9.2. Debian 12" in said


def test_without_root_everything_missing_is_named_at_once(tmp_path: Path, stubs: Path) -> None:
    without_root(stubs)
    stub(stubs, "python3", "exit 1")
    status, said = bash("ensure_packages there lacking absent", tmp_path, stubs)
    assert status == 1
    assert "apt-get install --no-install-recommends python3-venv lacking absent\n" in said


def test_nothing_is_asked_for_when_everything_is_there(tmp_path: Path, stubs: Path) -> None:
    without_root(stubs)
    assert bash("ensure_packages there", tmp_path, stubs) == (0, "")


def test_a_failed_installation_shows_what_apt_said(tmp_path: Path, stubs: Path) -> None:
    stub(stubs, "id", "echo 0")
    stub(stubs, "dpkg", "exit 0")
    stub(stubs, "apt-get", 'echo "Temporary failure resolving"; exit 100')
    status, said = bash("ensure_packages no-such-package", tmp_path, stubs)
    assert status == 1
    assert "Temporary failure resolving" in said
    assert "Check the network" in said


def test_without_dpkg_the_packages_are_named(tmp_path: Path, stubs: Path) -> None:
    status, said = bash("PATH=/nowhere; ensure_packages fontconfig", tmp_path, stubs)
    assert status == 1
    assert "Elsewhere install by hand what provides: fontconfig" in said


def test_a_whole_environment_is_used_as_it_is(tmp_path: Path, stubs: Path) -> None:
    made_venv(tmp_path, tmp_path)
    assert bash("venv_works", tmp_path, stubs) == (0, "")


def test_an_environment_cut_off_in_the_making_is_not_used(tmp_path: Path, stubs: Path) -> None:
    made_venv(tmp_path, tmp_path)
    (tmp_path / ".venv" / ".installing").touch()
    assert bash("venv_works", tmp_path, stubs)[0] == 1


def test_an_environment_moved_from_another_folder_is_not_used(tmp_path: Path, stubs: Path) -> None:
    made_venv(tmp_path, tmp_path / "before")
    assert bash("venv_works", tmp_path, stubs)[0] == 1


def test_a_failed_pip_is_tried_again_from_the_beginning(tmp_path: Path, stubs: Path) -> None:
    made_venv(tmp_path, tmp_path)
    stub(tmp_path / ".venv" / "bin", "python", 'case "$*" in *install*) echo "no route"; exit 1 ;; esac')
    (tmp_path / "requirements.txt").write_text("flask==3.1.3\n")
    status, said = bash("ensure_requirements requirements.txt", tmp_path, stubs)
    assert status == 1
    assert "no route\npip could not install requirements.txt" in said
    assert (tmp_path / ".venv" / ".installing").exists()


def test_what_is_installed_already_is_not_installed_again(tmp_path: Path, stubs: Path) -> None:
    made_venv(tmp_path, tmp_path)
    (tmp_path / "requirements.txt").write_text("flask==3.1.3\n")
    assert "Installing" in bash("ensure_requirements requirements.txt", tmp_path, stubs)[1]
    assert bash("ensure_requirements requirements.txt", tmp_path, stubs) == (0, "")


def test_too_little_room_for_the_packages_is_told_first(tmp_path: Path, stubs: Path) -> None:
    stub(stubs, "df", "echo header; echo /dev/disk 1000 990 10 99% /")
    (tmp_path / "requirements.txt").write_text("flask==3.1.3\n")
    status, said = bash("ensure_requirements requirements.txt", tmp_path, stubs)
    assert status == 1
    assert "Only 10 MB are free" in said
    assert not (tmp_path / ".venv").exists()


def test_a_second_set_up_waits_for_the_first(tmp_path: Path, stubs: Path) -> None:
    first = "(begin_setup; touch began; sleep 1; echo first ends)"
    second = "until [ -e began ]; do sleep 0.05; done; begin_setup; echo second begins"
    said = bash(f"{first} & {second}; wait", tmp_path, stubs)[1]
    assert said.index("waiting for it") < said.index("first ends") < said.index("second begins")


@pytest.mark.parametrize(("option", "status"), [("--help", 0), ("--port=none", 2)])
def test_run_tells_of_its_options_before_it_installs(option: str, status: int) -> None:
    done = subprocess.run([ROOT / "run", option], capture_output=True, text=True)
    assert done.returncode == status
    assert "usage: ./run" in done.stdout + done.stderr


def test_check_lists_its_steps() -> None:
    done = subprocess.run([ROOT / "check", "--list"], capture_output=True, text=True, check=True)
    assert {"lint", "migrations", "tests-sqlite", "tests-postgresql", "tests-browser"} <= set(done.stdout.split())


def test_check_refuses_an_unknown_step_with_the_ones_there_are() -> None:
    done = subprocess.run([ROOT / "check", "format", "fromat"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "There is no step fromat. Steps: format lint" in done.stderr


def test_ci_runs_the_check_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert len(lines) == 2
    assert lines[1].endswith('/../check"')
