"""Addresses of listening: ``urlpatterns`` under ``/o/<organisation>/``, ``respondents`` under ``/a/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.listening.views import answering

app_name = "listening"

urlpatterns: list[object] = []

respondents = [
    path("", answering.welcome, name="answer"),
    path("language", answering.language, name="answer-language"),
    path("leave", answering.leave, name="answer-leave"),
    path("hand-in", answering.hand_in, name="answer-hand-in"),
    path("received", answering.received, name="answer-received"),
    path("page/<int:number>", answering.page, name="answer-page"),
    path("<str:code>", answering.door, name="answer-code"),
]
