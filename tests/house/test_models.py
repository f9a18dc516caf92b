"""Every field is classified, no foreign key points upward, no migration is pending."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import models

from launch import checks

LINTER = tomllib.loads((Path(settings.ROOT) / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS = next(contract["layers"] for contract in LINTER["contracts"] if contract["name"].startswith("The floors"))
FLOORS = {name.strip("() "): floor for floor, row in enumerate(reversed(LAYERS)) for name in row.split("|")}
BELOW_ALL = {"auth", "contenttypes", "sessions", "account", "django_otp"}
OURS = [model for model in apps.get_models() if model._meta.app_label in FLOORS]


def test_every_app_has_its_floor_and_is_watched_by_the_contracts() -> None:
    assert set(checks.apps()) <= set(FLOORS)
    assert set(checks.apps()) == set(LINTER["root_packages"])


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_field_is_protected_or_cleared(model: type[models.Model]) -> None:
    phi = model.__dict__.get("Phi")
    assert phi is not None, f"{model._meta.label} has no class Phi"
    listed = [*phi.protected, *phi.cleared]
    fields = sorted(field.name for field in model._meta.concrete_fields)
    assert sorted(listed) == fields


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_foreign_key_points_upward(model: type[models.Model]) -> None:
    floor = FLOORS[model._meta.app_label]
    for field in model._meta.get_fields():
        if not field.is_relation or field.auto_created or field.related_model is None:
            continue
        target = field.related_model._meta.app_label
        if target in BELOW_ALL:
            continue
        label = f"{model._meta.label}.{field.name} -> {target}"
        assert FLOORS[target] <= floor, label
        assert FLOORS[target] < floor or target == model._meta.app_label, f"{label}: the neighbor on the same floor"


@pytest.mark.django_db
def test_no_migration_is_pending() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
