"""From an empty installation to the first steering picture, as people go it."""

import pytest
from checks import assert_accessible
from journey import steps

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_twelve_employees_and_a_customer_make_a_picture(site):
    administrator = steps.set_up_organisation(site)
    steps.import_file(administrator, "units", "onderdelen.csv", steps.UNITS)
    steps.import_file(administrator, "employees", "personeel.csv", steps.EMPLOYEES)
    steps.open_round(administrator)
    for place, link in enumerate(site.links("@brug.example", "a/", 12)):
        steps.answer(site, link, 2 + place % 4)
    steps.give_feedback(site, steps.make_poster(administrator))
    director = steps.invite_director(site, administrator)
    director.goto(f"{steps.home(director)}rounds/")
    director.get_by_role("link", name="Najaar").tap()
    director.get_by_role("button", name="De ronde nu sluiten").tap()
    director.locator("#close .danger").tap()
    director.get_by_text("De ronde is gesloten").wait_for()
    director.goto(f"{steps.home(director)}picture/")
    director.get_by_role("button", name="opnieuw maken").tap()
    director.get_by_role("link", name="Stuurbeeld openen").wait_for(timeout=120_000)
    assert_accessible(director)
