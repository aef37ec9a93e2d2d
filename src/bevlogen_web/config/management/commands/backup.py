"""``backup <folder or file>``: see config/backup.py."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bevlogen_web.config import backup

LONGEST_KEPT = 90  # days; what was erased is remembered for 100


class Command(BaseCommand):
    """Write a backup, while the application runs."""

    help = "Write a backup of database and files, without keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and how long older ones in that folder are kept."""
        parser.add_argument("target", type=Path, help="A folder (the name holds the time) or a file.")
        parser.add_argument(
            "--keys", type=Path, help="Folder for the keys of the ledgers; keep its files elsewhere than the backups."
        )
        parser.add_argument(
            "--keep-days", type=int, help=f"Delete older backups of that folder; {LONGEST_KEPT} at most."
        )

    def handle(self, *args: Any, target: Path, keys: Path | None, keep_days: int | None, **options: Any) -> None:
        """Write, tidy up, and say what was written."""
        if keep_days is not None and not (target.is_dir() and 1 <= keep_days <= LONGEST_KEPT):
            raise CommandError(f"--keep-days needs a folder and 1 to {LONGEST_KEPT} days.")
        if not target.is_dir() and not target.parent.is_dir():
            raise CommandError(f"There is no folder {target.parent}. Make it first.")
        if keys is not None and not keys.is_dir():
            raise CommandError(f"There is no folder {keys}. Make it first.")
        now = timezone.localtime()
        path = target / f"bevlogen-{now:%Y%m%d-%H%M%S}.tar.gz" if target.is_dir() else target
        try:
            rows = backup.write(path)
        except backup.UnfitBackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{path}: {sum(rows.values())} rows of {len(rows)} tables, {path.stat().st_size} bytes")
        if keys is None:
            self.stdout.write("Without the keys of the ledgers of releases; --keys FOLDER keeps them too.")
        else:
            own = keys / f"bevlogen-keys-{now:%Y%m%d-%H%M%S}.json"
            self.stdout.write(f"{own}: {backup.write_keys(own)} keys. Keep them elsewhere than the backups.")
        if keep_days is not None:
            gone = sum(backup.prune(folder, keep_days, now.date()) for folder in {target, keys or target})
            self.stdout.write(f"{gone} older files deleted")
