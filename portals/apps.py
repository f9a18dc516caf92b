"""The door's application."""

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "portals"

    def ready(self) -> None:
        from portals import (
            access,
            access_reviews_days,
            access_reviews_evidence,
            activity,
            alerts,
            alerts_own,
            alerts_work,
            answers,
            break_glass,
            context,
            desk_decisions,
            desk_kinds,
            desk_views,
            ledger_catalogue,
            ledger_check,
            ledger_names,
            rotation,
            viewing,
        )
        from portals.login import arrival, limits, notices, receivers
        from portals.models import AuthenticatorApp
        from portals.scope import Portal

        assert receivers
        access.register()
        answers.register(answers.SIGNING_IN)
        rotation.register(rotation.Encrypted(model=AuthenticatorApp, column="key"))
        access_reviews_days.register()
        access_reviews_evidence.register()
        limits.register()
        notices.register()
        arrival.register()
        desk_decisions.register()
        desk_kinds.register()
        ledger_check.register()
        break_glass.register()
        viewing.register()
        ledger_catalogue.register()
        ledger_names.register()
        alerts.register(*alerts_own.RULES)
        alerts_work.register()
        activity.register()
        context.register_navigation(Portal.DESK, desk_views.navigation)
