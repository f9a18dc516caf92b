"""Sign-in help at the service desk: URLs in its namespace."""

from django.urls import path

from portals.sign_in_help import views

urlpatterns = [
    path("", views.look_up, name="sign_in_help"),
    path("account/", views.account, name="sign_in_help_account"),
]
