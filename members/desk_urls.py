"""URLs of enrollment at the service desk."""

from django.urls import path

from members.views import files

app_name = "enrollment"
urlpatterns = [
    path("", files.file_list, name="files"),
    path("<int:file_id>/", files.file_page, name="file"),
]
