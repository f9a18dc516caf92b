"""What the plan's own people may do, by team: written so that an auditor can read it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals import permissions
from portals.enums import Team
from portals.models import StaffRole
from portals.permissions import Permission
from portals.scope import Portal, Standing
from portals.scope import register as register_standings

_TEAMS = _("The privacy officer decides who is in which team; Who may do what says what each team may.")
_NOT_GRANTED = _("Your team does not grant this.")
_GRANTING = _("Channel compensation grants entitlements; client management grants clients.")


class Desk(Permission):
    """In the order of the page "Who may do what"."""

    WORK_QUEUE = ("desk.work_queue", _("See and work the requests of their own team"))
    HELP_SIGN_IN = (
        "desk.help_sign_in",
        _("Help a caller who cannot sign in, after a check, each step told to the account's address"),
    )
    EXPLAIN_ACCESS = ("desk.explain_access", _("Explain to a caller what they may do, what not, and who opens it"))
    FIND_MEMBER = (
        "desk.find_member",
        _("Ask whether we have a member, by number or by exact name and birth date"),
        _("Looking up members is not part of your team's work."),
        _TEAMS,
    )
    SEE_MEMBERS = ("desk.see_members", _("Open a member's record: coverage, family, last four digits of the SSN"))
    BREAK_GLASS = (
        "desk.break_glass",
        _("Open one member's record in an emergency, with reason and ticket, reviewed by name"),
        _("Opening a record in an emergency is not part of your team's work."),
        _TEAMS,
    )
    # which portals: the next four
    VIEW_AS = (
        "desk.view_as",
        _("See a portal as one of its users sees it, with reason and ticket, without changing anything"),
        _("Seeing a portal as one of its users is not part of your team's work."),
        _TEAMS,
    )
    VIEW_AS_MEMBER = (
        "desk.view_as_member",
        _("... the member portal"),
        _("Your team does not look into the member portal."),
        _TEAMS,
    )
    VIEW_AS_EMPLOYER = (
        "desk.view_as_employer",
        _("... the employer portal"),
        _("Your team does not look into the employer portal."),
        _TEAMS,
    )
    VIEW_AS_PRODUCER = (
        "desk.view_as_producer",
        _("... the producer portal"),
        _("Your team does not look into the producer portal."),
        _TEAMS,
    )
    VIEW_AS_PROVIDER = (
        "desk.view_as_provider",
        _("... the provider portal"),
        _("Your team does not look into the provider portal."),
        _TEAMS,
    )
    DECIDE_FILE = ("desk.decide_file", _("Let a held enrollment file in, or decline it"))
    RUN_BILLING = ("desk.run_billing", _("Start and watch bill runs"))
    SEE_INVITATIONS = (
        "desk.see_invitations",
        _("See who was invited into the organizations that their team looks after"),
    )
    INVITE_EMPLOYERS = ("desk.invite_employers", _("Invite employers' administrators"))
    # once the plan approved them
    INVITE_PRODUCERS = ("desk.invite_producers", _("Invite people of agencies"))
    INVITE_PROVIDERS = ("desk.invite_providers", _("Invite practices' office managers"))
    # who is an agency's contact, too
    GRANT_ENTITLEMENTS = (
        "desk.grant_entitlements",
        _("Propose and approve entitlements of producers, two people for each; end them"),
        _NOT_GRANTED,
        _GRANTING,
    )
    # who manages a client, too
    GRANT_CLIENTS = (
        "desk.grant_clients",
        _("Propose and approve which agency works for a client, two people for each; end it"),
        _NOT_GRANTED,
        _GRANTING,
    )
    ANSWER_PROVIDERS = (
        "desk.answer_providers",
        _("Tell callers of practices how they register, and who manages their access"),
    )
    REGISTER_OFFICE = (
        "desk.register_office",
        _("Give a non-participating office its access on its call, two people for each"),
    )
    END_ADMINISTRATOR = (
        "desk.end_administrator",
        _("End a place at a practice on its call, its last office manager's too"),
    )
    SEE_REVIEWS = ("desk.see_reviews", _("See how the access reviews of their organizations stand"))
    REVIEW_EMPLOYERS = ("desk.review_employers", _("Start and call off access reviews of employers"))
    REVIEW_PRACTICES = ("desk.review_practices", _("Start and call off access reviews of practices"))
    REVIEW_AGENCIES = ("desk.review_agencies", _("Start and call off access reviews of agencies"))
    EDIT_HELP = ("desk.edit_help", _("Change the help directory and the plan's announcements"))
    REVIEW_EXCEPTIONAL_ACCESS = (
        "desk.review_looks",
        _("Review what plan staff opened in an emergency or saw as a user"),
        _("Looks by plan staff are reviewed by the privacy officer."),
        _TEAMS,
    )
    REVIEW_ACTIVITY = (
        "desk.review_activity",
        _("Work alerts, set their rules, and sign the weekly review of all activity"),
        _("Alerts and activity are reviewed by the privacy officer."),
        _TEAMS,
    )
    READ_LEDGER = (
        "desk.read_ledger",
        _("Search the ledger of who did and saw what, and tell a member who opened their record"),
        _("The ledger of who did and saw what is read by the privacy officer."),
        _TEAMS,
    )
    HOLD_LEDGER = (
        "desk.hold_ledger",
        _("Place legal holds on the audit ledger; release them, two people for each"),
        _("Legal holds on the ledger are the privacy officer's work."),
        _TEAMS,
    )
    RECORD_DISCLOSURES = (
        "desk.record_disclosures",
        _("Record what was disclosed of members to others, and give accountings of it"),
        _("Disclosures are recorded and accounted for by the privacy officer."),
        _TEAMS,
    )
    MANAGE_STAFF = (
        "desk.manage_staff",
        _("See who is in which team, propose and decide who joins one, end it"),
        _("Only the privacy officer decides who is in which team."),
        _TEAMS,
    )
    MOVE_CLOCK = ("desk.move_clock", _("Move the business date (in a demo only)"))


class Own(Permission):
    """What people of every organization may do for it; each app gives it to its roles."""

    ASK = "own.ask"  # ask the plan for something, and read its answers


# Gates that are no permission
OWN_ACCOUNT = "desk.own_account"
OWN_EXCEPTIONAL_ACCESS = "desk.own_look"
OWN_ALERT = "desk.own_alert"
NAMED_IN_ALERT = "desk.named_in_alert"
FOUR_EYES = "desk.four_eyes"
RECORD_CLOSED = "desk.record_closed"

# The one table of what each team may do.
TEAM_PERMISSIONS: dict[str, frozenset[str]] = {
    Team.HELP_DESK: frozenset(
        {
            Desk.WORK_QUEUE, Desk.EDIT_HELP, Desk.SEE_INVITATIONS, Desk.INVITE_PROVIDERS, Desk.HELP_SIGN_IN,
            Desk.FIND_MEMBER, Desk.BREAK_GLASS, Desk.VIEW_AS, Desk.VIEW_AS_EMPLOYER, Desk.VIEW_AS_PRODUCER,
            Desk.VIEW_AS_PROVIDER, Desk.EXPLAIN_ACCESS, Desk.SEE_REVIEWS, Desk.REVIEW_PRACTICES,
            Desk.ANSWER_PROVIDERS, Desk.END_ADMINISTRATOR,
        }
    ),
    Team.CLIENT_MANAGEMENT: frozenset(
        {
            Desk.WORK_QUEUE, Desk.EDIT_HELP, Desk.SEE_INVITATIONS, Desk.INVITE_EMPLOYERS, Desk.FIND_MEMBER,
            Desk.BREAK_GLASS, Desk.VIEW_AS, Desk.VIEW_AS_EMPLOYER, Desk.EXPLAIN_ACCESS, Desk.GRANT_CLIENTS,
            Desk.SEE_REVIEWS, Desk.REVIEW_EMPLOYERS,
        }
    ),
    Team.CHANNEL_COMPENSATION: frozenset(
        {
            Desk.WORK_QUEUE, Desk.SEE_INVITATIONS, Desk.INVITE_PRODUCERS, Desk.VIEW_AS, Desk.VIEW_AS_PRODUCER,
            Desk.EXPLAIN_ACCESS, Desk.GRANT_ENTITLEMENTS, Desk.SEE_REVIEWS, Desk.REVIEW_AGENCIES,
        }
    ),
    Team.BILLING_OPERATIONS: frozenset(
        {Desk.WORK_QUEUE, Desk.RUN_BILLING, Desk.MOVE_CLOCK, Desk.FIND_MEMBER, Desk.BREAK_GLASS}
    ),
    Team.ENROLLMENT: frozenset({Desk.WORK_QUEUE, Desk.DECIDE_FILE, Desk.FIND_MEMBER, Desk.SEE_MEMBERS}),
    Team.MEMBER_SERVICES: frozenset(
        {Desk.WORK_QUEUE, Desk.FIND_MEMBER, Desk.SEE_MEMBERS, Desk.VIEW_AS, Desk.VIEW_AS_MEMBER}
    ),
    Team.CUSTOMER_CARE: frozenset(
        {
            Desk.WORK_QUEUE, Desk.SEE_INVITATIONS, Desk.INVITE_PROVIDERS, Desk.FIND_MEMBER, Desk.BREAK_GLASS,
            Desk.ANSWER_PROVIDERS, Desk.REGISTER_OFFICE,
        }
    ),
    Team.PRIVACY: frozenset(
        {
            Desk.WORK_QUEUE, Desk.FIND_MEMBER, Desk.SEE_MEMBERS, Desk.REVIEW_EXCEPTIONAL_ACCESS,
            Desk.READ_LEDGER, Desk.REVIEW_ACTIVITY, Desk.MANAGE_STAFF, Desk.EXPLAIN_ACCESS, Desk.HOLD_LEDGER,
            Desk.RECORD_DISCLOSURES,
        }
    ),
}  # fmt: skip


def desk_standings(user_id: int) -> list[Standing]:
    teams = list(StaffRole.objects.filter(user_id=user_id, ended_at=None).values_list("team", flat=True))
    if not teams:
        return []
    held = frozenset().union(*(TEAM_PERMISSIONS[team] for team in teams))
    label = ", ".join(str(Team(team).label) for team in sorted(teams))
    return [Standing(Portal.DESK, None, label, held | {f"team:{team}" for team in teams})]


def register() -> None:
    permissions.declare(Desk)
    permissions.declare(Own)
    permissions.describe_gate(
        OWN_ACCOUNT,
        reason=_("This is your own account. Nobody helps themselves."),
        opener=_("A colleague of the help desk does it for you, as for any caller."),
    )
    permissions.describe_gate(
        OWN_EXCEPTIONAL_ACCESS,
        reason=_("This is your own look. Nobody reviews their own."),
        opener=_("Another person of the privacy officer's team reviews it."),
    )
    permissions.describe_gate(
        OWN_ALERT,
        reason=_("This alert is about you. Nobody works an alert about themselves."),
        opener=_("Another person of the privacy officer's team works it."),
    )
    permissions.describe_gate(
        NAMED_IN_ALERT,
        reason=_("An alert of this week that is not closed names you. You do not sign the review of that week."),
        opener=_("Another person of the privacy officer's team signs it, or closes the alert first."),
    )
    permissions.describe_gate(
        FOUR_EYES,
        reason=_("You proposed this, or it is about you. A second person decides."),
        opener=_("Another person of the privacy officer's team decides."),
    )
    permissions.describe_gate(
        RECORD_CLOSED,
        reason=_("Members' records are not part of your team's work."),
        opener=_(
            "Member services and enrollment open them every day: connect the caller. In an emergency, look the member "
            "up and open the one record with a reason; the privacy officer reviews it."
        ),
    )
    register_standings(Portal.DESK, desk_standings)
