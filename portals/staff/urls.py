"""Plan staff at the service desk: URLs in its namespace."""

from django.urls import path

from portals.staff import views

urlpatterns = [
    path("roles/", views.roles, name="roles"),
    path("roles/table.csv", views.roles_csv, name="roles_csv"),
    path("staff/", views.staff_list, name="staff"),
    path("staff/list.csv", views.staff_csv, name="staff_csv"),
    path("staff/propose/", views.propose, name="staff_propose"),
    path("staff/proposals/<int:proposal_id>/", views.proposal, name="staff_proposal"),
    path("staff/places/<int:place_id>/end/", views.end, name="staff_end"),
]
