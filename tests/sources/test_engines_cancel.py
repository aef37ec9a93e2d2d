"""Ctrl-C ends a query of the embedded engine as Ctrl-C, whatever DuckDB calls it."""

import pyarrow as pa
import pytest

from bevlogen.sources.engines import Engine, cancellable


def test_an_interrupted_query_is_ctrl_c():
    with pytest.raises(KeyboardInterrupt), cancellable():
        raise RuntimeError("Query interrupted")


def test_another_error_stays_what_it_is():
    with pytest.raises(RuntimeError, match="out of luck"), cancellable():
        raise RuntimeError("out of luck")


def test_ctrl_c_while_a_file_is_handed_over_is_ctrl_c():
    def batches():
        yield pa.record_batch({"x": [1]})
        raise KeyboardInterrupt

    engine = Engine()
    engine.raw.register("incoming", pa.RecordBatchReader.from_batches(pa.schema({"x": pa.int64()}), batches()))
    with pytest.raises(KeyboardInterrupt):
        engine.run("CREATE TABLE taken AS SELECT * FROM incoming")
