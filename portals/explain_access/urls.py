"""Explain access at the service desk: URLs in its namespace."""

from django.urls import path

from portals.explain_access import views

urlpatterns = [
    path("", views.look_up, name="explain"),
    path("account/", views.account, name="explain_account"),
]
