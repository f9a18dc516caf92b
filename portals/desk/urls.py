"""The service desk's URLs."""

from django.urls import path

from portals.access_reviews import desk_views as review_desk_views
from portals.desk.views import queues
from portals.desk.views import request as request_views
from portals.exceptional_access import views as view_as_views
from portals.explain_access import views as explain_views
from portals.invitations import views as invitations_views
from portals.privacy.activity import views as activity_views
from portals.privacy.alerts import rule_views
from portals.privacy.alerts import views as alerts_views
from portals.privacy.exceptional_access import views as exceptional_access_views
from portals.privacy.holds import views as holds_views
from portals.privacy.ledger import views as ledger_views
from portals.sign_in_help import views as sign_in_help_views
from portals.staff import views as staff_views

app_name = "desk"
urlpatterns = [
    path("", queues.home, name="home"),
    path("list.csv", queues.queue_csv, name="queue_csv"),
    path("load/", queues.load, name="load"),
    path("requests/<int:request_id>/", request_views.request_page, name="request"),
    path("requests/<int:request_id>/files/<uuid:file>/", request_views.request_file, name="request_file"),
    path("invitations/", invitations_views.invitation_list, name="invitations"),
    path("invitations/list.csv", invitations_views.invitation_csv, name="invitations_csv"),
    path("invitations/new/<slug:kind>/", invitations_views.invite, name="invite"),
    path("invitations/<uuid:invitation>/", invitations_views.invitation, name="invitation"),
    path("sign-in-help/", sign_in_help_views.look_up, name="sign_in_help"),
    path("sign-in-help/account/", sign_in_help_views.account, name="sign_in_help_account"),
    path("access/", explain_views.look_up, name="explain"),
    path("access/account/", explain_views.account, name="explain_account"),
    path("access-reviews/", review_desk_views.review_list, name="reviews"),
    path("access-reviews/list.csv", review_desk_views.review_csv, name="reviews_csv"),
    path("access-reviews/new/<slug:kind>/", review_desk_views.start, name="review_start"),
    path("access-reviews/<uuid:review>/", review_desk_views.review, name="review"),
    path("roles/", staff_views.roles, name="roles"),
    path("roles/table.csv", staff_views.roles_csv, name="roles_csv"),
    path("staff/", staff_views.staff_list, name="staff"),
    path("staff/list.csv", staff_views.staff_csv, name="staff_csv"),
    path("staff/propose/", staff_views.propose, name="staff_propose"),
    path("staff/proposals/<int:proposal_id>/", staff_views.proposal, name="staff_proposal"),
    path("staff/places/<int:place_id>/end/", staff_views.end, name="staff_end"),
    path("looks/", exceptional_access_views.look_list, name="looks"),
    path("looks/list.csv", exceptional_access_views.look_csv, name="looks_csv"),
    path("looks/<slug:kind>/<int:look_id>/", exceptional_access_views.look, name="look"),
    path("holds/", holds_views.hold_list, name="holds"),
    path("holds/list.csv", holds_views.hold_csv, name="holds_csv"),
    path("holds/place/", holds_views.place, name="hold_place"),
    path("holds/<int:number>/", holds_views.hold, name="hold"),
    path("holds/<int:number>/release/", holds_views.release, name="hold_release"),
    path("ledger/", ledger_views.ledger_list, name="ledger"),
    path("ledger/list.csv", ledger_views.ledger_csv, name="ledger_csv"),
    path("ledger/events/<int:event_id>/", ledger_views.event, name="ledger_event"),
    path("ledger/opened/<slug:kind>/<int:subject_id>/", ledger_views.opened, name="ledger_opened"),
    path("ledger/opened/<slug:kind>/<int:subject_id>/list.csv", ledger_views.opened_csv, name="ledger_opened_csv"),
    path("ledger/opened/<slug:kind>/<int:subject_id>/print/", ledger_views.opened_paper, name="ledger_opened_paper"),
    path("alerts/", alerts_views.alert_list, name="alerts"),
    path("alerts/list.csv", alerts_views.alert_csv, name="alerts_csv"),
    path("alerts/rules/", rule_views.rule_list, name="alert_rules"),
    path("alerts/rules/<slug:code>/", rule_views.rule, name="alert_rule"),
    path("alerts/<int:alert_id>/", alerts_views.alert, name="alert"),
    path("activity/", activity_views.review_list, name="activity"),
    path("activity/list.csv", activity_views.review_csv, name="activity_csv"),
    path("activity/<int:review_id>/", activity_views.review, name="activity_review"),
    path("activity/<int:review_id>/report.pdf", activity_views.report, name="activity_report"),
    path("view-as/", view_as_views.look_up, name="view_as"),
    path("view-as/begin/", view_as_views.begin, name="view_as_begin"),
    path("view-as/end/", view_as_views.end, name="view_as_end"),
    path("business-date/", queues.business_date, name="business_date"),
]
