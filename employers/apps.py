"""The employers' application."""

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    name = "employers"

    def ready(self) -> None:
        from employers import access, navigation, tasks
        from portals import context, jobs
        from portals.scope import Portal

        access.register()
        jobs.register("billing.invoice_pdf", tasks.invoice_pdf)
        context.register_navigation(Portal.EMPLOYER, navigation.entries)
