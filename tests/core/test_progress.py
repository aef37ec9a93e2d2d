"""What is told of a long scan reaches whoever listens, and nobody else."""

import pytest

from bevlogen.core.progress import heard, is_heard, part_of, tell


def test_what_is_told_is_heard_within_the_block_only():
    told = []
    tell(0.1)
    with heard(told.append):
        assert is_heard()
        tell(0.5)
        tell(7)
    tell(0.9)
    assert told == [0.5, 1.0]
    assert not is_heard()


def test_parts_of_a_scan_fill_it_evenly():
    told = []
    with heard(told.append):
        for place in range(2):
            with part_of(place, 2):
                tell(0.5)
    assert told == [0.25, 0.5, 0.75, 1.0]


def test_a_scan_that_is_cancelled_leaves_no_listener_and_no_part():
    told = []
    with pytest.raises(KeyboardInterrupt), heard(told.append), part_of(1, 2):
        raise KeyboardInterrupt
    with heard(told.append):
        tell(0.5)
    assert told == [0.5]
