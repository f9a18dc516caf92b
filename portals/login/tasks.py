"""What the door does by the clock."""

from celery import shared_task

from portals import scope
from portals.login import dormancy, rate_limits, wrong_passwords
from portals.sessions import form_drafts
from portals.sessions import log as session_log


@shared_task(name="portals.tasks.purge_tries")
def purge_tries() -> None:
    rate_limits.purge()


@shared_task(name="portals.tasks.purge_sessions")
def purge_sessions() -> None:
    session_log.purge()
    form_drafts.purge()


@shared_task(name="portals.tasks.tell_of_guesses", expires=60)
def tell_of_wrong_passwords() -> None:
    with scope.entered(scope.system("tell_of_guesses")) as by:
        wrong_passwords.tell(by=by)


@shared_task(name="portals.tasks.warn_sleepers")
def warn_of_dormancy() -> None:
    with scope.entered(scope.system("warn_sleepers")) as by:
        dormancy.warn(by=by)
