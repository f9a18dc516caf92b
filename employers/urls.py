"""URLs of the employer portal."""

from django.urls import path

from employers.views import home

app_name = "employers"
urlpatterns = [
    path("", home.home, name="home"),
    path("help/", home.help_page, name="help"),
]
