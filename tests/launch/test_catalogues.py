import gettext

import pytest

from launch import catalogues
from launch.common import LaunchError

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "locale" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    return folder / "django.po"


def test_a_catalogue_is_compiled_once_and_speaks(tmp_path, source) -> None:
    source.write_text(HEADER + 'msgid "Sign in"\nmsgstr "Iniciar sesión"\n', encoding="utf-8")
    assert catalogues.ensure(tmp_path) == [source.with_suffix(".mo")]
    spanish = gettext.translation("django", tmp_path / "locale", ["es"])
    assert spanish.gettext("Sign in") == "Iniciar sesión"
    assert catalogues.ensure(tmp_path) == []


def test_a_broken_catalogue_is_named(tmp_path, source) -> None:
    source.write_text(HEADER + 'msgid "Sign in"\nthis is no catalogue\n', encoding="utf-8")
    with pytest.raises(LaunchError, match=r"django\.po is not a valid catalogue"):
        catalogues.ensure(tmp_path)
