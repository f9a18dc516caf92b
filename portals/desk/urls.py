"""The service desk's URLs; each room that has pages here lists its own."""

from django.urls import include, path

from portals.desk.views import queues
from portals.desk.views import request as request_views

app_name = "desk"
urlpatterns = [
    path("", queues.home, name="home"),
    path("list.csv", queues.queue_csv, name="queue_csv"),
    path("load/", queues.load, name="load"),
    path("requests/<int:request_id>/", request_views.request_page, name="request"),
    path("requests/<int:request_id>/files/<uuid:file>/", request_views.request_file, name="request_file"),
    path("business-date/", queues.business_date, name="business_date"),
    path("invitations/", include("portals.invitations.urls")),
    path("sign-in-help/", include("portals.sign_in_help.urls")),
    path("access/", include("portals.explain_access.urls")),
    path("access-reviews/", include("portals.access_reviews.urls")),
    path("", include("portals.staff.urls")),
    path("looks/", include("portals.privacy.exceptional_access.urls")),
    path("holds/", include("portals.privacy.holds.urls")),
    path("ledger/", include("portals.privacy.ledger.urls")),
    path("alerts/", include("portals.privacy.alerts.urls")),
    path("activity/", include("portals.privacy.activity.urls")),
    path("view-as/", include("portals.exceptional_access.urls")),
]
