"""The providers' door."""

from portals.access import Desk
from portals.doors import Door
from portals.enums import Topic
from portals.scope import Portal
from providers import navigation
from providers.memberships import MEMBERSHIPS

DOOR = Door(
    portal=Portal.PROVIDER,
    namespace="providers",
    navigation=navigation.entries,
    memberships=MEMBERSHIPS,
    help_topic=Topic.WEB_HELP_DESK,
    view_as=Desk.VIEW_AS_PROVIDER,
)
