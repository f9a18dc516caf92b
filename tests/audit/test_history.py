"""The operation that a migration watches a table by: there, in place of a former one, and back."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ModelState, ProjectState

from audit import history, queries
from audit.history import Watch
from audit.models import Change
from tests.audit.conftest import Ledger, point_at

FIRST = Watch("audit_thing", cleared=("id", "name"), protected=("secret",))
SECOND = Watch(
    "audit_thing", cleared=("id", "name", "size"), protected=("secret",), former=(FIRST.cleared, FIRST.protected)
)


@pytest.fixture
def state(ledger: Ledger) -> ProjectState:
    """A table of the owner's, unwatched."""
    point_at(ledger.cluster, "plan_owner", ledger.database)
    made = ProjectState()
    fields: list[tuple[str, models.Field]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=20)),
        ("secret", models.TextField()),
        ("size", models.IntegerField(default=1)),
    ]
    made.add_model(ModelState("audit", "Thing", fields))
    with connection.schema_editor() as editor:
        editor.create_model(made.apps.get_model("audit", "thing"))
    return made


def apply(operation: Watch, state: ProjectState, *, backwards: bool = False) -> None:
    with connection.schema_editor() as editor:
        step = operation.database_backwards if backwards else operation.database_forwards
        step("audit", editor, state, state)


def execute(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan.actor = 'user:1'")
        cursor.execute(sql)


def latest() -> queries.ChangeRow:
    return queries.changes_of("audit_thing", 1, limit=1)[0]


def test_a_later_watch_replaces_the_former_and_its_reverse_brings_that_back(state: ProjectState) -> None:
    apply(FIRST, state)
    execute("INSERT INTO audit_thing (name, secret, size) VALUES ('one', 's', 1)")
    execute("UPDATE audit_thing SET name = 'two', secret = 't', size = 2")
    assert (latest().changed, latest().after) == (("name", "secret"), {"name": "two"})
    apply(SECOND, state)
    execute("UPDATE audit_thing SET size = 3, secret = 'u'")
    assert (latest().changed, latest().before, latest().after) == (("size", "secret"), {"size": 2}, {"size": 3})
    apply(SECOND, state, backwards=True)
    count = Change.objects.count()
    execute("UPDATE audit_thing SET size = 4")
    assert Change.objects.count() == count
    with pytest.raises(ProgrammingError, match="no actor is set"), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_thing SET name = 'three'")


def test_the_reverse_of_the_first_leaves_the_table_unwatched(state: ProjectState) -> None:
    apply(FIRST, state)
    apply(FIRST, state, backwards=True)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_thing (name, secret, size) VALUES ('one', 's', 1)")
        cursor.execute("TRUNCATE audit_thing")
        cursor.execute("SELECT to_regprocedure('audit_thing_history()')")
        assert cursor.fetchone() == (None,)
    assert Change.objects.count() == 0


def test_a_row_whose_key_something_else_changed_is_refused(state: ProjectState) -> None:
    """The statement names no key, so `history_key` lets it pass; a trigger of somebody's changes it all the same."""
    apply(FIRST, state)
    execute("INSERT INTO audit_thing (name, secret, size) VALUES ('one', 's', 1)")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION slip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := 9; RETURN NEW; END $$;"
            "CREATE TRIGGER slip BEFORE UPDATE ON audit_thing FOR EACH ROW EXECUTE FUNCTION slip()"
        )
    with pytest.raises(IntegrityError, match="row_id"):
        execute("UPDATE audit_thing SET name = 'two'")


def test_the_same_moment_is_the_same_text_in_every_time_zone(state: ProjectState) -> None:
    with connection.schema_editor() as editor:
        model = state.apps.get_model("audit", "thing")
        field = models.DateTimeField(null=True)
        field.set_attributes_from_name("seen_at")
        editor.add_field(model, field)
    state.add_field("audit", "thing", "seen_at", field, preserve_default=True)
    apply(Watch("audit_thing", cleared=("id", "name", "seen_at"), protected=("secret", "size")), state)
    execute("INSERT INTO audit_thing (name, secret, size) VALUES ('one', 's', 1)")
    for zone in ("America/New_York", "Asia/Tokyo"):
        execute(f"SET LOCAL TimeZone = '{zone}'; UPDATE audit_thing SET seen_at = '2026-11-01 12:00:00+00'")  # noqa: S608
        assert latest().after == {"seen_at": "2026-11-01T12:00:00+00:00"}
        execute("UPDATE audit_thing SET seen_at = NULL")
        assert (latest().before, latest().after) == ({"seen_at": "2026-11-01T12:00:00+00:00"}, {"seen_at": None})


def test_a_migration_makes_the_functions_of_an_older_program_anew(site_ledger: Ledger) -> None:
    point_at(site_ledger.cluster, "plan_owner", site_ledger.database)
    before = {each.table: each.source for each in history.watched(connection)}
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION members_person_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            " AS 'BEGIN RETURN NULL; END'"
        )
    assert any("members_person" in finding.text for finding in site_ledger.verify()[1].findings)
    for target in ("0006_record", "0007_quicker_history"):
        MigrationExecutor(connection).migrate([("audit", target)])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE proname = ANY (%s)", [[f"{t}_history" for t in before]]
        )
        assert dict(cursor.fetchall()) == {f"{table}_history": source for table, source in before.items()}
    assert site_ledger.verify()[0] == 0


def test_a_plan_kept_from_single_rows_serves_many(state: ProjectState) -> None:
    """The plan that a session keeps from single rows must not join many by nested loops."""
    apply(FIRST, state)
    execute("INSERT INTO audit_thing (name, secret, size) SELECT 'one', 's', 1 FROM generate_series(1, 50000)")
    for number in range(7):  # plpgsql settles on a plan after five
        execute(f"UPDATE audit_thing SET name = 'single {number}' WHERE id = 1")  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20s'")
        cursor.execute("SET LOCAL plan.actor = 'user:1'")
        cursor.execute("UPDATE audit_thing SET name = 'all'")
    assert Change.objects.filter(operation="update").count() == 50_007
