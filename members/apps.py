"""The members' application: enrollment records and the member portal."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        from django.urls import reverse
        from django.utils.translation import gettext_lazy as _

        from members import access, tasks
        from members.actions import files_834
        from members.models import Person
        from members.queries import regions as own_regions
        from members.views import home
        from portals import context, desk, jobs, regions, rotation
        from portals.enums import Team
        from portals.scope import Portal

        access.register()
        context.register_navigation(Portal.MEMBER, home.navigation)
        regions.register(Portal.MEMBER, own_regions.of_member)
        desk.register(
            files_834.DESK_KIND,
            desk.Kind(
                Team.ENROLLMENT,
                _("Full enrollment file waits"),
                url=lambda row: reverse("enrollment:file", args=[row.detail["file"]]),
            ),
        )
        jobs.register(tasks.DECIDE, tasks.decide_file)
        rotation.register(rotation.Encrypted(model=Person, column="ssn_cipher", index="ssn_index", purpose="ssn"))
