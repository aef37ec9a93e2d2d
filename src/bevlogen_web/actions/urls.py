"""Addresses of actions, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.actions.views import acting, asking, whatif

app_name = "actions"

urlpatterns = [
    path("actions/", acting.overview, name="overview"),
    path("actions/add/", acting.add, name="add"),
    path("actions/ideas/", acting.ideas, name="ideas"),
    path("what-if/", whatif.what_if, name="what-if"),
    path("what-if/answer/", whatif.answer, name="what-if-answer"),
    path("actions/plan/", asking.plan, name="plan"),
    path("actions/choose/", asking.choose, name="choose"),
    path("actions/asked/<int:number>/", asking.asked, name="asked"),
    path("actions/asked/<int:number>/answer/", asking.answer, name="asked-answer"),
    path("actions/asked/<int:number>/register/", asking.register, name="register"),
    path("actions/<int:number>/", acting.action, name="action"),
    path("actions/<int:number>/edit/", acting.edit, name="edit"),
    path("actions/<int:number>/note/", acting.note, name="note"),
    path("actions/<int:number>/agree/", acting.agree, name="agree"),
    path("actions/<int:number>/decline/", acting.decline, name="decline"),
    path("actions/<int:number>/close/", acting.close, name="close"),
]
