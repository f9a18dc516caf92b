from django.apps import AppConfig


class Canary(AppConfig):
    name = "tests.house.canary"
    label = "canary"

    def ready(self) -> None:
        from portals import jobs
        from tests.house.canary import failures

        jobs.register("canary.fails", failures.fail_in_job)
