"""Billing's application: floor 2, knows no party."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import ledger_labels as ledger_telling
        from billing import tasks
        from billing.desk import request_kinds as desk_kinds
        from billing.models import BankAccount
        from portals import rotation

        desk_kinds.register()
        tasks.register()
        ledger_telling.register()
        rotation.register(rotation.Encrypted(model=BankAccount, column="number_cipher"))
