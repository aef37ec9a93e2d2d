"""Addresses of questionnaires, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.instruments.views import editor, making, reading

app_name = "instruments"

urlpatterns = [
    path("questionnaires/", reading.questionnaires, name="list"),
    path("questionnaires/new/", making.new, name="new"),
    path("questionnaires/licensed/", making.licensed, name="licensed"),
    path("questionnaires/licensed/<slug:source>.csv", making.template, name="template"),
    path("questionnaires/<int:number>/", reading.questionnaire, name="instrument"),
    path("questionnaires/<int:number>/copy/", making.copy, name="copy"),
    path("questionnaires/<int:number>/draft/", making.draft, name="draft"),
    path("questionnaires/versions/<int:number>/", editor.edit, name="edit"),
    path("questionnaires/versions/<int:number>/preview/", reading.preview, name="preview"),
    path("questionnaires/versions/<int:number>/publish/", making.publish, name="publish"),
    path("questionnaires/versions/<int:number>/retire/", making.retire, name="retire"),
    path("questionnaires/versions/<int:number>/discard/", making.discard, name="discard"),
    path("questionnaires/versions/<int:number>/heading/", editor.heading, name="heading"),
    path("questionnaires/versions/<int:number>/pages/", editor.add_page, name="add-page"),
    path("questionnaires/versions/<int:number>/pages/<int:page>/", editor.page_title, name="page"),
    path("questionnaires/versions/<int:number>/pages/<int:page>/remove/", editor.remove_page, name="remove-page"),
    path("questionnaires/versions/<int:number>/pages/<int:page>/add/<slug:kind>/", editor.add, name="add"),
    path("questionnaires/versions/<int:number>/questions/<slug:key>/", editor.question, name="question"),
    path("questionnaires/versions/<int:number>/questions/<slug:key>/move/", editor.move, name="move"),
    path("questionnaires/versions/<int:number>/questions/<slug:key>/remove/", editor.remove, name="remove"),
]
