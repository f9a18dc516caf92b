"""The pages of producers in the service desk's menu."""

from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.desk.navigation import DeskPage

PAGES = (
    DeskPage(120, Desk.GRANT_CLIENTS, _("Clients"), "market:clients", "market:client"),
    DeskPage(130, Desk.GRANT_ENTITLEMENTS, _("Agencies"), "market:agencies", "market:agenc"),
)
