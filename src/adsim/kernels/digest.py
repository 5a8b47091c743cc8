"""The digest of the kernels that `doors.py` carries, and the command that renews it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

FOLDER = Path(__file__).parent
DOORS = FOLDER / "doors.py"
LINE = re.compile(r'^KERNELS_DIGEST = ".*"$', re.MULTILINE)


def kernels_digest() -> str:
    """SHA-256 over the names and texts of all kernel files but the doors, 16 hex digits."""
    hasher = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.py")):
        if path != DOORS:
            hasher.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hasher.hexdigest()[:16]


def renew() -> None:
    """Write the digest into `doors.py`, which makes numba compile all doors again."""
    line = f'KERNELS_DIGEST = "{kernels_digest()}"'
    text = DOORS.read_text(encoding="utf-8")
    renewed = LINE.sub(line, text)
    if renewed != text:
        DOORS.write_text(renewed, encoding="utf-8")


if __name__ == "__main__":
    renew()
