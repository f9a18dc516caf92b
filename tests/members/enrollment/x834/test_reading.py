import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.enrollment.x834 import checker, guide, records
from members.enrollment.x834 import reader as reader_834
from members.enrollment.x834.records import Member, TransactionSet
from portals.x12 import grammar
from portals.x12 import report as x12_report
from portals.x12.report import X12Report
from portals.x12.wire import Delimiters
from tests.paths import shared_data
from tests.portals.x12.oracle import judge
from tests.portals.x12.samples import BASE, changed, file

X220 = [
    "834_deident_new_enroll.txt",
    "834_deident_term.txt",
    "add-dependent.834",
    "add-subscriber-coverage.834",
    "change-subscriber-information.834",
    "enroll-employee-managed-care.834",
    "example834_5010.txt",
    "reinstate-member-eligiblity-ins.834",
]


def checked(text: str | bytes) -> X12Report:
    return checker.check(file(text))


def people(text: str) -> list[Member]:
    report = checked(text)
    assert not report.sentences
    return [member for _, member in reader_834.members(file(text), report)]


def sample(name: str) -> tuple[X12Report, list[tuple[TransactionSet, Member]]]:
    data = shared_data(f"x12-834/{name}").read_bytes()
    report = checked(data)
    return report, list(reader_834.members(file(data), report))


def test_a_member_is_read_with_everything_said_of_them() -> None:
    text = changed("INS*Y*18*021*28*A***FT~", "INS*Y*18*001*25*C*B:1*1*TE*F*Y*D8*20270102*R****2~")
    text = changed("REF*1L*BM100~\n", "REF*1L*BM100~\nREF*23*OLD1~\nREF*DX*DEPT 4~\n", text)
    text = changed("NM1*IL*1*OAKWELL*ADA*M***34", "NM1*74*1*OAKWELL*ADA*M*DR*III*34", text)
    text = changed("*NY*14201~", "*NY*14201**CY*ERIE~", text)
    text = changed(
        "19800515*F~\n",
        "19800515*F*M~\nLUI***ESSPANISH~\nNM1*70*1*OAKWEL*ADDA****34*901120009~\nDMG*D8*19800516*F~\n"
        "NM1*31*1~\nN3*PO BOX 9*C/O FERNLEY~\nN4*RIVERGATE*NY*10025~\nNM1*S3*1*FERNLEY*JUNE~\nN3*9 OTHER RD~\n"
        "N4*RIVERGATE*NY*10025~\n",
        text,
    )
    text = changed(
        "DTP*348*D8*20270101~\n",
        "DTP*348*D8*20270101~\nDTP*349*D8*20270131~\nDTP*303*D8*20270105~\nAMT*P3*45.34~\nREF*17*X 1~\nLX*1~\n"
        "NM1*P3*1*LOWBECK*OTTO****XX*1234567893*25~\nCOB*P*890111*5~\nREF*60*1~\nDTP*344*D8*20200101~\n"
        "NM1*IN*2*OTHER INSURER~\nHD*024**DEN~\nDTP*349*D8*20270131~\n"
        "LS*2700~\nLX*1~\nN1*75*AGENT~\nREF*ZZ*7~\nDTP*007*D8*20270101~\nLE*2700~\n",
        text,
    )
    (m,) = people(text)
    assert (m.is_subscriber, m.relationship, m.maintenance, m.reason, m.benefit_status) == (
        True,
        "18",
        "001",
        "25",
        "C",
    )
    assert (m.medicare_plan, m.medicare_reason, m.cobra_event, m.employment_status) == ("B", "1", "1", "TE")
    assert (m.student_status, m.disabled, m.death_date, m.restricted, m.birth_sequence) == (
        "F",
        True,
        date(2027, 1, 2),
        True,
        "2",
    )
    assert (m.subscriber_number, m.group_number) == ("FH0000001", "BM100")
    assert m.references == {"23": "OLD1", "DX": "DEPT 4"}
    assert m.dates == {"356": date(2027, 1, 1)}
    assert (m.last_name, m.first_name, m.middle_name, m.prefix, m.suffix) == ("OAKWELL", "ADA", "M", "DR", "III")
    assert m.corrected
    assert m.ssn == "901120001"
    assert "901120001" not in repr(m)
    assert (m.birth_date, m.sex, m.marital_status) == (date(1980, 5, 15), "F", "M")
    assert m.phones == {"HP": "7165550101"}
    assert m.email == "ada@example.com"
    assert m.address == records.Address("100 MILLRACE LN", "", "LAKE HOLLOW", "NY", "14201", "", "ERIE")
    assert m.mailing_address == records.Address("PO BOX 9", "C/O FERNLEY", "RIVERGATE", "NY", "10025")
    assert m.former_name is not None
    assert (m.former_name.last_name, m.former_name.birth_date) == ("OAKWEL", date(1980, 5, 16))
    health, dental = m.coverages
    assert (health.maintenance, health.line, health.plan_code, health.tier) == ("021", "HLT", "EPO1", "EMP")
    assert (health.begin_date, health.end_date) == (date(2027, 1, 1), date(2027, 1, 31))
    assert (health.dates, health.amounts, health.references) == (
        {"303": date(2027, 1, 5)},
        {"P3": Decimal("45.34")},
        {"17": "X 1"},
    )
    assert health.primary_care == records.PrimaryCare("LOWBECK", "OTTO", "1234567893", "", True)
    assert health.other_coverage == (
        records.OtherCoverage("P", "890111", "5", date(2020, 1, 1), None, "OTHER INSURER"),
    )
    assert (dental.maintenance, dental.line, dental.end_date) == ("024", "DEN", date(2027, 1, 31))
    assert (m.segment_number, m.file_segment_number) == (6, 8)


@pytest.mark.parametrize("name", [*X220, "x307-shop-enrollment.edi"])
def test_public_samples_are_accepted_save_the_one_that_is_wrong(name: str) -> None:
    report, found = sample(name)
    if name == "example834_5010.txt":
        assert not report.accepted_sets
        assert not found
        return
    assert len(report.accepted_sets) == 1
    assert report.member_count == len(found) > 0


def test_the_wrong_sample_is_refused_for_the_blanks_in_its_medicare_code() -> None:
    report, _ = sample("example834_5010.txt")
    (finding,) = report.findings
    where = (finding.segment_id, finding.segment_position, finding.element_position, finding.component)
    assert where == ("INS", 6, 6, 1)
    assert (finding.code, finding.reference, finding.bad_value) == ("5", "1218", "C   ")
    assert "ends in blanks" in finding.sentence


def test_a_date_qualifier_outside_the_guide_is_noted_and_accepted() -> None:
    """The one sample where we are milder than pyx12: 358 is told to the sender, the enrollment is taken."""
    report, found = sample("enroll-employee-managed-care.834")
    (finding,) = report.findings
    assert (finding.noted, finding.segment_position, finding.bad_value) == (True, 8, "358")
    assert found[0][1].dates == {"358": date(1996, 5, 23)}
    misplaced = checked(changed("DTP*356*D8*20270101~", "DTP*348*D8*20270101~"))
    assert not misplaced.accepted_sets


@pytest.mark.parametrize("name", X220)
def test_we_accept_and_refuse_the_samples_as_pyx12_does(name: str) -> None:
    report, _ = sample(name)
    accepted, _ = judge(shared_data(f"x12-834/{name}").read_text())
    refused = any(finding.code and not finding.noted for finding in report.findings)
    strict = accepted if name != "enroll-employee-managed-care.834" else True
    assert strict is not refused


def test_subscriber_policy_and_members_of_an_exchange_file() -> None:
    _, found = sample("x307-shop-enrollment.edi")
    assert [m.last_name for _, m in found] == ["DOE", "DOE", "SMITH", "SMITH", "BUCK"]
    assert [m.subscriber_number for _, m in found][::2] == ["123456789", "987654321", "321456987"]
    assert found[0][1].references["POL"] == "123456"
    assert found[0][1].coverages[0].dates == {"300": date(2013, 10, 19)}
    assert found[0][0].master_policy == "573"
    assert found[0][0].quantities == {"TO": 5, "DT": 2, "ET": 3}


# Change, then what both we and pyx12 must name: segment, position, IK3 or IK4 code, element (0: the segment itself).
PLANNED = [
    ("INS*Y*18*021", "INS*Y*18*099", "INS", 6, "7", 3),
    ("INS*Y*18", "INS*Y*77", "INS", 6, "7", 2),
    ("INS*Y*18*021", "INS*Y**021", "INS", 6, "1", 2),
    ("28*A***FT", "28*A*C   **FT", "INS", 6, "5", 6),
    ("***FT~", "***XX~", "INS", 6, "7", 8),
    ("HD*021**HLT", "HD*021**QQQ", "HD", 15, "7", 3),
    ("*EMP~", "*ZZZ~", "HD", 15, "7", 5),
    ("DMG*D8*19800515", "DMG*D8*19800230", "DMG", 14, "8", 2),
    ("DMG*D8*19800515*F", "DMG*D8*19800515*K", "DMG", 14, "7", 3),
    ("348*D8*20270101", "348*D8*20271301", "DTP", 16, "8", 3),
    ("356*D8", "356*D9", "DTP", 9, "7", 2),
    ("*NY*14201", "*XX*14201", "N4", 13, "7", 2),
    ("*NY*14201", "*NY*14", "N4", 13, "4", 3),
    ("100 MILLRACE LN", "X" * 60, "N3", 12, "5", 1),
    ("100 MILLRACE LN", "100 MILLRACE LN ", "N3", 12, "6", 1),
    ("IL*1*OAKWELL", "IL*1*", "NM1", 10, "1", 3),
    ("BM-1*20270104", "BM-1*20279904", "BGN", 2, "8", 3),
    ("****2~", "****9~", "BGN", 2, "7", 8),
    ("REF*0F*FH0000001~\n", "", "REF", 8, "3", 0),
    ("N1*P5*BROOKMORE CANDLES*FI*991234567~\n", "", "N1", 4, "3", 0),
    ("19800515*F~\n", "19800515*F~\nDMG*D8*19800515*F~\n", "DMG", 15, "5", 0),
    ("REF*0F*FH0000001~\n", "REF*0F*FH0000001~\nREF*0F*FH0000001~\n", "REF", 8, "5", 0),
    ("REF*0F", "CLM*1~\nREF*0F", "CLM", 7, "1", 0),
]


@pytest.mark.parametrize(("old", "new", "segment", "position", "code", "element"), PLANNED)
def test_a_planned_fault_is_named_as_pyx12_names_it(
    old: str, new: str, segment: str, position: int, code: str, element: int
) -> None:
    text = changed(old, new)
    (finding,) = checked(text).findings
    assert (finding.segment_id, finding.segment_position, finding.code, finding.element_position) == (
        segment,
        position,
        code,
        element,
    )
    accepted, answer = judge(text)
    assert not accepted
    if element == 0:
        assert ["IK3", segment, str(position), "", code] in answer
    else:
        assert ["IK3", segment, str(position), "", "8"] in answer
        assert any(s[0] == "IK4" and s[1].split(":")[0] == str(element) and s[3] == code for s in answer)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("SE*17", "SE*16", "4"),
        ("SE*17*0001", "SE*17*0002", "3"),
        ("SE*17*0001~\n", "", "2"),
        ("ST*834", "ST*837", "1"),
    ],
)
def test_a_broken_set_trailer_or_header_refuses_the_set(old: str, new: str, code: str) -> None:
    report = checked(changed(old, new))
    assert not report.accepted_sets
    assert code in report.groups[0].sets[0].codes


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("GE*1*11", "GE*2*11", "5"),
        ("GE*1*11", "GE*1*12", "4"),
        ("GE*1*11~\n", "", "3"),
        ("*X*005010X220A1", "*X*005010X220", "2"),
        ("GS*BE", "GS*HC", "1"),
    ],
)
def test_a_broken_functional_group_is_refused_with_its_code(old: str, new: str, code: str) -> None:
    report = checked(changed(old, new))
    assert report.groups[0].codes == (code,)
    assert not report.accepted_sets
    assert report.sentences[0].startswith("Segment ")


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("IEA*1*000000001", "IEA*1*000000002", "001"),
        ("IEA*1", "IEA*3", "021"),
        ("*00501*", "*00401*", "017"),
        ("*0*T*", "*0*X*", "020"),
        ("*270104*0930*^", "*271304*0930*^", "014"),
        ("GS*BE", "REF*0F*1~\nGS*BE", "024"),
        ("OAKWELL", "OAKWÉLL", "024"),
        ("IEA*1*000000001~\n", "IEA*1*000000001~\n" + BASE, "022"),
    ],
)
def test_a_broken_envelope_refuses_the_whole_file(old: str, new: str, note: str) -> None:
    report = checked(changed(old, new))
    assert report.fault is not None
    assert report.fault.note == note
    assert not report.accepted_sets


def test_a_truncated_file_gives_no_member_at_any_cut() -> None:
    for end in range(0, len(BASE) - 2, 5):
        report = checked(BASE[:end])
        assert not report.accepted_sets
        assert list(reader_834.members(file(BASE[:end]), report)) == []


def test_one_bad_set_is_refused_whole_and_its_neighbor_is_read() -> None:
    start, end = BASE.index("ST*"), BASE.index("GE*")
    one = BASE[start:end]
    bad = one.replace("0001*005", "0002*005").replace("SE*17*0001", "SE*17*0002").replace("19800515", "19800231")
    text = BASE[:start] + bad + one + BASE[end:].replace("GE*1", "GE*2")
    report = checked(text)
    assert [s.control_number for s in report.rejected_sets] == ["0002"]
    ((header, member),) = reader_834.members(file(text), report)
    assert (header.control_number, header.number, member.first_name) == ("0001", 2, "ADA")
    assert (member.segment_number, member.file_segment_number) == (6, 25)


def test_a_control_number_used_twice_in_a_group_is_refused() -> None:
    start, end = BASE.index("ST*"), BASE.index("GE*")
    text = BASE[:end] + BASE[start:end] + BASE[end:].replace("GE*1", "GE*2")
    report = checked(text)
    assert [s.codes for s in report.groups[0].sets] == [(), ("23",)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("34*901120001", "34*9011200017" + "9" * 80),
        ("34*901120001", "34*901-12-0001 "),
        ("FH0000001", "901120001" + "9" * 60),
        ("ADA*M***34*901120001", "901-12-0001~\nADA*M***34*901120001"),
        ("100 MILLRACE LN", "SSN 901 12 0001 "),
        ("DMG*D8*19800515", "DMG*D8*901120001"),
        ("HD*021", "901120001*021"),
    ],
)
def test_a_social_security_number_never_shows_in_a_finding(old: str, new: str) -> None:
    report = checked(changed(old, new))
    assert report.findings
    shown = " ".join(f"{f.sentence} {f.bad_value} {f.segment_id} {f.subscriber_number}" for f in report.findings)
    assert "901120001" not in re.sub(r"[- ]", "", shown)


def test_the_findings_of_a_member_name_the_subscriber() -> None:
    (finding,) = checked(changed("INS*Y*18*021", "INS*Y*18*099")).findings
    assert finding.subscriber_number == "FH0000001"


def test_findings_without_end_do_not_fill_the_memory() -> None:
    text = changed("REF*0F", "XYZ*1~\n" * 3000 + "REF*0F")
    report = checked(text)
    assert len(report.findings) == x12_report.FINDINGS_KEPT
    assert report.groups[0].sets[0].finding_count == 3000


def _segments(top: grammar.Loop) -> dict[grammar.Segment, None]:
    found: dict[grammar.Segment, None] = {}
    for place in top.slots:
        found[place.segment] = None
        if place.loop:
            found |= _segments(place.loop)
    return found


EVERY_SEGMENT = list(_segments(guide.SET_220) | _segments(guide.SET_307))
WORDS = """Y N 18 021 001 A C D8 RD8 20270101 20270229 20240229 20270101-20271231 34 901120001 FI XX 1 2 12.5 -3 0930
2561 NY USA HLT EMP IL 74 P3 0F HP EM OAKWELL OAK:WELL A^B 00 CY M 007 005010X220A1"""
VALUES = st.sampled_from([*WORDS.split(), "", "", "", "TRAILING ", " LEADING", "X" * 61])


@given(st.sampled_from(EVERY_SEGMENT), st.lists(VALUES, min_size=1, max_size=14))
def test_the_fast_pattern_never_passes_what_the_slow_look_refuses(spec: grammar.Segment, values: list[str]) -> None:
    marks = Delimiters()
    # Begin with the segment's own codes, so that many tries are nearly sound.
    mixed = [min(e.codes) if e.codes and not v else v for e, v in zip(spec.elements, values, strict=False)] + values[
        len(spec.elements) :
    ]
    text = "*".join([spec.id, *mixed])
    if grammar.pattern(spec, marks).fullmatch(text) and text.count("*") < spec.related_from:
        assert [f for f in grammar.faults(spec, text.split("*"), marks) if not f.noted] == []
