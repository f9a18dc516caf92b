"""What the plan's own people may do, by team: written so that an auditor can read it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from portals import permissions
from portals.enums import Team


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
    FIND_MEMBER = "desk.find_member"  # ask whether we have a member, by exact particulars
    SEE_MEMBERS = "desk.see_members"  # open members' records
    BREAK_GLASS = "desk.break_glass"  # open one member's record in an emergency
    VIEW_AS = "desk.view_as"  # see a portal as one of its users does; which portals, say the next four
    VIEW_AS_MEMBER = "desk.view_as_member"
    VIEW_AS_EMPLOYER = "desk.view_as_employer"
    VIEW_AS_PRODUCER = "desk.view_as_producer"
    VIEW_AS_PROVIDER = "desk.view_as_provider"
    EXPLAIN_ACCESS = "desk.explain_access"  # what a caller may do, what not, and who opens it
    GRANT_ENTITLEMENTS = "desk.grant_entitlements"  # to producers; who is an agency's contact
    GRANT_CLIENTS = "desk.grant_clients"  # a client to an agency; who manages a client
    SEE_REVIEWS = "desk.see_reviews"  # how the access reviews of one's organizations stand
    REVIEW_EMPLOYERS = "desk.review_employers"  # start and call off access reviews of employers
    REVIEW_PRACTICES = "desk.review_practices"  # ... of practices
    REVIEW_AGENCIES = "desk.review_agencies"  # ... of agencies
    ANSWER_PROVIDERS = "desk.answer_providers"  # tell callers of practices how they register and who manages access
    REGISTER_OFFICE = "desk.register_office"  # give a non-participating office its access, on its call
    END_ADMINISTRATOR = "desk.end_administrator"  # end a place at a practice, its last office manager's too
    REVIEW_LOOKS = "desk.review_looks"  # review what plan staff looked at beyond their role
    REVIEW_ACTIVITY = "desk.review_activity"  # work alerts, set their rules, sign the week's review of all activity
    READ_LEDGER = "desk.read_ledger"  # search the ledger: who did and saw what
    HOLD_LEDGER = "desk.hold_ledger"  # place and release legal holds on the audit ledger
    RECORD_DISCLOSURES = "desk.record_disclosures"  # what was told to others; accountings of it
    MANAGE_STAFF = "desk.manage_staff"  # see who is in which team, propose and decide who joins, end it


class Own(StrEnum):
    """What people of every organization may do for it; each app gives it to its roles."""

    ASK = "own.ask"  # ask the plan for something, and read its answers


# What each is, in the words of the page "Who may do what".
SAYS: dict[Desk, Any] = {
    Desk.WORK_QUEUE: _("See and work the requests of their own team"),
    Desk.HELP_SIGN_IN: _("Help a caller who cannot sign in, after a check, each step told to the account's address"),
    Desk.EXPLAIN_ACCESS: _("Explain to a caller what they may do, what not, and who opens it"),
    Desk.FIND_MEMBER: _("Ask whether we have a member, by number or by exact name and birth date"),
    Desk.SEE_MEMBERS: _("Open a member's record: coverage, family, last four digits of the SSN"),
    Desk.BREAK_GLASS: _("Open one member's record in an emergency, with reason and ticket, reviewed by name"),
    Desk.VIEW_AS: _("See a portal as one of its users sees it, with reason and ticket, without changing anything"),
    Desk.VIEW_AS_MEMBER: _("... the member portal"),
    Desk.VIEW_AS_EMPLOYER: _("... the employer portal"),
    Desk.VIEW_AS_PRODUCER: _("... the producer portal"),
    Desk.VIEW_AS_PROVIDER: _("... the provider portal"),
    Desk.DECIDE_FILE: _("Let a held enrollment file in, or decline it"),
    Desk.RUN_BILLING: _("Start and watch bill runs"),
    Desk.SEE_INVITATIONS: _("See who was invited into the organizations that their team looks after"),
    Desk.INVITE_EMPLOYERS: _("Invite employers' administrators"),
    Desk.INVITE_PRODUCERS: _("Invite people of agencies"),
    Desk.INVITE_PROVIDERS: _("Invite practices' office managers"),
    Desk.GRANT_ENTITLEMENTS: _("Propose and approve entitlements of producers, two people for each; end them"),
    Desk.GRANT_CLIENTS: _("Propose and approve which agency works for a client, two people for each; end it"),
    Desk.ANSWER_PROVIDERS: _("Tell callers of practices how they register, and who manages their access"),
    Desk.REGISTER_OFFICE: _("Give a non-participating office its access on its call, two people for each"),
    Desk.END_ADMINISTRATOR: _("End a place at a practice on its call, its last office manager's too"),
    Desk.SEE_REVIEWS: _("See how the access reviews of their organizations stand"),
    Desk.REVIEW_EMPLOYERS: _("Start and call off access reviews of employers"),
    Desk.REVIEW_PRACTICES: _("Start and call off access reviews of practices"),
    Desk.REVIEW_AGENCIES: _("Start and call off access reviews of agencies"),
    Desk.EDIT_HELP: _("Change the help directory and the plan's announcements"),
    Desk.REVIEW_LOOKS: _("Review what plan staff opened in an emergency or saw as a user"),
    Desk.REVIEW_ACTIVITY: _("Work alerts, set their rules, and sign the weekly review of all activity"),
    Desk.READ_LEDGER: _("Search the ledger of who did and saw what, and tell a member who opened their record"),
    Desk.HOLD_LEDGER: _("Place legal holds on the audit ledger; release them, two people for each"),
    Desk.RECORD_DISCLOSURES: _("Record what was disclosed of members to others, and give accountings of it"),
    Desk.MANAGE_STAFF: _("See who is in which team, propose and decide who joins one, end it"),
    Desk.MOVE_CLOCK: _("Move the business date (in a demo only)"),
}

# Gates that are no permission
OWN_ACCOUNT = "desk.own_account"
OWN_LOOK = "desk.own_look"
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
            Desk.WORK_QUEUE, Desk.FIND_MEMBER, Desk.SEE_MEMBERS, Desk.REVIEW_LOOKS,
            Desk.READ_LEDGER, Desk.REVIEW_ACTIVITY, Desk.MANAGE_STAFF, Desk.EXPLAIN_ACCESS, Desk.HOLD_LEDGER,
            Desk.RECORD_DISCLOSURES,
        }
    ),
}  # fmt: skip


def register() -> None:
    for permission in (*Desk, *Own):
        permissions.declare(permission)
    permissions.describe_gate(
        OWN_ACCOUNT,
        reason=_("This is your own account. Nobody helps themselves."),
        opener=_("A colleague of the help desk does it for you, as for any caller."),
    )
    permissions.describe_gate(
        OWN_LOOK,
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
    opener = _("The privacy officer decides who is in which team; Who may do what says what each team may.")
    for permission, reason in {
        Desk.FIND_MEMBER: _("Looking up members is not part of your team's work."),
        Desk.BREAK_GLASS: _("Opening a record in an emergency is not part of your team's work."),
        Desk.VIEW_AS: _("Seeing a portal as one of its users is not part of your team's work."),
        Desk.VIEW_AS_MEMBER: _("Your team does not look into the member portal."),
        Desk.VIEW_AS_EMPLOYER: _("Your team does not look into the employer portal."),
        Desk.VIEW_AS_PRODUCER: _("Your team does not look into the producer portal."),
        Desk.VIEW_AS_PROVIDER: _("Your team does not look into the provider portal."),
        Desk.REVIEW_LOOKS: _("Looks by plan staff are reviewed by the privacy officer."),
        Desk.REVIEW_ACTIVITY: _("Alerts and activity are reviewed by the privacy officer."),
        Desk.READ_LEDGER: _("The ledger of who did and saw what is read by the privacy officer."),
        Desk.HOLD_LEDGER: _("Legal holds on the ledger are the privacy officer's work."),
        Desk.RECORD_DISCLOSURES: _("Disclosures are recorded and accounted for by the privacy officer."),
        Desk.MANAGE_STAFF: _("Only the privacy officer decides who is in which team."),
    }.items():
        permissions.describe_gate(f"permission:{permission}", reason=reason, opener=opener)
