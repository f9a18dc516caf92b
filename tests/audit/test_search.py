"""Searching a ledger that is really committed: seals of events, pages, groups, and indexes of months made later."""

from __future__ import annotations

from django.db import connection

from audit import actions, search
from audit.models import Block
from audit.seal import sealer
from audit.search import Concern, Criteria
from tests.audit.conftest import Ledger


def note(action: str, **columns: object) -> int:
    values = {"kind": "view", "actor": "user:1"} | columns
    return actions.record(action=action, **values)  # type: ignore[arg-type]


def found(wanted: Criteria) -> list[str]:
    return [row.action for row in search.find(wanted)]


def test_an_event_knows_its_block_once_it_is_sealed(ledger: Ledger) -> None:
    first = note("first", subjects=[("person", 1)])
    assert sealer.seal() == 2
    second = note("second")
    row = search.event(second)
    assert row is not None
    assert search.sealed_in(row) is None
    assert sealer.seal() == 1
    for event in (first, second):
        row = search.event(event)
        assert row is not None
        block = search.sealed_in(row)
        assert block is not None
        assert Block.objects.get(number=block.number).last_id == event
    assert search.event(10**9) is None


def test_twice_the_same_subject_is_one_event_and_the_object_counts_too(ledger: Ledger) -> None:
    note("twice", subjects=[("person", 1), ("person", 2)], object_kind="person", object_id="1")
    note("object", object_kind="person", object_id="1")
    note("other", subjects=[("person", 11)], object_kind="person", object_id="11")
    assert found(Criteria(about=("person", 1))) == ["object", "twice"]
    assert found(Criteria(subject=("person", 1))) == ["twice"]
    assert found(Criteria(about=("person", 1), but_actors=("user:1",))) == []


def test_what_is_typed_has_no_wildcards(ledger: Ledger) -> None:
    note("100%_sure")
    note("100 and sure")
    assert found(Criteria(action_like="0%_s")) == ["100%_sure"]
    assert found(Criteria(action_like="zebra", actions=("100 and sure",))) == ["100 and sure"]


def test_openers_are_told_apart_by_person_portal_and_for_whom(ledger: Ledger) -> None:
    whom = {"subjects": [("person", 1)]}
    for columns in (
        {"fields": ["a", "b"]},
        {"fields": ["b", "c"]},
        {"portal": "desk", "grant": "break-glass:7"},
        {"acting_for": "client:1", "grant": "client-grant:3"},
        {"outcome": "refused"},
        {"kind": "change"},
    ):
        note("page", **columns, **whom)
    rows = {(row.portal, row.acting_for): row for row in search.openers(("person", 1))}
    assert {key: (row.count, row.fields, row.grants) for key, row in rows.items()} == {
        ("", ""): (2, ("a", "b", "c"), ()),
        ("desk", ""): (1, (), ("break-glass:7",)),
        ("", "client:1"): (1, (), ()),
    }
    assert rows["", ""].first < rows["", ""].last
    assert len(search.openers(("person", 1), limit=1)) == 1


def test_what_concerns_a_party_comes_by_each_way_once(ledger: Ledger) -> None:
    both = {"acting_for": "client:1", "grant": "view-as:5"}
    for action, columns in (
        ("for", {"acting_for": "client:1"}),
        ("under", {"grant": "view-as:5"}),
        ("both", both),
        ("subject", {"portal": "desk", "subjects": [("file", 3), ("file", 4)]}),
        ("object", {"portal": "desk", "object_kind": "document", "object_id": "d"}),
        ("elsewhere", {"portal": "member", "subjects": [("file", 3)]}),
        ("others", {"acting_for": "client:11", "grant": "view-as:55", "subjects": [("file", 33)]}),
        ("nobody", {}),
    ):
        note(action, **columns)
    concern = Concern("client:1", ["view-as:5"], "desk", ("file", [3, 4]), ("document", ["d"]))
    rows = search.concerning(concern, kinds=["view"])
    assert [row.action for row in rows] == ["object", "subject", "both", "under", "for"]
    end = rows[1]
    rest = search.concerning(concern, kinds=["view"], before=(end.recorded_at, end.id), limit=2)
    assert [row.action for row in rest] == ["both", "under"]
    nothing = Concern("", [], "desk", ("file", []), ("document", []))
    assert search.concerning(nothing, kinds=["view"]) == []


def test_a_month_that_is_made_later_has_the_indexes_too(ledger: Ledger) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_ensure_partition((now() + interval '30 months')::date)")
        cursor.execute(
            "SELECT count(DISTINCT n) FROM (SELECT count(*) AS n FROM pg_indexes WHERE tablename LIKE 'audit_event_y%'"
            " GROUP BY tablename) AS counted"
        )
        assert cursor.fetchone() == (1,)
