"""From here on the history of these tables is kept, and nothing changes them unnamed."""

from django.db import migrations

from audit.history import Watch


class Migration(migrations.Migration):
    dependencies = [("portals", "0016_taken_back"), ("audit", "0002_changes")]
    operations = [
        Watch(
            "portals_user",
            cleared=(
                "id", "last_login", "kind", "is_active", "must_change_password", "failed_steps", "failed_passwords",
                "told_passwords", "email_proven_at", "awake_since", "created_at",
            ),
            protected=("username", "email", "given_name", "family_name", "password"),
        ),
        Watch(
            "portals_staffrole",
            cleared=("id", "user", "team", "started_at", "ended_at"),
            protected=(),
        ),
        Watch(
            "portals_staffproposal",
            cleared=("id", "user", "team", "proposed_by", "proposed_at", "decided_by", "decided_at", "given"),
            protected=(),
        ),
        Watch(
            "portals_deskrequest",
            cleared=(
                "id", "uuid", "kind", "key", "team", "party", "status", "owner", "asked_by", "asked_party",
                "created_at", "due_date", "closed_at",
            ),
            protected=("title", "detail", "reply_to"),
        ),
        Watch(
            "portals_deskremark",
            cleared=("id", "request", "by", "at", "status", "shared"),
            protected=("text",),
        ),
        Watch(
            "portals_deskattachment",
            cleared=("id", "remark", "stored"),
            protected=(),
        ),
        Watch(
            "portals_deskproposal",
            cleared=(
                "id", "request", "proposed_by", "proposed_at", "decided_by", "decided_at", "approved", "taken_back_at",
            ),
            protected=("decision",),
        ),
        Watch(
            "portals_breakglass",
            cleared=(
                "id", "user", "subject_kind", "opened_at", "expires_at", "ended_at", "reviewed_by", "reviewed_at",
                "finding",
            ),
            protected=("reason", "ticket", "note", "subject_id"),
        ),
        Watch(
            "portals_viewas",
            cleared=(
                "id", "user", "viewed", "portal", "place", "opened_at", "expires_at", "ended_at", "reviewed_by",
                "reviewed_at", "finding",
            ),
            protected=("reason", "ticket", "note", "party"),
        ),
        Watch(
            "portals_actingsession",
            cleared=("id", "user", "home", "party", "grant", "started_at", "ended_at"),
            protected=("reason",),
        ),
        Watch(
            "portals_invitation",
            cleared=(
                "id", "uuid", "kind", "party", "role", "extra", "invited_by", "created_at", "expires_at", "accepted_at",
                "accepted_by", "ended_at", "ended_by",
            ),
            protected=("given_name", "family_name", "email", "token_hash"),
        ),
        Watch(
            "portals_accessreview",
            cleared=(
                "id", "uuid", "kind", "party", "opened_on", "due_date", "status", "opened_by", "reminded_on",
                "closed_at", "closed_by",
            ),
            protected=(),
        ),
        Watch(
            "portals_accessreviewline",
            cleared=("id", "review", "user", "place", "role", "manages", "decision", "decided_by", "decided_at"),
            protected=(),
        ),
        Watch(
            "portals_authenticatorapp",
            cleared=("id", "user", "confirmed", "uuid", "last_step", "created_at"),
            protected=("name", "key"),
        ),
        Watch(
            "portals_emailcodes",
            cleared=("id", "user", "confirmed", "created_at"),
            protected=("name",),
        ),
        Watch(
            "portals_recoverycodes",
            cleared=("id", "user", "confirmed", "created_at"),
            protected=("name",),
        ),
        Watch(
            "portals_recoverycode",
            cleared=("id", "sheet", "used_at"),
            protected=("code_hash",),
        ),
        Watch(
            "portals_storedfile",
            cleared=(
                "id", "uuid", "kind", "owner", "content_type", "size", "uploader", "sha256", "key_id", "created_at",
            ),
            protected=("name",),
        ),
        Watch(
            "portals_planclock",
            cleared=("id", "business_date"),
            protected=(),
        ),
        Watch(
            "portals_staterule",
            cleared=("id", "state", "name", "value", "effective"),
            protected=(),
        ),
        Watch(
            "portals_planclosing",
            cleared=("day", "reason"),
            protected=(),
        ),
        Watch(
            "portals_helpcontact",
            cleared=(
                "id", "audience", "region", "topic", "owner", "owner_es", "phone", "week", "zone", "holidays_off",
                "note", "note_es", "effective",
            ),
            protected=(),
        ),
        Watch(
            "portals_announcement",
            cleared=("id", "audience", "region", "title", "body", "title_es", "body_es", "shown", "withdrawn_at"),
            protected=(),
        ),
    ]
