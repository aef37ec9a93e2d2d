"""Addresses of the organisation, under ``/o/<organisation>/``."""

from __future__ import annotations

from django.urls import path

from bevlogen_web.organisation.views import employees, imports, offers, reorganise, rights, units

app_name = "organisation"

urlpatterns = [
    path("first-steps/", units.first_steps, name="first-steps"),
    path("units/", units.units, name="units"),
    path("units/add/", units.add, name="unit-add"),
    path("units/merge/", reorganise.merge, name="merge"),
    path("units/<int:number>/", units.unit, name="unit"),
    path("units/<int:number>/edit/", units.edit, name="unit-edit"),
    path("units/<int:number>/move/", reorganise.move, name="move"),
    path("units/<int:number>/split/", reorganise.split, name="split"),
    path("units/<int:number>/close/", reorganise.close, name="close"),
    path("units/<int:number>/reopen/", reorganise.reopen, name="reopen"),
    path("services/", offers.offers, name="services"),
    path("services/add/", offers.add, name="service-add"),
    path("services/<int:number>/", offers.edit, name="service"),
    path("services/<int:number>/remove/", offers.remove, name="service-remove"),
    path("employees/", employees.employees, name="employees"),
    path("employees/add/", employees.add, name="employee-add"),
    path("employees/<int:number>/", employees.edit, name="employee"),
    path("import/<int:number>/", imports.check, name="import-check"),
    path("import/<int:number>/give-up/", imports.give_up, name="import-give-up"),
    path("import/<slug:kind>/", imports.upload, name="import"),
    path("import/<slug:kind>/example/", imports.example, name="import-example"),
    path("managers/", rights.managers, name="managers"),
    path("managers/<int:number>/", rights.manager, name="manager"),
    path("who-may-see-what/", rights.rights, name="rights"),
]
