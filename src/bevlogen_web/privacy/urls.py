"""Addresses of privacy: for staff, ``personal`` under ``/accounts/``, and ``public`` at the top."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.privacy.views import own as mine
from bevlogen_web.privacy.views import papers, people, proof, rules

app_name = "privacy"

urlpatterns = [
    path("privacy/", rules.overview, name="overview"),
    path("rules/", rules.rules, name="rules"),
    path("privacy/periods/", rules.periods, name="periods"),
    path("privacy/comments/", rules.comments, name="comments"),
    path("privacy/particulars/", papers.particulars, name="particulars"),
    path("privacy/register/", papers.register, name="register"),
    path("privacy/assessment/", papers.assessment, name="assessment"),
    path("privacy/person/", people.person, name="person"),
    path("privacy/person/copy/", people.copy, name="person-copy"),
    path("privacy/person/erase/", people.erase, name="person-erase"),
    path("privacy/proof/", proof.proof, name="proof"),
]

personal = [
    path("my-data/", mine.own, name="privacy-own"),
    path("my-data/copy/", mine.copy, name="privacy-own-copy"),
    path("my-data/erase/", mine.erase, name="privacy-own-erase"),
]

public = [path("privacy/<slug:slug>/", papers.statement, name="privacy-statement")]
