"""From here on the history of these tables is kept, and nothing changes them unnamed."""

from django.db import migrations

from audit.history import Watch


class Migration(migrations.Migration):
    dependencies = [("members", "0008_client_manager"), ("audit", "0002_changes")]
    operations = [
        Watch(
            "members_client",
            cleared=(
                "id", "client_id", "name", "tax_id", "state", "region", "address", "city", "zip", "status",
                "migrated_on", "manager",
            ),
            protected=("contact_name", "contact_email"),
        ),
        Watch(
            "members_clientaccount",
            cleared=("id", "client", "account"),
            protected=(),
        ),
        Watch(
            "members_group",
            cleared=("id", "client", "number", "name"),
            protected=(),
        ),
        Watch(
            "members_product",
            cleared=(
                "id", "rated", "plan_type", "network", "deductible_single", "deductible_family", "oop_single",
                "oop_family", "copays", "formulary", "rx_bin", "rx_pcn", "rx_group", "wellness_cents",
                "service_area_states",
            ),
            protected=(),
        ),
        Watch(
            "members_benefitpackage",
            cleared=("id", "group", "product", "line", "benefit_class", "account", "cobra_account", "offered"),
            protected=(),
        ),
        Watch(
            "members_person",
            cleared=("id", "uuid"),
            protected=(
                "first_name", "middle_name", "last_name", "suffix", "sort_key", "birth_date", "sex", "ssn_cipher",
                "ssn_index", "ssn_last_four", "address", "address2", "city", "state", "zip", "phone", "email",
                "email_changed_at", "confidential_address",
            ),
        ),
        Watch(
            "members_contract",
            cleared=("id", "uuid", "client"),
            protected=("number", "sender_number", "sender_cipher", "subscriber"),
        ),
        Watch(
            "members_enrollee",
            cleared=("id", "client", "recorded_date"),
            protected=("contract", "person", "relationship", "suffix", "member_id"),
        ),
        Watch(
            "members_coverage",
            cleared=("id", "client", "known", "source_file"),
            protected=("enrollee", "contract", "package", "line", "cobra", "effective", "reason"),
        ),
        Watch(
            "members_enrollmentfile",
            cleared=(
                "id", "stored", "sha256", "client", "control_number", "sender", "status", "received_at", "full_file",
                "members_seen", "members_accepted", "members_refused", "ack", "by",
            ),
            protected=(),
        ),
        Watch(
            "members_enrollmenterror",
            cleared=("id", "file", "segment", "segment_id", "reason"),
            protected=("sender_number", "value"),
        ),
        Watch(
            "members_memberaccount",
            cleared=("id", "created_at", "disowned_at"),
            protected=("person", "user"),
        ),
    ]
