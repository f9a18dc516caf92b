"""The readable rule and its SQL over whole files agree on random families, with the oddities of real files."""

import datetime as dt
import random
import uuid
from dataclasses import replace

import pytest
from django.db import connection, transaction

from members.enrollment import matching
from members.enrollment.apply import placing
from members.enrollment.apply.rows import MemberRow
from members.enrollment.apply.stage import Stage
from members.enrollment.matching import Facts, Said, Verdict
from members.models import Contract, Coverage, Enrollee, Person
from members.rules import names, numbers
from portals import scope as scopes
from portals.crypto import values as crypto
from tests.factories import members as factory
from tests.factories.members import Employer
from tests.plugin import examples

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2027, 1, 4, 17, tzinfo=dt.UTC)
FULL_FROM = dt.date(2027, 2, 1)
FIRST = ["JOSE", "JOSÉ", "ANN", "ANNA", "BABYBOY", "TWIN A", "MARY ANN", "MARY", "Ng", "", "KIM"]
MIDDLE = ["", "", "", "LUIS", "L", "MANUEL", "ANN"]
LAST = ["INVENTED", "MADE-UP", "MADE UP", "O'FICTION"]
BORN = [dt.date(2015, 1, 2), dt.date(2015, 2, 1), dt.date(2018, 5, 4), dt.date(1980, 5, 6)]
SSN = ["", "", "219093001", "219093002", "219093003", "219093004"]
SEQUENCE = ["", "", "", "1", "2"]


def person(dice: random.Random, relationship: str) -> Facts:
    return Facts(
        first_name=dice.choice(FIRST),
        middle_name=dice.choice(MIDDLE),
        last_name=dice.choice(LAST),
        suffix=dice.choice(["", "", "JR", "SR"]),
        birth_date=dice.choice(BORN),
        sex=dice.choice("FMU"),
        ssn=dice.choice(SSN),
        birth_sequence=dice.choice(SEQUENCE),
        relationship=relationship,
        address=dice.choice(["", "1 Mill Rd", "1 MILL RD", "2 Mill Rd"]),
    )


def row(dice: random.Random, people: list[Facts]) -> Said:
    """Somebody on file as they are, with a few facts changed or left out; now and then somebody new."""
    known = dice.choice(people)
    if dice.random() < 0.2:
        known = person(dice, known.relationship)
    said = Said(**{name: getattr(known, name) for name in Facts.__slots__})
    fresh = person(dice, known.relationship)
    for name in ("first_name", "middle_name", "suffix", "birth_date", "sex", "ssn", "birth_sequence", "address"):
        if dice.random() < 0.15:
            said = replace(said, **{name: getattr(fresh, name)})
    if dice.random() < 0.1:
        said = replace(said, birth_date=None)
    if dice.random() < 0.1:
        former = dice.choice(people)
        said = replace(
            said,
            former_first_name=dice.choice(["", former.first_name]),
            former_birth_date=dice.choice([None, former.birth_date]),
            former_ssn=dice.choice(["", former.ssn]),
        )
    return replace(said, creates=dice.random() < 0.7, corrects=dice.random() < 0.15)


def staged(said: Said, seq: int, number: str, group: str, *, full: bool) -> MemberRow:
    return MemberRow(
        seq=seq,
        segment=seq,
        subscriber=said.relationship == "18",
        relationship=said.relationship,
        maintenance="021" if said.creates else "001",
        creates=said.creates,
        full=full,
        reason="",
        cobra=False,
        cobra_from=None,
        ends=None,
        sender_number=number,
        group_number=group,
        class_name="",
        enrollee_id=None,
        first_name=said.first_name,
        middle_name=said.middle_name,
        last_name=said.last_name,
        suffix=said.suffix,
        birth_date=said.birth_date,
        sex=said.sex,
        ssn=said.ssn,
        former_name=said.former_first_name,
        former_birth_date=said.former_birth_date,
        former_ssn=said.former_ssn,
        address=said.address,
        address2="",
        city="",
        state="",
        zip="",
        phone="",
        email="",
        confidential_address="",
        birth_sequence=said.birth_sequence,
        corrects=said.corrects,
    )


@pytest.fixture
def acme() -> Employer:
    scopes.enter(scopes.system("test"))
    employer = factory.employer("GRP-1", name="Acme")
    employer.offer(factory.product("GOLD"))
    return employer


def put_on_file(acme: Employer, families: list[list[Facts]], covered: list[set[int]]) -> list[dict[int, Facts]]:
    """The families as records; each as enrollee id and facts."""
    package = acme.packages[0]
    people = [
        Person(
            uuid=uuid.uuid4(),
            first_name=f.first_name,
            middle_name=f.middle_name,
            last_name=f.last_name,
            suffix=f.suffix,
            sort_key=names.sort_key(f.last_name, f.first_name),
            birth_date=f.birth_date,
            sex=f.sex,
            ssn_index=crypto.blind_index(f.ssn, purpose="ssn") if f.ssn else "",
            birth_sequence=f.birth_sequence,
            address=f.address,
        )
        for family in families
        for f in family
    ]
    Person.objects.bulk_create(people)
    left = iter(people)
    contracts, enrollees = [], []
    for place, family in enumerate(families):
        contract = Contract(
            client=acme.client,
            number=numbers.contract_number(place),
            sender_number=f"S{place}",
            subscriber=people[sum(len(f) for f in families[:place])],
        )
        contracts.append(contract)
        for suffix, facts in enumerate(family, start=1):
            enrollees.append(
                Enrollee(
                    client=acme.client,
                    contract=contract,
                    person=next(left),
                    relationship=facts.relationship,
                    suffix=f"{suffix:02}",
                    member_id=f"{contract.number}{suffix:02}",
                    recorded_date=NOW.date(),
                )
            )
    Contract.objects.bulk_create(contracts)
    Enrollee.objects.bulk_create(enrollees)
    ids = iter(enrollees)
    found = [{next(ids).pk: facts for facts in family} for family in families]
    Coverage.objects.bulk_create(
        Coverage(
            enrollee_id=pk,
            contract=contract,
            client=acme.client,
            package=package,
            line="medical",
            effective=(dt.date(2027, 1, 1), None),
            known=(NOW - dt.timedelta(days=9), None),
        )
        for contract, family, some in zip(contracts, found, covered, strict=True)
        for place, pk in enumerate(family)
        if place in some
    )
    return found


@pytest.mark.parametrize("seed", range(2))
def test_the_sql_means_whom_the_readable_rule_means(acme: Employer, seed: int) -> None:
    dice = random.Random(seed)
    full = seed % 2 == 1
    count = examples(500)
    kinds = ["01", "19", "19", "G8"]
    families = [
        [person(dice, "18"), *(person(dice, dice.choice(kinds)) for _ in range(dice.randint(1, 4)))]
        for _ in range(count)
    ]
    covered = [{n for n in range(len(family)) if dice.random() < 0.8} for family in families]
    known = put_on_file(acme, families, covered)
    said = [[row(dice, family) for _ in range(dice.randint(1, 6))] for family in families]
    stage = Stage(scopes.system("test"), NOW, "test", None, None, FULL_FROM if full else None)
    seq = 0
    order: list[tuple[int, int]] = []
    rows = []
    for place, of_family in enumerate(said):
        for n, each in enumerate(of_family):
            seq += 1
            order.append((place, n))
            rows.append((staged(each, seq, f"S{place}", "GRP-1", full=full), ()))
    with transaction.atomic(), connection.cursor() as cursor:
        stage.load(cursor, rows)
        placing.place(stage, cursor)
        cursor.execute("SELECT seq, ekey FROM stage_person")
        ekeys = dict(cursor.fetchall())
        cursor.execute("SELECT seq FROM stage_meant WHERE unsure")
        unsure = {found for (found,) in cursor.fetchall()}
        stage.drop(cursor)
    assert len(ekeys) == seq
    verdicts = set()
    for place, of_family in enumerate(said):
        first = order.index((place, 0)) + 1
        some = [pk for n, pk in enumerate(known[place]) if n in covered[place]]
        expected = matching.family(of_family, known[place], full=full, covered=some)
        for n, meant in enumerate(expected):
            ekey = ekeys[first + n]
            verdicts.add(meant.verdict)
            told = (of_family, known[place], n, meant, ekey)
            assert (meant.verdict is Verdict.UNSURE) == (first + n in unsure), told
            if meant.verdict is Verdict.SAME:
                assert ekey == meant.person, told
            elif meant.verdict is Verdict.NEW:
                assert ekey == (None if meant.row is None else -(first + meant.row)), told
    assert verdicts == set(Verdict)
