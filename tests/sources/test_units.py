from bevlogen.core.tables import Unit
from bevlogen.sources.units import under_one_top


def test_several_tops_get_the_organisation_above_them():
    units = under_one_top((Unit("a", "A"), Unit("b", "B"), Unit("c", "C", parent="a")), "Stadsdiensten")
    assert [(unit.key, unit.parent) for unit in units] == [
        ("a", "organisation"),
        ("b", "organisation"),
        ("c", "a"),
        ("organisation", None),
    ]
    assert units[-1].name == "Stadsdiensten"


def test_one_top_stays_the_top():
    units = (Unit("a", "A"), Unit("b", "B", parent="a"))
    assert under_one_top(units, "Stadsdiensten") == units


def test_a_unit_of_that_name_keeps_it():
    units = under_one_top((Unit("organisation", "A"), Unit("b", "B")), "Stadsdiensten")
    assert units[-1].key == "organisation*"


def test_no_units_stay_none():
    assert under_one_top((), "Stadsdiensten") == ()
