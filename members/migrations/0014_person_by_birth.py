"""The index by which the desk finds who is called what a caller says: among those born on that day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0013_lookalikes")]
    operations = [migrations.AddIndex("person", models.Index(fields=["birth_date"], name="person_by_birth"))]
