"""The form of an archived month: files of canonical lines, and the signed manifest that stays in the database.

A file holds exactly the lines that were hashed into the blocks, in the order of the blocks, so that each block's root
can be computed from it again. docs/adr/0008-archives.md.
"""

import dataclasses
import datetime as dt
import gzip
import hashlib
import itertools
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.models import Block
from audit.seal import format as seal_format
from audit.seal.comparison import SAID, Leaves, first_difference
from audit.seal.findings import Finding

FORM = 1
UNREADABLE = (OSError, EOFError, zlib.error)
_SIGNED = b"audit archive\n"


@dataclasses.dataclass(frozen=True)
class Part:
    """One table of a month. Its blocks are told by number of the first and last, how many, and a hash over theirs."""

    table: str
    partition: str
    file: str
    rows: int
    blocks: int
    first_block: int
    last_block: int
    blocks_hash: str
    lines_hash: str
    file_hash: str


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What is said and signed of a month that was archived."""

    number: int
    previous_hash: str
    month: str  # YYYY-MM, of UTC
    parts: tuple[Part, ...]
    chain_number: int  # the last block of the ledger when it was archived
    chain_hash: str
    archived_at: str
    as_of: str  # the day from which the retention was counted back
    retention_years: int
    actor: str
    key_id: str
    form: int = FORM

    @classmethod
    def read(cls, text: str) -> "Manifest":
        """Raises ValueError for what is no manifest."""
        try:
            values: dict[str, Any] = json.loads(text)
            if values["form"] != FORM:
                raise ValueError(f"unknown form {values['form']}")
            parts = tuple(Part(**part) for part in values.pop("parts"))
            return cls(parts=parts, **values)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"no manifest: {error}") from error

    def content(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1, sort_keys=True) + "\n"

    def hash(self) -> bytes:
        return hashlib.sha256(self.content().encode()).digest()

    def sign(self, key: Ed25519PrivateKey) -> bytes:
        return key.sign(_SIGNED + self.content().encode())

    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


def signed_by(text: str, key: Ed25519PublicKey, signature: bytes) -> bool:
    """Of the very text that is stored."""
    try:
        key.verify(signature, _SIGNED + text.encode())
    except InvalidSignature:
        return False
    return True


def partition_of(table: str, month: dt.date) -> str:
    return f"{table}_{month:y%Ym%m}"


def file_of(table: str, month: dt.date) -> str:
    return f"{table}-{month:%Y-%m}.copy.gz"


def manifest_file(month: str) -> str:
    """The very text that was signed; its signature, as hex, stands in the file of this name and `.sig`."""
    return f"audit-{month}.manifest.json"


class Sealed:
    """What the chain says of one partition: fed its blocks in order of their numbers."""

    def __init__(self) -> None:
        self.rows = 0
        self.blocks = 0
        self.first = 0
        self.last = 0
        self._hash = hashlib.sha256()

    def add(self, number: int, rows: int, block_hash: bytes) -> None:
        self.rows += rows
        self.blocks += 1
        self.first = self.first or number
        self.last = number
        self._hash.update(block_hash)

    def hash(self) -> str:
        return self._hash.hexdigest()

    def fits(self, part: Part) -> bool:
        return (part.rows, part.blocks, part.first_block, part.last_block, part.blocks_hash) == (
            self.rows,
            self.blocks,
            self.first,
            self.last,
            self.hash(),
        )


class Writer:
    """A compressed file of lines under construction; the same lines give the same bytes. Without a path it only counts
    and hashes."""

    def __init__(self, path: Path | None) -> None:
        self.rows = 0
        self._lines = hashlib.sha256()
        self._gzip: gzip.GzipFile | None = None
        if path is not None:
            self._raw = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
            self._gzip = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=self._raw, mtime=0)

    def write(self, line: bytes) -> None:
        if self._gzip is not None:
            self._gzip.write(line)
        self._lines.update(line)
        self.rows += 1

    def close(self) -> None:
        """On the disk, not only on its way there."""
        if self._gzip is not None and not self._raw.closed:
            self._gzip.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            self._raw.close()

    def lines_hash(self) -> str:
        return self._lines.hexdigest()


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def lines(path: Path) -> Iterator[bytes]:
    """The lines of an archived file, one by one; raises `UNREADABLE` where it was cut or broken."""
    with gzip.open(path, "rb") as file:
        yield from file


# --- Comparing a file with the blocks -------------------------------------------------------------------------------


def compare(path: Path, part: Part) -> Iterator[Finding]:
    """What in this file does not agree with the manifest and the blocks. After a row that is gone or too much nothing
    stands in its place any more: what follows in this file is not compared."""
    try:
        found = hash_of(path)
    except OSError as error:
        yield Finding("archive", f"{path.name} cannot be read: {error.strerror or type(error).__name__}", part.table)
        return
    if found != part.file_hash:
        yield Finding("archive", f"{path.name} is not the file of the manifest: its hash is {found}", part.table)
    counted = _Counted(lines(path))
    try:
        yield from _rows(counted, part, path.name)
    except UNREADABLE:
        yield Finding("archive", f"{path.name} cannot be read on after {counted.rows} rows", part.table)
        return
    if counted.ended and counted.hash() != part.lines_hash:
        yield Finding("archive", f"the lines of {path.name} are not those of the manifest", part.table)


class _Counted:
    """Lines on their way through, counted and hashed."""

    def __init__(self, source: Iterable[bytes]) -> None:
        self._source = iter(source)
        self._hash = hashlib.sha256()
        self.rows = 0
        self.ended = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            line = next(self._source)
        except StopIteration:
            self.ended = True
            raise
        self.rows += 1
        self._hash.update(line)
        return line

    def hash(self) -> str:
        return self._hash.hexdigest()


def _rows(source: Iterator[bytes], part: Part, name: str) -> Iterator[Finding]:
    blocks = Block.objects.filter(table_name=part.table, partition=part.partition).order_by("number")
    for row in blocks.values(*seal_format.FIELDS).iterator(chunk_size=500):
        block = seal_format.from_row(row)
        stretch, listed = seal_format.RowRun(part.table), []
        for line in itertools.islice(source, block.row_count):
            if not _taken(stretch, line):
                yield Finding("changed", f"{name}: a line within block {block.number} is no row", part.table)
                return
            listed.append(line)
        if stretch.count == block.row_count and stretch.root() == block.root:
            continue
        following = next(source, b"")
        expected = _leaves(block)
        in_place = [row_id for row_id, _ in expected] == [
            row_id for row_id, _ in seal_format.leaves_of(bytes(stretch.leaves))
        ]
        yield _named(block, expected, stretch, [*listed, following] if following else listed, part, name)
        if not in_place:
            return
        source = itertools.chain([following], source) if following else source
    beyond = next(source, b"")
    if beyond:
        row_id = int(beyond.split(b"\t", 2)[1]) if beyond.count(b"\t") > 1 else None
        yield Finding("inserted", f"{name}: row {row_id} stands behind the last sealed one", part.table, row_id)


def _taken(stretch: seal_format.RowRun, line: bytes) -> bool:
    try:
        stretch.write(line)
    except ValueError:
        return False
    return True


def _leaves(block: seal_format.Seal) -> Leaves:
    return seal_format.leaves_of(bytes(Block.objects.values_list("leaves", flat=True).get(number=block.number)))


def _named(
    block: seal_format.Seal, expected: Leaves, stretch: seal_format.RowRun, listed: list[bytes], part: Part, name: str
) -> Finding:
    """The first row that differs; one line beyond the block tells a row too much from one that is gone."""
    if len(listed) > stretch.count:
        _taken(stretch, listed[-1])
    first = first_difference(expected, seal_format.leaves_of(bytes(stretch.leaves)))
    if first is None:
        text = f"{name}: the rows of block {block.number} differ from its seal"
        return Finding("changed", text, part.table, block=block.number)
    what, row_id, at = first
    recorded = ""
    if what != "removed" and at < len(listed):
        recorded = listed[at].split(b"\t", 3)[2].decode(errors="replace")
    dated = f", recorded {recorded}," if recorded else ""
    sentence = f"{name}: row {row_id}{dated} {SAID[what]} [block {block.number}]"
    return Finding(what, sentence, part.table, row_id, recorded, block.number)
