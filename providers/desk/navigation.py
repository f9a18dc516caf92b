"""The pages of providers in the service desk's menu."""

from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.desk.navigation import DeskPage

PAGES = (DeskPage(110, Desk.ANSWER_PROVIDERS, _("Provider calls"), "provider_calls:home", "provider_calls:"),)
