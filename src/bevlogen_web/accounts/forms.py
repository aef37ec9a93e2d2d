"""What people fill in, with every mistake named at once."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Membership, Organisation, Role, User


class NewPassword(forms.CharField):
    """A password that is chosen here, checked by the rules of the settings."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(
            label=_("Password"), help_text=_("At least 12 characters."), strip=False, widget=widget, **kwargs
        )

    def validate(self, value: Any) -> None:
        """Check the password against the rules."""
        super().validate(value)
        password_validation.validate_password(value)


class SetUpForm(forms.Form):
    """The first organisation and its administrator."""

    organisation = forms.CharField(label=_("Name of your organisation"), max_length=120)
    language = forms.ChoiceField(label=_("Language of your organisation"), choices=settings.LANGUAGES)
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = NewPassword()


class JoinForm(forms.Form):
    """What an invited colleague without an account fills in."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = NewPassword()


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        self.fields["language"].initial = organisation.language

    def clean_email(self) -> str:
        """Refuse the address of someone who is a member already."""
        email: str = self.cleaned_data["email"].lower()
        if Membership.objects.filter(organisation=self.organisation, user__email__iexact=email).exists():
            raise ValidationError(_("This colleague is a member already. Change the role in the list of colleagues."))
        return email


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """A new passkey; the library's own form leaves its name without Dutch."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["passwordless"].label = _("Sign in with this key alone")
        self.fields["passwordless"].initial = True


class EditKeyForm(EditWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")


class ProfileForm(forms.ModelForm[User]):
    """What someone may change about oneself."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        """Name and language; the address has its own page, because it is proven by mail."""

        model = User
        fields = ("name", "language")
