"""Runs of the calibration study that are kept in a file each, so that a study that is stopped goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def runs_of(folder: Path, name: str, runs: int, size: int, more: Callable[[int, int], FloatArray]) -> FloatArray:
    """Return the runs of a cell, (runs, ...): those kept in ``folder``, and the rest from ``more(size, block)``.

    They are made and kept in blocks of ``size`` runs; the number of the block goes into the seed of its random numbers.
    """
    blocks = []
    for block in range(-(-runs // size)):
        file = folder / f"{name}.{block}.npy"
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part.npy")
            np.save(part, more(size, block))
            part.rename(file)
        blocks.append(np.load(file))
    return np.concatenate(blocks)[:runs]
