"""URLs of billing operations, under the service desk."""

from django.urls import path, register_converter

from billing.desk import views
from portals.converters import DayConverter

register_converter(DayConverter, "day")

app_name = "billing"
urlpatterns = [
    path("", views.run_list, name="runs"),
    path("<day:as_of>/", views.run_page, name="run"),
]
