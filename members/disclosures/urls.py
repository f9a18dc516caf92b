"""URLs of disclosures and their accounting at the service desk."""

from django.urls import path

from members.accountings import views as accountings
from members.disclosures import views as disclosures

app_name = "disclosures"
urlpatterns = [
    path("", disclosures.disclosure_list, name="list"),
    path("list.csv", disclosures.disclosure_csv, name="list_csv"),
    path("new/", disclosures.new, name="new"),
    path("new/<uuid:person>/", disclosures.new_for, name="new_for"),
    path("accountings/", accountings.accounting_list, name="accountings"),
    path("accountings/list.csv", accountings.accounting_list_csv, name="accountings_csv"),
    path("accountings/new/<uuid:person>/", accountings.accounting_new, name="accounting_new"),
    path("accountings/<uuid:accounting>/", accountings.accounting, name="accounting"),
    path("accountings/<uuid:accounting>/pdf/", accountings.accounting_pdf, name="accounting_pdf"),
    path("accountings/<uuid:accounting>/accounting.pdf", accountings.accounting_file, name="accounting_file"),
    path("accountings/<uuid:accounting>/accounting.csv", accountings.accounting_csv, name="accounting_csv"),
    path("<uuid:disclosure>/", disclosures.one, name="one"),
    path("<uuid:disclosure>/request/", disclosures.request_file, name="request_file"),
    path("<uuid:disclosure>/statements/<int:statement>/", disclosures.statement_file, name="statement_file"),
    path("<uuid:disclosure>/correct/", disclosures.correct, name="correct"),
    path("<uuid:disclosure>/void/", disclosures.void, name="void"),
    path("<uuid:disclosure>/suspend/", disclosures.suspend, name="suspend"),
]
