"""What the clock does for analyses; apart from ``tasks``, which the services need."""

from __future__ import annotations

from django_tasks import task

from bevlogen_web.analyses import services


@task()
def look_for_new_data() -> None:
    """Ask for a refresh where there is new data."""
    services.ask_where_new()
