"""Static files are packed once: a start that finds them packed does not spend half a minute on the same again."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PackOnce(Compressor):  # type: ignore[misc]  # whitenoise is not typed
    """Leave a file alone of which a whole copy lies packed beside it."""

    def compress(self, path: str) -> list[str]:
        """Pack a file, if need be; give the paths of what was made."""
        return [] if _is_packed(Path(path)) else list(super().compress(path))


class PackedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # nor is this
    """Static files under names that hold their digest, packed with Brotli and gzip."""

    def create_compressor(self, **options: Any) -> Compressor:
        """Give what packs the files."""
        return PackOnce(**options)


def _is_packed(path: Path) -> bool:
    """Whether Brotli and gzip are there. Gzip comes last: where it holds the whole file, a start was not broken off."""
    brotli, gz = (Path(f"{path}{ending}") for ending in (".br", ".gz"))
    try:
        return brotli.is_file() and gzip.decompress(gz.read_bytes()) == path.read_bytes()
    except (OSError, EOFError, zlib.error):
        return False
