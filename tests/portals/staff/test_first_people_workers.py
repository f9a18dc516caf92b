"""Several operators add the first people at the same moment: committed, in a database of its own."""

import threading

from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import Event
from portals import scope as scopes
from portals.enums import Team
from portals.models import OutboxMail, StaffRole, User


def test_of_three_first_people_at_once_two_get_in_and_nothing_is_left_of_the_third(committed: str) -> None:
    people, refused = ("wanda", "otto", "ines"), []
    gate = threading.Barrier(len(people))

    def operator(username: str) -> None:
        words = (f"--name={username.title()} Ostrow", f"--email={username}@plan.example", "--team=privacy", "--json")
        gate.wait()
        try:
            call_command("add_staff", username, *words)
        except CommandError as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=operator, args=[username]) for username in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with scopes.entered(scopes.system("test")):
        assert StaffRole.objects.filter(team=Team.PRIVACY).count() == 2
        assert User.objects.count() == OutboxMail.objects.count() == 2
        assert Event.objects.filter(actor="system:add_staff").count() == 4
    assert len(refused) == 1
    assert "Plan staff" in refused[0]
