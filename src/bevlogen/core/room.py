"""Room for long arrays: in memory, and for the very long in a file without a name that the system may write out."""

from __future__ import annotations

import math
import mmap
import os
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bevlogen.errors import BevlogenError

# So many bytes an array may take in memory. Above it the system decides how much of it stays there.
IN_MEMORY = 2**27


def room(shape: Sequence[int], dtype: Any = np.float64) -> NDArray[Any]:
    """Return zeros of a shape, to be filled; above 128 MB in a file that is gone when the array is.

    Raises
    ------
    BevlogenError
        If the folder for temporary files has no room for it.
    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if size <= IN_MEMORY:
        return np.zeros(shape, dtype)
    with tempfile.TemporaryFile() as file:
        try:
            _reserve(file.fileno(), size)
        except OSError as error:
            raise BevlogenError(
                f"This many figures need {size / 1e9:.1f} GB in {tempfile.gettempdir()}, which has no room for it "
                f"({error.strerror}). Make room, or name another folder in the environment variable TMPDIR."
            ) from error
        held = mmap.mmap(file.fileno(), size)
    return np.frombuffer(held, dtype).reshape(shape)


def memory_of_machine() -> float:
    """Bytes of memory that this machine has; infinite where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def _reserve(descriptor: int, size: int) -> None:
    """Make a file so long, with its room on the disk where the system can promise that."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.truncate(descriptor, size)
