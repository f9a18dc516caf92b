"""The producers' application: the top floor."""

from django.apps import AppConfig


class ProducersConfig(AppConfig):
    name = "producers"

    def ready(self) -> None:
        from employers import producer_access
        from portals import answers, context, desk_mail, invitations
        from portals.scope import Portal
        from producers import access, actions, asking, queries, views
        from producers import answers as own_answers

        access.register()
        asking.register()
        producer_access.register(queries.accesses_to)
        producer_access.register_ender(
            lambda by, grant_id, last_day: actions.end_client_grant(by=by, grant_id=grant_id, last_day=last_day)
        )
        desk_mail.register_page("agency", "producers:request")
        answers.register(*own_answers.GROUPS)
        context.register_navigation(Portal.PRODUCER, views.navigation)
        invitations.register("producer", actions.INVITATIONS)
