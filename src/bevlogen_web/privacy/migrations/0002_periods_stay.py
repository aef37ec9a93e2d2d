"""Let the database itself refuse to alter a rule that was in force.

SQLite drops triggers when Django rebuilds a table: a later migration of this table has to make the trigger again.
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER retention_stays BEFORE UPDATE ON privacy_periods
BEGIN SELECT RAISE(ABORT, 'a rule that was in force is never altered'); END
"""
POSTGRESQL = """
CREATE FUNCTION retention_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a rule that was in force is never altered'; END $$;
CREATE TRIGGER retention_stays BEFORE UPDATE ON privacy_periods
FOR EACH ROW EXECUTE FUNCTION retention_stays()
"""


def protect(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def unprotect(apps, schema_editor):
    on_table = "" if schema_editor.connection.vendor == "sqlite" else " ON privacy_periods"
    schema_editor.execute(f"DROP TRIGGER retention_stays{on_table}")
    if on_table:
        schema_editor.execute("DROP FUNCTION retention_stays")


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
