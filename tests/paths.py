"""Where tests find what is not part of the repository."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


def shared_data(name: str) -> Path:
    """A public sample file, by its path below the data folder; skips the test where that folder is absent."""
    path = SHARED_DATA / name
    if not path.exists():
        pytest.skip(f"The public sample {name} is not here; the project's own files suffice without it.")
    return path
