"""Billing's application: floor 2, knows no party."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import desk_kinds, tasks

        desk_kinds.register()
        tasks.register()
