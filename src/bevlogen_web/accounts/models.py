"""People, organisations and roles. Rules about them are constraints, so that no code path can break them."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

INVITATION_VALID = timedelta(days=7)
INVITATION_SALT = "bevlogen.colleague"


class Role(models.TextChoices):
    """What someone may do in an organisation."""

    DIRECTOR = "director", _("Director")
    MANAGER = "manager", _("Manager")
    ANALYST = "analyst", _("Analyst")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    WORKS_COUNCIL = "works_council", _("Works council")
    ADMINISTRATOR = "administrator", _("Administrator")


class UserManager(BaseUserManager["User"]):
    """Makes people with an address as their name at the door."""

    def create_user(self, email: str, password: str | None = None, *, name: str = "", language: str = "") -> User:
        """Make a user; without a password only single sign-on or a passkey lets them in."""
        user = self.model(email=email.strip().lower(), name=name, language=language)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Someone who signs in: staff of one or more organisations, never a respondent."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        """One account per address, whatever its capitals."""

        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="one_user_per_address")]

    def __str__(self) -> str:
        """Name, or the address of who gave none; for screens of colleagues, never for logs."""
        return self.name or self.email


class Organisation(models.Model):
    """A tenant: nothing of one organisation is ever shown in another.

    ``shows_comments``: the privacy officer decided that comments are shown and not only their themes. ``thresholds``:
    rules of disclosure stricter than those of everyone, as the history has them; a round promises them when it opens.
    """

    name = models.CharField(_("name of the organisation"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="nl")
    shows_comments = models.BooleanField(_("Show what people wrote, and not only themes"), default=False)
    thresholds = models.JSONField(default=dict, editable=False)
    members = models.ManyToManyField(User, through="Membership", related_name="organisations")

    def __str__(self) -> str:
        """Name of the organisation."""
        return self.name


class Membership(models.Model):
    """One person's role in one organisation."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        """One role per person and organisation, and only known roles."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "user"], name="one_role_per_person"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        """Role, without the person."""
        return self.get_role_display()


class ColleagueInvitation(models.Model):
    """An invitation to join, sent by mail; open until it is accepted or withdrawn."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="colleague_invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    language = models.CharField(_("language of the mail"), max_length=8, choices=settings.LANGUAGES)
    sent_at = models.DateTimeField()

    class Meta:
        """One open invitation per address and organisation; accepting deletes it."""

        constraints: ClassVar = [
            models.UniqueConstraint("organisation", Lower("email"), name="one_invitation_per_address"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="invited_role_is_known"),
        ]

    def __str__(self) -> str:
        """Role that is offered, without the person."""
        return self.get_role_display()


class AuditEntry(models.Model):
    """One act that matters, chained to the one before by its hash; see ``audit.py``."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="audit_entries")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    # No constraint in the database: a person can be erased, the chain stays whole because it holds only the number.
    actor = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    verb = models.CharField(max_length=60)
    what = models.CharField(max_length=300)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        """Numbered without gaps per organisation."""

        ordering: ClassVar = ["organisation_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="audit_numbered_once"),
        ]

    def __str__(self) -> str:
        """Verb and number."""
        return f"{self.number} {self.verb}"
