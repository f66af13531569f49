"""What keeps the site from starting is told in one message with its mend, and nothing is half done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.system.conftest import SUPERVISE, clean_environment, free_port, said_by, secrets_in, supervise, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with secrets, as a first start leaves it."""
    secrets_in(tmp_path / "data")
    return tmp_path / "data"


def refused(data: Path, **environment: str) -> str:
    """What a start says that must fail; never a traceback."""
    status, said = supervise("--data", data, "--port", str(free_port()), "--small", **environment)
    assert status == 1, said
    assert "Cannot start: " in said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--port", "abc"], "invalid int value"),
        (["--port", "0"], "use a number from 1 to 65535"),
        (["--port", "65536"], "use a number from 1 to 65535"),
        (["--data", " "], "--data is empty"),
        (["--prot", "8000"], "unrecognized arguments"),
    ],
)
def test_a_wrong_option_is_wrong_use(options: list[str], reason: str) -> None:
    status, said = supervise(*options)
    assert status == 2
    assert reason in said
    assert "usage: ./run" in said


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_told_with_the_ones_to_use(tmp_path: Path, host: str) -> None:
    status, said = supervise("--data", tmp_path, "--host", host)
    assert status == 1
    assert "--host 127.0.0.1, or --host 0.0.0.0 for all" in said


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    # The administrator may write everywhere; without this capability even he may not.
    before = ["setpriv", "--bounding-set", "-dac_override"] if os.getuid() == 0 else []
    status, said = said_by([*before, *SUPERVISE, "--data", str(tmp_path / "data")], clean_environment())
    assert status == 1
    assert f"the folder {tmp_path} cannot be written by this account. Choose another with --data" in said


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert f"{tmp_path / 'data'} is a file" in refused(tmp_path / "data")


def test_a_nearly_full_disk_is_told_before_anything_is_written(
    tmp_path: Path, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import preconditions

    usage: Any = lambda _folder: shutil._ntuple_diskusage(10**9, 10**9 - 2**20, 2**20)  # noqa: E731
    monkeypatch.setattr(shutil, "disk_usage", usage)
    with pytest.raises(preconditions.CannotStart, match="only 1 MB are free in .* Make room"):
        preconditions.check_folder(tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_missing_font_is_told_with_its_package(tmp_path: Path) -> None:
    stub = tmp_path / "bin" / "fc-match"
    stub.parent.mkdir()
    stub.write_text("#!/bin/sh\nprintf '/usr/share/fonts/other.ttf|Other Sans'\n")
    stub.chmod(0o755)
    said = refused(tmp_path / "data", PATH=f"{stub.parent}:{os.environ['PATH']}")
    assert "install the Debian package fonts-noto-cjk" in said


@pytest.mark.parametrize("text", ["", "{", "[]", '{"MATURITY_SECRET_KEY": "only one"}'])
def test_damaged_secrets_are_named_and_kept(data: Path, text: str) -> None:
    (data / "secrets.json").write_text(text)
    said = refused(data)
    assert f"{data / 'secrets.json'} is damaged" in said
    assert (data / "secrets.json").read_text() == text


def test_secrets_too_short_to_be_safe_are_refused(data: Path) -> None:
    kept = json.loads((data / "secrets.json").read_text())
    (data / "secrets.json").write_text(json.dumps(kept | {"MATURITY_SECRET_KEY": "short"}))
    assert "MATURITY_SECRET_KEY is missing or shorter than 32 characters" in refused(data)


def test_a_database_without_its_secrets_is_not_given_new_ones(data: Path) -> None:
    (data / "secrets.json").unlink()
    (data / "maturity.db").write_bytes(b"")
    assert "no secrets.json" in refused(data)
    assert not (data / "secrets.json").exists()


def test_a_database_of_a_newer_version_is_left_alone(data: Path) -> None:
    with sqlite3.connect(data / "maturity.db") as connection:
        connection.execute("create table alembic_version (version_num varchar(32) not null)")
        connection.execute("insert into alembic_version values ('9999')")
    connection.close()
    assert "was made by a newer version of this site" in refused(data)


def test_a_file_that_is_no_database_is_named(data: Path) -> None:
    (data / "maturity.db").write_bytes(b"not a database, but long enough to look at" * 100)
    assert f"a database file in {data} is damaged" in refused(data)


def test_a_database_damaged_in_the_middle_is_found_at_the_start(data: Path) -> None:
    path = data / "maturity.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table lines (number integer primary key, text text)")
        connection.executemany("insert into lines (text) values (?)", [("x" * 500,) for _ in range(500)])
    connection.close()
    with path.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 8192)
    assert f"a database file in {data} is damaged" in refused(data)


def test_a_database_that_another_program_holds_is_told(data: Path) -> None:
    with sqlite3.connect(data / "maturity.db") as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("begin immediate")
        said = refused(data)
        connection.rollback()
    connection.close()
    assert "another program is writing to the database" in said


def test_a_database_server_that_does_not_answer_is_told_without_its_password(data: Path) -> None:
    url = f"postgresql+psycopg://site:very-secret@127.0.0.1:{free_port()}/maturity"
    said = refused(data, DATABASE_URL=url)
    assert "the database server does not answer" in said
    assert "very-secret" not in said


def test_what_nobody_foresaw_is_kept_whole_in_the_data_folder(data: Path) -> None:
    with sqlite3.connect(data / "maturity.db") as connection:
        connection.execute("create table users (name text)")
    connection.close()
    said = refused(data)
    assert f"The whole report is in {data / 'start-failure.log'}" in said
    assert "table users already exists" in (data / "start-failure.log").read_text()


def test_ctrl_c_while_the_demonstration_is_made_leaves_an_empty_database(data: Path) -> None:
    command = [*SUPERVISE, "--data", str(data), "--port", str(free_port())]
    process = subprocess.Popen(
        command, env=clean_environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr is not None
    assert "Making the demonstration data" in process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)
    assert "Stopped before the site was up" in process.communicate(timeout=30)[1]
    assert process.returncode == 128 + signal.SIGINT
    with sqlite3.connect(data / "maturity.db") as connection:
        assert connection.execute("select count(*) from enterprises").fetchone() == (0,)
    connection.close()


def test_a_web_server_that_cannot_start_is_told(data: Path, scripts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from supervise import Child, Stop, wait_until_up

    web = Child("web server", ["/bin/false"])
    web.start(clean_environment())
    assert wait_until(web.ended, 5)
    assert not wait_until_up("127.0.0.1", free_port(), web, Stop())
