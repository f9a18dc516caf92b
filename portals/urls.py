"""All URLs of the house; apps are named as strings only."""

from django.conf import settings
from django.urls import include, path

from portals import language, views
from portals.help import views as faq_views
from portals.login.views import sign_in

urlpatterns = [
    path("", views.front, name="front"),
    path("", include("portals.login.urls")),
    path("desk/", include("portals.desk.urls")),
    path("desk/billing/", include("billing.desk.urls")),
    path("desk/enrollment/", include("members.enrollment.urls")),
    path("desk/disclosures/", include("members.disclosures.urls")),
    path("desk/same-person/", include("members.lookalikes.urls")),
    path("desk/market/", include("producers.desk.urls")),
    path("desk/members/", include("members.records.urls")),
    path("desk/providers/", include("providers.desk.urls")),
    path("desk/help/", include("portals.help.urls")),
    path("desk/announcements/", include("portals.announcements.urls")),
    path("members/", include("members.urls")),
    path("employers/", include("employers.urls")),
    path("producers/", include("producers.urls")),
    path("providers/", include("providers.urls")),
    path("sign-in/", sign_in.sign_in, name="account_login"),  # under the name that allauth asks for
    path("language/", language.set_language, name="set_language"),
    path("help/", faq_views.public, name="help"),
    path("privacy/", views.privacy, name="privacy"),
    path("health/", views.health, name="health"),
]
if settings.DEMO:
    urlpatterns += [path("demo/mailbox/", views.demo_mailbox, name="demo_mailbox")]

handler404 = "portals.views.not_found"
handler500 = "portals.views.failed"
handler403 = "portals.views.forbidden"
