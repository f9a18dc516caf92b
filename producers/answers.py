"""Questions that producers ask, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.answers import Answer, Group
from portals.enums import Reader, Topic

GROUPS = (
    Group(
        _("Your sign-in"),
        (
            Answer(
                "producer-login-id",
                _("Why does my login ID look different from my colleague's?"),
                (
                    _(
                        "Agent IDs were given in different ways over the years, by when and for what they were made. "
                        "Each of them is good here as it is; none has to be exchanged."
                    ),
                ),
                owners=(Topic.PORTAL,),
            ),
            Answer(
                "producer-two-logins",
                _("Do I need one login or two for groups, Medicare and individual clients?"),
                (
                    _(
                        "That depends on how your access was set up at first: some have one login for everything, "
                        "others one for commercial groups and another for Medicare and individual business. Ask web "
                        "support which of them yours is."
                    ),
                ),
                owners=(Topic.PORTAL,),
            ),
            Answer(
                "producer-support",
                _("Whom do I call when the website does not work or my password fails?"),
                (_("Web support. Have your username at hand, never your password: nobody here will ask for it."),),
                owners=(Topic.PORTAL,),
                links=((_("Get a code"), "door:forgotten"),),
            ),
            Answer(
                "producer-access",
                _("How do I get access, or one thing more that I may do?"),
                (
                    _(
                        "Channel compensation grants each entitlement of an agency one by one: commission statements,"
                        " client administration, renewals and quotes. Client administration alone opens no client "
                        "yet; that is a second grant."
                    ),
                ),
                owners=(Topic.CHANNEL_COMPENSATION,),
                links=((_("My access"), "producers:access"),),
            ),
            Answer(
                "producer-statements",
                _("Who lets me see our commission statements?"),
                (
                    _(
                        "Channel compensation, where your agency writes business with us directly. Where it works "
                        "through a general agency, only that agency's own contact can grant it: we cannot do so for "
                        "them."
                    ),
                ),
                owners=(Topic.CHANNEL_COMPENSATION,),
                links=((_("My access"), "producers:access"),),
                person=_("your general agency's contact, where you write through one"),
            ),
            Answer(
                "producer-renewals",
                _("Why do I miss a small group among my renewals?"),
                (
                    _(
                        "Where a general agency holds the case, it shows to you once that agency has named you its "
                        "case manager."
                    ),
                ),
                person=_("your general agency's contact"),
                links=((_("My access"), "producers:access"),),
            ),
        ),
        (Reader.PRODUCER,),
    ),
    Group(
        _("Your clients"),
        (
            Answer(
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
            Answer(
                "producer-lost-client",
                _("A client of mine is missing since it moved here."),
                (
                    _(
                        "Tell client management its name and Client ID. They look up who held it before, and may ask "
                        "for legal documents, such as a letter of the client that names you, before they add it."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
            Answer(
                "producer-new-client",
                _("How do I get access to a client, or to several at once?"),
                (
                    _(
                        "Client management grants each client separately. Holding an entitlement never opens one by "
                        "itself."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
            Answer(
                "producer-employee-list",
                _("Where do I see all the employees of a client?"),
                (
                    _(
                        "Not here: while working for a client you look up one person at a time. The whole list goes "
                        "to the client itself, who asks client management for it."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
        ),
        (Reader.PRODUCER,),
    ),
)
