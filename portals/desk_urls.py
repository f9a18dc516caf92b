"""The service desk's URLs."""

from django.urls import path

from portals import desk_views

app_name = "desk"
urlpatterns = [
    path("", desk_views.home, name="home"),
    path("requests/<int:request_id>/", desk_views.request_page, name="request"),
    path("business-date/", desk_views.business_date, name="business_date"),
]
