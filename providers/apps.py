"""The providers' application."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"

    def ready(self) -> None:
        from portals import doors
        from portals.access_reviews import kinds as review_kinds
        from portals.desk import mail as desk_mail
        from portals.desk import navigation as desk_navigation
        from portals.enums import ReviewKind
        from portals.help import faq
        from portals.invitations import kinds as invitation_kinds
        from providers import access, door, ledger_labels
        from providers.actions import reviews, staff
        from providers.desk import request_kinds
        from providers.desk.navigation import PAGES
        from providers.faq import portal as portal_faq

        desk_navigation.register(*PAGES)
        access.register()
        desk_mail.register_page("practice", "providers:request")
        faq.register(*portal_faq.GROUPS)
        doors.register(door.DOOR)
        invitation_kinds.register("provider", staff.INVITATIONS)
        ledger_labels.register()
        review_kinds.register(ReviewKind.PRACTICE, reviews.REVIEWED)
        request_kinds.register()
