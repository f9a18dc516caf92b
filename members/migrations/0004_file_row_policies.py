"""Enrollment files and their errors are seen by the plan and by the client whose file it is."""

from django.db import migrations

SQL = """
ALTER TABLE members_enrollmentfile ENABLE ROW LEVEL SECURITY;
ALTER TABLE members_enrollmentfile FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON members_enrollmentfile USING (
    (SELECT plan_sees_all()) OR client_id = (SELECT plan_party('client'))
);
-- An error is seen with its file (the file table's own policy applies inside).
ALTER TABLE members_enrollmenterror ENABLE ROW LEVEL SECURITY;
ALTER TABLE members_enrollmenterror FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON members_enrollmenterror USING (
    (SELECT plan_sees_all())
    OR EXISTS (SELECT 1 FROM members_enrollmentfile f WHERE f.id = members_enrollmenterror.file_id)
);
"""
UNDO = """
DROP POLICY by_tenant ON members_enrollmenterror;
ALTER TABLE members_enrollmenterror NO FORCE ROW LEVEL SECURITY;
ALTER TABLE members_enrollmenterror DISABLE ROW LEVEL SECURITY;
DROP POLICY by_tenant ON members_enrollmentfile;
ALTER TABLE members_enrollmentfile NO FORCE ROW LEVEL SECURITY;
ALTER TABLE members_enrollmentfile DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0003_error_value_length"), ("portals", "0002_scope_functions")]
    operations = [migrations.RunSQL(SQL, UNDO)]
