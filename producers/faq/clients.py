"""Questions that producers ask about their clients, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.enums import Reader, Topic
from portals.help.faq import Group, Question

GROUPS = (
    Group(
        _("Your clients"),
        (
            Question(
                "producer-new-client",
                _("How do I get access to a client, or to several at once?"),
                (
                    _(
                        "Client management grants each client separately. Holding an entitlement never opens one by "
                        "itself."
                    ),
                    _(
                        "For several, send one request that names them all by Client ID; each client's manager "
                        "answers for their own. It is the same for your first client and for every later one."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
                links=((_("Ask for it"), "producers:requests"),),
            ),
            Question(
                "producer-one-step",
                _("Do I need a client's own username to work for it?"),
                (
                    _(
                        "No, and never use one. One step leads from your list into the client's pages, under your "
                        "own name; once each time you sign in you confirm that it is you. A band across each page "
                        "says for whom you work, and has the way out."
                    ),
                ),
                owners=(Topic.PORTAL,),
                links=((_("Your clients"), "producers:home"),),
            ),
            Question(
                "producer-log-in-as",
                _("I get an error when I log in as an employer."),
                (
                    _(
                        "Two gates must be open. First look whether you hold Client Administration: without it, ask "
                        "channel compensation. If you hold it, the grant for this client is missing: ask client "
                        "management for it, with the Client ID."
                    ),
                    _("The page that refuses you says which of the two it is."),
                ),
                owners=(Topic.CLIENT_MANAGEMENT, Topic.CHANNEL_COMPENSATION),
                links=((_("Your clients"), "producers:home"),),
            ),
            Question(
                "producer-client-id",
                _("Where do I find a client's Client ID?"),
                (_("Beside its name in your list and, while you work for it, below its name on the overview."),),
                owners=(Topic.CLIENT_MANAGEMENT,),
                links=((_("Your clients"), "producers:home"),),
            ),
            Question(
                "producer-employee-list",
                _("Where do I see all the employees of a client?"),
                (
                    _(
                        "Not here: while working for a client you look up one person at a time. The whole list goes "
                        "to the client itself, who asks client management for it."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
                links=((_("Ask for it"), "producers:requests"),),
            ),
            Question(
                "producer-terms",
                _("Do I have to accept the payment terms?"),
                (
                    _(
                        "Yes, before you first pay for a client, and once for each client. You answer for yourself: "
                        "it changes nothing for the client, who can pay either way."
                    ),
                    _("You pay from a bank account that the client shared with you, and never see its number."),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
        ),
        (Reader.PRODUCER,),
    ),
    Group(
        _("Clients that move"),
        (
            Question(
                "producer-moved-clients",
                _("Do my clients come along when they move here?"),
                (
                    _(
                        "In New York they do: those that you held are added when they move, with nothing to ask for. "
                        "Elsewhere, ask client management to open each."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
            Question(
                "producer-not-moved",
                _("A client of mine is still on the previous system. Where do I work?"),
                (
                    _(
                        "There, until it moves at its renewal; your list says so beside it. From that day on work "
                        "for it here, and enroll nobody in the previous system any more."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
                links=((_("Your clients"), "producers:home"),),
            ),
            Question(
                "producer-lost-client",
                _("A client of mine is missing since it moved here."),
                (
                    _(
                        "Tell client management its name and Client ID. They look up who held it before, and may ask "
                        "for legal documents, such as a letter of the client that names you, before they add it."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
                links=((_("Ask for it"), "producers:requests"),),
            ),
        ),
        (Reader.PRODUCER,),
    ),
)
