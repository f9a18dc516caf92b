"""Alerts at the service desk: URLs in its namespace."""

from django.urls import path

from portals.privacy.alerts import rule_views, views

urlpatterns = [
    path("", views.alert_list, name="alerts"),
    path("list.csv", views.alert_csv, name="alerts_csv"),
    path("rules/", rule_views.rule_list, name="alert_rules"),
    path("rules/<slug:code>/", rule_views.rule, name="alert_rule"),
    path("<int:alert_id>/", views.alert, name="alert"),
]
