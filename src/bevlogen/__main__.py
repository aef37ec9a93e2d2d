"""``python -m bevlogen`` is the command line."""

from bevlogen.cli import main

main()
