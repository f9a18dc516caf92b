"""History: a table is watched by statement triggers that write one `audit_change` row for each row that changed, and
that refuse to run while nobody is named in `plan.actor` (docs/adr/0007-history.md).

Each app's migrations say so of each table, with the model's own lists of protected and cleared fields; a new field
takes a new `Watch`, which replaces the former one.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState, StateApps

# One event each, because PostgreSQL gives no transition tables to a trigger of several. ENABLE ALWAYS:
# session_replication_role does not pass them.
TRIGGERS = {
    "history_insert": "AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh"
    " FOR EACH STATEMENT EXECUTE FUNCTION {own}",
    "history_update": "AFTER UPDATE ON {table} REFERENCING OLD TABLE AS gone NEW TABLE AS fresh"
    " FOR EACH STATEMENT EXECUTE FUNCTION {own}",
    "history_delete": "AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION {own}",
    "history_key": "BEFORE UPDATE OF {key} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {refusal}",
    "history_truncate": "BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {refusal}",
}
_REFUSAL = "public.audit_refuse_unseen()"
_SOURCE = """
DECLARE
    the_actor text := nullif(btrim(current_setting('plan.actor', true)), '');
    this_moment timestamptz := clock_timestamp();
BEGIN
    IF the_actor IS NULL THEN
        PERFORM public.audit_acting(TG_TABLE_NAME, TG_OP);  -- which refuses
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.audit_change (recorded_at, table_name, operation, row_id, actor)
        SELECT this_moment, '{table}', 'insert', {fresh_id}, the_actor FROM fresh;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO public.audit_change (recorded_at, table_name, operation, row_id, actor, changed, before, after)
        SELECT this_moment, '{table}', 'update', row_id, the_actor,
            array_remove(ARRAY[{changed}], NULL),
            {before},
            {after}
        FROM (
            SELECT {fresh_id} AS row_id,
                {compared}
            FROM gone FULL JOIN fresh ON fresh.{key} = gone.{key}
            OFFSET 0
        ) AS pair
        WHERE {any_differs};
    ELSE
        INSERT INTO public.audit_change (recorded_at, table_name, operation, row_id, actor, before)
        SELECT this_moment, '{table}', 'delete', {gone_id}, the_actor, {last} FROM gone;
    END IF;
    RETURN NULL;
END
"""
# A plan is kept for the session, and one made for a single row must not join a hundred thousand by nested loops: a
# FULL JOIN is never one, and a row that lost its partner is refused for want of a row_id. OFFSET 0: two columns are
# compared once, not each time that the comparison is read; most of the time goes into making ready what a plan
# computes, so the fewer functions stand in it, the quicker is a single save (docs/adr/0009-what-a-save-costs.md).
_FUNCTION = """
CREATE OR REPLACE FUNCTION {own} RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp{settings} AS $history${source}$history$;
REVOKE ALL ON FUNCTION {own} FROM PUBLIC, plan_app, plan_bulk;
"""
_SAME_CLOCK = " SET TimeZone = 'UTC'"  # the same moment is the same text for whoever writes


class Watch(Operation):
    """Keep the history of a table from here on, in place of what an earlier `Watch` kept of it.

    `cleared` and `protected` are the model's lists as they are at this migration: of a protected field a change row
    says that it changed, of a cleared one also from what to what. `former` are the lists of the earlier `Watch`, to
    which the reverse returns; without them the table is then watched no more.
    """

    category = OperationCategory.SQL
    reversible = True
    reduces_to_sql = True

    def __init__(
        self,
        table: str,
        *,
        cleared: Sequence[str],
        protected: Sequence[str],
        former: tuple[Sequence[str], Sequence[str]] | None = None,
    ) -> None:
        self.table = table
        self.cleared = tuple(cleared)
        self.protected = tuple(protected)
        self.former = former

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = _model(to_state.apps.get_models(), self.table)
        schema_editor.execute(statements(model, self.cleared, self.protected), None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if self.former is not None:
            model = _model(to_state.apps.get_models(), self.table)
            schema_editor.execute(statements(model, *self.former), None)
            return
        for name in TRIGGERS:
            schema_editor.execute(f'DROP TRIGGER {name} ON public."{self.table}"')
        schema_editor.execute(f"DROP FUNCTION {function(self.table)}")

    def describe(self) -> str:
        return f"Keep the history of {self.table}"


def function(table: str) -> str:
    """The trigger function of a watched table, with its schema and its empty list of arguments."""
    return f"public.{table}_history()"


def triggers(table: str) -> list[tuple[str, str]]:
    """The triggers of a watched table, each with the function that it calls."""
    return [(name, function(table) if "{own}" in text else _REFUSAL) for name, text in TRIGGERS.items()]


def statements(model: type[models.Model], cleared: Sequence[str], protected: Sequence[str]) -> str:
    """What makes, or makes anew, the triggers of a table and their function."""
    table = model._meta.db_table
    parts = [function_statements(model, cleared, protected)]
    key = model._meta.pk.column
    for name, text in TRIGGERS.items():
        body = text.format(table=f'public."{table}"', own=function(table), refusal=_REFUSAL, key=f'"{key}"')
        parts.append(f"CREATE OR REPLACE TRIGGER {name} {body};")
        parts.append(f'ALTER TABLE public."{table}" ENABLE ALWAYS TRIGGER {name};')
    return "\n".join(parts)


def function_statements(model: type[models.Model], cleared: Sequence[str], protected: Sequence[str]) -> str:
    """What makes, or makes anew, the function of a watched table; its triggers stay as they are."""
    moments = any(isinstance(_fields(model)[name], models.DateTimeField) for name in cleared)
    return _FUNCTION.format(
        own=function(model._meta.db_table),
        settings=_SAME_CLOCK if moments else "",
        source=source(model, cleared, protected),
    )


def source(model: type[models.Model], cleared: Sequence[str], protected: Sequence[str]) -> str:
    """The body of a watched table's trigger function. Nothing is looked up when it runs: each column stands in it by
    name, and a row that did not change costs one comparison of each."""
    fields = [_fields(model)[name] for name in (*cleared, *protected)]
    compared = [field for field in fields if not field.primary_key]
    shown = [field for field in fields if field.name in cleared]
    pairs = [field for field in shown if not field.primary_key]
    return _SOURCE.format(
        table=model._meta.db_table,
        key=f'"{model._meta.pk.column}"',
        fresh_id=_row_id("fresh", model._meta.pk),
        gone_id=_row_id("gone", model._meta.pk),
        changed=", ".join(f"CASE WHEN differs_{field.name} THEN '{field.name}' END" for field in compared),
        before=_json(f"CASE WHEN differs_{f.name} THEN {_pair(f, f'gone_{f.name}')} END" for f in pairs),
        after=_json(f"CASE WHEN differs_{f.name} THEN {_pair(f, f'fresh_{f.name}')} END" for f in pairs),
        compared=",\n                ".join(
            [
                *(f"{_differs(field)} AS differs_{field.name}" for field in compared),
                *(f'{side}."{f.column}" AS {side}_{f.name}' for f in pairs for side in ("gone", "fresh")),
            ]
        ),
        any_differs=" OR ".join(f"differs_{field.name}" for field in compared),
        last=_json(_pair(field, f'gone."{field.column}"') for field in shown),
    )


@dataclasses.dataclass(frozen=True)
class Watched:
    """What the applied migrations promise of one table."""

    table: str
    cleared: tuple[str, ...]
    protected: tuple[str, ...]
    source: str  # of the function as it should stand


def watched(connection: BaseDatabaseWrapper) -> list[Watched]:
    """Every table that the program's own migrations, as far as this database has applied them, keep the history of.

    Asked of the program, not of the database: whoever removes a trigger there cannot remove it here.
    """
    return [
        Watched(
            each.table,
            each.cleared,
            each.protected,
            source(_model(apps.get_models(), each.table), each.cleared, each.protected),
        )
        for each in _applied(connection)
    ]


def renew(state: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration: make the functions of all tables watched so far anew, as this program would write them."""
    for each in _applied(schema_editor.connection):
        model = _model(state.get_models(), each.table)
        schema_editor.execute(function_statements(model, each.cleared, each.protected), None)


def _applied(connection: BaseDatabaseWrapper) -> list[Watch]:
    """The last `Watch` of each table among the migrations that this database has applied."""
    loader = MigrationLoader(connection)
    found: dict[str, Watch] = {}
    for app_label, name in sorted(loader.applied_migrations):
        migration = loader.disk_migrations.get((app_label, name))
        for operation in migration.operations if migration else ():
            if isinstance(operation, Watch):
                found[operation.table] = operation
    return list(found.values())


def _fields(model: type[models.Model]) -> dict[str, Any]:
    return {field.name: field for field in model._meta.concrete_fields}


def _model(candidates: Iterable[type[models.Model]], table: str) -> type[models.Model]:
    return next(model for model in candidates if model._meta.db_table == table)


def _row_id(side: str, key: Any) -> str:
    column = f'{side}."{key.column}"'
    if isinstance(key, models.DateField):  # a day is its eight digits
        return f"to_char({column}, 'YYYYMMDD')::bigint"
    return column


def _differs(field: Any) -> str:
    """Collations that take two spellings for one must not hide the change from one to the other."""
    bytewise = ' COLLATE "C"' if isinstance(field, (models.CharField, models.TextField)) else ""
    return f'gone."{field.column}"{bytewise} IS DISTINCT FROM fresh."{field.column}"{bytewise}'


def _pair(field: Any, value: str) -> str:
    return f"""concat('"{field.name}": ', coalesce(to_json({value}), 'null'))"""


def _json(pairs: Iterable[str]) -> str:
    """An object of these pairs, those that are NULL left out."""
    listed = list(pairs)
    return f"concat('{{', concat_ws(', ', {', '.join(listed)}), '}}')::jsonb" if listed else "'{}'::jsonb"
