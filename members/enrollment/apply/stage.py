"""Rows are staged in temporary tables, where every later statement works on all of them at once."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Iterable, Sequence

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from members.enrollment.apply import rows as staging
from members.enrollment.apply import tables
from members.enrollment.apply.rows import LineRow, MemberRow
from members.rules import names, numbers
from portals.crypto import values as crypto
from portals.plan import brand, clock, periods
from portals.scope import Scope

SENDER = "sender_number"  # purpose of the blind index of a subscriber's number that looks like an SSN


RENEW_SENDERS = """
UPDATE members_contract contract SET sender_number = stage_sender.current
FROM stage_sender WHERE contract.sender_number = stage_sender.former
"""


class Stage:
    """The rows of one file or page in temporary tables, and what its statements share."""

    def __init__(
        self,
        by: Scope,
        known_at: dt.datetime,
        action: str,
        client_id: int | None,
        file_id: int | None,
        full_from: dt.date | None,
    ) -> None:
        self.by = by
        self.action = action
        self.known_at = known_at
        self.file_id = file_id
        self.count = 0
        self.ssns: dict[int, str] = {}
        self.senders: dict[str, list[str]] = {}
        self.people = self.contracts = 0
        self.params: dict[str, int | str | dt.date | dt.datetime | None] = {
            "client_id": client_id,
            "file_id": file_id,
            "full_from": full_from,
            "number_length": numbers.LENGTH,
            "last_suffix": numbers.LAST_SUFFIX,
            "recorded_date": periods.plan_date(known_at),
            "taken_at": clock.now(),  # not `known_at`, which an operator may date back
            **_changed_mail(),
        }

    def run(self, cursor: CursorWrapper, statement: str) -> int:
        cursor.execute(statement, self.params)
        return int(cursor.rowcount)

    def make(self, cursor: CursorWrapper, table: str, statement: str) -> int:
        """A temporary table with its statistics, without which the planner guesses."""
        made = self.run(cursor, statement)
        cursor.execute(f"ANALYZE {table}")
        return made

    def load(self, cursor: CursorWrapper, rows: Iterable[tuple[MemberRow, Sequence[LineRow]]]) -> None:
        people, lines = io.StringIO(), io.StringIO()
        write_person, write_line = csv.writer(people).writerow, csv.writer(lines).writerow
        for member, its_lines in rows:
            self.count += 1
            write_person(self._person(member))
            for line in its_lines:
                write_line(line)
        copy(cursor, "stage_member", tables.MEMBER_COLUMNS, people)
        copy(cursor, "stage_line", tables.LINE_COLUMNS, lines)
        former = [(old, found[-1]) for found in self.senders.values() for old in found[:-1]]
        if former:
            senders = io.StringIO()
            csv.writer(senders).writerows(former)
            copy(cursor, "stage_sender", tables.SENDER_COLUMNS, senders)
            self.run(cursor, RENEW_SENDERS)
        cursor.execute(tables.ERRORS)

    def _person(self, row: MemberRow) -> tuple[object, ...]:
        key = uuid.uuid4()
        cipher = index = indexes = last_four = ""
        ssn = usable_ssn(row.ssn)
        if ssn:
            self.ssns[row.seq] = ssn
            cipher = "\\x" + crypto.encrypt(ssn, context=ssn_context(key)).hex()
            every = crypto.blind_indexes(ssn, purpose="ssn")
            index, indexes = every[-1], _array(every)  # the last key is the current one
            last_four = ssn[-4:]
        former = usable_ssn(row.former_ssn)
        sender, sender_cipher = self._sender(row, key)
        return (
            row.seq,
            row.segment,
            row.subscriber,
            row.relationship,
            row.maintenance,
            row.creates,
            row.full,
            row.reason,
            row.cobra,
            row.cobra_from,
            row.ends,
            sender,
            row.group_number,
            row.class_name,
            row.enrollee_id,
            row.first_name,
            row.middle_name,
            row.last_name,
            row.suffix,
            row.birth_date,
            row.sex,
            row.former_birth_date,
            row.address,
            row.address2,
            row.city,
            row.state,
            row.zip,
            row.phone,
            row.email,
            row.confidential_address,
            staging.fold(row.first_name),
            staging.fold(row.former_name),
            names.sort_key(row.last_name, row.first_name),
            key,
            cipher,
            index,
            indexes,
            _array(crypto.blind_indexes(former, purpose="ssn")) if former else "",
            last_four,
            sender_cipher,
            numbers.masked(row.sender_number),
        )

    def _sender(self, row: MemberRow, key: uuid.UUID) -> tuple[str, str]:
        """How the contract keeps the sender's number: as it is; or an SSN by its blind index and, where the row may
        make a contract, encrypted."""
        digits = numbers.ssn_in(row.sender_number)
        if not digits:
            return row.sender_number, ""
        found = self.senders.get(digits)
        if found is None:
            found = self.senders[digits] = crypto.blind_indexes(digits, purpose=SENDER)
        makes = row.subscriber and row.creates
        return found[-1], "\\x" + crypto.encrypt(digits, context=sender_context(key)).hex() if makes else ""

    def drop(self, cursor: CursorWrapper) -> None:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(tables.TABLES)}")


def ssn_context(key: uuid.UUID) -> str:
    return f"members_person.ssn.{key}"


def sender_context(key: uuid.UUID) -> str:
    return f"members_contract.sender.{key}"


def usable_ssn(typed: str) -> str:
    """Nine digits, or nothing: a number of one digit repeated is a filler that many people would share."""
    digits = typed.replace("-", "").replace(" ", "")
    return digits if len(digits) == 9 and digits.isascii() and digits.isdigit() and len(set(digits)) > 1 else ""


def _array(values: Iterable[str]) -> str:
    return "{" + ",".join(values) + "}"


def copy(cursor: CursorWrapper, table: str, columns: dict[str, str], content: io.StringIO) -> None:
    """COPY goes into a temporary table, since row policies refuse it elsewhere."""
    defined = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(f"CREATE TEMPORARY TABLE {table} ({defined}) ON COMMIT DROP")
    kept = ", ".join(name for name in columns if name in tables.NOT_NULL)
    options = f", FORCE_NOT_NULL ({kept})" if kept else ""
    content.seek(0)
    cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv{options})", content)
    cursor.execute(f"ANALYZE {table}")


def _changed_mail() -> dict[str, str]:
    """To who had another e-mail on file than a file now says."""
    return {
        "changed_subject": _("Your e-mail address on file was changed"),
        "changed_body": _(
            "The e-mail address that your health plan has on file for you was changed by a file from your employer. If "
            "this is wrong, call member services: %(phone)s."
        )
        % {"phone": brand.brand()["card_phone"]},
    }
