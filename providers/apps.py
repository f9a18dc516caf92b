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
        from portals.explain_access import queries as explain_access
        from portals.help import faq
        from portals.invitations import kinds as invitation_kinds
        from portals.privacy.alerts import ledger_sql
        from portals.scope import Portal
        from portals.sign_in_help import actions as sign_in_help
        from providers import access, door, ledger_labels, places, queries
        from providers.actions import reviews, staff
        from providers.desk import request_kinds
        from providers.desk.navigation import PAGES
        from providers.faq import portal as portal_faq

        desk_navigation.register(*PAGES)
        access.register()
        ledger_sql.register_places("provider", "SELECT user_id, started_at, ended_at FROM providers_staffmembership")
        desk_mail.register_page("practice", "providers:request")
        faq.register(*portal_faq.GROUPS)
        doors.register(door.DOOR)
        invitation_kinds.register("provider", staff.INVITATIONS)
        ledger_labels.register()
        explain_access.register(Portal.PROVIDER, places.places)
        review_kinds.register(ReviewKind.PRACTICE, reviews.REVIEWED)
        sign_in_help.register_manager(Portal.PROVIDER, queries.managed_by)
        request_kinds.register()
