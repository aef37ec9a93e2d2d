"""Feedback of customers, beside the rounds of employees."""

from __future__ import annotations

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """Feedback, above instruments and below intake."""

    name = "bevlogen_web.feedback"
    label = "feedback"
