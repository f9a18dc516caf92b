"""The employers' door."""

from employers import navigation
from employers.memberships import MEMBERSHIPS
from members.queries import regions
from portals.access import Desk
from portals.doors import Door
from portals.enums import Topic
from portals.scope import Portal

DOOR = Door(
    portal=Portal.EMPLOYER,
    namespace="employers",
    navigation=navigation.entries,
    memberships=MEMBERSHIPS,
    help_topic=Topic.CLIENT_MANAGEMENT,
    view_as=Desk.VIEW_AS_EMPLOYER,
    region=regions.of_client,
)
