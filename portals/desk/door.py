"""The service desk's door."""

from portals.desk import navigation
from portals.desk.memberships import MEMBERSHIPS
from portals.doors import Door
from portals.enums import Topic
from portals.scope import Portal

DOOR = Door(
    portal=Portal.DESK,
    namespace="desk",
    navigation=navigation.entries,
    memberships=MEMBERSHIPS,
    help_topic=Topic.PORTAL,
)
