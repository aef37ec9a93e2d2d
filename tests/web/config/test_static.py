"""Static files are packed at the first start; a later one leaves them, and packs again what was broken off."""

import gzip
import os
from pathlib import Path

import brotli
import pytest
from django.core.files.base import ContentFile

from bevlogen_web.config.static import PackedStorage

SCRIPT = b"const one = 1;\n" * 200


@pytest.fixture
def storage(tmp_path, settings):
    settings.WHITENOISE_KEEP_ONLY_HASHED_FILES = True
    return PackedStorage(location=tmp_path)


def collect(storage):
    """Collect one script, as every start does; give the packed copies by ending."""
    storage.delete("x.js")
    storage.save("x.js", ContentFile(SCRIPT))
    list(storage.post_process({"x.js": (storage, "x.js")}))
    return {path.suffix: path for path in Path(storage.location).iterdir() if path.suffix in (".br", ".gz")}


def test_a_script_is_packed_under_the_name_that_holds_its_digest(storage):
    packed = collect(storage)
    assert brotli.decompress(packed[".br"].read_bytes()) == SCRIPT
    assert gzip.decompress(packed[".gz"].read_bytes()) == SCRIPT
    assert not (Path(storage.location) / "x.js").exists()
    assert storage.url("x.js") != "/static/x.js"


def test_a_second_start_packs_nothing_again(storage):
    for path in collect(storage).values():
        os.utime(path, ns=(1, 1))
    assert [path.stat().st_mtime_ns for path in collect(storage).values()] == [1, 1]


@pytest.mark.parametrize("broken", [".br", ".gz"])
def test_what_a_start_left_unfinished_is_packed_again(storage, broken):
    packed = collect(storage)
    packed[".gz"].write_bytes(packed[".gz"].read_bytes()[:20])
    packed[broken].unlink()
    again = collect(storage)
    assert brotli.decompress(again[".br"].read_bytes()) == SCRIPT
    assert gzip.decompress(again[".gz"].read_bytes()) == SCRIPT
