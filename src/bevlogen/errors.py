"""Every exception that Bevlogen raises on purpose. Its message says what is wrong, what was found, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class BevlogenError(Exception):
    """Base of all errors that a user can mend."""


class ChoiceError(BevlogenError):
    """An option has a value that is not one of its choices."""

    def __init__(self, option: str, found: object, choices: Iterable[str]) -> None:
        self.option = option
        super().__init__(f'Unknown {option} "{found}". Choose one of: {", ".join(choices)}.')


class ShapeError(BevlogenError):
    """Arrays do not fit together or hold what an estimator cannot use."""


class NotEstimableError(BevlogenError):
    """The data cannot answer the question; the message says why and what would help.

    ``why`` is a key that a room can turn into a reason in another language: ``few-units``, ``noise-cause``,
    ``noise-outcome`` or ``model``.
    """

    def __init__(self, message: str, why: str = "model") -> None:
        self.why = why
        super().__init__(message)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong with a workspace.

    Attributes
    ----------
    file : file name relative to the workspace.
    row : 1-based line number in the file, header included; None if the fault is not in a row.
    column : column name in the file; None if not in a column.
    found : what stands there. Never an answer, a name or an address.
    mend : what to do about it.
    count : how many rows have this same fault (``row`` is the first).
    """

    file: str
    row: int | None
    column: str | None
    found: str
    mend: str
    count: int = 1

    def sentence(self) -> str:
        """One line: where, what was found, what to do."""
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f'column "{self.column}"')
        more = f" (and {self.count - 1} more rows)" if self.count > 1 else ""
        return f"{', '.join(where)}: {self.found}{more}. {self.mend}"


class WorkspaceError(BevlogenError):
    """A workspace has faults. ``faults`` holds them all."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        head = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''} in the workspace."
        super().__init__("\n".join([head, *(f"- {fault.sentence()}" for fault in self.faults)]))


class EngineError(BevlogenError):
    """The engine that holds the tables cannot be asked. ``found`` and ``mend`` hold no user, password or value."""

    def __init__(self, found: str, mend: str) -> None:
        self.found, self.mend = found, mend
        super().__init__(f"The engine: {found}. {mend}")


class WriteError(BevlogenError):
    """A file cannot be written where it was asked for."""

    def __init__(self, path: Path, why: str | None) -> None:
        self.path = path
        super().__init__(f'Cannot write "{path}": {why or "the system refused it"}. Name another place.')


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write ``path`` into a ``WriteError``."""
    try:
        yield
    except OSError as error:
        raise WriteError(path, error.strerror) from error
