"""What row policies ask: whose rows may this transaction see? Set LOCAL by the page decorator, jobs and commands."""

from django.db import migrations

SQL = """
CREATE FUNCTION plan_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('plan.scope', true), '') IN ('desk', 'system')
$$;
CREATE FUNCTION plan_holder() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('plan.scope', true), '')
$$;
CREATE FUNCTION plan_party(wanted text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN split_part(current_setting('plan.scope', true), ':', 1) = wanted
                THEN nullif(split_part(current_setting('plan.scope', true), ':', 2), '')::bigint END
$$;
CREATE FUNCTION plan_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the table is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""
REVERSE = """
DROP FUNCTION plan_refuse_change();
DROP FUNCTION plan_party(text);
DROP FUNCTION plan_holder();
DROP FUNCTION plan_sees_all();
"""


class Migration(migrations.Migration):
    dependencies = [("portals", "0001_initial")]
    operations = [migrations.RunSQL(SQL, REVERSE)]
