"""The migrations make exactly the schema of the models, on SQLite and on PostgreSQL, up and down."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLASK = Path(sys.executable).parent / "flask"
COMMANDS = (("db", "upgrade"), ("db", "check"), ("db", "downgrade", "base"), ("db", "upgrade"))


def check(url: str, folder: str) -> bool:
    environment = {**os.environ, "MATURITY_ENV": "testing", "MATURITY_DATA": folder, "DATABASE_URL": url}
    for command in COMMANDS:
        done = subprocess.run([FLASK, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode:
            print(f"{url.partition(':')[0]}: flask {' '.join(command)} failed\n{done.stdout}{done.stderr[-3000:]}")
            return False
    print(f"{url.partition(':')[0]}: migrations match the models")
    return True


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        results = [check(url, folder) for url in (f"sqlite:///{folder}/check.db", *sys.argv[1:])]
    sys.exit(0 if all(results) else 1)
