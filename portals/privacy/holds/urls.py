"""Legal holds at the service desk: URLs in its namespace."""

from django.urls import path

from portals.privacy.holds import views

urlpatterns = [
    path("", views.hold_list, name="holds"),
    path("list.csv", views.hold_csv, name="holds_csv"),
    path("place/", views.place, name="hold_place"),
    path("<int:number>/", views.hold, name="hold"),
    path("<int:number>/release/", views.release, name="hold_release"),
]
