"""Addresses of analyses, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path, re_path

from bevlogen_web.analyses.views import pictures

app_name = "analyses"

urlpatterns = [
    path("picture/", pictures.picture, name="picture"),
    path("picture/standing/", pictures.standing, name="standing"),
    path("picture/refresh/", pictures.refresh, name="refresh"),
    re_path(r"^picture/(?P<number>[0-9]{1,18})/(?P<language>en|nl)/$", pictures.report, name="report"),
]
