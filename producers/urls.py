"""URLs of the producer portal."""

from django.urls import path

from portals.desk.views import own_requests
from portals.pages import Audience
from producers.views import access, access_request, agency, cases, home, reports, reviews

app_name = "producers"
urlpatterns = [
    path("", home.home, name="home"),
    path("clients.csv", home.book_csv, name="home_csv"),
    path("clients/<str:client_id>/log-in/", home.act, name="act"),
    path("access/", access.access, name="access"),
    path("access/<str:client_id>/", access.access_client, name="access_client"),
    path("agency/", agency.agency, name="agency"),
    path("agency/people.csv", agency.people_csv, name="agency_csv"),
    path("agency/people/<int:place_id>/contact/", agency.contact, name="agency_contact"),
    path("agency/people/<int:place_id>/remove/", agency.remove, name="agency_remove"),
    path("agency/case-managers/", cases.case_managers, name="agency_cases"),
    path("agency/case-managers/name/", cases.name, name="agency_case_name"),
    path("agency/case-managers/<int:grant_id>/end/", cases.end, name="agency_case_end"),
    path("agency/reports/", reports.reports, name="agency_reports"),
    path("agency/reports/<int:place_id>/grant/", reports.grant, name="agency_report_grant"),
    path("agency/reports/<int:grant_id>/end/", reports.end, name="agency_report_end"),
    path("access-request/", access_request.ask, name="access_request"),
    path("access-request/sent/", access_request.sent, name="access_request_sent"),
    path("access-review/", reviews.review, name="people_review"),
    path("access-review/end/", reviews.end, name="people_review_end"),
    path("access-review/rest/", reviews.rest, name="people_review_rest"),
    path("access-review/<uuid:review>/evidence.pdf", reviews.evidence, name="people_review_evidence"),
    path("leave/", home.leave, name="leave"),
    path("help/", home.help_page, name="help"),
    *own_requests.urls(Audience.PRODUCER),
]
