"""The producers' door."""

from portals.access import Desk
from portals.doors import Door
from portals.enums import Topic
from portals.scope import Portal
from producers import navigation
from producers.memberships import MEMBERSHIPS

DOOR = Door(
    portal=Portal.PRODUCER,
    namespace="producers",
    navigation=navigation.entries,
    memberships=MEMBERSHIPS,
    help_topic=Topic.CHANNEL_COMPENSATION,
    view_as=Desk.VIEW_AS_PRODUCER,
)
