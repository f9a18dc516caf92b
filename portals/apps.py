"""The door's application."""

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "portals"

    def ready(self) -> None:
        from portals import access, doors, rotation
        from portals.access_reviews import daily, evidence
        from portals.desk import decisions as desk_decisions
        from portals.desk import door, request_kinds
        from portals.desk import navigation as desk_navigation
        from portals.exceptional_access import break_glass, view_as
        from portals.help import faq
        from portals.login import arrival, notices, rate_limits, receivers
        from portals.models import AuthenticatorApp
        from portals.privacy.activity import actions as activity
        from portals.privacy.alerts import actions as alert_actions
        from portals.privacy.alerts import builtin_rules, rule_settings
        from portals.privacy.ledger import nightly_check, portal_labels
        from portals.privacy.ledger import subjects as ledger_subjects

        assert receivers
        access.register()
        doors.register(door.DOOR)
        faq.register(faq.SIGNING_IN)
        rotation.register(rotation.Encrypted(model=AuthenticatorApp, column="key"))
        daily.register()
        evidence.register()
        rate_limits.register()
        notices.register()
        arrival.register()
        desk_decisions.register()
        request_kinds.register()
        nightly_check.register()
        break_glass.register()
        view_as.register()
        portal_labels.register()
        ledger_subjects.register()
        rule_settings.register(*builtin_rules.RULES)
        alert_actions.register()
        activity.register()
        desk_navigation.register(*desk_navigation.OWN)
