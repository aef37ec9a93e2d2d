"""Addresses of accounts: ``urlpatterns`` under ``/o/<organisation>/``, ``personal`` under ``/accounts/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.accounts.views import members
from bevlogen_web.accounts.views import personal as own

app_name = "accounts"

urlpatterns = [
    path("colleagues/", members.members, name="members"),
    path("colleagues/<int:number>/", members.member, name="member"),
    path("colleagues/<int:number>/remove/", members.remove, name="remove"),
    path("invitations/<int:number>/withdraw/", members.withdraw, name="withdraw"),
    path("log/", members.log, name="log"),
]

personal = [
    path("setup/", own.setup, name="accounts-setup"),
    path("join/<str:token>/", own.join, name="accounts-join"),
    path("profile/", own.profile, name="accounts-profile"),
    path("language/", own.language, name="accounts-language"),
]
