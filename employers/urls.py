"""URLs of the employer portal."""

from django.urls import path

from employers.views import banks, documents, ebilling, home, invoices, opened, pay, payments, producers, reviews, users
from portals.desk.views import own_requests
from portals.pages import Audience

app_name = "employers"
urlpatterns = [
    path("", home.home, name="home"),
    path("ebilling/", ebilling.summary, name="ebilling"),
    path("ebilling/invoices/", ebilling.invoices, name="ebilling_invoices"),
    path("ebilling/invoices.csv", ebilling.invoices_csv, name="ebilling_invoices_csv"),
    path("ebilling/invoices/<str:number>/", invoices.invoice, name="ebilling_invoice"),
    path("ebilling/invoices/<str:number>/lines.csv", invoices.lines_csv, name="ebilling_lines"),
    path("ebilling/invoices/<str:number>/pdf/", invoices.pdf, name="ebilling_pdf"),
    path("ebilling/invoices/<str:number>/invoice.pdf", invoices.pdf_file, name="ebilling_pdf_file"),
    path("ebilling/pay/", pay.pay, name="ebilling_pay"),
    path("ebilling/pay/amounts/", pay.amounts, name="ebilling_amounts"),
    path("ebilling/terms/", pay.accept, name="ebilling_terms"),
    path("ebilling/bank-accounts/", banks.banks, name="ebilling_banks"),
    path("ebilling/bank-accounts/add/", banks.add, name="ebilling_bank_add"),
    path("ebilling/bank-accounts/<uuid:account>/", banks.change, name="ebilling_bank"),
    path("ebilling/payments/", payments.history, name="ebilling_payments"),
    path("ebilling/payments.csv", payments.history_csv, name="ebilling_payments_csv"),
    path("ebilling/payments/<uuid:payment>/", payments.payment, name="ebilling_payment"),
    path("ebilling/payments/<uuid:payment>/cancel/", payments.cancel, name="ebilling_cancel"),
    path("users/", users.user_list, name="users"),
    path("users/invite/", users.invite, name="user_invite"),
    path("users/invitations/<uuid:invitation>/", users.invited, name="user_invited"),
    path("users/<int:place_id>/remove/", users.remove, name="user_remove"),
    path("access-review/", reviews.review, name="user_review"),
    path("access-review/end/", reviews.end, name="user_review_end"),
    path("access-review/rest/", reviews.rest, name="user_review_rest"),
    path("access-review/<uuid:review>/evidence.pdf", reviews.evidence, name="user_review_evidence"),
    path("documents/", documents.document_list, name="documents"),
    path("documents/<uuid:document>/file/", documents.document_file, name="document_file"),
    path("producer/", producers.access, name="producers"),
    path("producer/did.csv", producers.deeds_csv, name="producers_csv"),
    path("who-looked/", opened.opened, name="opened"),
    path("who-looked/list.csv", opened.opened_csv, name="opened_csv"),
    path("help/", home.help_page, name="help"),
    *own_requests.urls(Audience.EMPLOYER),
]
