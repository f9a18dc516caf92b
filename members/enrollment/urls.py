"""URLs of enrollment at the service desk."""

from django.urls import path

from members.enrollment import views as files

app_name = "enrollment"
urlpatterns = [
    path("", files.file_list, name="files"),
    path("<int:file_id>/", files.file_page, name="file"),
]
