import numpy as np

from bevlogen.core.tables import Unit
from bevlogen.measure.tree import tree_of

UNITS = (
    Unit("team", "Team", "branch", headcount=8.0),
    Unit("other", "Other", "branch", service="tram", headcount=4.0),
    Unit("branch", "Branch", "top", service="care"),
    Unit("top", "Top"),
)


def test_depth_counts_from_the_top():
    assert tree_of(UNITS).depth.tolist() == [2, 2, 1, 0]


def test_a_headcount_is_summed_where_it_is_not_given():
    assert tree_of(UNITS).headcount.tolist() == [8.0, 4.0, 12.0, 12.0]


def test_a_headcount_with_an_unknown_part_is_unknown():
    tree = tree_of((*UNITS, Unit("new", "New", "branch")))
    assert np.isnan(tree.headcount[2:]).all()


def test_a_unit_without_service_has_that_above_it():
    assert tree_of(UNITS).service == ("care", "tram", "care", "")
