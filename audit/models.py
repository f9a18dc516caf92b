"""The ledger's tables: rows are only ever added, by month partitions, and sealed in signed blocks.

The database makes `id`, `recorded_at` and `xid`; the application role cannot set them, nor change or remove a row.
Written by `audit.actions` alone, in SQL; read through these models.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit import enums

if TYPE_CHECKING:
    IntField = models.Field[int, int]
else:
    IntField = models.Field


class Xid8Field(IntField):
    """A full transaction id (`xid8`), which never wraps around."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(int(value))


class Event(models.Model):
    """Who did or saw what, acting for whom under which grant, from where, with what outcome."""

    xid = Xid8Field(editable=False)
    id = models.BigAutoField(primary_key=True)  # in the database the key is (id, recorded_at)
    recorded_at = models.DateTimeField(editable=False)
    kind = models.TextField(choices=enums.Kind.choices)
    action = models.TextField()
    actor = models.TextField()
    portal = models.TextField(blank=True)
    acting_for = models.TextField(blank=True)
    grant = models.TextField(blank=True, db_column="grant_ref")
    fields = ArrayField(models.TextField(), default=list)
    object_kind = models.TextField(blank=True)
    object_id = models.TextField(blank=True)
    outcome = models.TextField(choices=enums.Outcome.choices)
    detail = models.JSONField(default=dict)
    request_id = models.TextField(blank=True)
    source = models.TextField(blank=True)

    class Phi:
        protected = ("object_id", "detail", "source")
        cleared = (
            "xid", "id", "recorded_at", "kind", "action", "actor", "portal", "acting_for", "grant", "fields",
            "object_kind", "outcome", "request_id",
        )  # fmt: skip


class Subject(models.Model):
    """Whom an event was about: one row for each person or party, under the event's own `recorded_at`."""

    xid = Xid8Field(editable=False)
    id = models.BigAutoField(primary_key=True)  # drawn from the same sequence as the events' ids
    recorded_at = models.DateTimeField()
    event_id = models.BigIntegerField()
    kind = models.TextField()
    subject_id = models.BigIntegerField()

    class Phi:
        protected = ("subject_id",)
        cleared = ("xid", "id", "recorded_at", "event_id", "kind")


class Change(models.Model):
    """A row of a watched table that a statement added, changed or removed, whatever program sent it.

    `changed` names every field that differs, protected ones too; `before` and `after` hold the cleared ones among
    them, of a removed row all cleared fields. An added row's values are in the row, or in the next change's `before`.
    """

    xid = Xid8Field(editable=False)  # the event of the same transaction tells acting for whom, under which grant
    id = models.BigAutoField(primary_key=True)  # drawn from the same sequence as the events' ids
    recorded_at = models.DateTimeField(editable=False)
    table_name = models.TextField()
    operation = models.TextField(choices=enums.Operation.choices)
    row_id = models.BigIntegerField()
    actor = models.TextField()
    changed = ArrayField(models.TextField(), default=list)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    login = models.TextField()  # the role that opened the session: who is at psql
    program = models.TextField()  # what it calls itself

    class Phi:
        protected = ("row_id",)
        cleared = (
            "xid", "id", "recorded_at", "table_name", "operation", "actor", "changed", "before", "after", "login",
            "program",
        )  # fmt: skip


class Block(models.Model):
    """A sealed stretch of one partition's rows; chained by hash and signed (docs/adr/0002-audit-sealing.md)."""

    number = models.BigIntegerField(primary_key=True)
    previous_hash = models.BinaryField(unique=True)
    hash = models.BinaryField()
    layout = models.SmallIntegerField()  # which columns in which order were hashed: audit.sealing.LAYOUTS
    epoch = models.IntegerField()  # one for each database cluster that the ledger has lived in
    system_identifier = models.TextField()
    carried = models.BooleanField()  # holds rows that were unsealed when the ledger came to a new cluster
    id_after = models.BigIntegerField()  # rows of this epoch have greater ids
    table_name = models.TextField()
    partition = models.TextField()
    xid_from = Xid8Field()  # inclusive
    xid_to = Xid8Field()  # exclusive; where the next block's range begins
    last_xid = Xid8Field()
    last_id = models.BigIntegerField()
    max_id = models.BigIntegerField()
    row_count = models.IntegerField()
    root = models.BinaryField()  # SHA-256 over the rows' SHA-256s
    leaves = models.BinaryField()  # 24 bytes a row: id, first 16 bytes of its SHA-256
    leaves_hash = models.BinaryField()
    floor_xid = Xid8Field()  # a row from this transaction on ...
    floor_at = models.DateTimeField()  # ... cannot have been recorded before this instant
    next_floor_xid = Xid8Field()
    sealed_at = models.DateTimeField()
    key_id = models.TextField()
    signature = models.BinaryField()

    class Phi:
        protected = ()
        cleared = (
            "number", "previous_hash", "hash", "layout", "epoch", "system_identifier", "carried", "id_after",
            "table_name", "partition", "xid_from", "xid_to", "last_xid", "last_id", "max_id", "row_count", "root",
            "leaves", "leaves_hash", "floor_xid", "floor_at", "next_floor_xid", "sealed_at", "key_id", "signature",
        )  # fmt: skip


class Archive(models.Model):
    """A month that was put into files and dropped: its signed manifest, for ever (docs/adr/0008-archives.md)."""

    number = models.BigIntegerField(primary_key=True)
    month = models.DateField(unique=True)  # its first day
    previous_hash = models.BinaryField(unique=True)
    hash = models.BinaryField()  # SHA-256 of the manifest
    manifest = models.TextField()  # the very text that was signed: audit.archives.Manifest
    key_id = models.TextField()
    signature = models.BinaryField()
    recorded_at = models.DateTimeField(editable=False)

    class Phi:
        protected = ()
        cleared = ("number", "month", "previous_hash", "hash", "manifest", "key_id", "signature", "recorded_at")


class Hold(models.Model):
    """One step of a legal hold: placed with its months and matter, its release proposed, kept or released. Written by
    `audit.archive.holds` alone; the hash of each step stands in an event."""

    id = models.BigAutoField(primary_key=True)
    number = models.BigIntegerField()  # of the hold that the step belongs to
    step = models.TextField(choices=enums.HoldStep.choices)
    recorded_at = models.DateTimeField(editable=False)
    actor = models.TextField()
    first_month = models.DateField(null=True)  # of what was placed; both are first days, both months included
    last_month = models.DateField(null=True)  # open where there is none
    matter = models.TextField(blank=True)
    reason = models.TextField(blank=True)

    class Phi:
        protected = ("matter", "reason")
        cleared = ("id", "number", "step", "recorded_at", "actor", "first_month", "last_month")
