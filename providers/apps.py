"""The providers' application."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"

    def ready(self) -> None:
        from portals import (
            access_reviews,
            alerts_found,
            answers,
            context,
            desk_mail,
            explain,
            invitations,
            sign_in_help,
        )
        from portals.enums import ReviewKind
        from portals.scope import Portal
        from providers import access, asking, desk_kinds, explaining, ledger_telling, queries, views
        from providers import answers as own_answers
        from providers.actions import reviews, staff

        access.register()
        alerts_found.register_places("provider", "SELECT user_id, started_at, ended_at FROM providers_staffmembership")
        desk_mail.register_page("practice", "providers:request")
        answers.register(*own_answers.GROUPS)
        context.register_navigation(Portal.PROVIDER, views.navigation)
        invitations.register("provider", staff.INVITATIONS)
        ledger_telling.register()
        explain.register(Portal.PROVIDER, explaining.places)
        access_reviews.register(ReviewKind.PRACTICE, reviews.REVIEWED)
        sign_in_help.register_manager(Portal.PROVIDER, queries.managed_by)
        desk_kinds.register()
        asking.register()
