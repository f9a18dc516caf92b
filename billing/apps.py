"""Billing's application: floor 2, knows no party."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import ledger_labels, tasks
        from billing.desk import request_kinds
        from billing.desk.navigation import PAGES
        from billing.models import BankAccount
        from portals import rotation
        from portals.desk import navigation as desk_navigation

        desk_navigation.register(*PAGES)
        request_kinds.register()
        tasks.register()
        ledger_labels.register()
        rotation.register(rotation.Encrypted(model=BankAccount, column="number_cipher"))
