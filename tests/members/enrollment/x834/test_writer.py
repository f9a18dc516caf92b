import io
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from members.enrollment.x834 import checker
from members.enrollment.x834 import reader as reader_834
from members.enrollment.x834.records import (
    Address,
    CoverageChange,
    FormerName,
    Member,
    OtherCoverage,
    PrimaryCare,
    TransactionSet,
)
from members.enrollment.x834.writer import write_834
from portals.x12.wire import Interchange
from tests.portals.x12.oracle import judge

NOW = datetime(2027, 1, 4, 9, 30)
ENVELOPE = Interchange("BROOKMORE", "FRONTHOUSE", "000000007", prepared_date="270104", prepared_time="0930", usage="T")
HEADER = TransactionSet(
    control_number="0001",
    reference="BM-1",
    action="2",
    created_date=date(2027, 1, 4),
    created_time="0930",
    group_control_number="7",
    application_sender="BROOKMORE",
    application_receiver="FRONTHOUSE",
    master_policy="BM100",
    sponsor_name="BROOKMORE CANDLES",
    sponsor_id_qualifier="FI",
    sponsor_tax_id="991234567",
    payer_name="FRONT HOUSE",
    payer_id_qualifier="FI",
    payer_id="990000001",
    dates={"007": date(2027, 1, 1)},
    quantities={"TO": Decimal(2)},
)


def written(members: list[Member]) -> bytes:
    out = io.BytesIO()
    assert write_834(out, ENVELOPE, [(HEADER, members)], created_at=NOW) == len(members)
    return out.getvalue()


def reread(data: bytes) -> tuple[TransactionSet, list[Member]]:
    report = checker.check(io.BytesIO(data))
    assert report.sentences == ()
    found = list(reader_834.members(io.BytesIO(data), report))
    return found[0][0], [member for _, member in found]


def words(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    letters = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-'.,", min_size=shortest, max_size=longest)
    return st.lists(letters, min_size=1, max_size=2).map(lambda parts: " ".join(parts)[:longest].strip())


def maybe(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), values)


days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
digits = st.from_regex(r"[0-9]{9}", fullmatch=True)
addresses = st.builds(
    Address,
    words(55),
    maybe(words(55)),
    words(30, 2),
    st.sampled_from(["NY", "PA", "DE", "WV"]),
    st.from_regex(r"[0-9]{5}([0-9]{4})?", fullmatch=True),
)
coverages = st.builds(
    CoverageChange,
    maintenance=st.sampled_from(["001", "021", "024", "025", "030"]),
    line=st.sampled_from(["HLT", "DEN", "VIS", "PDG"]),
    plan_code=maybe(words(50)),
    tier=st.sampled_from(["", "EMP", "ESP", "ECH", "FAM"]),
    begin_date=days,
    end_date=st.none() | days,
    dates=st.dictionaries(st.sampled_from(["303", "300"]), days, max_size=2),
    amounts=st.dictionaries(st.just("P3"), st.decimals(0, 99999, places=2).map(Decimal.normalize), max_size=1),
    primary_care=st.none()
    | st.builds(
        PrimaryCare, words(60), words(35), st.just("1234567893"), st.just(""), st.sampled_from([True, False, None])
    ),
    other_coverage=st.lists(
        st.builds(OtherCoverage, st.just("P"), words(50), st.just("5"), st.none() | days, st.none() | days), max_size=2
    ).map(tuple),
)
people = st.builds(
    Member,
    is_subscriber=st.booleans(),
    relationship=st.sampled_from(["18", "01", "19", "53"]),
    maintenance=st.sampled_from(["001", "021", "024", "025", "030"]),
    subscriber_number=words(50),
    last_name=words(60),
    first_name=maybe(words(35)),
    middle_name=maybe(words(25)),
    suffix=st.sampled_from(["", "JR", "III"]),
    corrected=st.booleans(),
    reason=st.sampled_from(["", "28", "XN"]),
    benefit_status=st.sampled_from(["A", "C"]),
    employment_status=st.sampled_from(["", "FT", "TE"]),
    disabled=st.none() | st.booleans(),
    death_date=st.none() | days,
    restricted=st.booleans(),
    group_number=maybe(words(50)),
    references=st.dictionaries(st.sampled_from(["17", "23", "DX"]), words(50), max_size=3),
    dates=st.dictionaries(st.sampled_from(["336", "356", "357"]), days, max_size=3),
    ssn=maybe(digits),
    phones=st.dictionaries(st.sampled_from(["HP", "CP"]), digits, max_size=2),
    email=st.sampled_from(["", "ada@example.com"]),
    address=st.none() | addresses,
    mailing_address=st.none() | addresses,
    former_name=st.none() | st.builds(FormerName, words(60), maybe(words(35)), birth_date=st.none() | days),
    coverages=st.lists(coverages, max_size=3).map(tuple),
)


@given(people)
def test_what_is_written_reads_back_the_same(member: Member) -> None:
    header, found = reread(written([member, member]))
    assert header == HEADER
    assert found == [member, member]


def test_pyx12_accepts_what_we_write_and_accents_lose_only_their_marks() -> None:
    member = Member(
        is_subscriber=True,
        relationship="18",
        maintenance="021",
        subscriber_number="FH0000001",
        last_name="Bélanger-Fernley",
        first_name="ALEXANDRIA",
        birth_date=date(1980, 5, 15),
        sex="F",
        address=Address("1 Oak~Lane: rear", "", "Rivergate", "NY", "10025"),
        mailing_address=Address("PO BOX 9", "", "Rivergate", "NY", "10025"),
        former_name=FormerName("BELANGER", birth_date=date(1980, 5, 16), sex="F"),
        coverages=(
            CoverageChange("024", "HLT", "OLD", "EMP", None, date(2026, 12, 31)),
            CoverageChange("021", "HLT", "NEW", "EMP", date(2027, 1, 1), primary_care=PrimaryCare("LOWBECK", "OTTO")),
        ),
    )
    data = written([member])
    accepted, answer = judge(data.decode())
    assert accepted, answer
    _, (found,) = reread(data)
    assert found.last_name == "Belanger-Fernley"
    assert found.address == Address("1 Oak Lane rear", "", "Rivergate", "NY", "10025")
