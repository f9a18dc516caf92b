"""The service desk's URLs."""

from django.urls import path

from portals import (
    access_reviews_desk_views,
    desk_request_views,
    desk_views,
    explain_views,
    invitations_views,
    looks_views,
    sign_in_help_views,
    staff_views,
    viewing_views,
)

app_name = "desk"
urlpatterns = [
    path("", desk_views.home, name="home"),
    path("list.csv", desk_views.queue_csv, name="queue_csv"),
    path("load/", desk_views.load, name="load"),
    path("requests/<int:request_id>/", desk_request_views.request_page, name="request"),
    path("requests/<int:request_id>/files/<uuid:file>/", desk_request_views.request_file, name="request_file"),
    path("invitations/", invitations_views.invitation_list, name="invitations"),
    path("invitations/list.csv", invitations_views.invitation_csv, name="invitations_csv"),
    path("invitations/new/<slug:kind>/", invitations_views.invite, name="invite"),
    path("invitations/<uuid:invitation>/", invitations_views.invitation, name="invitation"),
    path("sign-in-help/", sign_in_help_views.look_up, name="sign_in_help"),
    path("sign-in-help/account/", sign_in_help_views.account, name="sign_in_help_account"),
    path("access/", explain_views.look_up, name="explain"),
    path("access/account/", explain_views.account, name="explain_account"),
    path("access-reviews/", access_reviews_desk_views.review_list, name="reviews"),
    path("access-reviews/list.csv", access_reviews_desk_views.review_csv, name="reviews_csv"),
    path("access-reviews/new/<slug:kind>/", access_reviews_desk_views.start, name="review_start"),
    path("access-reviews/<uuid:review>/", access_reviews_desk_views.review, name="review"),
    path("roles/", staff_views.roles, name="roles"),
    path("roles/table.csv", staff_views.roles_csv, name="roles_csv"),
    path("staff/", staff_views.staff_list, name="staff"),
    path("staff/list.csv", staff_views.staff_csv, name="staff_csv"),
    path("staff/propose/", staff_views.propose, name="staff_propose"),
    path("staff/proposals/<int:proposal_id>/", staff_views.proposal, name="staff_proposal"),
    path("staff/places/<int:place_id>/end/", staff_views.end, name="staff_end"),
    path("looks/", looks_views.look_list, name="looks"),
    path("looks/list.csv", looks_views.look_csv, name="looks_csv"),
    path("looks/<slug:kind>/<int:look_id>/", looks_views.look, name="look"),
    path("view-as/", viewing_views.look_up, name="view_as"),
    path("view-as/begin/", viewing_views.begin, name="view_as_begin"),
    path("view-as/end/", viewing_views.end, name="view_as_end"),
    path("business-date/", desk_views.business_date, name="business_date"),
]
