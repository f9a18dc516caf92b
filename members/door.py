"""The members' door."""

from members import navigation
from members.memberships import MEMBERSHIPS
from members.queries import regions
from portals.access import Desk
from portals.doors import Door
from portals.enums import Topic
from portals.scope import Portal

DOOR = Door(
    portal=Portal.MEMBER,
    namespace="members",
    navigation=navigation.entries,
    memberships=MEMBERSHIPS,
    help_topic=Topic.MEMBER_SERVICES,
    view_as=Desk.VIEW_AS_MEMBER,
    region=regions.of_member,
)
