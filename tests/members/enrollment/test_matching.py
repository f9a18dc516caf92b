"""Who a row of a file means, through the command: nobody becomes somebody else, and no one becomes two, in silence."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from members.enrollment.x834.records import Address, FormerName
from members.models import Contract, Coverage, Enrollee, FormerFacts, Lookalike, MemberAccount, Person
from tests.factories import people as people_of_portals
from tests.factories.members import Employer
from tests.members.enrollment.test_import_834 import FEB, JAN, Run, acme, adds, as_full, child, load, someone

pytestmark = pytest.mark.django_db
__all__ = ["acme", "load"]
Load = Callable[..., Run]
SSN, OTHER_SSN, FILLER = "219093001", "219093002", "123456789"
BORN = dt.date(2018, 5, 4)


def covered() -> list[str]:
    """First and middle names of everybody covered, as known now."""
    rows = Coverage.objects.filter(known__upper_inf=True, effective__upper_inf=True).select_related("enrollee__person")
    return sorted(f"{r.enrollee.person.first_name} {r.enrollee.person.middle_name}".strip() for r in rows)


def names() -> list[str]:
    return sorted(Person.objects.values_list("first_name", flat=True))


# --- One stays two --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [FILLER, "111-11-1111", "000123456", "666121234", "219000001", "219090000", "078051120"]
)
def test_a_number_that_nobody_has_is_none_and_is_told(acme: Employer, load: Load, number: str) -> None:
    load([someone(), child(ssn=number)])
    run = load([child(first="IVY", ssn=number, birth_date=dt.date(2026, 12, 20))])
    assert (run.code, covered()) == (0, ["ADA", "BOB", "IVY"])
    assert run.reasons == ["ssn_unusable"]
    assert set(Person.objects.values_list("ssn_index", flat=True)) == {""}


def test_a_filler_that_we_do_not_know_moves_no_child(acme: Employer, load: Load) -> None:
    load([someone(), child(ssn="555443333")])
    bob = Enrollee.objects.get(person__first_name="BOB")
    run = load([child(first="IVY", ssn="555443333", birth_date=dt.date(2026, 12, 20))])
    assert (covered(), run.reasons) == (["ADA", "BOB", "IVY"], ["ssn_shared"])
    bob.refresh_from_db()
    assert (bob.person.first_name, Enrollee.objects.get(person__first_name="IVY").suffix) == ("BOB", "03")
    assert Person.objects.get(first_name="IVY").ssn_index == ""


def test_the_parents_number_sent_for_every_child_is_the_parents_alone(acme: Employer, load: Load) -> None:
    twins = [child(first=name, ssn=SSN, birth_date=BORN) for name in ("ANN", "AMY")]
    run = load([someone(ssn=SSN), *twins])
    assert (covered(), run.reasons) == (["ADA", "AMY", "ANN"], ["ssn_shared", "ssn_shared"])
    assert list(Person.objects.exclude(ssn_index="").values_list("first_name", flat=True)) == ["ADA"]
    again = load([child(first="ALEX", ssn=SSN, birth_date=BORN)])
    assert (covered(), again.reasons) == (["ADA", "ALEX", "AMY", "ANN"], ["ssn_shared"])


@pytest.mark.parametrize(
    "apart",
    [
        ({"ssn": SSN}, {"ssn": OTHER_SSN}),
        ({"middle_name": "LUIS"}, {"middle_name": "MANUEL"}),
        ({"birth_sequence": "1"}, {"birth_sequence": "2"}),
        ({"middle_name": "LUIS", "ssn": SSN}, {"middle_name": "MANUEL", "ssn": OTHER_SSN}),
    ],
)
def test_twins_of_one_first_name_are_two(acme: Employer, load: Load, apart: tuple[dict[str, str], ...]) -> None:
    twins = [child(first="JOSE", birth_date=BORN, **facts) for facts in apart]
    run = load([someone(), *twins])
    assert (run.code, run.reasons, covered().count("ADA"), len(covered())) == (0, [], 1, 3)
    again = load([someone(), *twins])
    assert (again.code, again.summary["people_created"], len(covered())) == (0, 0, 3)


def test_twins_whom_nothing_tells_apart_are_not_taken_for_one(acme: Employer, load: Load) -> None:
    jose = child(first="JOSE", birth_date=BORN, ssn=SSN, middle_name="LUIS")
    run = load([someone(), jose, child(first="JOSE", birth_date=BORN, ssn=SSN, middle_name="MANUEL")])
    assert (run.code, run.reasons) == (1, ["twin_or_same"])
    assert covered() == ["ADA", "JOSE LUIS"]


def test_a_twin_who_comes_later_waits_for_a_person(acme: Employer, load: Load) -> None:
    load([someone(), child(first="JOSE", birth_date=BORN, ssn=SSN)])
    run = load([child(first="JOSE", birth_date=BORN, ssn=OTHER_SSN)])
    assert (run.code, run.reasons, run.summary["waiting"]) == (1, ["looks_like"], 1)
    assert (covered(), Person.objects.get(first_name="JOSE").ssn_last_four) == (["ADA", "JOSE"], "3001")
    assert Lookalike.objects.get().said["ssn_last_four"] == "3002"


def test_the_end_of_one_twin_is_not_the_end_of_the_other(acme: Employer, load: Load) -> None:
    load([someone(), child(first="JOSE", middle_name="LUIS", birth_date=BORN)])
    gone = child(
        first="JOSE", middle_name="MANUEL", birth_date=BORN, maintenance="024", coverages=(), dates={"357": JAN}
    )
    assert load([gone]).reasons == ["looks_like"]
    assert covered() == ["ADA", "JOSE LUIS"]


def test_a_number_given_to_somebody_new_takes_no_record(acme: Employer, load: Load) -> None:
    load([someone(ssn=SSN)])
    run = load([someone(first="ZED", ssn=OTHER_SSN, birth_date=dt.date(1990, 1, 1))])
    assert (run.reasons, names()) == (["different_person"], ["ADA"])
    run = load([someone(first="ZED", ssn=SSN, birth_date=dt.date(1990, 1, 1))])  # the SSN alone says nothing either
    assert (run.reasons, names()) == (["looks_like"], ["ADA"])


# --- Two stay one ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [{"first": "ADALINE"}, {"birth_date": dt.date(1980, 6, 5)}, {"ssn": OTHER_SSN}],
    ids=["name", "birth", "ssn"],
)
@pytest.mark.parametrize("number", ["E1", "E77"], ids=["same_number", "new_number"])
def test_one_corrected_fact_in_a_full_file_makes_no_second_person(
    acme: Employer, load: Load, changed: dict[str, Any], number: str
) -> None:
    load(
        [
            someone(ssn=SSN),
            child(),
            *[someone(f"N{n}", f"N{'ABC'[n]}", birth_date=dt.date(1990, 1, n + 1)) for n in range(3)],
        ]
    )
    people = [
        someone(number, **{"ssn": SSN} | changed),
        child(number),
        *[someone(f"N{n}", f"N{'ABC'[n]}", birth_date=dt.date(1990, 1, n + 1)) for n in range(3)],
    ]
    load(as_full(people), action="4", dates={"007": FEB}, as_of=FEB)
    contract = Contract.objects.exclude(sender_number__startswith="N").get()
    assert Person.objects.count() == 5
    assert len(covered()) == 5
    if Lookalike.objects.exists():
        assert Lookalike.objects.get().contract == contract
    else:
        assert contract.sender_number == number


def test_a_new_number_in_a_full_file_is_the_same_contract(acme: Employer, load: Load) -> None:
    load([someone(ssn=SSN), child()])
    before = Contract.objects.get()
    run = load(as_full([someone("E77", ssn=SSN), child("E77")]), action="4", dates={"007": FEB}, as_of=FEB)
    contract = Contract.objects.get()
    assert (contract.pk, contract.number, contract.sender_number) == (before.pk, before.number, "E77")
    assert (run.code, run.reasons, covered()) == (0, ["renumbered"], ["ADA", "BOB"])


def test_a_newborn_who_got_a_name_is_shown_the_child_on_file(acme: Employer, load: Load) -> None:
    load([someone(), child(first="BABYBOY", birth_date=BORN)])
    for maintenance, coverages in (("001", ()), ("021", (adds(),))):
        run = load([child(first="OLIVER", birth_date=BORN, maintenance=maintenance, coverages=coverages)])
        assert run.reasons == ["looks_like"]
    assert Lookalike.objects.get().person.first_name == "BABYBOY"
    assert names() == ["ADA", "BABYBOY"]


def test_what_the_sender_says_was_sent_before_is_believed(acme: Employer, load: Load) -> None:
    load([someone(), child(first="BABYBOY", birth_date=BORN)])
    named = child(
        first="OLIVER",
        birth_date=BORN,
        maintenance="001",
        coverages=(),
        corrected=True,
        former_name=FormerName("INVENTED", "BABYBOY", birth_date=BORN),
    )
    assert load([named]).code == 0
    assert names() == ["ADA", "OLIVER"]
    assert FormerFacts.objects.get().facts == {"first_name": "BABYBOY"}


def test_an_employee_on_a_spouses_contract_is_one_person(acme: Employer, load: Load) -> None:
    load([someone(ssn=SSN), someone("E2", "CAL", birth_date=dt.date(1979, 9, 9))])
    load([someone("E2", "ADA", relationship="01", ssn=SSN)])
    assert names() == ["ADA", "CAL"]
    assert Enrollee.objects.filter(person__first_name="ADA").count() == 2


def test_namesakes_of_one_birth_date_with_their_own_numbers_wait(acme: Employer, load: Load) -> None:
    load([someone()])
    run = load([someone("E2"), child("E2")])
    assert run.reasons == ["looks_like", "subscriber_waits"]
    assert run.summary["waiting"] == 2
    assert covered() == ["ADA"]


# --- Somebody with an account ---------------------------------------------------------------------------------------


def test_who_somebody_with_an_account_is_no_file_changes_alone(acme: Employer, load: Load) -> None:
    load([someone(ssn=SSN, address=Address("1 OLD RD", city="ALBANY", state="NY", zip="12207"))])
    user = people_of_portals.user("ada")
    MemberAccount.objects.create(person=Person.objects.get(), user=user)
    moved = Address("2 NEW RD", city="TROY", state="NY", zip="12180")
    run = load([someone(ssn=OTHER_SSN, last_name="MARRIED", address=moved, maintenance="001", coverages=())])
    person = Person.objects.get()
    assert (person.last_name, person.ssn_last_four, person.address) == ("INVENTED", "3001", "2 NEW RD")
    assert "change_waits" in run.reasons
    assert Lookalike.objects.get().rule == -2


def test_without_an_account_the_change_is_taken_and_what_stood_there_is_kept(acme: Employer, load: Load) -> None:
    load([someone(ssn=SSN)])
    run = load([someone(ssn=OTHER_SSN, last_name="MARRIED", maintenance="001", coverages=())])
    assert (run.code, run.reasons) == (0, ["ssn_changed"])
    kept = FormerFacts.objects.get()
    assert kept.facts == {"last_name": "INVENTED", "ssn_last_four": "3001"}
    with pytest.raises(Exception, match="is not changed"):
        FormerFacts.objects.update(facts={})


def test_a_full_file_ends_nobody_for_whom_a_row_waits(acme: Employer, load: Load) -> None:
    load([someone(), child()])
    load(as_full([someone("E77"), child("E77")]), action="4", dates={"007": FEB}, as_of=FEB)
    assert covered() == ["ADA", "BOB"]
    assert Lookalike.objects.get().contract == Contract.objects.get()


def test_the_same_question_is_asked_once_however_often_the_file_comes(acme: Employer, load: Load) -> None:
    load([someone(), child(first="BABYBOY", birth_date=BORN)])
    for reference in ("1", "2"):
        load([child(first="OLIVER", birth_date=BORN)], reference=reference)
    assert Lookalike.objects.count() == 1
