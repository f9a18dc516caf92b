"""The door's own URLs; allauth's are wrapped one by one, never included whole."""

from django.urls import path

from portals.login import views

app_name = "door"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("home/", views.home, name="home"),
    path("password/", views.change_password, name="change_password"),
    path("confirm/", views.confirm, name="confirm"),
]
