"""One core for every change of enrollment: rows are staged, checked and applied set-wise, whether a file brings a
hundred thousand of them or a page brings one."""

from __future__ import annotations

import csv
import datetime as dt
import io
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from members.enrollment import billable_segments as segments
from members.enrollment.apply import rows as staging
from members.enrollment.apply import tables as stage_sql
from members.enrollment.apply.rows import LineRow, MemberRow
from members.models import Enrollee
from members.rules import names, numbers
from portals import scope as scopes
from portals.crypto import values as crypto
from portals.plan import brand, clock, periods
from portals.scope import Scope

HELD_CONTRACTS = 3  # settings of worked figure F12: a full file may end this many contracts,
HELD_PERCENT = 5  # or this share of them, whichever is more, before a person must look
SENDER = "sender_number"  # purpose of the blind index of a subscriber's number that looks like an SSN
_TICK = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a member was not taken. `segment` is the file's, 1-based (0: a page); `value` a parameter of the reason."""

    segment: int
    segment_id: str
    sender_number: str
    reason: str
    value: str


@dataclass(frozen=True, slots=True)
class Applied:
    members: int
    refused: int
    """Members refused; each may have several reasons."""
    refusals: tuple[Refusal, ...]
    people_created: int = 0
    contracts_created: int = 0
    coverages_superseded: int = 0
    coverages_written: int = 0
    segments_superseded: int = 0
    segments_written: int = 0
    absent: int = 0
    """People whose coverage ends because a full file does not name them."""
    known_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """What a full file would end by not naming it."""

    contracts: int
    contracts_losing_people: int
    people: int
    active_contracts: int

    @property
    def most(self) -> int:
        """How many contracts may end without a person looking."""
        return max(HELD_CONTRACTS, self.active_contracts * HELD_PERCENT // 100)

    @property
    def is_held(self) -> bool:
        return self.contracts > self.most or self.contracts_losing_people > self.most


class HeldError(Exception):
    """A full file would end so much that a person must say so; nothing was applied."""

    def __init__(self, absence: Absence) -> None:
        super().__init__(f"{absence.contracts} of {absence.active_contracts} contracts would end")
        self.absence = absence


def apply_staged(
    rows: Iterable[tuple[MemberRow, Sequence[LineRow]]],
    *,
    by: Scope,
    known_at: dt.datetime,
    action: str,
    client_id: int | None = None,
    file_id: int | None = None,
    full_from: dt.date | None = None,
    hold: bool = True,
) -> Applied:
    """Apply what the rows ask for in the caller's transaction, in a constant number of statements.

    Good members enter, the others are answered with reasons. `client_id` limits the rows to that client's groups and
    contracts; without it a group number alone decides. `full_from` is the first day on which those who are absent from
    a full file are no longer covered. Knowledge never runs backward: where something later than `known_at` is already
    known of these contracts, the change counts as known right after it.
    Raises HeldError unless `hold` is off; the caller then rolls back.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("coverage changes in one transaction with what follows from it")
    work = _Stage(by, known_at, action, client_id, file_id, full_from)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # sorts of a large file stay in memory
        work.load(cursor, rows)
        if not work.count:
            work.drop(cursor)
            return Applied(0, 0, ())
        work.place(cursor)
        work.check(cursor)
        absent = work.compare(cursor, hold=hold) if full_from else 0
        work.create(cursor)
        applied = work.write(cursor, absent)
        work.drop(cursor)
    return applied


class RefusedError(Exception):
    """A page's change was not taken; `refusals` say why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(", ".join(refusal.reason for refusal in refusals))
        self.refusals = refusals


def add_coverage(
    enrollee_id: int,
    *,
    line: str,
    plan_code: str,
    begin_date: dt.date,
    by: Scope,
    known_at: dt.datetime,
    reason: str = "",
) -> Applied:
    """Cover a person whom `by` may see, from a day on, by a plan of the contract's group. Raises RefusedError."""
    what = LineRow(1, 1, 0, staging.ADD, line, "", plan_code, begin_date, None, plan_code)
    return _apply_one(enrollee_id, staging.CHANGE, [what], by=by, known_at=known_at, reason=reason)


def end_coverage(
    enrollee_id: int, *, last_day: dt.date, by: Scope, known_at: dt.datetime, line: str = "", reason: str = ""
) -> Applied:
    """End one line of a person, or without `line` all; a subscriber takes the dependents along. Raises RefusedError."""
    end = periods.from_last_day(last_day)
    if not line:
        return _apply_one(enrollee_id, staging.END, [], by=by, known_at=known_at, reason=reason, ends=end)
    what = LineRow(1, 1, 0, staging.END, line, "", "", None, end, line)
    return _apply_one(enrollee_id, staging.CHANGE, [what], by=by, known_at=known_at, reason=reason)


def _apply_one(
    enrollee_id: int,
    maintenance: str,
    lines: Sequence[LineRow],
    *,
    by: Scope,
    known_at: dt.datetime,
    reason: str,
    ends: dt.date | None = None,
) -> Applied:
    enrollee = Enrollee.objects.visible_to(by).select_related("contract").get(pk=enrollee_id)
    row = staging.of_enrollee(enrollee, maintenance, reason=reason, ends=ends)
    with transaction.atomic(), scopes.lifted("a change of coverage also writes what the plan bills by it"):
        applied = apply_staged(
            [(row, lines)], by=by, known_at=known_at, action="members.change_coverage", client_id=enrollee.client_id
        )
        if applied.refusals:
            raise RefusedError(applied.refusals)
    return applied


class _Stage:
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
            **_changed_words(),
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
        _copy(cursor, "stage_member", stage_sql.MEMBER_COLUMNS, people)
        _copy(cursor, "stage_line", stage_sql.LINE_COLUMNS, lines)
        former = [(old, found[-1]) for found in self.senders.values() for old in found[:-1]]
        if former:
            senders = io.StringIO()
            csv.writer(senders).writerows(former)
            _copy(cursor, "stage_sender", stage_sql.SENDER_COLUMNS, senders)
            self.run(cursor, stage_sql.RENEW_SENDERS)
        cursor.execute(stage_sql.ERRORS)

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

    def place(self, cursor: CursorWrapper) -> None:
        """Whose client, group, contract and person each row means."""
        self.run(cursor, stage_sql.LOCK)
        self.make(cursor, "stage_place", stage_sql.PLACE)
        self.run(cursor, stage_sql.PLACE_ERRORS)
        self.make(cursor, "stage_now", stage_sql.NOW)
        self.make(cursor, "stage_person", stage_sql.PERSON)
        self.run(cursor, stage_sql.PERSON_ERRORS)

    def check(self, cursor: CursorWrapper) -> None:
        """Which plan and days each line means, and what contradicts what is known."""
        self.make(cursor, "stage_wish", stage_sql.WISH)
        self.make(cursor, "stage_choice", stage_sql.CHOICE)
        self.make(cursor, "stage_set", stage_sql.SET)
        self.make(cursor, "stage_span", stage_sql.SPAN)
        self.run(cursor, stage_sql.SET_ERRORS)
        self.make(cursor, "stage_slot", stage_sql.SLOT)
        self.make(cursor, "stage_end", stage_sql.END)
        self.run(cursor, stage_sql.END_ERRORS)
        self.run(cursor, stage_sql.OVERLAP_ERRORS)
        self.run(cursor, stage_sql.REINSTATE_ERRORS)
        self.run(cursor, stage_sql.COBRA_ERRORS)
        self.run(cursor, stage_sql.CASCADE)
        cursor.execute("ANALYZE stage_error")
        self.make(cursor, "stage_op", stage_sql.OP)

    def compare(self, cursor: CursorWrapper, *, hold: bool) -> int:
        """End whom a full file does not name; answers how many people."""
        self.make(cursor, "stage_absent", stage_sql.ABSENT)
        self.run(cursor, stage_sql.ABSENT_COUNTS)
        absence = Absence(*cursor.fetchone())
        if hold and absence.is_held:
            raise HeldError(absence)
        self.run(cursor, stage_sql.ABSENT_OP)
        return absence.people

    def create(self, cursor: CursorWrapper) -> None:
        self.make(cursor, "stage_new", stage_sql.NEW)
        self.people = self.run(cursor, stage_sql.NEW_PEOPLE)
        cursor.execute("SELECT count(*) FROM stage_new WHERE subscriber")
        _draw_numbers(cursor, int(cursor.fetchone()[0]))
        self.contracts = self.make(cursor, "stage_contract", stage_sql.NEW_CONTRACTS)
        self.run(cursor, stage_sql.INSERT_CONTRACTS)
        self.make(cursor, "stage_key", stage_sql.KEY)
        self.run(cursor, stage_sql.INSERT_ENROLLEES)
        self.run(cursor, stage_sql.UPDATE_PEOPLE)
        self._update_ssns(cursor)

    def _update_ssns(self, cursor: CursorWrapper) -> None:
        self.run(cursor, stage_sql.OTHER_SSNS)
        fresh = io.StringIO()
        write = csv.writer(fresh).writerow
        for person_id, key, seq in cursor.fetchall():
            cipher = crypto.encrypt(self.ssns[seq], context=ssn_context(key))
            write((person_id, seq, "\\x" + cipher.hex()))
        _copy(cursor, "stage_ssn", {"person_id": "bigint", "seq": "integer", "cipher": "bytea"}, fresh)
        self.run(cursor, stage_sql.UPDATE_SSNS)

    def write(self, cursor: CursorWrapper, absent: int) -> Applied:
        self.run(cursor, stage_sql.TOUCHED)
        self.run(cursor, stage_sql.UPDATE_RELATIONSHIPS)
        self.make(cursor, "stage_final", stage_sql.FINAL)
        self.run(cursor, stage_sql.KNOWN_SINCE)
        since = cursor.fetchone()[0]
        self.params["known_at"] = known_at = max(self.known_at, since + _TICK) if since else self.known_at
        self.run(cursor, stage_sql.SUPERSEDE)
        superseded = int(cursor.fetchone()[0])
        self.run(cursor, stage_sql.INSERT)
        written = int(cursor.fetchone()[0])
        cursor.execute("ANALYZE stage_touched")
        rebuilt = segments.rebuild("stage_touched", known_at=known_at)
        refusals = self._refusals(cursor)
        cursor.execute("SELECT count(DISTINCT member_seq) FROM stage_error")
        refused = int(cursor.fetchone()[0])
        event = audit.record(
            kind=Kind.CHANGE,
            action=self.action,
            object_kind="enrollment_file" if self.file_id else "",
            object_id=str(self.file_id or ""),
            detail={"members": self.count, "refused": refused, "coverages_written": written},
            **self.by.audit(),
        )
        audit.record_subjects(event, stage_sql.SUBJECTS)
        return Applied(
            members=self.count,
            refused=refused,
            refusals=refusals,
            people_created=self.people,
            contracts_created=self.contracts,
            coverages_superseded=superseded,
            coverages_written=written,
            segments_superseded=rebuilt.superseded,
            segments_written=rebuilt.written,
            absent=absent,
            known_at=known_at,
        )

    def _refusals(self, cursor: CursorWrapper) -> tuple[Refusal, ...]:
        if self.file_id:
            self.run(cursor, stage_sql.KEEP_REFUSED)
            return ()
        self.run(cursor, stage_sql.REFUSED)
        return tuple(Refusal(*row) for row in cursor.fetchall())

    def drop(self, cursor: CursorWrapper) -> None:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(stage_sql.TABLES)}")


def _changed_words() -> dict[str, str]:
    """To who had another e-mail on file than a file now says."""
    return {
        "changed_subject": _("Your e-mail address on file was changed"),
        "changed_body": _(
            "The e-mail address that your health plan has on file for you was changed by a file from your employer. If "
            "this is wrong, call member services: %(phone)s."
        )
        % {"phone": brand.brand()["card_phone"]},
    }


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


def _copy(cursor: CursorWrapper, table: str, columns: dict[str, str], content: io.StringIO) -> None:
    """COPY goes into a temporary table, since row policies refuse it elsewhere."""
    defined = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(f"CREATE TEMPORARY TABLE {table} ({defined}) ON COMMIT DROP")
    kept = ", ".join(name for name in columns if name in stage_sql.NOT_NULL)
    options = f", FORCE_NOT_NULL ({kept})" if kept else ""
    content.seek(0)
    cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv{options})", content)
    cursor.execute(f"ANALYZE {table}")


def _draw_numbers(cursor: CursorWrapper, wanted: int) -> None:
    """Free contract numbers into `stage_number`, drawn at random; those that are taken are drawn again."""
    cursor.execute("CREATE TEMPORARY TABLE stage_number (place integer, number text) ON COMMIT DROP")
    missing = wanted
    while missing:
        drawn = dict.fromkeys(secrets.randbelow(numbers.PAYLOADS) for _ in range(missing + missing // 20 + 1))
        content = io.StringIO()
        csv.writer(content).writerows((place, numbers.contract_number(payload)) for place, payload in enumerate(drawn))
        content.seek(0)
        cursor.copy_expert("COPY stage_number FROM STDIN (FORMAT csv)", content)
        cursor.execute(stage_sql.FREE_NUMBERS)
        cursor.execute("SELECT count(DISTINCT number) FROM stage_number")
        missing = max(0, wanted - int(cursor.fetchone()[0]))
