"""Months that were archived, and legal holds: two small tables of rows that are only ever added."""

from django.db import migrations, models

TABLES = """
CREATE TABLE audit_archive (
    number bigint PRIMARY KEY CHECK (number > 0),
    month date NOT NULL UNIQUE CHECK (extract(day FROM month) = 1),
    previous_hash bytea NOT NULL UNIQUE,
    hash bytea NOT NULL,
    manifest text NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE audit_hold (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number bigint NOT NULL CHECK (number > 0),
    step text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL CHECK (btrim(actor) <> ''),
    first_month date CHECK (extract(day FROM first_month) = 1),
    last_month date CHECK (extract(day FROM last_month) = 1 AND last_month >= first_month),
    matter text NOT NULL DEFAULT '',
    reason text NOT NULL CHECK (step = 'kept' OR btrim(reason) <> ''),
    CONSTRAINT audit_hold_names_its_months CHECK (
        CASE WHEN step = 'placed' THEN first_month IS NOT NULL AND btrim(matter) <> ''
             ELSE first_month IS NULL AND last_month IS NULL AND matter = '' END)
);
CREATE INDEX audit_hold_steps ON audit_hold (number, id);
"""

RULES = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_archive
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_archive ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_hold
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_hold ENABLE ALWAYS TRIGGER append_only;

-- One step after another, and two people for a release. Whoever adds a step waits for the one before it, and archiving
-- holds the same lock: a month is never dropped beside a hold that is just being placed.
CREATE FUNCTION audit_hold_step() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before text;
    proposer text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit_hold'));
    SELECT step, actor INTO before, proposer FROM public.audit_hold WHERE number = NEW.number ORDER BY id DESC LIMIT 1;
    IF NOT coalesce(CASE NEW.step
        WHEN 'placed' THEN before IS NULL
        WHEN 'release_proposed' THEN before IN ('placed', 'kept')
        WHEN 'kept' THEN before = 'release_proposed'
        WHEN 'released' THEN before = 'release_proposed' AND proposer <> NEW.actor
    END, false) THEN
        RAISE EXCEPTION 'the step % does not follow % on hold % for this actor', NEW.step, before, NEW.number
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER one_step_after_another BEFORE INSERT ON audit_hold FOR EACH ROW EXECUTE FUNCTION audit_hold_step();
ALTER TABLE audit_hold ENABLE ALWAYS TRIGGER one_step_after_another;

REVOKE ALL ON audit_archive, audit_hold FROM PUBLIC, plan_app, plan_bulk;
REVOKE ALL ON SEQUENCE audit_hold_id_seq FROM PUBLIC, plan_app, plan_bulk;
GRANT SELECT ON audit_archive, audit_hold TO plan_app, plan_bulk;
GRANT INSERT (number, step, actor, first_month, last_month, matter, reason) ON audit_hold TO plan_app;
"""

UNDO = """
DROP TABLE audit_hold, audit_archive;
DROP FUNCTION audit_hold_step();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_record")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLES, UNDO),
                migrations.RunSQL(RULES, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Archive",
                    fields=[
                        ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("month", models.DateField(unique=True)),
                        ("previous_hash", models.BinaryField(unique=True)),
                        ("hash", models.BinaryField()),
                        ("manifest", models.TextField()),
                        ("key_id", models.TextField()),
                        ("signature", models.BinaryField()),
                        ("recorded_at", models.DateTimeField(editable=False)),
                    ],
                ),
                migrations.CreateModel(
                    name="Hold",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("number", models.BigIntegerField()),
                        ("step", models.TextField(choices=[("placed", "Placed"), ("release_proposed", "Release proposed"), ("kept", "Kept"), ("released", "Released")])),
                        ("recorded_at", models.DateTimeField(editable=False)),
                        ("actor", models.TextField()),
                        ("first_month", models.DateField(null=True)),
                        ("last_month", models.DateField(null=True)),
                        ("matter", models.TextField(blank=True)),
                        ("reason", models.TextField(blank=True)),
                    ],
                ),
            ],
        ),
    ]
