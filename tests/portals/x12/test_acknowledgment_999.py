from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.enrollment.x834 import checker
from members.enrollment.x834 import reader as reader_834
from portals.x12 import acknowledgment_999
from portals.x12.acknowledgment_999 import Acknowledgment, read_999
from tests.paths import shared_data
from tests.portals.x12.oracle import judge
from tests.portals.x12.samples import BASE, changed, file

NOW = datetime(2027, 1, 4, 11, 15)


def answered(text: str) -> tuple[str, Acknowledgment]:
    """Our acknowledgment of a file, which pyx12 must find sound, as text and read back."""
    report = checker.check(file(text))
    data = acknowledgment_999.write_999(report, control_number=42, created_at=NOW)
    sound, _ = judge(data.decode())
    assert sound
    return data.decode(), read_999(file(data))


def test_a_sound_file_is_accepted_and_the_parties_change_places() -> None:
    text, ack = answered(BASE)
    assert (ack.interchange.sender, ack.interchange.receiver) == ("FRONTHOUSE", "BROOKMORE")
    assert ack.interchange.control_number == "000000042"
    (group,) = ack.groups
    assert (group.functional_id, group.control_number, group.answer) == ("BE", "11", "A")
    assert (group.included, group.received, group.accepted) == (1, 1, 1)
    assert group.sets[0].answer == "A"
    assert "GS*FA*FRONTHOUSE*BROOKMORE*20270104*1115*42*X*005010X231A1~" in text


def test_a_refused_set_names_segment_element_code_value_and_subscriber() -> None:
    text, ack = answered(changed("28*A***FT", "28*A*C   **FT"))
    group = ack.groups[0]
    assert (group.answer, group.accepted) == ("R", 0)
    (answer,) = group.sets
    assert (answer.answer, answer.codes) == ("R", ("5",))
    (segment,) = answer.segments
    assert (segment.segment_id, segment.position, segment.code) == ("INS", 6, "8")
    assert segment.context == "SUBSCRIBER NUMBER REF02:FH0000001"
    (element,) = segment.elements
    assert (element.position, element.component, element.reference, element.code) == (6, 1, "1218", "5")
    assert "IK4*6:1*1218*5*C~" in text


def test_several_sets_are_accepted_in_part() -> None:
    start, end = BASE.index("\nST*") + 1, BASE.index("\nGE*") + 1
    bad = BASE[start:end].replace("*0001*005", "*0002*005").replace("SE*17*0001", "SE*9*0003").replace("*EMP", "*ZZZ")
    _, ack = answered(BASE[:end] + bad + BASE[end:].replace("GE*1", "GE*2"))
    (group,) = ack.groups
    assert (group.answer, group.included, group.received, group.accepted) == ("P", 2, 2, 1)
    assert [s.answer for s in group.sets] == ["A", "R"]
    assert group.sets[1].codes == ("3", "4", "5")


def test_a_noted_fault_is_told_with_the_acceptance() -> None:
    _, ack = answered(changed("DTP*356", "DTP*358"))
    assert (ack.groups[0].answer, ack.groups[0].sets[0].answer) == ("E", "E")
    assert ack.groups[0].sets[0].segments[0].elements[0].bad_value == "358"


def test_an_unsupported_guide_is_refused_at_the_group() -> None:
    _, ack = answered(changed("*X*005010X220A1", "*X*004010X095A1"))
    (group,) = ack.groups
    assert (group.answer, group.codes, group.accepted, group.sets) == ("R", ("2",), 0, ())


def test_a_missing_segment_is_told_where_it_should_have_stood() -> None:
    _, ack = answered(changed("REF*0F*FH0000001~\n", ""))
    (segment,) = ack.groups[0].sets[0].segments
    assert (segment.segment_id, segment.position, segment.code) == ("REF", 8, "3")


def test_a_broken_envelope_is_answered_by_a_ta1_alone() -> None:
    report = checker.check(file(BASE.replace("IEA*1*000000001", "IEA*1*000000009")))
    data = acknowledgment_999.write_999(report, control_number=42, created_at=NOW)
    ack = read_999(file(data))
    assert (ack.interchange_answer, ack.interchange_note, ack.answered_control_number) == ("R", "001", "000000001")
    assert ack.groups == ()
    assert data.decode().splitlines()[-1] == "IEA*0*000000042~"


def test_a_sender_who_asks_for_it_gets_a_ta1_for_a_sound_envelope() -> None:
    _, ack = answered(BASE.replace("*0*T*", "*1*T*"))
    assert (ack.interchange_answer, ack.interchange_note) == ("A", "000")
    assert ack.groups[0].answer == "A"


def test_nobody_can_be_answered_without_an_isa() -> None:
    report = checker.check(file("not X12 at all"))
    with pytest.raises(ValueError, match="ISA"):
        acknowledgment_999.write_999(report, control_number=1, created_at=NOW)


def test_no_acknowledgment_carries_a_social_security_number() -> None:
    text, _ = answered(changed("34*901120001", "34*901120001 "))
    assert "IK4*9" in text
    assert "901120001" not in text


@given(
    st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.sampled_from("*:~^A1 \n\x01é")), min_size=1, max_size=3),
    st.booleans(),
)
def test_no_damage_to_a_file_stops_its_answer(damage: list[tuple[int, str]], insert: bool) -> None:
    text = BASE
    for place, sign in damage:
        text = text[:place] + sign + text[place + (0 if insert else 1) :]
    report = checker.check(file(text))
    people = list(reader_834.members(file(text), report))
    assert len(people) == report.member_count
    if report.interchange:
        read_999(file(acknowledgment_999.write_999(report, control_number=42, created_at=NOW)))


@pytest.mark.parametrize(
    ("name", "answer", "codes"),
    [
        ("834_ls_le_ls_5010.999.txt", "A", ()),
        ("x12_999_accepted.txt", "A", ()),
        ("x12_999_rejected.txt", "R", ("5",)),
    ],
)
def test_public_acknowledgments_are_read(name: str, answer: str, codes: tuple[str, ...]) -> None:
    ack = read_999(file(shared_data(f"x12-999/{name}").read_bytes()))
    assert ack.groups[0].answer == answer
    assert ack.groups[0].sets[0].codes == codes
