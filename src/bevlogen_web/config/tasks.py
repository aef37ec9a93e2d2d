"""Housekeeping that belongs to no app: old sessions and old jobs."""

from __future__ import annotations

from django.core.management import call_command
from django_tasks import task

FINISHED_JOBS_KEPT_DAYS = 7


@task()
def clear_sessions() -> None:
    """Delete sessions that have ended."""
    call_command("clearsessions")


@task()
def clear_finished_jobs() -> None:
    """Delete the record of jobs that ended a week ago."""
    call_command("prune_db_task_results", min_age_days=FINISHED_JOBS_KEPT_DAYS)
