"""Access reviews at the service desk: URLs in its namespace."""

from django.urls import path

from portals.access_reviews import desk_views

urlpatterns = [
    path("", desk_views.review_list, name="reviews"),
    path("list.csv", desk_views.review_csv, name="reviews_csv"),
    path("new/<slug:kind>/", desk_views.start, name="review_start"),
    path("<uuid:review>/", desk_views.review, name="review"),
]
