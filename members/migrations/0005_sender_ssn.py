"""A sender's number that looks like an SSN is no longer kept in plain: a contract finds it by a blind index and holds
it encrypted, an error keeps its last four digits."""

import re
import uuid

import django.contrib.postgres.functions
from django.db import migrations, models
from django.db.models import Q

from portals.crypto import values as crypto

FORM = "^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$"
BATCH = 5000


def hide(apps, schema_editor):
    Contract = apps.get_model("members", "Contract")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE plan_bulk")  # past the row policies
        cursor.execute(
            "UPDATE members_enrollmenterror SET sender_number = '***-**-' || right(sender_number, 4)"
            " WHERE sender_number ~ %s",
            [FORM],
        )
    while rows := list(Contract.objects.filter(sender_number__regex=FORM)[:BATCH]):
        for row in rows:
            digits = re.sub("[- ]", "", row.sender_number)
            row.sender_number = crypto.blind_index(digits, purpose="sender_number")
            row.sender_cipher = crypto.encrypt(digits, context=f"members_contract.sender.{row.uuid}")
        Contract.objects.bulk_update(rows, ["sender_number", "sender_cipher"], batch_size=500)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


class Migration(migrations.Migration):
    dependencies = [("members", "0004_file_row_policies")]
    operations = [
        migrations.AddField(
            "contract",
            "uuid",
            models.UUIDField(
                db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False
            ),
        ),
        migrations.AddField("contract", "sender_cipher", models.BinaryField(blank=True, null=True)),
        migrations.RunPython(hide, migrations.RunPython.noop),
        # What the update left for the foreign keys to check would stand in the way of the constraints.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            "contract",
            models.CheckConstraint(condition=~Q(sender_number__regex=FORM), name="no_plain_ssn"),
        ),
        migrations.AddConstraint(
            "contract",
            models.CheckConstraint(
                condition=Q(sender_cipher=None) | Q(sender_number__regex="^[^:]+:[0-9a-f]{40}$"),
                name="sender_by_index",
            ),
        ),
        migrations.AddConstraint(
            "enrollmenterror",
            models.CheckConstraint(condition=~Q(sender_number__regex=FORM), name="no_plain_ssn_in_error"),
        ),
    ]
