"""``python -m bevlogen_web <command>``: Django's management commands, with the settings of this application."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from bevlogen_web.config.environment import make_secret, read


def main() -> None:
    """Run one management command; a wrong setting is a sentence and status 1, never a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bevlogen_web.config.settings")
    environment = read(os.environ)
    if environment.local:
        make_secret(environment.data)
    try:
        execute_from_command_line(["bevlogen", *sys.argv[1:]])
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
