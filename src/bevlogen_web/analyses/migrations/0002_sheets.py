import json

import django.db.models.deletion
from django.db import migrations, models

from bevlogen_web.analyses import sheets


def cut_current(apps, schema_editor):
    """Cut the pictures that are shown now; earlier ones stay whole."""
    picture_model, sheet_model = apps.get_model("analyses", "Picture"), apps.get_model("analyses", "Sheet")
    for picture in picture_model.objects.filter(current=True):
        sheet_model.objects.bulk_create(
            [
                sheet_model(picture=picture, kind=c.kind, key=c.key, body=json.dumps(c.body))
                for c in sheets.cut(picture.release)
            ],
            batch_size=500,
        )


class Migration(migrations.Migration):
    dependencies = [("analyses", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Sheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=4)),
                ("key", models.CharField(blank=True, max_length=200)),
                ("body", models.TextField()),
                (
                    "picture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sheets", to="analyses.picture"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("picture", "kind", "key"), name="one_sheet_per_unit")],
            },
        ),
        migrations.RunPython(cut_current, migrations.RunPython.noop),
    ]
