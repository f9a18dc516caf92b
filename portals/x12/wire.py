"""X12 interchanges on the wire: a streaming tokenizer and a writer.

An interchange names its own delimiters in its fixed-width ISA segment. The tokenizer reads a binary file object in
pieces and holds only one piece in memory; the writer keeps the counts that the trailers need.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

ISA_LENGTH: Final = 106
PIECE: Final = 1 << 18
LONGEST_SEGMENT: Final = 1 << 14

# Width of each ISA element, in order; the element separator stands before each of them.
ISA_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)

_BOM: Final = b"\xef\xbb\xbf"
_BETWEEN: Final = " \r\n\t"


class X12Error(Exception):
    """The file cannot be read as one X12 interchange.

    `segment_number` counts from 1 (the ISA). `note` is the TA1 note code. The sentence never quotes data.
    """

    def __init__(self, sentence: str, *, segment_number: int, note: str = "022") -> None:
        super().__init__(f"Segment {segment_number}: {sentence}")
        self.sentence = sentence
        self.segment_number = segment_number
        self.note = note


@dataclass(frozen=True, slots=True)
class Delimiters:
    element: str = "*"
    component: str = ":"
    segment: str = "~"
    repetition: str = "^"
    """Empty when ISA11 holds a letter or digit, as files of older habits do."""


@dataclass(frozen=True, slots=True)
class Interchange:
    """The ISA envelope. Sender and receiver without their padding; the time is the sender's own, without a zone."""

    sender: str
    receiver: str
    control_number: str
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    prepared_date: str = ""
    """YYMMDD, as on the wire."""
    prepared_time: str = ""
    """HHMM, as on the wire."""
    version: str = "00501"
    acknowledgment_requested: bool = False
    usage: str = "P"
    """P production, T test."""
    delimiters: Delimiters = Delimiters()


class Tokenizer:
    """Reads one interchange: `interchange` at once, then the segments (the ISA first) by iteration.

    A segment is its text without the terminator; line ends and blanks between segments are dropped. Raises `X12Error`
    for a file that is not X12, is not plain ASCII, or ends before its IEA.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        head = file.read(ISA_LENGTH + len(_BOM) + 64)
        head = head.removeprefix(_BOM).lstrip(_BETWEEN.encode())
        if len(head) < ISA_LENGTH:
            head += file.read(ISA_LENGTH - len(head))
        self._head = head
        self.isa, self.interchange = _read_isa(head)
        self.delimiters = self.interchange.delimiters

    def __iter__(self) -> Iterator[str]:
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[list[str]]:
        """The segments in lists, a piece of the file each: the fastest way to walk a large file."""
        terminator = self.delimiters.segment
        end = terminator.encode("ascii")
        yield [self.isa]
        count = 1
        rest = ""
        piece = self._head[ISA_LENGTH:]
        last = self.isa
        ended = False
        while piece:
            try:
                text = piece.decode("ascii")
            except UnicodeDecodeError as error:
                number = count + 1 + piece[: error.start].count(end)
                raise X12Error(
                    "holds a byte outside plain ASCII; send names without accents.", segment_number=number, note="024"
                ) from error
            found = (rest + text).split(terminator)
            rest = found.pop()
            if len(rest) > LONGEST_SEGMENT:
                raise X12Error(
                    f"has no segment terminator within {LONGEST_SEGMENT} characters.",
                    segment_number=count + len(found) + 1,
                )
            batch = [segment.strip("\r\n").lstrip() for segment in found]
            if batch:
                if ended:
                    raise X12Error("stands after the IEA; send one interchange a file.", segment_number=count + 1)
                if batch[-1][:3] == "IEA":
                    ended = True
                count += len(batch)
                last = batch[-1]
                yield batch
            piece = self._file.read(PIECE)
        if rest.strip(_BETWEEN):
            raise X12Error(
                "has no terminator: the file ends in the middle of it.", segment_number=count + 1, note="023"
            )
        if last[:3] != "IEA":
            raise X12Error("is the last, but it is not the IEA: the file is cut off.", segment_number=count, note="023")


def _read_isa(head: bytes) -> tuple[str, Interchange]:
    if not head.startswith(b"ISA"):
        raise X12Error("is not an ISA: this is not an X12 file.", segment_number=1)
    try:
        text = head[:ISA_LENGTH].decode("ascii")
    except UnicodeDecodeError as error:
        raise X12Error("contains a byte outside plain ASCII.", segment_number=1, note="024") from error
    if len(text) < ISA_LENGTH:
        raise X12Error(f"the ISA has {len(text)} of {ISA_LENGTH} characters.", segment_number=1, note="023")
    separator = text[3]
    parts = text[:105].split(separator)
    if len(parts) != 17 or tuple(map(len, parts[1:])) != ISA_WIDTHS:
        raise X12Error("the ISA does not have the fixed widths that X12 prescribes.", segment_number=1)
    repetition = "" if parts[11].isalnum() else parts[11]
    delimiters = Delimiters(separator, parts[16], text[105], repetition)
    used = [mark for mark in (separator, parts[16], text[105], repetition) if mark]
    if len(set(used)) != len(used) or any(mark.isalnum() or mark == " " for mark in used):
        raise X12Error("the ISA names delimiters that are not distinct signs.", segment_number=1, note="026")
    return text[:105], Interchange(
        sender=parts[6].strip(),
        receiver=parts[8].strip(),
        control_number=parts[13],
        sender_qualifier=parts[5],
        receiver_qualifier=parts[7],
        prepared_date=parts[9],
        prepared_time=parts[10],
        version=parts[12],
        acknowledgment_requested=parts[14] == "1",
        usage=parts[15],
        delimiters=delimiters,
    )


def plain(text: str, delimiters: Delimiters = Delimiters()) -> str:
    """The text as X12 can carry it: no accents, no delimiter, no control sign, single blanks."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    marks = delimiters.element + delimiters.component + delimiters.segment + delimiters.repetition
    return " ".join("".join(c if c.isprintable() and c not in marks else " " for c in bare).split())


class Writer:
    """Writes one interchange and counts what its trailers must say: SE01, GE01 and IEA01.

    Values are strings already in their wire form; a value that holds a delimiter, a control sign or a letter outside
    ASCII raises ValueError (see `plain`). A line feed follows each segment, for people who look into the file.
    """

    def __init__(self, out: BinaryIO, delimiters: Delimiters = Delimiters()) -> None:
        self._out = out
        self.delimiters = delimiters
        self._buffer: list[str] = []
        self._interchange_control = self._group_control = self._set_control = ""
        self._groups = self._sets = self._segments = 0
        self._end = delimiters.segment + "\n"

    def segment(self, *elements: str, composite: bool = False) -> None:
        """One segment; empty elements at its end are left out. `composite`: the caller joined components itself."""
        text = self.delimiters.element.join(elements).rstrip(self.delimiters.element)
        if not text.isascii() or not text.isprintable() or text.count(self.delimiters.element) >= len(elements):
            raise ValueError(f"A value of segment {elements[0]} cannot be written in X12.")
        marks = self.delimiters
        if (
            marks.segment in text
            or (marks.repetition and marks.repetition in text)
            or (marks.component in text and not composite)
        ):
            raise ValueError(f"A value of segment {elements[0]} holds a delimiter.")
        self._segments += 1
        self._buffer.append(text)
        if len(self._buffer) >= 4096:
            self.flush()

    def start_interchange(self, interchange: Interchange) -> None:
        self._interchange_control = interchange.control_number.zfill(9)
        values = (
            "00", "", "00", "", interchange.sender_qualifier, interchange.sender, interchange.receiver_qualifier,
            interchange.receiver, interchange.prepared_date, interchange.prepared_time,
            self.delimiters.repetition or "U", interchange.version, self._interchange_control,
            "1" if interchange.acknowledgment_requested else "0", interchange.usage, self.delimiters.component,
        )  # fmt: skip
        padded = [value.ljust(width) for value, width in zip(values, ISA_WIDTHS, strict=True)]
        named = "".join((*padded[:10], *padded[11:15]))
        marks = self.delimiters
        forbidden = marks.element + marks.component + marks.segment + marks.repetition
        if tuple(map(len, padded)) != ISA_WIDTHS or not named.isascii() or set(named) & set(forbidden):
            raise ValueError("A value does not fit into the ISA.")
        self._buffer.append(self.delimiters.element.join(["ISA", *padded]))

    def start_group(
        self, functional_id: str, sender: str, receiver: str, control_number: str, guide: str, created_at: datetime
    ) -> None:
        self._group_control, self._sets = control_number, 0
        self._groups += 1
        day, time = created_at.strftime("%Y%m%d"), created_at.strftime("%H%M")
        self.segment("GS", functional_id, sender, receiver, day, time, control_number, "X", guide)

    def start_set(self, set_id: str, control_number: str, guide: str) -> None:
        self._set_control, self._segments = control_number, 0
        self._sets += 1
        self.segment("ST", set_id, control_number, guide)

    def end_set(self) -> None:
        self.segment("SE", str(self._segments + 1), self._set_control)

    def end_group(self) -> None:
        self.segment("GE", str(self._sets), self._group_control)

    def end_interchange(self) -> None:
        self.segment("IEA", str(self._groups), self._interchange_control)
        self.flush()

    def flush(self) -> None:
        if self._buffer:
            self._out.write((self._end.join(self._buffer) + self._end).encode("ascii"))
            self._buffer.clear()
