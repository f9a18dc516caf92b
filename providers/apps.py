"""The providers' application."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"

    def ready(self) -> None:
        from portals import context
        from portals.access_reviews import kinds as review_kinds
        from portals.desk import mail as desk_mail
        from portals.enums import ReviewKind
        from portals.explain_access import queries as explain
        from portals.help import faq as answers
        from portals.invitations import kinds as invitation_kinds
        from portals.privacy.alerts import ledger_sql as alerts_found
        from portals.scope import Portal
        from portals.sign_in_help import actions as sign_in_help
        from providers import access, queries, views
        from providers import ledger_labels as ledger_telling
        from providers import places as explaining
        from providers.actions import reviews, staff
        from providers.desk import request_forms as asking
        from providers.desk import request_kinds as desk_kinds
        from providers.faq import portal as own_answers

        access.register()
        alerts_found.register_places("provider", "SELECT user_id, started_at, ended_at FROM providers_staffmembership")
        desk_mail.register_page("practice", "providers:request")
        answers.register(*own_answers.GROUPS)
        context.register_navigation(Portal.PROVIDER, views.navigation)
        invitation_kinds.register("provider", staff.INVITATIONS)
        ledger_telling.register()
        explain.register(Portal.PROVIDER, explaining.places)
        review_kinds.register(ReviewKind.PRACTICE, reviews.REVIEWED)
        sign_in_help.register_manager(Portal.PROVIDER, queries.managed_by)
        desk_kinds.register()
        asking.register()
