"""Django's settings. What an operator may change comes from ``environment.py``; the rest is fixed here."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from bevlogen_web.config import environment

ENVIRONMENT = environment.read(os.environ)
if ENVIRONMENT.faults():
    raise ImproperlyConfigured("Bevlogen does not start: " + " ".join(ENVIRONMENT.faults()))

HERE = Path(__file__).parent
DATA = ENVIRONMENT.data
DEBUG = False
# Without a kept key (a management command on a bare machine) sessions end with the process; `serve` keeps one.
SECRET_KEY = ENVIRONMENT.secret_key or get_random_secret_key()
ALLOWED_HOSTS = list(ENVIRONMENT.hosts or environment.LOCAL_HOSTS)

INSTALLED_APPS = [
    "bevlogen_web.config",
    # The application's own apps stand before the frameworks, so that their templates and translations win.
    "bevlogen_web.privacy",
    "bevlogen_web.reports",
    "bevlogen_web.cockpit",
    "bevlogen_web.actions",
    "bevlogen_web.analyses",
    "bevlogen_web.intake",
    "bevlogen_web.listening",
    "bevlogen_web.feedback",
    "bevlogen_web.instruments",
    "bevlogen_web.organisation",
    "bevlogen_web.accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "bevlogen_web.config.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "bevlogen_web.config.urls"
WSGI_APPLICATION = "bevlogen_web.config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bevlogen_web.config.context.page",
            ],
        },
    },
]

# Data
DATABASES = {"default": environment.database(ENVIRONMENT.database_url, DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
# Name -> (dotted path of a task, how often): config.schedule hands each to the job worker when its time has come.
SCHEDULE = {
    "rounds": ("bevlogen_web.listening.tasks.tend", timedelta(hours=1)),
    "kept-long-enough": ("bevlogen_web.privacy.tasks.expire", timedelta(days=1)),
    "witness-of-log": ("bevlogen_web.privacy.tasks.mail_heads", timedelta(days=30)),
    "customer-mail": ("bevlogen_web.feedback.tasks.send_mail", timedelta(minutes=30)),
    "customer-shuffle": ("bevlogen_web.feedback.tasks.shuffle", timedelta(hours=12)),
    "sessions": ("bevlogen_web.config.tasks.clear_sessions", timedelta(days=1)),
    "new-data": ("bevlogen_web.analyses.clock.look_for_new_data", timedelta(minutes=5)),
    "mail-of-figures": ("bevlogen_web.reports.tasks.mail", timedelta(hours=1)),
    "reminders-of-actions": ("bevlogen_web.reports.tasks.remind", timedelta(days=1)),
    "inbox": ("bevlogen_web.intake.tasks.take_inbox", timedelta(minutes=1)),
    "finished-jobs": ("bevlogen_web.config.tasks.clear_finished_jobs", timedelta(days=1)),
    "sign-in-failures": ("bevlogen_web.accounts.tasks.clear_failures", timedelta(hours=1)),
    "uploads": ("bevlogen_web.organisation.tasks.clear_uploads", timedelta(hours=1)),
}

# Languages
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("nl", "Nederlands")]
LANGUAGE_COOKIE_NAME = "bevlogen_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "bevlogen_web.config.static.PackedStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Mail
globals().update(environment.mail(ENVIRONMENT.mail_url, DATA))
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from or "Bevlogen <bevlogen@localhost>"
SITE_URL = ENVIRONMENT.url

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "bevlogen_web.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # every account begins with a link that was mailed to its address
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_USER_DISPLAY = str
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # axes counts failures, in the database and so over all processes
ALLAUTH_TRUSTED_PROXY_COUNT = 0 if ENVIRONMENT.local else 1  # limits count visitors, not the reverse proxy
ACCOUNT_SESSION_REMEMBER = False
SOCIALACCOUNT_ADAPTER = "bevlogen_web.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": ENVIRONMENT.oidc_name,
                "client_id": ENVIRONMENT.oidc_client,
                "secret": ENVIRONMENT.oidc_secret,
                "settings": {"server_url": ENVIRONMENT.oidc_url},
            }
        ]
        if ENVIRONMENT.oidc_url
        else [],
    },
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "bevlogen_web.accounts.forms.AddKeyForm",
    "edit_webauthn": "bevlogen_web.accounts.forms.EditKeyForm",
}
MFA_TOTP_ISSUER = "Bevlogen"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ENVIRONMENT.local
REQUIRE_SECOND_FACTOR = ENVIRONMENT.second_factor
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "bevlogen_web.accounts.adapters.attempted_address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Safety
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *([ENVIRONMENT.oidc_url] if ENVIRONMENT.oidc_url else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not ENVIRONMENT.local
SECURE_REDIRECT_EXEMPT = [r"^health$", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if ENVIRONMENT.local else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SESSION_COOKIE_NAME = "bevlogen_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not ENVIRONMENT.local
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "bevlogen_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "bevlogen_web.config.views.errors.csrf"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # failures count per account; behind a proxy every address is the same

# What operators see: structured lines without personal data; on one's own computer only what is wrong. See logs.py.
_FORMAT, _LEAST = ("sentence", "WARNING") if ENVIRONMENT.local else ("line", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "bevlogen_web.config.logs.Line"},
        "sentence": {"()": "bevlogen_web.config.logs.Sentence"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": _FORMAT, "level": _LEAST},
        "errors": {"class": "logging.StreamHandler", "formatter": _FORMAT, "level": "ERROR"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        **{
            name: {"handlers": ["stderr"], "level": level, "propagate": False}
            for name, level in {
                "django": "INFO",
                "django.server": "ERROR",
                "django.request": "ERROR",
                "gunicorn.error": "INFO",
                "axes": "WARNING",
            }.items()
        },
        # The worker warns of each signal to stop, and sets its own level.
        "django_tasks_db": {"handlers": ["errors" if ENVIRONMENT.local else "stderr"], "propagate": False},
    },
}
METRICS_TOKEN = ENVIRONMENT.metrics_token
DEMO = ENVIRONMENT.demo
