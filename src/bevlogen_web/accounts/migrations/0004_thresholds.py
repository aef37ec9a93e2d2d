from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_shows_comments"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="thresholds",
            field=models.JSONField(default=dict, editable=False),
        ),
    ]
