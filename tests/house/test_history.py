"""Every table whose rows can change is watched or says why not; whatever changes one is seen, and nothing does unnamed.

The statements here are sent as the site's role and as the superuser, past Django, and taken back.
"""

import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg2
import pytest
from django.db import ProgrammingError, connection, models, transaction
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a type of ours to read

from audit import actions as audit
from audit import history, queries, verification
from audit.enums import Kind
from billing.models import RatedProduct
from launch import testbed
from members.models import Client
from portals import scope as scopes
from portals.models import PlanClosing, User
from tests.factories import people
from tests.house.test_models import OURS

UNWATCHED = {
    "audit_event": "only ever added to, and sealed",
    "audit_subject": "only ever added to, and sealed",
    "audit_change": "is the history; only ever added to, and sealed",
    "audit_block": "only ever added to; a chain of signatures",
    "audit_archive": "only ever added to; a chain of signatures",
    "audit_hold": "only ever added to; each step is an event",
    "portals_alertevent": "only ever added to: which events made an alert",
    "portals_alertnote": "only ever added to",
    "portals_alertsetting": "only ever added to: its rows are the history",
    "portals_alertmark": "how far the rules have read",
    "members_disclosure": "only ever added to: a correction is a row of its own",
    "members_disclosureend": "only ever added to",
    "members_suspension": "only ever added to",
    "portals_job": "a queue: what a job does to watched tables is seen there",
    "portals_outboxmail": "a queue: a mail is blanked once it was sent",
    "portals_storedchunk": "ciphers of a file whose row is watched and names their hash",
    "portals_accesscode": "a code of some minutes; what it opens is watched, and its use is an event",
    "portals_attempt": "counts tries for a quarter of an hour",
    "portals_breachedpassword": "a public list, of nobody's own password",
    "portals_knownbrowser": "a cookie's hash and when it was last seen, written at every sign-in",
    "portals_signedin": "a session and when it was last seen; its beginning and end are events",
    "portals_accountnotice": "a mail's token; what is denied by it is an event and a change of the account",
    "portals_draft": "what was typed into a form and not sent, gone when taken up",
    "billing_invoice": "the database freezes it when issued and never lets it go; before that it is its run's own work",
    "billing_invoiceline": "only ever added to, and only before issue",
    "billing_ledgertransfer": "only ever added to",
    "billing_paymentevent": "only ever added to",
    "billing_paymentshare": "only ever added to",
    "billing_dirtyaccount": "a queue of accounts to bill anew, emptied by the run",
    "billing_invoiceseries": "a counter; the numbers that it gave stand on frozen invoices",
    "billing_billrun": "a run's own progress; what it made is frozen",
    "billing_billshard": "a run's own progress",
    "billing_shardaccount": "a run's own work list",
    "billing_parkedaccount": "a run's own findings",
}  # fmt: skip


@pytest.mark.django_db
def test_every_table_is_watched_or_says_why_not() -> None:
    watched = {each.table for each in history.watched(connection)}
    tables = {model._meta.db_table for model in OURS}
    missing = sorted(tables - watched - set(UNWATCHED))
    assert not missing, (
        f"{', '.join(missing)}: add `audit.watching.Watch(table, cleared=..., protected=...)` to the migration that "
        "makes the table, or a line to UNWATCHED with the reason"
    )
    assert not watched & set(UNWATCHED), "watched, and said not to be"
    assert set(UNWATCHED) <= tables, "there is no such table"


@pytest.mark.django_db
@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.db_table)
def test_the_history_knows_every_field_of_the_model(model: type[models.Model]) -> None:
    table = model._meta.db_table
    if table in UNWATCHED:
        return
    phi = model.Phi  # type: ignore[attr-defined]  # every model has one (test_models)
    lists = next((each.cleared, each.protected) for each in history.watched(connection) if each.table == table)
    assert lists == (phi.cleared, phi.protected), (
        f"{table}: its last Watch was made of other lists than {model.__name__}.Phi; add a migration with "
        f'`Watch("{table}", cleared={phi.cleared}, protected={phi.protected}, former={lists})`'
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure(%s)", [history.function(table)])
        assert cursor.fetchone() == (history.source(model, phi.cleared, phi.protected),), (
            f"{table}: a field's type or column changed since its last Watch; add a migration with a new one"
        )


@pytest.mark.django_db
def test_the_guard_is_content_with_a_migrated_database() -> None:
    with connection.cursor() as cursor:
        assert _findings(cursor) == []


@pytest.fixture(params=["plan_app", "postgres"])
def sql(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[Cursor]:
    """A session beside Django's, as the site's role and as the superuser; what it does is taken back."""
    yield from _session(request.param)


@pytest.fixture
def superuser(django_db_setup: None) -> Iterator[Cursor]:
    yield from _session("postgres")


def _session(role: str) -> Iterator[Cursor]:
    session = psycopg2.connect(testbed.cluster().url(role, testbed.NAME), application_name="by hand")
    with session.cursor() as cursor:
        cursor.execute("SELECT set_config('plan.scope', 'system', true)")
        yield cursor
    session.rollback()
    session.close()


def act(cursor: Cursor, actor: str) -> None:
    cursor.execute("SELECT set_config('plan.actor', %s, true)", [actor])


def product(cursor: Cursor, code: str) -> int:
    """A row to change, added by somebody else."""
    act(cursor, "user:1")
    cursor.execute(
        "INSERT INTO billing_ratedproduct (code, name, line) VALUES (%s, 'Old', 'medical') RETURNING id", [code]
    )
    (row,) = cursor.fetchall()
    return int(row[0])


def _copy(cursor: Cursor) -> None:
    cursor.copy_expert("COPY billing_ratedproduct (code, name, line) FROM STDIN", io.StringIO("NEW\tNew\tmedical\n"))


def _sent(text: str) -> Callable[[Cursor], None]:
    return lambda cursor: cursor.execute(text)


_NEW = "INSERT INTO billing_ratedproduct (code, name, line) VALUES ('NEW', 'New', 'medical')"
_MERGE = """
MERGE INTO billing_ratedproduct AS held
USING (VALUES ('A', 'New'), ('B', NULL), ('NEW', 'New')) AS given(code, name) ON given.code = held.code
WHEN MATCHED AND given.name IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET name = given.name
WHEN NOT MATCHED THEN INSERT (code, name, line) VALUES (given.code, given.name, 'medical')
"""
_NAME = ({"name": "Old"}, {"name": "New"})
# What is sent while products A and B stand there, and what the history then says, by code.
WAYS: dict[str, tuple[Callable[[Cursor], None], list[tuple[str, str, object, object]]]] = {
    "insert": (_sent(_NEW), [("NEW", "insert", None, None)]),
    "copy": (_copy, [("NEW", "insert", None, None)]),
    "update": (_sent("UPDATE billing_ratedproduct SET name = 'New' WHERE code = 'A'"), [("A", "update", *_NAME)]),
    "update from": (
        _sent("UPDATE billing_ratedproduct AS p SET name = 'New' FROM (VALUES ('A'), ('B')) AS g(c) WHERE p.code = c"),
        [("A", "update", *_NAME), ("B", "update", *_NAME)],
    ),
    "on conflict": (
        _sent(f"{_NEW}, ('A', 'New', 'medical') ON CONFLICT (code) DO UPDATE SET name = excluded.name"),
        [("A", "update", *_NAME), ("NEW", "insert", None, None)],
    ),
    "merge": (
        _sent(_MERGE),
        [("A", "update", *_NAME), ("B", "delete", {"name": "Old"}, None), ("NEW", "insert", None, None)],
    ),
    "delete": (
        _sent("DELETE FROM billing_ratedproduct WHERE code = 'B'"),
        [("B", "delete", {"name": "Old"}, None)],
    ),
    "common table expression": (
        _sent("WITH gone AS (DELETE FROM billing_ratedproduct WHERE code = 'B' RETURNING 1) SELECT * FROM gone"),
        [("B", "delete", {"name": "Old"}, None)],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_changes_a_row_is_seen(sql: Cursor, way: str) -> None:
    codes = {product(sql, code): code for code in ("A", "B")}
    send, expected = WAYS[way]
    act(sql, "user:7")
    send(sql)
    sql.execute("SELECT id, code FROM billing_ratedproduct WHERE code = 'NEW'")
    codes |= dict(sql.fetchall())
    sql.execute(
        "SELECT row_id, operation, before, after, changed, program, login = session_user FROM audit_change"
        " WHERE xid = pg_current_xact_id() AND actor = 'user:7' AND table_name = 'billing_ratedproduct'"
    )
    rows = [(codes[row], *rest) for row, *rest in sql.fetchall()]
    assert sorted((code, operation, _name(before), after) for code, operation, before, after, *_ in rows) == expected
    assert all(changed == (["name"] if operation == "update" else []) for _, operation, _, _, changed, *_ in rows)
    assert {(program, ours) for *_, program, ours in rows} == {("by hand", True)}


def _name(values: dict[str, object] | None) -> dict[str, object] | None:
    return values and {"name": values["name"]}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_changes_a_row_unnamed(sql: Cursor, way: str) -> None:
    product(sql, "A")
    product(sql, "B")
    act(sql, "  ")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="no actor is set") as refused:
        WAYS[way][0](sql)
    assert "plan.actor" in str(refused.value)


def test_a_fresh_session_is_nobody(superuser: Cursor) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="DELETE on members_person is refused"):
        superuser.execute("DELETE FROM members_person")


def cascading(cursor: Cursor) -> int:
    """Groups that go with their client, by the database's own cascade; the client's id."""
    cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'members_group'::regclass")
    for (name,) in cursor.fetchall():
        cursor.execute(f"ALTER TABLE members_group DROP CONSTRAINT {name}")
    cursor.execute("ALTER TABLE members_group ADD FOREIGN KEY (client_id) REFERENCES members_client ON DELETE CASCADE")
    act(cursor, "user:1")
    cursor.execute(
        "INSERT INTO members_client (client_id, name, tax_id, state, region, address, city, zip, status, contact_name,"
        " contact_email) VALUES ('C1', 'Some', '', 'NY', '', '', '', '', 'active', '', '') RETURNING id"
    )
    (row,) = cursor.fetchall()
    groups = "INSERT INTO members_group (client_id, number, name) SELECT %s, n, n FROM generate_series(1, 2) AS n"
    cursor.execute(groups, row)
    return int(row[0])


def test_a_cascade_is_seen_in_both_tables(superuser: Cursor) -> None:
    client = cascading(superuser)
    act(superuser, "user:7")
    superuser.execute("DELETE FROM members_client WHERE id = %s", [client])
    superuser.execute(
        "SELECT table_name, before ->> 'number', before ->> 'client' FROM audit_change"
        " WHERE xid = pg_current_xact_id() AND actor = 'user:7' AND operation = 'delete' ORDER BY 1, 2"
    )
    assert superuser.fetchall() == [
        ("members_client", None, None),
        ("members_group", "1", str(client)),
        ("members_group", "2", str(client)),
    ]


def test_a_cascade_is_refused_unnamed(superuser: Cursor) -> None:
    client = cascading(superuser)
    act(superuser, "")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="no actor is set"):
        superuser.execute("DELETE FROM members_client WHERE id = %s", [client])


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("TRUNCATE billing_ratedproduct CASCADE", "the rows would go without history"),
        ("UPDATE billing_ratedproduct SET id = id + 1000", "the row's history goes by it"),
    ],
)
def test_what_would_lose_the_thread_is_refused(superuser: Cursor, statement: str, words: str) -> None:
    act(superuser, "user:7")
    superuser.execute("SET LOCAL session_replication_role = replica")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match=words):
        superuser.execute(statement)


def test_replica_mode_hides_nothing(superuser: Cursor) -> None:
    superuser.execute("SET LOCAL session_replication_role = replica")
    row = product(superuser, "A")
    superuser.execute(
        "SELECT operation FROM audit_change WHERE table_name = 'billing_ratedproduct' AND row_id = %s", [row]
    )
    assert superuser.fetchall() == [("insert",)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_change (table_name, operation, row_id, actor) VALUES ('members_person', 'update', 1, 'a')",
        "UPDATE audit_change SET actor = 'user:1'",
        "DELETE FROM audit_change",
        "TRUNCATE audit_change",
        "CREATE TEMPORARY TABLE forged (LIKE billing_ratedproduct); CREATE TRIGGER forge AFTER INSERT ON forged"
        " REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION billing_ratedproduct_history()",
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", ["plan_app", "plan_bulk"])
def test_the_site_cannot_write_or_change_history(django_db_setup: None, role: str, statement: str) -> None:
    for cursor in _session("plan_app"):
        cursor.execute(f"SET LOCAL ROLE {role}")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="permission denied"):
            cursor.execute(statement)


# --- By Django's own ways ---------------------------------------------------------------------------------------------

DJANGO: dict[str, tuple[Callable[[], object], list[tuple[str, object]]]] = {
    "save": (lambda: RatedProduct(code="NEW", name="New", line="medical").save(), [("insert", {})]),
    "save again": (lambda: _renamed().save(), [("update", {"name": "New"})]),
    "update": (lambda: RatedProduct.objects.filter(code="A").update(name="New"), [("update", {"name": "New"})]),
    "bulk_create": (
        lambda: RatedProduct.objects.bulk_create([RatedProduct(code=c, name="N", line="dental") for c in "XYZ"]),
        [("insert", {}), ("insert", {}), ("insert", {})],
    ),
    "bulk_update": (lambda: RatedProduct.objects.bulk_update([_renamed()], ["name"]), [("update", {"name": "New"})]),
    "delete": (lambda: RatedProduct.objects.get(code="A").delete(), [("delete", {})]),
}


def _renamed() -> RatedProduct:
    row = RatedProduct.objects.get(code="A")
    row.name = "New"
    return row


@pytest.mark.django_db
@pytest.mark.parametrize("way", DJANGO)
def test_each_of_djangos_ways_is_seen_and_refused_unnamed(way: str) -> None:
    write, expected = DJANGO[way]
    with scopes.entered(scopes.system("test")):
        RatedProduct.objects.create(code="A", name="Old", line="medical")
    scopes.enter(replace(scopes.NOBODY, actor=""))
    with pytest.raises(ProgrammingError, match="no actor is set"), transaction.atomic():
        write()
    with scopes.entered(replace(scopes.system("test"), actor="user:7")):
        write()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            found = [row for row in queries.changes_in([cursor.fetchone()[0]]) if row.actor == "user:7"]
    assert [(row.operation, row.after) for row in found] == expected


@pytest.mark.django_db
def test_of_protected_fields_only_the_name_is_kept() -> None:
    client = people.client("Some Client", contact_email="one@client.example")
    Client.objects.filter(pk=client.pk).update(contact_email="two@client.example", city="Troy")
    change, added = queries.changes_of("members_client", client.pk)
    assert (added.operation, added.changed, added.before, added.after) == ("insert", (), {}, {})
    assert sorted(change.changed) == ["city", "contact_email"]
    assert (change.before, change.after) == ({"city": ""}, {"city": "Troy"})
    Client.objects.filter(pk=client.pk).delete()
    gone = queries.changes_of("members_client", client.pk, limit=1)[0]
    assert gone.before["city"] == "Troy" and not set(gone.before) & set(Client.Phi.protected)
    assert set(gone.before) == set(Client.Phi.cleared)


@pytest.mark.django_db
def test_what_changes_nothing_leaves_no_row_and_another_spelling_does() -> None:
    user = people.user(username="iris")
    before = len(queries.changes_of("portals_user", user.pk))
    User.objects.filter(pk=user.pk).update(username="iris")
    assert len(queries.changes_of("portals_user", user.pk)) == before
    User.objects.filter(pk=user.pk).update(username="IRIS")
    assert queries.changes_of("portals_user", user.pk)[0].changed == ("username",)


@pytest.mark.django_db
def test_values_keep_their_kind() -> None:
    client = people.client("Some Client", migrated_on=dt.date(2027, 1, 1))
    manager = people.user()
    Client.objects.filter(pk=client.pk).update(migrated_on=None, manager=manager, name='The "new", {one}\\')
    change = queries.changes_of("members_client", client.pk)[0]
    assert change.before == {"migrated_on": "2027-01-01", "manager": None, "name": "Some Client"}
    assert change.after == {"migrated_on": None, "manager": manager.pk, "name": 'The "new", {one}\\'}


@pytest.mark.django_db
def test_a_day_of_the_plans_calendar_is_known_by_its_digits() -> None:
    day = PlanClosing.objects.create(day=dt.date(2027, 7, 6), reason="Inventory")
    PlanClosing.objects.filter(pk=day.pk).update(reason="Stocktaking")
    assert [row.operation for row in queries.changes_of("portals_planclosing", 20270706)] == ["update", "insert"]


@pytest.mark.django_db
def test_an_event_leads_to_the_rows_that_its_transaction_changed() -> None:
    with scopes.entered(scopes.system("test")) as by:
        client = people.client("Some Client")
        event = audit.record(kind=Kind.CHANGE, action="some.change", **by.audit())
    (row,) = queries.events(action="some.change")
    assert row.id == event
    assert ("members_client", client.pk) in {(each.table_name, each.row_id) for each in queries.changes_in([row.xid])}
    assert queries.changes_in([row.xid], until=row.recorded_at - dt.timedelta(hours=1)) == []
    assert queries.changes_in([row.xid + 1]) == []


@pytest.mark.django_db
def test_history_is_read_by_pages_and_by_dates() -> None:
    client = people.client("1")
    for name in "234":
        Client.objects.filter(pk=client.pk).update(name=name)
    rows = queries.changes_of("members_client", client.pk)
    assert [row.after.get("name") for row in rows] == ["4", "3", "2", None]
    place = (rows[1].recorded_at, rows[1].id)
    assert queries.changes_of("members_client", client.pk, before=place, limit=1) == rows[2:3]
    assert queries.changes_of("members_client", client.pk, since=rows[1].recorded_at) == rows[:2]
    assert queries.changes_of("members_client", client.pk, until=rows[1].recorded_at) == rows[2:]
    assert queries.changes_of("members_client", client.pk + 1) == []
    assert queries.changes_of("members_group", client.pk) == []
    assert queries.changes_in([]) == []


# --- The guard --------------------------------------------------------------------------------------------------------


def _findings(cursor: Any) -> list[str]:
    report = verification.VerificationReport()
    verification._guards(cursor, report)
    return [finding.text for finding in report.findings]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("ALTER TABLE members_person DISABLE TRIGGER history_update", "its trigger history_update is disabled"),
        ("ALTER TABLE members_person ENABLE TRIGGER history_update", "its trigger history_update can be passed by"),
        ("DROP TRIGGER history_truncate ON members_person", "its trigger history_truncate is gone"),
        ("DROP FUNCTION members_person_history CASCADE", "its trigger history_delete is gone"),
        (
            "CREATE OR REPLACE TRIGGER history_key BEFORE INSERT ON members_person EXECUTE FUNCTION audit_refuse();"
            "ALTER TABLE members_person ENABLE ALWAYS TRIGGER history_key",
            "history_key calls another function",
        ),
        (
            "CREATE OR REPLACE FUNCTION members_person_history() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
            "its function is another one",
        ),
    ],
)
def test_a_table_whose_history_is_no_longer_kept_is_found(superuser: Cursor, statement: str, words: str) -> None:
    superuser.execute(statement)
    assert f"the history of members_person is not whole: {words}" in _findings(superuser)


@pytest.mark.django_db
def test_history_that_the_site_may_write_is_found(superuser: Cursor) -> None:
    superuser.execute("GRANT INSERT (actor) ON audit_change TO plan_app")
    assert any("plan_app may write history of its own" in text for text in _findings(superuser))
