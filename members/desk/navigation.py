"""The pages of members in the service desk's menu."""

from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.desk.navigation import DeskPage

PAGES = (
    DeskPage(50, Desk.DECIDE_FILE, _("Enrollment files"), "enrollment:files", "enrollment:file"),
    DeskPage(55, Desk.DECIDE_FILE, _("Same person?"), "lookalikes:list", "lookalikes:"),
    DeskPage(60, Desk.FIND_MEMBER, _("Members"), "records:search", "records:"),
    DeskPage(80, Desk.RECORD_DISCLOSURES, _("Disclosures"), "disclosures:list", "disclosures:"),
)
