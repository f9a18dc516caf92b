"""Questions about the wellness card, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.enums import Reader, Topic
from portals.help.faq import Group, Question

GROUPS = (
    Group(
        _("Getting a wellness card"),
        (
            Question(
                "wellness-new-card",
                _("Do I get a new wellness card?"),
                (
                    _(
                        "Yes, if your plan comes with wellness money: a card is mailed to you in the year in which "
                        "you move to us."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
            Question(
                "wellness-second-card",
                _("Does my family get wellness cards, too?"),
                (
                    _(
                        "A spouse or domestic partner who is covered with you gets a second card. Children and other "
                        "dependents get none."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
            Question(
                "wellness-arrival",
                _("When does my wellness card come, and where to?"),
                (
                    _(
                        "Between 7 and 10 business days after the day on which we recorded your enrollment, whatever "
                        "day your coverage begins. Weekends, bank holidays and days on which our offices are closed "
                        "do not count."
                    ),
                    _(
                        "It goes to the address of your health plan. If that is no longer yours, or the days have "
                        "passed, call."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
            Question(
                "wellness-activate",
                _("How do I activate my wellness card?"),
                (
                    _(
                        "Call the number on the sticker on its front; until then it pays nothing. It cannot be done "
                        "on this website yet."
                    ),
                ),
                owners=(Topic.WELLNESS_CARD,),
            ),
        ),
        (Reader.MEMBER,),
    ),
    Group(
        _("Using the wellness card"),
        (
            Question(
                "wellness-pin",
                _("Does the wellness card need a PIN?"),
                (_("No, it has none. Where a terminal asks debit or credit, choose credit."),),
                owners=(Topic.WELLNESS_CARD,),
            ),
            Question(
                "wellness-refused",
                _("My wellness card was refused. What now?"),
                (
                    _(
                        "Where it should have been good, pay some other way and keep the receipt that lists what you "
                        "bought. Send it to the company that runs the card, and it pays you back what the money may "
                        "be used for."
                    ),
                    _("Call first: it tells you where to send it and what the receipt must show."),
                ),
                owners=(Topic.WELLNESS_CARD,),
            ),
            Question(
                "wellness-not-paid",
                _("What does wellness money not pay for?"),
                (
                    _("Since 2022: acupuncture, massage and chiropractic care. The day of the visit decides."),
                    _(
                        "A health account on the same card, such as an HRA or FSA, may still pay for acupuncture and "
                        "chiropractic care; for massage it takes a receipt and a letter that says it is medically "
                        "necessary."
                    ),
                ),
                owners=(Topic.WELLNESS_CARD,),
            ),
            Question(
                "wellness-one-card",
                _("I also have an HRA, FSA or HSA with you. Do I get two cards?"),
                (
                    _(
                        "No. All of them stand on one card, and a wellness allowance that comes later joins the card "
                        "that you have. Each keeps a balance of its own."
                    ),
                ),
                owners=(Topic.WELLNESS_CARD,),
            ),
            Question(
                "wellness-which-account",
                _("How does the card know which account to use?"),
                (
                    _(
                        "By what you buy and where: the money comes from an account that may pay for it. You need "
                        "not choose at the checkout."
                    ),
                ),
                owners=(Topic.WELLNESS_CARD,),
            ),
            Question(
                "wellness-card",
                _("Whom do I ask about my wellness card?"),
                (
                    _(
                        "The company that runs it: about a balance, a purchase that was refused, a receipt, a card "
                        "that was lost. Its number is on the back of the card as well."
                    ),
                ),
                owners=(Topic.WELLNESS_CARD,),
            ),
            Question(
                "wellness-guide",
                _("Is there a guide to the wellness card?"),
                (
                    _(
                        "The answers here are the short one; there is no booklet on this website yet. For more, such "
                        "as which shops take it, call the company that runs the card and ask for its user guide."
                    ),
                ),
                owners=(Topic.WELLNESS_CARD,),
            ),
        ),
        (Reader.MEMBER,),
    ),
)
