"""An archive of workbooks, read by two processes apart from the site while the worker saves what they have read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import uuid
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from maturity.evidence.contents import LARGEST_FILE, Refused, safe_name
from maturity.evidence.storage import TooLarge, Vault
from maturity.workbooks.confined import PATIENCE_SECONDS, ROOT
from maturity.workbooks.layout import MOST_ENTERPRISES
from maturity.workbooks.many import Entry
from maturity.workbooks.seals import Broken, unseal

READERS = 2
AHEAD = 6  # workbooks that are read before the worker comes to them


class Reader:
    """A process that reads one workbook after the other; one that falls silent or dies is replaced."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def read(self, path: Path, name: str) -> dict[str, Any]:
        """What stands in the workbook, or `Refused`."""
        process = self._running()
        timer = threading.Timer(PATIENCE_SECONDS, process.kill)
        timer.start()
        try:
            told = self._ask(process, path, name)
        except (OSError, ValueError) as error:
            self.close()
            raise Refused("too_demanding") from error
        finally:
            timer.cancel()
        if "refused" in told:
            raise Refused(told["refused"])
        return told

    def _ask(self, process: subprocess.Popen[str], path: Path, name: str) -> dict[str, Any]:
        if process.stdin is None or process.stdout is None:
            raise OSError("a reader without pipes")
        process.stdin.write(json.dumps([str(path), name]) + "\n")
        process.stdin.flush()
        told: dict[str, Any] = json.loads(process.stdout.readline())
        return told

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(  # our own module without anything from outside
                [sys.executable, "-m", "maturity.workbooks.confined", "many"],
                cwd=ROOT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},  # no secrets of ours
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._process

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None


def workbooks_in(path: Path) -> list[zipfile.ZipInfo]:
    """The workbooks of an archive in the order of their names; `Refused` where it is no archive or has none."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [part for part in archive.infolist() if _is_workbook(part)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused("damaged") from error
    if not parts:
        raise Refused("no_workbooks")
    if len(parts) > MOST_ENTERPRISES:
        raise Refused("too_many")
    return sorted(parts, key=lambda part: part.filename)


def _is_workbook(part: zipfile.ZipInfo) -> bool:
    """Not the shadows that a Mac puts beside files, nor the locks that Excel leaves behind."""
    name = part.filename.rsplit("/", 1)[-1]
    return name.lower().endswith((".xlsx", ".xlsm", ".xls")) and not name.startswith(("._", "~$"))


@contextmanager
def entries_of_archive(
    path: Path, parts: list[zipfile.ZipInfo], vault: Vault, secret: str, skip: frozenset[int]
) -> Iterator[Iterator[Entry]]:
    """The workbooks as entries, numbered in order, without those of `skip`."""
    readers = threading.local()
    opened: list[Reader] = []

    def one(number: int, part: zipfile.ZipInfo) -> Entry:
        if not hasattr(readers, "mine"):
            readers.mine = Reader()
            opened.append(readers.mine)
        return _entry(path, number, part, vault, readers.mine, secret)

    with ThreadPoolExecutor(READERS) as pool:
        try:
            wanted = [(number, part) for number, part in enumerate(parts, start=1) if number not in skip]
            yield _in_order(pool, one, wanted)
        finally:
            pool.shutdown(cancel_futures=True)
            for reader in opened:
                reader.close()


def _in_order(pool: ThreadPoolExecutor, one: Any, wanted: list[tuple[int, zipfile.ZipInfo]]) -> Iterator[Entry]:
    waiting: deque[Future[Entry]] = deque()
    for number, part in wanted:
        waiting.append(pool.submit(one, number, part))
        if len(waiting) > AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _entry(path: Path, number: int, part: zipfile.ZipInfo, vault: Vault, reader: Reader, secret: str) -> Entry:
    name = safe_name(_decoded(part))
    try:
        read = _read(path, part, vault, reader, name)
    except Refused as error:
        return Entry(number, name, fault=f"file_{error.code}")
    try:
        label = unseal(read["seal"], secret)
    except Broken as error:
        return Entry(number, name, fault=error.code)
    if label.kind != "assessment":
        return Entry(number, name, fault="bulk_blank")
    return Entry(number, name, client_id=uuid.UUID(label.tenant), label=label, read=read)


def _decoded(part: zipfile.ZipInfo) -> str:
    """Chinese Windows writes names in its own code and does not say so."""
    if part.flag_bits & 0x800:
        return part.filename
    try:
        return part.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return part.filename


def _read(path: Path, part: zipfile.ZipInfo, vault: Vault, reader: Reader, name: str) -> Mapping[str, Any]:
    if part.flag_bits & 1:
        raise Refused("office_encrypted")
    try:
        with zipfile.ZipFile(path) as archive, archive.open(part) as stream:
            staged = vault.stage(stream, LARGEST_FILE)
    except TooLarge as error:
        raise Refused("too_large") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise Refused("damaged") from error
    try:
        return reader.read(staged.path, name)
    finally:
        staged.forget()
