"""Message catalogues: every `locale/*/LC_MESSAGES/*.po` to its `.mo`, by Babel, since msgfmt may be absent."""

import os
from pathlib import Path

from launch.common import ROOT, LaunchError


def ensure(root: Path = ROOT) -> list[Path]:
    """Compile the catalogues whose source is newer; returns what was written."""
    written = []
    for source in sorted(root.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)
            written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with source.open("rb") as content:
            catalogue = read_po(content, locale=source.parent.parent.name, abort_invalid=True)
    except PoFileError as error:
        raise LaunchError(f"{source} is not a valid catalogue: {error}") from error
    with temporary.open("wb") as output:
        write_mo(output, catalogue)
    temporary.replace(target)
