"""A commented workspace to start from; it is complete and passes ``check``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from bevlogen.core.chain import Language
from bevlogen.errors import BevlogenError, writing
from bevlogen.sources.section import DEFAULT_LANGUAGE, TOML

_FILES = ("organisation.toml", "units.csv", "answers.csv", "interactions.csv", "results.csv", "actions.csv")


def write_template(directory: str | Path, *, language: Language | None = None) -> Path:
    """Write a commented ``organisation.toml`` with small example tables; return the folder.

    Parameters
    ----------
    directory : folder to write; made if absent.
    language : of the organisation; Dutch by default.

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
            blank = (files("bevlogen.sources") / "blank" / name).read_bytes()
            if name == TOML and language is not None:
                blank = blank.replace(f'language = "{DEFAULT_LANGUAGE}"'.encode(), f'language = "{language}"'.encode())
            (directory / name).write_bytes(blank)
    return directory
