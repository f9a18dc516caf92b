import io
from datetime import datetime

import pytest

from portals.x12 import wire
from tests.portals.x12.samples import BASE, file


def segments(text: str | bytes) -> list[str]:
    return list(wire.Tokenizer(file(text)))


def test_line_ends_between_segments_and_a_byte_order_mark_do_not_matter() -> None:
    plain = segments(BASE.replace("\n", ""))
    assert segments(BASE) == plain
    assert segments(BASE.replace("\n", "\r\n")) == plain
    assert segments(BASE.replace("\n", " \n")) == plain
    assert segments(b"\xef\xbb\xbf" + BASE.encode()) == plain
    assert plain[0].startswith("ISA*00*")
    assert plain[-1] == "IEA*1*000000001"


def test_the_isa_itself_names_the_delimiters() -> None:
    text = BASE.replace("\n", "").replace("*", "|").replace("~", "\n").replace("^", "!")
    tokens = wire.Tokenizer(file(text))
    assert tokens.delimiters == wire.Delimiters("|", ":", "\n", "!")
    assert list(tokens)[3] == "BGN|00|BM-1|20270104|0930||||2"


def test_segments_come_out_alike_however_small_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = segments(BASE)
    monkeypatch.setattr(wire, "PIECE", 7)
    assert segments(BASE) == whole


@pytest.mark.parametrize(
    ("text", "number", "words", "note"),
    [
        ("", 1, "not an X12 file", "022"),
        ("Dear plan, attached is our list.", 1, "not an X12 file", "022"),
        (BASE[:60], 1, "60 of 106", "023"),
        (BASE.replace("BROOKMORE      *ZZ", "BROOKMORE     *ZZ", 1), 1, "fixed widths", "022"),
        (BASE[: BASE.index("DMG") + 9], 16, "ends in the middle", "023"),
        (BASE[: BASE.index("DMG")], 15, "cut off", "023"),
        (BASE[: BASE.index("IEA")], 20, "cut off", "023"),
        (BASE.replace("OAKWELL", "OAKWÉLL"), 12, "plain ASCII", "024"),
        (BASE[:BASE.index("GS")] + "X" * 300_000, 2, "no segment terminator", "022"),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_with_the_segment_and_the_reason(
    text: str, number: int, words: str, note: str
) -> None:
    with pytest.raises(wire.X12Error, match=words) as caught:
        segments(text)
    assert (caught.value.segment_number, caught.value.note) == (number, note)


def test_a_value_that_holds_a_delimiter_is_never_written() -> None:
    writer = wire.Writer(io.BytesIO())
    for value in ("A*B", "A~B", "A:B", "A^B", "A\nB", "É"):
        with pytest.raises(ValueError, match="REF"):
            writer.segment("REF", "0F", value)
    assert wire.plain("Bélanger~Ünal:\n x") == "Belanger Unal x"


def test_trailers_count_what_was_written() -> None:
    out = io.BytesIO()
    writer = wire.Writer(out)
    writer.start_interchange(wire.Interchange("US", "THEM", "7", prepared_date="270104", prepared_time="0930"))
    for control in ("1", "2"):
        writer.start_group("BE", "US", "THEM", control, "005010X220A1", datetime(2027, 1, 4, 9, 30))
        writer.start_set("834", "0001", "005010X220A1")
        writer.segment("REF", "38", "A", "", "")
        writer.end_set()
        writer.end_group()
    writer.end_interchange()
    found = segments(out.getvalue())
    assert len(found[0]) == wire.ISA_LENGTH - 1
    assert found[3:6] == ["REF*38*A", "SE*3*0001", "GE*1*1"]
    assert found[-1] == "IEA*2*000000007"
