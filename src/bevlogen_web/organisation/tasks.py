"""Housekeeping: files that were looked at and never applied."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from bevlogen_web.organisation.models import Upload

UPLOADS_KEPT = timedelta(days=1)


@task()
def clear_uploads() -> None:
    """Delete files that nobody applied within a day: they hold addresses."""
    Upload.objects.filter(made__lt=timezone.now() - UPLOADS_KEPT).delete()
