"""Files by their hash in the data folder: written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def store(folder: Path, sha256: str, content: bytes) -> Path:
    """Write, flush to disk, then rename: a crash or a full disk leaves no half file under the final name."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{sha256}.pdf"
    if target.exists():
        return target
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target
