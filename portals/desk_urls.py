"""The service desk's URLs."""

from django.urls import path

from portals import desk_views, invitations_views, looks_views, sign_in_help_views, staff_views, viewing_views

app_name = "desk"
urlpatterns = [
    path("", desk_views.home, name="home"),
    path("requests/<int:request_id>/", desk_views.request_page, name="request"),
    path("invitations/", invitations_views.invitation_list, name="invitations"),
    path("invitations/list.csv", invitations_views.invitation_csv, name="invitations_csv"),
    path("invitations/new/<slug:kind>/", invitations_views.invite, name="invite"),
    path("invitations/<uuid:invitation>/", invitations_views.invitation, name="invitation"),
    path("sign-in-help/", sign_in_help_views.look_up, name="sign_in_help"),
    path("sign-in-help/account/", sign_in_help_views.account, name="sign_in_help_account"),
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
