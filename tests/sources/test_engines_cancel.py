"""Ctrl-C ends a query of the embedded engine as Ctrl-C, whatever DuckDB calls it."""

import pytest

from bevlogen.sources.engines import cancellable


def test_an_interrupted_query_is_ctrl_c():
    with pytest.raises(KeyboardInterrupt), cancellable():
        raise RuntimeError("Query interrupted")


def test_another_error_stays_what_it_is():
    with pytest.raises(RuntimeError, match="out of luck"), cancellable():
        raise RuntimeError("out of luck")
