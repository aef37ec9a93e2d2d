"""Runs of the calibration study that are kept in a file each, so that a study that is stopped goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def runs_of(folder: Path, name: str, least: int, size: int, more: Callable[[int, int], FloatArray]) -> FloatArray:
    """Return the runs of a cell, (runs, ...): all kept in ``folder``, and from ``more`` what lacks at ``least``.

    They are made and kept in blocks of ``size`` runs by ``more(size, block)``; the number of the block goes into the
    seed of its random numbers.
    """
    blocks: list[FloatArray] = []
    file = folder / f"{name}.0.npy"
    while len(blocks) * size < least or file.exists():
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part.npy")
            np.save(part, more(size, len(blocks)))
            part.rename(file)
        blocks.append(np.load(file))
        file = folder / f"{name}.{len(blocks)}.npy"
    return np.concatenate(blocks)
