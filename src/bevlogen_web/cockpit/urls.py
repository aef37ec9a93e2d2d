"""Addresses of the cockpit, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path, re_path

from bevlogen_web.cockpit.views import exist, explore, heat, links, maps, overview, teams, words

app_name = "cockpit"
_LINK = r"^cockpit/link/(?P<cause>[a-z_.]{1,60})/(?P<outcome>[a-z_.]{1,60})/"
_KIND = r"(?P<kind>svg|png|pdf)$"

urlpatterns = [
    path("cockpit/", overview.overview, name="overview"),
    re_path(_LINK + "$", links.link, name="link"),
    re_path(_LINK + "rows/$", links.link_rows, name="link-rows"),
    re_path(_LINK + "figure[.]" + _KIND, links.link_figure, name="link-figure"),
    path("cockpit/claims/", links.claims, name="claims"),
    path("cockpit/claims/<slug:claim>/", links.claim, name="claim"),
    path("cockpit/map/", maps.unit_map, name="map"),
    path("cockpit/map/rows/", maps.map_rows, name="map-rows"),
    re_path("^cockpit/map/figure[.]" + _KIND, maps.map_figure, name="map-figure"),
    path("cockpit/exist/", exist.exist, name="exist"),
    re_path("^cockpit/exist/(?P<construct>[a-z_.]{1,60})[.]" + _KIND, exist.exist_figure, name="exist-figure"),
    path("cockpit/explore/", explore.explore, name="explore"),
    path("cockpit/explore/answer/", explore.explore_answer, name="explore-answer"),
    path("cockpit/explore/ask/", explore.explore_ask, name="explore-ask"),
    path("cockpit/explore/keep/", explore.explore_keep, name="explore-keep"),
    re_path("^cockpit/explore/drop/(?P<number>[0-9]{1,18})/$", explore.explore_drop, name="explore-drop"),
    re_path("^cockpit/explore/table[.](?P<kind>csv|parquet|sav)$", explore.explore_table, name="explore-table"),
    path("cockpit/heat/", heat.heat, name="heat"),
    path("cockpit/heat/rows/", heat.heat_rows, name="heat-rows"),
    path("cockpit/teams/", teams.teams, name="teams"),
    path("cockpit/words/", words.words, name="words"),
    path("cockpit/tour/", words.tour_done, name="tour-done"),
    path("cockpit/teams/<path:key>/", teams.team, name="team"),
]
