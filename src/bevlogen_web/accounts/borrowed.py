# ruff: noqa: E501  (the texts must stand as they are there)
"""Texts of the sign-in library whose own Dutch is too familiar or too hard: here only so that our Dutch is used."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

BORROWED = (
    _("The email address and/or password you specified are not correct."),
    _("Please type your current password."),
    _("Your primary email address must be verified."),
    _("Use your password"),
    _("You must type the same password each time."),
    _("You cannot add an email address to an account protected by two-factor authentication."),
    _("You cannot deactivate two-factor authentication."),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You cannot activate two-factor authentication until you have verified your email address."),
    _(
        "Enabling passwordless operation allows you to sign in using just this key, but imposes additional requirements such as biometrics or PIN protection."
    ),
    _("Please reauthenticate to safeguard your account."),
    _("Confirm Access"),
    _("Enter your password:"),
    _("Enter an authenticator code:"),
    _("You are receiving this mail because the following change was made to your account:"),
    _(
        "If you do not recognize this change then please take proper security precautions immediately. The change to your account originates from:\n\n- IP address: %(ip)s\n- Browser: %(user_agent)s\n- Date: %(timestamp)s"
    ),
    _("Your email has been changed from %(from_email)s to %(to_email)s."),
    _("Your email has been confirmed."),
    _("Please Confirm Your Email Address"),
    _(
        "You're receiving this email because user %(user_display)s has given your email address to register an account on %(site_domain)s."
    ),
    _("Your password has been changed."),
    _("Your password has been reset."),
    _(
        "You're receiving this email because you or someone else has requested a password reset for your user account.\nIt can be safely ignored if you did not request a password reset. Click the link below to reset your password."
    ),
    _("You have confirmed %(email)s."),
    _("Successfully signed in as %(name)s."),
    _("You have signed out."),
    _(
        'The password reset link was invalid, possibly because it has already been used.  Please request a <a href="%(passwd_reset_url)s">new password reset</a>.'
    ),
    _("Bad Token"),
    _("Your password is now changed."),
    _("Two-Factor Authentication"),
    _("Your account is protected by two-factor authentication. Please enter an authenticator code:"),
    _("You are about to generate a new set of recovery codes for your account."),
    _("This action will invalidate your existing codes."),
    _("Are you sure?"),
    _("You are about to deactivate authenticator app based authentication. Are you sure?"),
    _("Are you sure you want to remove this security key?"),
    _("Are you sure you want to sign out?"),
    _("Sign Out"),
    _("An error occurred while attempting to login via your third-party account."),
    _("Authenticator code"),
    _("Add Security Key"),
    _("Security Keys"),
)
