"""What the door does by the clock."""

from celery import shared_task

from portals import scope
from portals.login import dormancy
from portals.login import rate_limits as limits
from portals.login import wrong_passwords as guesses
from portals.sessions import form_drafts as drafts
from portals.sessions import log as signed_in


@shared_task(name="portals.tasks.purge_tries")
def purge_tries() -> None:
    limits.purge()


@shared_task(name="portals.tasks.purge_sessions")
def purge_sessions() -> None:
    signed_in.purge()
    drafts.purge()


@shared_task(name="portals.tasks.tell_of_guesses", expires=60)
def tell_of_guesses() -> None:
    with scope.entered(scope.system("tell_of_guesses")) as by:
        guesses.tell(by=by)


@shared_task(name="portals.tasks.warn_sleepers")
def warn_sleepers() -> None:
    with scope.entered(scope.system("warn_sleepers")) as by:
        dormancy.warn(by=by)
