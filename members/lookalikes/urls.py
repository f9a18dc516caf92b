"""URLs of the question whether a row of a file means somebody on file."""

from django.urls import path

from members.lookalikes import views

app_name = "lookalikes"
urlpatterns = [
    path("", views.lookalike_list, name="list"),
    path("<uuid:lookalike>/", views.lookalike_page, name="one"),
]
