"""Strict reading of the plan's own CSV files, row by row, with line numbers; documented in docs/operators.md.

UTF-8, with or without a byte order mark; comma; one header row that names each column once, in any order. The file is
refused whole (`Unreadable`) when its bytes or its header are wrong. A bad row is refused by itself, with every column
that is wrong in it; the others are taken. Reasons never repeat a value, so that no person's data reaches a log.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from stdnum.exceptions import ValidationError as NumberError
from stdnum.us import ein

MUST: Final = object()  # an empty field is refused


class Unreadable(Exception):
    """The file as a whole cannot be taken; the message says why."""


class BadValue(ValueError):
    """A value that its column refuses; the message says what is expected."""


@dataclass(frozen=True, slots=True)
class Column:
    """`read` turns the text of a field into its value or raises `BadValue`. `empty` is the value of an empty field;
    `MUST` refuses one. The header may lack an `optional` column, whose fields are then empty."""

    name: str
    read: Callable[[str], Any]
    empty: Any = MUST
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """`line` counts from 1 with the header; `column` is empty where the row as a whole is at fault."""

    line: int
    column: str
    reason: str
    file: str = ""

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}".strip()
        return f"{where}, {self.column}: {self.reason}" if self.column else f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def part(self, columns: Sequence[str]) -> dict[str, Any]:
        return {column: self.values[column] for column in columns}


@dataclass(frozen=True, slots=True)
class Table:
    """The good rows, the refused ones, and how many there were."""

    name: str
    rows: list[Row]
    refusals: list[Refusal]
    count: int


@dataclass(slots=True)
class ImportReport:
    """What became of a file. `counts` are what was written, by name; `notes` are for a person to look at."""

    rows: int = 0
    refused_rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, table: Table, refusals: Sequence[Refusal]) -> None:
        """Count a table in whose rows the taker found further `refusals`."""
        found = sorted([*table.refusals, *refusals], key=lambda refusal: refusal.line)
        self.rows += table.count
        self.refused_rows += len({refusal.line for refusal in found})
        self.refusals += found

    @property
    def exit_code(self) -> int:
        """0 everything taken, 1 some rows refused, 2 nothing taken."""
        if self.refused_rows == self.rows:
            return 2
        return 1 if self.refused_rows else 0


def read(path: Path, columns: Sequence[Column]) -> Table:
    """Raises `Unreadable`, `OSError`."""
    rows: list[Row] = []
    refusals: list[Refusal] = []
    count = 0
    for line, fields in _records(path, columns):
        count += 1
        if isinstance(fields, str):
            refusals.append(Refusal(line, "", fields, path.name))
            continue
        values: dict[str, Any] = {}
        bad = []
        for column in columns:
            try:
                values[column.name] = _value(column, fields.get(column.name, ""))
            except BadValue as error:
                bad.append(Refusal(line, column.name, str(error), path.name))
        if bad:
            refusals += bad
        else:
            rows.append(Row(line, values))
    return Table(path.name, rows, refusals, count)


def _value(column: Column, raw: str) -> Any:
    typed = raw.strip()
    if not typed:
        if column.empty is MUST:
            raise BadValue("is empty")
        return column.empty
    if not typed.isprintable():
        raise BadValue("holds a character that cannot be printed")
    return column.read(typed)


def _records(path: Path, columns: Sequence[Column]) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Line number and fields by column, or what is wrong with the row as a whole."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            _check_header(path, header, columns)
            line = reader.line_num + 1
            for fields in reader:
                if len(fields) == len(header):
                    yield line, dict(zip(header, fields, strict=True))
                elif any(text.strip() for text in fields):
                    yield line, f"has {len(fields)} fields where the header names {len(header)}"
                line = reader.line_num + 1
        except UnicodeDecodeError as error:
            raise Unreadable(f"{path.name} is not UTF-8") from error
        except csv.Error as error:
            raise Unreadable(f"{path.name} line {reader.line_num}: {error}") from error


def _check_header(path: Path, header: Sequence[str], columns: Sequence[Column]) -> None:
    if not any(header):
        raise Unreadable(f"{path.name} has no header row")
    known = {column.name for column in columns}
    problems = {
        "missing": [c.name for c in columns if not c.optional and c.name not in header],
        "unknown": [name or "(no name)" for name in header if name not in known],
        "named twice": sorted({name for name in header if name and header.count(name) > 1}),
    }
    faults = [f"{what} columns: {', '.join(names)}" for what, names in problems.items() if names]
    if faults:
        raise Unreadable(f"{path.name}: {'; '.join(faults)}")


# --- Values -------------------------------------------------------------------------------------------------------


def text(limit: int) -> Callable[[str], str]:
    """Any printable text up to `limit` characters."""

    def read_text(typed: str) -> str:
        if len(typed) > limit:
            raise BadValue(f"is longer than {limit} characters")
        return typed

    return read_text


def code(limit: int) -> Callable[[str], str]:
    """Letters, digits and . _ : - only."""

    def read_code(typed: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._:-]+", typed) or len(typed) > limit:
            raise BadValue(f"expected at most {limit} letters, digits, or . _ : -")
        return typed

    return read_code


def digits(low: int, high: int) -> Callable[[str], str]:
    """A number kept as text, leading zeros and all."""

    def read_digits(typed: str) -> str:
        if not re.fullmatch(rf"[0-9]{{{low},{high}}}", typed):
            raise BadValue(f"expected {low} to {high} digits" if low != high else f"expected {low} digits")
        return typed

    return read_digits


def whole(low: int, high: int) -> Callable[[str], int]:
    """Both ends included."""

    def read_whole(typed: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", typed) or not low <= int(typed) <= high:
            raise BadValue(f"expected a whole number from {low} to {high}")
        return int(typed)

    return read_whole


def choice(*values: str) -> Callable[[str], str]:
    def read_choice(typed: str) -> str:
        if typed not in values:
            raise BadValue(f"expected one of {', '.join(values)}")
        return typed

    return read_choice


def cents(typed: str) -> int:
    """Dollars with two decimals, no sign, no thousands comma."""
    if not re.fullmatch(r"[0-9]{1,10}\.[0-9]{2}", typed):
        raise BadValue("expected dollars with two decimals, such as 1624.74")
    return int(typed.replace(".", ""))


def day(typed: str) -> dt.date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
            return dt.date.fromisoformat(typed)
    except ValueError:
        pass
    raise BadValue("expected a date as YYYY-MM-DD")


def first_of_month(typed: str) -> dt.date:
    value = day(typed)
    if value.day != 1:
        raise BadValue("expected the first day of a month")
    return value


def state(typed: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", typed):
        raise BadValue("expected a state as two capital letters")
    return typed


def zip_code(typed: str) -> str:
    if not re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", typed):
        raise BadValue("expected a ZIP code: 12207 or 12207-1234")
    return typed


def tax_id(typed: str) -> str:
    """An employer identification number, with or without its dash; nine digits."""
    try:
        return str(ein.validate(typed))
    except NumberError as error:
        raise BadValue("expected a tax ID (EIN): nine digits that begin as the IRS gives them") from error


def email(typed: str) -> str:
    try:
        validate_email(typed)
    except ValidationError as error:
        raise BadValue("expected an e-mail address") from error
    return typed
