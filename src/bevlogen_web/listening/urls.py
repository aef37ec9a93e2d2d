"""Addresses of listening: ``urlpatterns`` under ``/o/<organisation>/``, ``respondents`` under ``/a/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.listening.views import answering, rounds

app_name = "listening"

urlpatterns = [
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/new/", rounds.prepare, name="prepare"),
    path("rounds/<int:number>/", rounds.one, name="round"),
    path("rounds/<int:number>/change/", rounds.change, name="change"),
    path("rounds/<int:number>/open/", rounds.open_round, name="open"),
    path("rounds/<int:number>/delete/", rounds.discard, name="discard"),
    path("rounds/<int:number>/remind/", rounds.remind, name="remind"),
    path("rounds/<int:number>/close/", rounds.close, name="close"),
    path("rounds/<int:number>/cards/", rounds.cards, name="cards"),
    path("rounds/<int:number>/cards/print/", rounds.printed, name="printed"),
]

respondents = [
    path("", answering.welcome, name="answer"),
    path("language", answering.language, name="answer-language"),
    path("leave", answering.leave, name="answer-leave"),
    path("hand-in", answering.hand_in, name="answer-hand-in"),
    path("received", answering.received, name="answer-received"),
    path("page/<int:number>", answering.page, name="answer-page"),
    path("<str:code>", answering.door, name="answer-code"),
]
