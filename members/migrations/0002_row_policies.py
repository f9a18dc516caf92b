"""Which people and coverages a transaction sees (`portals.scope.Scope.tenant`)."""

from django.db import migrations

SQL = """
-- The contracts of the person who is signed in. It must see past the policy that asks it, so it belongs to the
-- role that policies do not hold; it answers only with numbers of the caller's own contracts.
CREATE FUNCTION members_own_contracts() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    SELECT contract_id FROM members_enrollee WHERE person_id = plan_party('person')
$$;
REVOKE EXECUTE ON FUNCTION members_own_contracts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION members_own_contracts() TO plan_app, plan_owner;
GRANT CREATE ON SCHEMA public TO plan_bulk;
ALTER FUNCTION members_own_contracts() OWNER TO plan_bulk;
REVOKE CREATE ON SCHEMA public FROM plan_bulk;

ALTER TABLE members_contract ENABLE ROW LEVEL SECURITY;
ALTER TABLE members_contract FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON members_contract USING (
    (SELECT plan_sees_all()) OR client_id = (SELECT plan_party('client'))
    OR id IN (SELECT members_own_contracts())
);
ALTER TABLE members_enrollee ENABLE ROW LEVEL SECURITY;
ALTER TABLE members_enrollee FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON members_enrollee USING (
    (SELECT plan_sees_all()) OR client_id = (SELECT plan_party('client'))
    OR contract_id IN (SELECT members_own_contracts())
);
ALTER TABLE members_coverage ENABLE ROW LEVEL SECURITY;
ALTER TABLE members_coverage FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON members_coverage USING (
    (SELECT plan_sees_all()) OR client_id = (SELECT plan_party('client'))
    OR contract_id IN (SELECT members_own_contracts())
);
-- A person is seen by whoever sees one of their enrollments (the enrollee table's own policy applies inside).
ALTER TABLE members_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE members_person FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON members_person USING (
    (SELECT plan_sees_all()) OR id = (SELECT plan_party('person'))
    OR EXISTS (SELECT 1 FROM members_enrollee e WHERE e.person_id = members_person.id)
);
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("portals", "0002_scope_functions")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
