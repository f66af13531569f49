"""`python -m maturity`: the engines without the site."""

from __future__ import annotations

import io
import os
import sys

from maturity.cli import WRONG_USE, main

#: what a shell reports for a program that wrote into a pipe nobody reads any more
BROKEN_PIPE = 128 + 13
INTERRUPTED = 128 + 2


def run(argv: list[str]) -> int:
    """Run a command; a reader that went away (`| head`), a full disk and Ctrl-C end it without a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # JSON is UTF-8 whatever the terminal speaks; words it cannot show must not stop the rest.
        sys.stdout.reconfigure(encoding="utf-8" if "--json" in argv else None, errors="replace")
    try:
        status = main(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _forget_output()
        return BROKEN_PIPE
    except OSError as error:
        _forget_output()
        sys.stderr.write(f"maturity: {error.strerror or error}\n")
        return WRONG_USE
    except KeyboardInterrupt:
        return INTERRUPTED


def _forget_output() -> None:
    """Python flushes once more at exit; let that go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
