"""Where tests find the real data and the reference values that lie beside a checkout."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def shared_folder() -> Path | None:
    """Return the folder with ``data`` and ``reference``: BEVLOGEN_SHARED, or ``shared`` beside the checkout."""
    named = os.environ.get("BEVLOGEN_SHARED")
    candidates = [Path(named)] if named else [Path(__file__).resolve().parents[3] / "shared"]
    return next((c for c in candidates if (c / "reference").is_dir()), None)


def reference(name: str) -> list[dict[str, Any]]:
    """Return the models of one reference file, as ``lmm_exam``; empty where the folder is absent."""
    folder = shared_folder()
    if folder is None:
        return []
    models: list[dict[str, Any]] = json.loads((folder / "reference" / f"{name}.json").read_text())["models"]
    return models
