"""Indexes for reading the ledger: by time alone, by whom was acted for, grant, object, request, and an event's subjects.

An index of the parent is one of each month's table, those that are made later included.
"""

from django.db import migrations

INDEXES = """
CREATE INDEX audit_event_by_time ON audit_event (recorded_at, id);
CREATE INDEX audit_event_acted_for ON audit_event (acting_for, recorded_at) WHERE acting_for <> '';
CREATE INDEX audit_event_by_grant ON audit_event (grant_ref, recorded_at) WHERE grant_ref <> '';
CREATE INDEX audit_event_by_object ON audit_event (object_kind, object_id, recorded_at) WHERE object_id <> '';
CREATE INDEX audit_event_by_request ON audit_event (request_id) WHERE request_id <> '';
CREATE INDEX audit_subject_of_event ON audit_subject (recorded_at, event_id);
"""

UNDO = """
DROP INDEX audit_event_by_time, audit_event_acted_for, audit_event_by_grant, audit_event_by_object,
    audit_event_by_request, audit_subject_of_event;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_archives")]
    operations = [migrations.RunSQL(INDEXES, UNDO)]
