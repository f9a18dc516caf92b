"""The door's application."""

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "portals"

    def ready(self) -> None:
        from portals import access, context, rotation
        from portals.access_reviews import daily as access_reviews_days
        from portals.access_reviews import evidence as access_reviews_evidence
        from portals.desk import decisions as desk_decisions
        from portals.desk import website_help as desk_kinds
        from portals.desk.views import queues as desk_views
        from portals.exceptional_access import break_glass
        from portals.exceptional_access import view_as as viewing
        from portals.help import faq as answers
        from portals.login import arrival, notices, receivers
        from portals.login import rate_limits as limits
        from portals.models import AuthenticatorApp
        from portals.privacy.activity import actions as activity
        from portals.privacy.alerts import actions as alerts_work
        from portals.privacy.alerts import builtin_rules as alerts_own
        from portals.privacy.alerts import rule_settings
        from portals.privacy.ledger import nightly_check as ledger_check
        from portals.privacy.ledger import portal_labels as ledger_catalogue
        from portals.privacy.ledger import subjects as ledger_names
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
        rule_settings.register(*alerts_own.RULES)
        alerts_work.register()
        activity.register()
        context.register_navigation(Portal.DESK, desk_views.navigation)
