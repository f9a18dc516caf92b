"""People who sign in, and the plan's own among them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now, Upper

from portals import enums


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # of django-otp's devices, which are untyped
    """One person, one username. What they may do stands in the memberships of the apps above."""

    username = models.CharField(max_length=64)
    email = models.EmailField(blank=True)
    given_name = models.CharField(max_length=60, blank=True)
    family_name = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=10, choices=enums.UserKind.choices)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    failed_steps = models.IntegerField(default=0)  # wrong second steps since the last right one
    failed_passwords = models.IntegerField(default=0)  # wrong ones since the last right one, a hundred at most
    told_passwords = models.IntegerField(default=0)  # of how many of them the owner was told
    email_proven_at = models.DateTimeField(null=True, blank=True)  # a code sent there came back
    awake_since = models.DateTimeField(db_default=Now())  # a work account that nobody used since is dormant (ruling 36)
    created_at = models.DateTimeField(db_default=Now())

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["kind"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Upper("username"), name="user_username_without_case"),  # upper: as iexact asks
            models.UniqueConstraint(
                fields=["email"], condition=~models.Q(email=""), name="user_email_once"
            ),  # the exact address: plus-addresses are others (V13)
        ]
        indexes = [models.Index(Upper("email"), name="user_by_email")]

    class Phi:
        protected = ("username", "email", "given_name", "family_name", "password")
        cleared = (
            "id", "last_login", "kind", "is_active", "must_change_password", "failed_steps", "failed_passwords",
            "told_passwords", "email_proven_at", "awake_since", "created_at",
        )  # fmt: skip

    @property
    def display_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip() or self.username


class StaffRole(models.Model):
    """A person of the plan in one of its teams; ended, never deleted."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_roles")
    team = models.CharField(max_length=24, choices=enums.Team.choices)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], condition=models.Q(ended_at=None), name="staff_role_once"),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "user", "team", "started_at", "ended_at")


class StaffProposal(models.Model):
    """Somebody of the plan is to join a team: one person proposes, another decides."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_proposals")
    team = models.CharField(max_length=24, choices=enums.Team.choices)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    given = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "team"], condition=models.Q(decided_at=None), name="staff_proposal_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("proposed_by")) & ~models.Q(decided_by=models.F("user")),
                name="staff_proposal_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None, decided_at=None, given=None)
                | models.Q(decided_by__isnull=False, decided_at__isnull=False, given__isnull=False),
                name="staff_decision_is_whole",
            ),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "user", "team", "proposed_by", "proposed_at", "decided_by", "decided_at", "given")
