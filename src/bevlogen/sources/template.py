"""A commented workspace to start from; it is complete and passes ``check``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from bevlogen.errors import BevlogenError, writing

_FILES = ("organisation.toml", "units.csv", "answers.csv", "interactions.csv", "results.csv", "actions.csv")


def write_template(directory: str | Path) -> Path:
    """Write a commented ``organisation.toml`` with small example tables; return the folder.

    Raises
    ------
    BevlogenError
        If one of these files is there already (then nothing is written), or the folder cannot be written.
    """
    directory = Path(directory)
    present = [name for name in _FILES if (directory / name).exists()]
    if present:
        raise BevlogenError(
            f"{directory.name} already has: {', '.join(present)}. Nothing was written. Choose another folder."
        )
    with writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            (directory / name).write_bytes((files("bevlogen.sources") / "blank" / name).read_bytes())
    return directory
