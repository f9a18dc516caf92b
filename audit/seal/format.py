"""The form of a seal: which bytes of a row are hashed, what a block says and signs. Shared by sealer and verifier."""

import dataclasses
import datetime as dt
import hashlib
import struct
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LAYOUT = 1
# Every column, in the order of the hash; `xid`, `id` and `recorded_at` come first and are read back from the line.
COLUMNS = {
    "audit_event": (
        "xid", "id", "recorded_at", "kind", "action", "actor", "portal", "acting_for", "grant_ref", "fields",
        "object_kind", "object_id", "outcome", "detail", "request_id", "source",
    ),
    "audit_subject": ("xid", "id", "recorded_at", "event_id", "kind", "subject_id"),
    "audit_change": (
        "xid", "id", "recorded_at", "table_name", "operation", "row_id", "actor", "changed", "before", "after",
        "login", "program",
    ),
}  # fmt: skip
TABLES = tuple(COLUMNS)
BLOCK_ROWS = 50_000
GENESIS = bytes(32)
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# What decides how PostgreSQL writes a value as text; and the order comes from the index, whatever stale statistics say.
PINNED = """
SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; SET LOCAL IntervalStyle = 'postgres';
SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL client_encoding = 'UTF8';
SET LOCAL statement_timeout = 0; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off;
"""
_LEAF = struct.Struct(">q16s")


def copy_sql(table: str, partition: str, where: str, limit: int | None = None) -> str:
    """Writes a partition's rows as canonical lines in sealing order. `where` is our own text over plain integers."""
    name = partition.replace('"', '""')
    bound = f"LIMIT {limit}" if limit else ""
    columns = ", ".join(COLUMNS[table])
    return f'COPY (SELECT {columns} FROM ONLY public."{name}" WHERE {where} ORDER BY xid, id {bound}) TO STDOUT'  # noqa: S608


class RowRun:
    """Consecutive rows on their way into, or compared with, one block. Used as the file that COPY writes to."""

    def __init__(self, table: str) -> None:
        self._prefix = hashlib.sha256(f"{table}\0".encode())
        self._root = hashlib.sha256()
        self.leaves = bytearray()
        self.count = 0
        self.max_id = 0
        self.last_xid = 0
        self.last_id = 0

    def write(self, line: bytes) -> None:
        xid, row_id, _ = line.split(b"\t", 2)
        self.add(int(xid), int(row_id), line)

    def add(self, xid: int, row_id: int, line: bytes) -> None:
        hasher = self._prefix.copy()
        hasher.update(line)
        digest = hasher.digest()
        self._root.update(digest)
        self.leaves += _LEAF.pack(row_id, digest[:16])
        self.count += 1
        self.max_id = max(self.max_id, row_id)
        self.last_xid, self.last_id = xid, row_id

    def root(self) -> bytes:
        return self._root.digest()


def leaves_of(data: bytes) -> list[tuple[int, bytes]]:
    """Row ids with the first half of their hashes, in order; an incomplete end is dropped."""
    return list(_LEAF.iter_unpack(data[: len(data) // _LEAF.size * _LEAF.size]))


@dataclasses.dataclass(frozen=True)
class Seal:
    """What a block says of itself and signs; the columns of `audit_block` of the same names."""

    number: int
    previous_hash: bytes
    layout: int
    epoch: int
    system_identifier: str
    carried: bool
    id_after: int
    table_name: str
    partition: str
    xid_from: int
    xid_to: int
    last_xid: int
    last_id: int
    max_id: int
    row_count: int
    root: bytes
    leaves_hash: bytes
    floor_xid: int
    floor_at: dt.datetime
    next_floor_xid: int
    sealed_at: dt.datetime
    key_id: str

    @property
    def run(self) -> tuple[int, int, int]:
        """Blocks of one partition with the same run were closed together; one follows where the other ended."""
        return self.epoch, self.xid_from, self.xid_to

    def content(self) -> bytes:
        lines = [f"{field.name}={_plain(getattr(self, field.name))}\n" for field in dataclasses.fields(self)]
        return "".join(["audit block\n", *lines]).encode()

    def hash(self) -> bytes:
        return hashlib.sha256(self.content()).digest()

    def sign(self, key: Ed25519PrivateKey) -> bytes:
        return key.sign(self.content())

    def signed_by(self, key: Ed25519PublicKey, signature: bytes) -> bool:
        try:
            key.verify(signature, self.content())
        except InvalidSignature:
            return False
        return True


@dataclasses.dataclass
class Epoch:
    """How far the sealing went in one cluster. After a move to another one transaction ids begin low again, while row
    ids go on; these bounds tell for ever which rows the old cluster's blocks hold and which were carried over."""

    number: int
    id_after: int  # this epoch's own rows have greater ids
    xid_to: int  # sealed up to here, exclusive
    max_id: int  # the greatest id sealed

    def sealed_rows(self, id_upto: int | None) -> str:
        """The rows of its blocks; with `id_upto` (the next epoch's `id_after`) only what it had sealed itself."""
        where = f"id > {self.id_after}"
        return where if id_upto is None else f"{where} AND id <= {self.max_id} AND xid < '{self.xid_to}'"

    def carried_rows(self, id_upto: int) -> str:
        """The rows that the next epoch's carried blocks hold."""
        return f"id > {self.id_after} AND id <= {id_upto} AND NOT (id <= {self.max_id} AND xid < '{self.xid_to}')"


FIELDS = tuple(field.name for field in dataclasses.fields(Seal))


def from_row(values: dict[str, Any]) -> Seal:
    """From the model's values, whose binary columns come as memoryviews."""
    plain: dict[str, Any] = {
        name: bytes(value) if isinstance(value := values[name], memoryview) else value for name in FIELDS
    }
    return Seal(**plain)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return str(value)
