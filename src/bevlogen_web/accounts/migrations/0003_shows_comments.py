from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_audit_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="shows_comments",
            field=models.BooleanField(default=False, verbose_name="Show what people wrote, and not only themes"),
        ),
    ]
