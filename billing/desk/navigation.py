"""The pages of billing in the service desk's menu."""

from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.desk.navigation import DeskPage

PAGES = (DeskPage(40, Desk.RUN_BILLING, _("Bill runs"), "billing:runs", "billing:run"),)
