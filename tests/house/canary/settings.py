"""The site of the journeys, with pages and a job that fail."""

from portals.settings.test import *  # noqa: F403 - settings modules are built by inclusion
from portals.settings.test import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "tests.house.canary.apps.Canary"]
ROOT_URLCONF = "tests.house.canary.urls"
