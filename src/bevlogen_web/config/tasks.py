"""Housekeeping that belongs to no app: old sessions and old jobs."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

FINISHED_JOBS_KEPT = timedelta(days=7)


@task()
def clear_sessions() -> None:
    """Delete sessions that have ended."""
    call_command("clearsessions")


@task()
def clear_finished_jobs() -> None:
    """Delete the record of jobs that ended a week ago."""
    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - FINISHED_JOBS_KEPT).delete()
