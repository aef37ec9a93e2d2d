"""The clock of the background work."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ScheduledRun(models.Model):
    """When a scheduled task was last handed to the job worker, so that two clocks never hand it on twice."""

    name = models.CharField(max_length=100, primary_key=True)
    last = models.DateTimeField()

    class Meta:
        """Ordered by name, for people who look."""

        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        """Name of the schedule."""
        return self.name
