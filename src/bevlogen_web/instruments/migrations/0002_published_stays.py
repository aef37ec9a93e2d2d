"""Let the database itself refuse to change what was published: people answered exactly these words.

SQLite drops triggers when Django rebuilds a table: a later migration of this table has to make the trigger again.
"""

from django.db import migrations

CHANGED = """OLD.state <> 'draft' AND (
    NEW.definition {differs} OLD.definition OR NEW.number <> OLD.number OR NEW.instrument_id <> OLD.instrument_id
    OR NEW.state = 'draft' OR (OLD.state = 'retired' AND NEW.state <> 'retired'))"""
SQLITE = f"""
CREATE TRIGGER published_versions_stay BEFORE UPDATE ON instruments_version WHEN {CHANGED.format(differs="IS NOT")}
BEGIN SELECT RAISE(ABORT, 'a published version is never changed'); END
"""
POSTGRESQL = f"""
CREATE FUNCTION published_versions_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a published version is never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER published_versions_stay BEFORE UPDATE ON instruments_version
FOR EACH ROW WHEN ({CHANGED.format(differs="IS DISTINCT FROM")}) EXECUTE FUNCTION published_versions_stay()
"""


def protect(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def unprotect(apps, schema_editor):
    on_table = "" if schema_editor.connection.vendor == "sqlite" else " ON instruments_version"
    schema_editor.execute(f"DROP TRIGGER published_versions_stay{on_table}")
    if on_table:
        schema_editor.execute("DROP FUNCTION published_versions_stay")


class Migration(migrations.Migration):
    dependencies = [("instruments", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
