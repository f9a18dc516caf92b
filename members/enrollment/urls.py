"""URLs of enrollment at the service desk."""

from django.urls import path

from members.enrollment import views as enrollment_views

app_name = "enrollment"
urlpatterns = [
    path("", enrollment_views.file_list, name="files"),
    path("<int:file_id>/", enrollment_views.file_page, name="file"),
]
