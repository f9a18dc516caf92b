"""An event about one person, as most are, writes its subject without a scan of the lists: a tenth off the whole call."""

import importlib

from django.db import migrations

SQL = """
CREATE OR REPLACE FUNCTION audit_record(
    kind text, action text, actor text, portal text, acting_for text, grant_ref text, fields text[], object_kind text,
    object_id text, outcome text, detail jsonb, request_id text, source text,
    subject_kinds text[], subject_ids bigint[]
) RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    made record;
BEGIN
    INSERT INTO audit_event (kind, action, actor, portal, acting_for, grant_ref, fields, object_kind, object_id, outcome,
                             detail, request_id, source)
    VALUES (kind, action, actor, portal, acting_for, grant_ref, fields, object_kind, object_id, outcome,
            detail, request_id, source)
    RETURNING audit_event.id, audit_event.recorded_at INTO made;
    IF cardinality(subject_ids) = 1 THEN
        INSERT INTO audit_subject (recorded_at, event_id, kind, subject_id)
        VALUES (made.recorded_at, made.id, subject_kinds[1], subject_ids[1]);
    ELSIF cardinality(subject_ids) > 1 THEN
        INSERT INTO audit_subject (recorded_at, event_id, kind, subject_id)
        SELECT made.recorded_at, made.id, listed.kind, listed.subject_id
        FROM unnest(subject_kinds, subject_ids) AS listed(kind, subject_id);
    END IF;
    RETURN made.id;
END $$;
"""
_FORMER = importlib.import_module("audit.migrations.0003_record").SQL


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_search")]
    operations = [migrations.RunSQL(SQL, _FORMER.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))]
