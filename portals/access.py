"""What the plan's own people may do, by team: written so that an auditor can read it."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from portals import permissions
from portals.enums import Team
from portals.models import StaffRole
from portals.scope import Portal, Standing
from portals.scope import register as register_standings


class Desk(StrEnum):
    WORK_QUEUE = "desk.work_queue"  # see and work the requests of one's own teams
    MOVE_CLOCK = "desk.move_clock"  # demo only: move the business date
    RUN_BILLING = "desk.run_billing"  # start and watch bill runs
    DECIDE_FILE = "desk.decide_file"  # let a held enrollment file in, or decline it
    EDIT_HELP = "desk.edit_help"  # change the help directory and the plan's news
    SEE_INVITATIONS = "desk.see_invitations"  # who was invited to the organizations that one's team invites
    INVITE_EMPLOYERS = "desk.invite_employers"  # employers' administrators
    INVITE_PRODUCERS = "desk.invite_producers"  # people of agencies, once the plan approved them
    INVITE_PROVIDERS = "desk.invite_providers"  # practices' office managers
    HELP_SIGN_IN = "desk.help_sign_in"  # help a caller who cannot sign in
    ANSWER_PROVIDERS = "desk.answer_providers"  # tell callers of practices how they register and who manages access
    REGISTER_OFFICE = "desk.register_office"  # give a non-participating office its access, on its call
    END_ADMINISTRATOR = "desk.end_administrator"  # end a place at a practice, its last office manager's too
    READ_LEDGER = "desk.read_ledger"  # read the audit ledger


class Own(StrEnum):
    """What people of every organization may do for it; each app gives it to its roles."""

    ASK = "own.ask"  # ask the plan for something, and read its answers


# A gate that is no permission
OWN_ACCOUNT = "desk.own_account"

TEAM_PERMISSIONS: dict[str, frozenset[str]] = {
    Team.HELP_DESK: frozenset(
        {
            Desk.WORK_QUEUE,
            Desk.EDIT_HELP,
            Desk.SEE_INVITATIONS,
            Desk.INVITE_PROVIDERS,
            Desk.HELP_SIGN_IN,
            Desk.ANSWER_PROVIDERS,
            Desk.END_ADMINISTRATOR,
        }
    ),
    Team.CLIENT_MANAGEMENT: frozenset({Desk.WORK_QUEUE, Desk.EDIT_HELP, Desk.SEE_INVITATIONS, Desk.INVITE_EMPLOYERS}),
    Team.CHANNEL_COMPENSATION: frozenset({Desk.WORK_QUEUE, Desk.SEE_INVITATIONS, Desk.INVITE_PRODUCERS}),
    Team.BILLING_OPERATIONS: frozenset({Desk.WORK_QUEUE, Desk.RUN_BILLING, Desk.MOVE_CLOCK}),
    Team.ENROLLMENT: frozenset({Desk.WORK_QUEUE, Desk.DECIDE_FILE}),
    Team.CUSTOMER_CARE: frozenset(
        {
            Desk.WORK_QUEUE,
            Desk.SEE_INVITATIONS,
            Desk.INVITE_PROVIDERS,
            Desk.ANSWER_PROVIDERS,
            Desk.REGISTER_OFFICE,
        }
    ),
    Team.PRIVACY: frozenset({Desk.WORK_QUEUE, Desk.READ_LEDGER}),
}


def desk_standings(user_id: int) -> list[Standing]:
    teams = list(StaffRole.objects.filter(user_id=user_id, ended_at=None).values_list("team", flat=True))
    if not teams:
        return []
    held = frozenset().union(*(TEAM_PERMISSIONS[team] for team in teams))
    label = ", ".join(str(Team(team).label) for team in sorted(teams))
    return [Standing(Portal.DESK, None, label, held | {f"team:{team}" for team in teams})]


def register() -> None:
    for permission in (*Desk, *Own):
        permissions.declare(permission)
    permissions.describe_gate(
        OWN_ACCOUNT,
        reason=_("This is your own account. Nobody helps themselves."),
        opener=_("A colleague of the help desk does it for you, as for any caller."),
    )
    register_standings(Portal.DESK, desk_standings)
