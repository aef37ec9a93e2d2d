"""Addresses of feedback: ``urlpatterns`` under ``/o/<organisation>/``, ``open_to_all`` under ``/f/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.feedback.views import channels, mailing, respond, wishes

app_name = "feedback"

urlpatterns = [
    path("feedback/", channels.overview, name="overview"),
    path("feedback/new/", channels.new, name="new"),
    path("feedback/<int:number>/", channels.channel, name="channel"),
    path("feedback/<int:number>/switch/", channels.switch, name="switch"),
    path("feedback/<int:number>/renew/", channels.renew, name="renew"),
    path("feedback/<int:number>/poster-<str:size>-<str:language>.pdf", channels.poster, name="poster"),
    path("feedback/websites/", channels.places, name="places"),
    path("feedback/websites/<int:number>/remove/", channels.remove_place, name="remove-place"),
    path("feedback/mail/", mailing.mailing, name="mailing"),
    path("wishes/", wishes.wishes, name="wishes"),
    path("wishes/<int:number>/take/", wishes.take, name="take"),
    path("wishes/<int:number>/finish/", wishes.finish, name="finish"),
]

open_to_all = [
    path("stop/<str:token>/", respond.stop, name="feedback-stop"),
    path("<str:token>/", respond.ask, name="feedback-ask"),
    path("<str:token>/wish/", respond.wish, name="feedback-wish"),
]
