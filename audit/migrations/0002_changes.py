"""The history of watched tables: a row for each row that a statement changed, kept by the ledger and sealed like it.

Nobody inserts here: rows come from the trigger functions that `audit.history.Watch` makes, which run as the owner.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

import audit.models

TABLE = """
CREATE TABLE audit_change (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id bigint NOT NULL DEFAULT nextval('audit_row_id_seq'),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    table_name text NOT NULL,
    operation text NOT NULL CHECK (operation IN ('insert', 'update', 'delete')),
    row_id bigint NOT NULL,
    actor text NOT NULL CHECK (btrim(actor) <> ''),
    changed text[] NOT NULL DEFAULT '{}',
    before jsonb,
    after jsonb,
    login text NOT NULL DEFAULT session_user,
    program text NOT NULL DEFAULT current_setting('application_name')
) PARTITION BY RANGE (recorded_at);
CREATE INDEX audit_change_sealing ON audit_change (xid, id);
CREATE INDEX audit_change_of_row ON audit_change (row_id, table_name, recorded_at);  -- numbers first: quicker to fill

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_change
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_change ENABLE ALWAYS TRIGGER append_only;
REVOKE ALL ON audit_change FROM PUBLIC, plan_app, plan_bulk;
GRANT SELECT ON audit_change TO plan_app, plan_bulk;
"""

FUNCTIONS = """
-- Who acts, or no statement. After a first SET LOCAL the setting is '' in later transactions, not NULL.
CREATE FUNCTION audit_acting(table_name text, operation text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    actor text := nullif(btrim(current_setting('plan.actor', true)), '');
BEGIN
    IF actor IS NULL THEN
        RAISE EXCEPTION '% on % is refused: no actor is set, and every change of this table is recorded',
            operation, table_name
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Say who acts, within the transaction: SET LOCAL plan.actor = ''user:<id>'' (docs/security.md).';
    END IF;
    RETURN actor;
END $$;

CREATE FUNCTION audit_refuse_unseen() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'TRUNCATE of % is refused: the rows would go without history; delete them under an actor',
            TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RAISE EXCEPTION 'changing the key of % is refused: the row''s history goes by it', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""

PARTITIONS = """
CREATE OR REPLACE FUNCTION audit_ensure_partition(month date) RETURNS boolean
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
    FOREACH parent IN ARRAY ARRAY[TABLES] LOOP
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
"""

# Every month that the ledger has and in which there may still be a change.
MONTHS = """
SELECT audit_ensure_partition(to_date(substring(relname FROM 'y[0-9]{4}m[0-9]{2}$'), '"y"YYYY"m"MM'))
FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'public.audit_event'::regclass AND relname ~ '_y[0-9]{4}m[0-9]{2}$'
  AND to_date(substring(relname FROM 'y[0-9]{4}m[0-9]{2}$'), '"y"YYYY"m"MM')
      >= date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month';
"""

EXISTING, ALL = "'audit_event', 'audit_subject'", "'audit_event', 'audit_subject', 'audit_change'"
UNDO = """
DROP TABLE audit_change;
DROP FUNCTION audit_acting(text, text), audit_refuse_unseen();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_ledger")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE, UNDO),
                migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
                migrations.RunSQL(PARTITIONS.replace("TABLES", ALL), PARTITIONS.replace("TABLES", EXISTING)),
                migrations.RunSQL(MONTHS, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Change",
                    fields=[
                        ("xid", audit.models.Xid8Field(editable=False)),
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("recorded_at", models.DateTimeField(editable=False)),
                        ("table_name", models.TextField()),
                        ("operation", models.TextField(choices=[("insert", "Added"), ("update", "Changed"), ("delete", "Removed")])),
                        ("row_id", models.BigIntegerField()),
                        ("actor", models.TextField()),
                        ("changed", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                        ("before", models.JSONField(null=True)),
                        ("after", models.JSONField(null=True)),
                        ("login", models.TextField()),
                        ("program", models.TextField()),
                    ],
                ),
            ],
        ),
    ]
