"""The catalogues' source: every string of code and templates into `locale/*/LC_MESSAGES/*.po`, by GNU gettext.

For developers, after strings changed; Debian's package is `gettext`. Nothing else needs it: `make run` compiles by
Babel, and the tests hold the catalogue to the sources by themselves.
"""

import os
import re
import shutil
from pathlib import Path

from launch.common import ROOT, LaunchError, step

PROGRAMS = ("xgettext", "msgmerge", "msguniq", "msgattrib")
IGNORED = (".*", "var", "node_modules", "static", "tests", "launch", "benchmarks", "manage.py")
_DATE = re.compile(r'^"POT-Creation-Date: .*\n', re.M)


def update(root: Path = ROOT, languages: tuple[str, ...] = ("es",)) -> list[Path]:
    """Bring the catalogues up to the sources, sorted and without line numbers; returns those that changed.

    New strings come untranslated, and a changed one is a new one: `tests/house/test_catalogue.py` names them.
    """
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise LaunchError(f"{', '.join(missing)} not found. Install GNU gettext: apt-get install gettext")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portals.settings.test")
    import django
    from django.core.management import call_command
    from django.core.management.commands import makemessages

    class Command(makemessages.Command):
        msgmerge_options = [*makemessages.Command.msgmerge_options, "--sort-output", "--no-wrap", "--no-fuzzy-matching"]
        msguniq_options = [*makemessages.Command.msguniq_options, "--sort-output", "--no-wrap"]
        msgattrib_options = [*makemessages.Command.msgattrib_options, "--sort-output", "--no-wrap"]

    django.setup()
    catalogues = [root / "locale" / language / "LC_MESSAGES" / "django.po" for language in languages]
    before = {path: path.read_text(encoding="utf-8") if path.exists() else "" for path in catalogues}
    call_command(
        Command(),
        locale=list(languages),
        ignore_patterns=list(IGNORED),
        no_location=True,
        no_obsolete=True,
        verbosity=0,
    )
    changed = []
    for path, old in before.items():
        new = _DATE.sub("", path.read_text(encoding="utf-8"))  # the date alone is no change
        path.write_text(new, encoding="utf-8")
        if new != old:
            changed.append(path)
    for path in catalogues:
        step(f"{path.relative_to(root)}: {'changed' if path in changed else 'as before'}")
    return changed
