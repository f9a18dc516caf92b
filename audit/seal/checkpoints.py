"""Checkpoints as files, to be kept where the database's administrator cannot change them."""

import dataclasses
import json
import os
from pathlib import Path

from audit.seal.findings import Checkpoint


def name_of(checkpoint: Checkpoint) -> str:
    """In the order of the chain, and a day's own: `ledger-2026-11-28-000000001234.json`."""
    return f"ledger-{checkpoint.sealed_at[:10]}-{checkpoint.number:012}.json"


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Whole or not at all. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(dataclasses.asdict(checkpoint), indent=1) + "\n")
    temporary.replace(path)


def read(path: Path) -> list[Checkpoint]:
    """The checkpoint of a file, or all those of a folder. Raises OSError, ValueError, TypeError."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    return [Checkpoint(**json.loads(file.read_text())) for file in files]
