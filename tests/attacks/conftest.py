"""What attacks have in common."""

import pytest
from pytest_django import Settings

from tests.attacks import looks


@pytest.fixture
def _counted(settings: Settings) -> None:
    """Every password is hashed by the hasher that counts."""
    settings.PASSWORD_HASHERS = [looks.COUNTED]
