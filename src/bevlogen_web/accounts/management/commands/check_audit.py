"""Whether the logs of what was done are whole."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import AuditEntry, Organisation


class Command(BaseCommand):
    """Check the chain of every organisation, or of one against a head noted earlier."""

    help = "Check the log of every organisation: status 1 if one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Optionally one organisation and the head that was noted earlier."""
        parser.add_argument("--organisation", help="Short name of one organisation.")
        parser.add_argument("--head", help="Head of its log as noted earlier, number:hash.")

    def handle(self, *args: Any, organisation: str | None, head: str | None, **options: Any) -> None:
        """Say per organisation whether the chain holds."""
        if head and not organisation:
            raise CommandError("--head needs --organisation.")
        chosen = Organisation.objects.order_by("slug")
        if organisation:
            chosen = chosen.filter(slug=organisation)
            if not chosen:
                raise CommandError("There is no such organisation.")
        broken = 0
        for one in chosen:
            fault = audit.find_break(one)
            if fault is not None:
                broken += 1
                self.stdout.write(f"{one.slug}: broken at entry {fault.number}: {fault.reason}.")
            elif head and not audit.holds(one, head):
                broken += 1
                self.stdout.write(f"{one.slug}: the noted head is no longer in the log.")
            else:
                count = AuditEntry.objects.filter(organisation=one).count()
                self.stdout.write(f"{one.slug}: whole, {count} entries, head {audit.head(one)}")
        if broken:
            raise CommandError(f"{broken} broken.")
