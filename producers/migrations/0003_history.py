"""From here on the history of these tables is kept, and nothing changes them unnamed."""

from django.db import migrations

from audit.history import Watch


class Migration(migrations.Migration):
    dependencies = [("producers", "0002_gates"), ("audit", "0002_changes")]
    operations = [
        Watch(
            "producers_agency",
            cleared=("id", "agent_id", "name", "state", "phone", "general_agency", "direct_writer"),
            protected=(),
        ),
        Watch(
            "producers_produceruser",
            cleared=("id", "agency", "user", "contact", "started_at", "ended_at", "ended_by"),
            protected=(),
        ),
        Watch(
            "producers_entitlementgrant",
            cleared=("id", "place", "entitlement", "effective", "granted_by", "ended_on", "ended_by", "ended_why"),
            protected=(),
        ),
        Watch(
            "producers_clientgrant",
            cleared=("id", "agency", "client", "effective", "granted_by", "ended_on", "ended_by", "ended_why"),
            protected=(),
        ),
        Watch(
            "producers_casemanagergrant",
            cleared=("id", "agency", "place", "client", "effective", "granted_by", "ended_on", "ended_by", "ended_why"),
            protected=(),
        ),
        Watch(
            "producers_bookentry",
            cleared=("id", "agency", "client"),
            protected=(),
        ),
    ]
