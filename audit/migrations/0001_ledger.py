"""The ledger: events and their subjects by month, the blocks that seal them, and what keeps all three append-only.

Written as SQL because Django knows neither partitions nor column privileges. `xid` stands before `id` on purpose:
defaults are evaluated in that order, so whoever has drawn an id already has a transaction id, and the sealer can tell
by one snapshot whether every id drawn so far is visible (docs/adr/0002-audit-sealing.md).
"""

import django.contrib.postgres.fields
from django.db import migrations, models

import audit.models

TABLES = """
CREATE SEQUENCE audit_row_id_seq AS bigint;

CREATE TABLE audit_event (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id bigint NOT NULL DEFAULT nextval('audit_row_id_seq'),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL CHECK (kind <> ''),
    action text NOT NULL CHECK (btrim(action) <> ''),
    actor text NOT NULL CHECK (btrim(actor) <> ''),
    portal text NOT NULL DEFAULT '',
    acting_for text NOT NULL DEFAULT '',
    grant_ref text NOT NULL DEFAULT '',
    fields text[] NOT NULL DEFAULT '{}',
    object_kind text NOT NULL DEFAULT '',
    object_id text NOT NULL DEFAULT '',
    outcome text NOT NULL DEFAULT 'done',
    detail jsonb NOT NULL DEFAULT '{}',
    request_id text NOT NULL DEFAULT '',
    source text NOT NULL DEFAULT '',
    PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX audit_event_sealing ON audit_event (xid, id);
CREATE INDEX audit_event_by_actor ON audit_event (actor, recorded_at);

CREATE TABLE audit_subject (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id bigint NOT NULL DEFAULT nextval('audit_row_id_seq'),
    recorded_at timestamptz NOT NULL,
    event_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind <> ''),
    subject_id bigint NOT NULL
) PARTITION BY RANGE (recorded_at);
CREATE INDEX audit_subject_sealing ON audit_subject (xid, id);
CREATE INDEX audit_subject_opened ON audit_subject (kind, subject_id, recorded_at);

CREATE TABLE audit_block (
    number bigint PRIMARY KEY CHECK (number > 0),
    previous_hash bytea NOT NULL UNIQUE,
    hash bytea NOT NULL,
    layout smallint NOT NULL,
    epoch integer NOT NULL,
    system_identifier text NOT NULL,
    carried boolean NOT NULL,
    id_after bigint NOT NULL,
    table_name text NOT NULL,
    partition text NOT NULL,
    xid_from xid8 NOT NULL,
    xid_to xid8 NOT NULL,
    last_xid xid8 NOT NULL,
    last_id bigint NOT NULL,
    max_id bigint NOT NULL,
    row_count integer NOT NULL CHECK (row_count > 0),
    root bytea NOT NULL,
    leaves bytea NOT NULL,
    leaves_hash bytea NOT NULL,
    floor_xid xid8 NOT NULL,
    floor_at timestamptz NOT NULL,
    next_floor_xid xid8 NOT NULL,
    sealed_at timestamptz NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL
);
ALTER TABLE audit_block ALTER COLUMN leaves SET STORAGE EXTERNAL;
CREATE INDEX audit_block_of_partition ON audit_block (table_name, partition, number);
"""

APPEND_ONLY = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit ledger is append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- Statement triggers see only statements that name their own table: each partition needs its own (below).
-- ENABLE ALWAYS: session_replication_role does not pass them; disabling them takes the owner and an ALTER TABLE.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_subject
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_subject ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_block
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_block ENABLE ALWAYS TRIGGER append_only;

-- The launcher's default privileges gave both roles all four; the ledger takes them back. `id`, `recorded_at` and
-- `xid` of an event are the database's alone.
REVOKE ALL ON audit_event, audit_subject, audit_block FROM PUBLIC, plan_app, plan_bulk;
REVOKE ALL ON SEQUENCE audit_row_id_seq FROM PUBLIC, plan_app, plan_bulk;
GRANT USAGE ON SEQUENCE audit_row_id_seq TO plan_app, plan_bulk;
GRANT SELECT ON audit_event, audit_subject, audit_block TO plan_app, plan_bulk;
GRANT INSERT (kind, action, actor, portal, acting_for, grant_ref, fields, object_kind, object_id, outcome, detail,
              request_id, source) ON audit_event TO plan_app, plan_bulk;
GRANT INSERT (recorded_at, event_id, kind, subject_id) ON audit_subject TO plan_app, plan_bulk;
GRANT INSERT ON audit_block TO plan_app;
"""

PARTITIONS = """
-- Makes a month's two partitions if they are missing; answers whether it made any. Attached rather than created in
-- place: attaching does not stop writers. Months are those of UTC. There is no default partition: a row in it would
-- keep its month from ever being attached.
CREATE FUNCTION audit_ensure_partition(month date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $$
DECLARE
    first date := date_trunc('month', month::timestamp)::date;
    following date := (date_trunc('month', month::timestamp) + interval '1 month')::date;
    parent text;
    child text;
    made boolean := false;
BEGIN
    IF first < current_date - interval '13 months' OR first > current_date + interval '37 months' THEN
        RAISE EXCEPTION 'no partition is made for %: the ledger holds what happens now', first
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('audit_ensure_partition'));
    FOREACH parent IN ARRAY ARRAY['audit_event', 'audit_subject'] LOOP
        child := format('%s_%s', parent, to_char(first, '"y"YYYY"m"MM'));
        CONTINUE WHEN to_regclass('public.' || child) IS NOT NULL;
        EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child, parent);
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse()', child);
        EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER append_only', child);
        EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, plan_app, plan_bulk', child);
        EXECUTE format('GRANT SELECT ON public.%I TO plan_app, plan_bulk', child);
        EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                       parent, child, first::text || ' 00:00:00+00', following::text || ' 00:00:00+00');
        made := true;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION audit_ensure_partition(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_ensure_partition(date) TO plan_app, plan_bulk;

SELECT audit_ensure_partition((date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date)
FROM generate_series(-1, 12) AS n;
"""

UNDO = """
DROP TABLE audit_block, audit_subject, audit_event;
DROP FUNCTION audit_ensure_partition(date), audit_refuse();
DROP SEQUENCE audit_row_id_seq;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLES, UNDO),
                migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
                migrations.RunSQL(PARTITIONS, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Block",
                    fields=[
                        ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("previous_hash", models.BinaryField(unique=True)),
                        ("hash", models.BinaryField()),
                        ("layout", models.SmallIntegerField()),
                        ("epoch", models.IntegerField()),
                        ("system_identifier", models.TextField()),
                        ("carried", models.BooleanField()),
                        ("id_after", models.BigIntegerField()),
                        ("table_name", models.TextField()),
                        ("partition", models.TextField()),
                        ("xid_from", audit.models.Xid8Field()),
                        ("xid_to", audit.models.Xid8Field()),
                        ("last_xid", audit.models.Xid8Field()),
                        ("last_id", models.BigIntegerField()),
                        ("max_id", models.BigIntegerField()),
                        ("row_count", models.IntegerField()),
                        ("root", models.BinaryField()),
                        ("leaves", models.BinaryField()),
                        ("leaves_hash", models.BinaryField()),
                        ("floor_xid", audit.models.Xid8Field()),
                        ("floor_at", models.DateTimeField()),
                        ("next_floor_xid", audit.models.Xid8Field()),
                        ("sealed_at", models.DateTimeField()),
                        ("key_id", models.TextField()),
                        ("signature", models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        ("xid", audit.models.Xid8Field(editable=False)),
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("recorded_at", models.DateTimeField(editable=False)),
                        ("kind", models.TextField(choices=[("sign_in", "Sign-in"), ("sign_out", "Sign-out"), ("failure", "Failed sign-in or check"), ("denial", "Denial"), ("view", "View"), ("search", "Search"), ("export", "Export"), ("print", "Print"), ("create", "Create"), ("change", "Change"), ("delete", "Delete"), ("disclosure", "Disclosure"), ("job", "Job"), ("look", "Look by plan staff"), ("acting", "Acting for another")])),
                        ("action", models.TextField()),
                        ("actor", models.TextField()),
                        ("portal", models.TextField(blank=True)),
                        ("acting_for", models.TextField(blank=True)),
                        ("grant", models.TextField(blank=True, db_column="grant_ref")),
                        ("fields", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                        ("object_kind", models.TextField(blank=True)),
                        ("object_id", models.TextField(blank=True)),
                        ("outcome", models.TextField(choices=[("done", "Done"), ("refused", "Refused"), ("failed", "Failed")])),
                        ("detail", models.JSONField(default=dict)),
                        ("request_id", models.TextField(blank=True)),
                        ("source", models.TextField(blank=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Subject",
                    fields=[
                        ("xid", audit.models.Xid8Field(editable=False)),
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("recorded_at", models.DateTimeField()),
                        ("event_id", models.BigIntegerField()),
                        ("kind", models.TextField()),
                        ("subject_id", models.BigIntegerField()),
                    ],
                ),
            ],
        ),
    ]
