"""Invitations at the service desk: URLs in its namespace."""

from django.urls import path

from portals.invitations import views

urlpatterns = [
    path("", views.invitation_list, name="invitations"),
    path("list.csv", views.invitation_csv, name="invitations_csv"),
    path("new/<slug:kind>/", views.invite, name="invite"),
    path("<uuid:invitation>/", views.invitation, name="invitation"),
]
