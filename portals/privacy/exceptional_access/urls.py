"""The review of exceptional access at the service desk: URLs in its namespace."""

from django.urls import path

from portals.privacy.exceptional_access import views

urlpatterns = [
    path("", views.review_list, name="looks"),
    path("list.csv", views.review_csv, name="looks_csv"),
    path("<slug:kind>/<int:opening_id>/", views.review, name="look"),
]
