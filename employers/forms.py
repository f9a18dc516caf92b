"""Forms of the employer portal."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing import money
from billing.enums import BankAccountKind
from billing.queries.accounts import AccountRow, State
from billing.queries.payments import BankRow
from billing.rules import bank_accounts

AMOUNT_WORDS = {
    money.AmountProblem.EMPTY: _("Type an amount, or 0 to pay nothing on this account."),
    money.AmountProblem.NOT_AN_AMOUNT: _("Type an amount such as 1,250.00."),
    money.AmountProblem.NEGATIVE: _("An amount cannot be below zero."),
    money.AmountProblem.GROUPING: _("Commas part thousands: 1,250.00."),
    money.AmountProblem.CENTS: _("Cents have two digits: 1,250.00."),
    money.AmountProblem.TOO_LARGE: _("This is more than one bank payment can carry."),
}

ROUTING_WORDS = {
    bank_accounts.RoutingProblem.FORMAT: _("A routing number has nine digits, at the bottom left of a check."),
    bank_accounts.RoutingProblem.PREFIX: _("No bank's routing number begins like this. Compare it with a check."),
    bank_accounts.RoutingProblem.CHECK_DIGIT: _("One of the digits is not right. Compare it with a check."),
}
ACCOUNT_WORDS = {
    bank_accounts.AccountProblem.FORMAT: _("Type digits only."),
    bank_accounts.AccountProblem.LENGTH: _("An account number has 4 to 17 digits."),
    bank_accounts.AccountProblem.ZEROS: _("Only zeros is no account number."),
}


class CentsField(forms.CharField):
    """An amount as people type it; the clean value is cents."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            return money.parse_amount(text or "")
        except money.AmountError as error:
            raise forms.ValidationError(AMOUNT_WORDS[error.problem]) from None

    def clean(self, value: Any) -> Any:
        return self.to_python(value)


class AmountsForm(forms.Form):
    """One amount for each account with something to pay, and the bank account."""

    def __init__(
        self,
        *args: Any,
        accounts: Sequence[AccountRow],
        banks: Sequence[BankRow],
        shares: dict[int, int],
        bank: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {f"account_{account.id}": account for account in accounts if account.payable_cents > 0}
        for name, account in self.rows.items():
            self.fields[name] = CentsField(
                label=account.name,
                help_text=_("Up to %(amount)s") % {"amount": money.format_cents(account.payable_cents)},
                initial=f"{money.to_dollars(shares.get(account.id, 0)):,.2f}",
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )
        if len(banks) > 1:
            self.fields["bank"] = forms.ChoiceField(
                label=_("Pay from"),
                choices=[(str(row.uuid), row.label) for row in banks],
                initial=bank,
                widget=forms.RadioSelect,
            )

    def clean(self) -> None:
        super().clean()
        for name, account in self.rows.items():
            cents = self.cleaned_data.get(name)
            if cents is not None and cents > account.payable_cents:
                self.add_error(
                    name,
                    _("At most %(amount)s can be paid now.") % {"amount": money.format_cents(account.payable_cents)},
                )
        if not self.errors and not self.shares:
            raise forms.ValidationError(_("Type an amount for at least one bill account."))

    @property
    def shares(self) -> dict[int, int]:
        return {account.id: self.cleaned_data[name] for name, account in self.rows.items() if self.cleaned_data[name]}


class PayForm(forms.Form):
    """The button of check-your-answers: exactly what the page showed, under a key that is used once."""

    shares = forms.CharField(widget=forms.HiddenInput, max_length=2000)
    bank = forms.UUIDField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, min_length=32, max_length=32)

    @classmethod
    def showing(cls, shares: dict[int, int], bank: uuid.UUID) -> PayForm:
        text = ",".join(f"{account}={cents}" for account, cents in sorted(shares.items()))
        return cls(initial={"shares": text, "bank": bank, "key": uuid.uuid4().hex})

    def clean_shares(self) -> dict[int, int]:
        pairs = [part.partition("=") for part in self.cleaned_data["shares"].split(",")]
        try:
            return {int(account): int(cents) for account, _equals, cents in pairs}
        except ValueError:
            raise forms.ValidationError(_("Start again from eBilling.")) from None


class TermsForm(forms.Form):
    accept = forms.BooleanField(
        label=_("I have read the terms, and I may pay for this employer."),
        error_messages={"required": _("Tick the box to accept, or choose Not now.")},
    )


class BankAccountForm(forms.Form):
    nickname = forms.CharField(
        label=_("What you call it"),
        help_text=_("For example Operating account. It is shown when you pay."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name_on_account = forms.CharField(
        label=_("Name on the account"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    kind = forms.ChoiceField(label=_("Kind of account"), choices=BankAccountKind.choices, widget=forms.RadioSelect)
    routing = forms.CharField(
        label=_("Routing number"),
        help_text=_("Nine digits, at the bottom left of a check."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    number = forms.CharField(
        label=_("Account number"),
        help_text=_("Stored encrypted. From then on only the last four digits are shown."),
        max_length=34,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    again = forms.CharField(
        label=_("Account number, again"),
        max_length=34,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    shared = forms.BooleanField(
        label=_("Our producer may pay from this account"),
        help_text=_("It sees the name and last four digits only. You can change this at any time."),
        required=False,
    )

    def clean_routing(self) -> str:
        routing: str = self.cleaned_data["routing"]
        problem = bank_accounts.routing_problem(routing)
        if problem is not None:
            raise forms.ValidationError(ROUTING_WORDS[problem])
        return routing

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        problem = bank_accounts.account_problem(number)
        if problem is not None:
            raise forms.ValidationError(ACCOUNT_WORDS[problem])
        return number

    def clean(self) -> None:
        super().clean()
        number, again = self.cleaned_data.get("number"), self.cleaned_data.get("again")
        if number and again and bank_accounts.normalize(number) != bank_accounts.normalize(again):
            self.add_error("again", _("The two account numbers differ. Type the same one twice."))


class EndForm(forms.Form):
    do = forms.CharField(widget=forms.HiddenInput, initial="end")


class InvoiceFilter(forms.Form):
    """Search and filters of the invoice list; anything not understood filters nothing."""

    q = forms.CharField(label=_("Invoice number"), required=False, max_length=20)
    account = forms.ChoiceField(label=_("Bill account"), required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Any")),
            (State.OPEN, _("To pay")),
            (State.PROCESSING, _("Payment processing")),
            (State.PAID, _("Paid")),
            (State.NOTHING, _("Nothing due")),
            (State.VOID, _("Void")),
        ],
    )
    year = forms.ChoiceField(label=_("Year"), required=False)

    def __init__(self, *args: Any, accounts: Sequence[tuple[int, str]], years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, options in (
            ("account", [(str(pk), label) for pk, label in accounts]),
            ("year", [(str(year), str(year)) for year in years]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("All")), *options]


class PaymentFilter(forms.Form):
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Any")),
            ("processing", _("Processing")),
            ("paid", _("Paid")),
            ("returned", _("Returned")),
            ("canceled", _("Canceled")),
        ],
    )


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Name"), required=False, max_length=80)


class DocumentFilter(forms.Form):
    q = forms.CharField(label=_("Name"), required=False, max_length=80)


PERIODS = {"30": 30, "90": 90, "365": 365}  # days back


class AccessFilter(forms.Form):
    """Whose looks, and how far back; anything not understood filters nothing."""

    who = forms.ChoiceField(
        label=_("Who"),
        required=False,
        choices=[("", _("Everybody")), ("plan", _("The plan")), ("producer", _("Your producer"))],
    )
    period = forms.ChoiceField(
        label=_("Since"),
        required=False,
        choices=[("", _("Ever")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("A year"))],
    )


class ActivityFilter(forms.Form):
    """Whose events, and how far back; anything not understood filters nothing."""

    person = forms.ChoiceField(label=_("Person"), required=False)
    period = forms.ChoiceField(
        label=_("Since"),
        required=False,
        choices=[("", _("Ever")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("A year"))],
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Everybody")), *((str(pk), name) for pk, name in people)]
