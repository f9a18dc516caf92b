import hashlib
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

from members.demo import book as demo_book
from members.demo.book import BookGroup
from members.enrollment.x834 import checker
from members.enrollment.x834.records import Member
from tests.portals.x12.oracle import judge

NOW = datetime(2026, 12, 1, 8, 0)
GROUPS = [
    BookGroup(
        "10001",
        "G1001",
        "BROOKMORE CANDLES",
        "991234567",
        {"HLT": ("EPO1", "POS1"), "DEN": ("DEN1",)},
        300,
        date(2027, 1, 1),
        "NY",
    ),
    BookGroup("10002", "G1002", "FERNLEY TOOLS", "991234568", {"HLT": ("PPO1",)}, 500, date(2027, 3, 1)),
]


def book(seed: int = 7) -> dict[str, list[Member]]:
    """The members of each contract."""
    found: dict[str, list[Member]] = defaultdict(list)
    for _, member in demo_book.generate(seed, GROUPS):
        found[member.subscriber_number].append(member)
    return found


def test_the_same_seed_gives_the_same_bytes_for_ever(tmp_path: Path) -> None:
    paths = demo_book.write_files(tmp_path, 7, GROUPS, created_at=NOW, contracts=40)
    assert [p.name for p in paths] == ["10001-G1001.834", "10002-G1002.834"]
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in paths)).hexdigest()
    assert digest == "3146c90fa1a52b75ed692599788da413ffc567b7932d05f5331bd43fe408a494"
    other = demo_book.write_files(tmp_path / "other", 8, GROUPS, created_at=NOW, contracts=40)
    assert other[0].read_bytes() != paths[0].read_bytes()


def test_the_files_are_sound_for_us_and_for_pyx12(tmp_path: Path) -> None:
    for path in demo_book.write_files(tmp_path, 7, GROUPS, created_at=NOW, contracts=40):
        accepted, answer = judge(path.read_text())
        assert accepted, answer
        with path.open("rb") as file:
            report = checker.check(file)
        assert report.sentences == ()
        assert report.member_count > 20


def test_families_are_plausible() -> None:
    contracts = book()
    assert len(contracts) == 800
    for number, members in contracts.items():
        subscriber, *others = members
        assert subscriber.is_subscriber, number
        assert not any(m.is_subscriber for m in others)
        adults = [m for m in others if m.relationship in ("01", "53")]
        children = [m for m in others if m.relationship == "19"]
        tier = {(0, False): "EMP", (1, False): "ESP", (0, True): "ECH", (1, True): "FAM"}[len(adults), bool(children)]
        for m in members:
            assert {c.tier for c in m.coverages} == {tier}
            assert m.birth_date is not None
            assert m.birth_date < m.coverages[0].begin_date  # type: ignore[operator]  # the book always sets it
        assert len(children) <= 5
        for child in children:
            assert child.birth_date.year - subscriber.birth_date.year >= 17  # type: ignore[union-attr]
        effective = subscriber.dates["356"]
        assert all((effective - m.birth_date).days >= 18 * 365 for m in [subscriber, *adults])  # type: ignore[operator]


def test_the_book_holds_the_cases_that_pages_must_survive() -> None:
    members = [m for contract in book().values() for m in contract]
    assert (members[0].first_name, members[0].middle_name, members[0].last_name) == (
        "Alexandria",
        "Marguerite",
        "Featherstonehaugh",
    )
    assert any(m.relationship == "53" for m in members)
    assert any(not m.ssn for m in members)
    assert any(m.suffix for m in members)
    assert any("-" in m.last_name for m in members)
    assert any(m.benefit_status == "C" for m in members)
    dependents = [m for m in members if not m.is_subscriber]
    assert {m.address is None for m in dependents} == {True, False}, "some say that they live where the subscriber does"
    assert all(m.address for m in members if m.is_subscriber)
    confidential = [m for m in members if m.mailing_address]
    assert confidential
    assert all(m.restricted for m in confidential)


def test_nobody_shares_a_number_or_a_house_and_no_number_can_be_real() -> None:
    contracts = book()
    ssns = [m.ssn for members in contracts.values() for m in members if m.ssn]
    assert len(set(ssns)) == len(ssns)
    assert all(s[0] == "9" and 1 <= int(s[3:5]) <= 49 for s in ssns)
    homes = [members[0].address for members in contracts.values()]
    assert len({(a.line1, a.city, a.state) for a in homes if a}) == len(contracts)
