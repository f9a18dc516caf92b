"""The rules of alerts: what each looks for and why, its limits, and who changed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.access import Desk
from portals.http import Request
from portals.pages import Audience, disclose, page
from portals.privacy.alerts import rule_settings
from portals.privacy.alerts.forms import ConfirmedForm, RuleForm
from portals.privacy.alerts.rule_settings import Setting
from portals.privacy.alerts.rules import Rule
from portals.step_up import ONCE_A_SESSION

SHOWN = ("user.name", "alert_rule.why")


def _facts(rule: Rule, values: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Each limit with its label; hours that are none are a closed day."""
    return [
        (each.label, values.get(each.name, "") if values.get(each.name, "") != "" else _("Closed"))
        for each in rule.parameters
    ]


@page(
    audience=Audience.DESK,
    discloses=("user.name",),
    permission=Desk.REVIEW_ACTIVITY,
    label=gettext_lazy("Rules of alerts"),
)
def rule_list(request: Request) -> HttpResponseBase:
    rules = rule_settings.standing()
    disclose(request, subjects=[("user", each.row.set_by_id) for each in rules if each.row is not None])
    return TemplateResponse(
        request, "portals/alert_rules.html", {"rules": [(each, _facts(each.rule, each.values)) for each in rules]}
    )


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.REVIEW_ACTIVITY,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("A rule of alerts"),
)
def rule(request: Request, code: str) -> HttpResponseBase:
    """A rule's limits. What is sent is asked once more before it is set."""
    found = rule_settings.rule(code)
    if found is None:
        raise Http404
    standing = rule_settings.setting_of(found)
    read = standing.row.pk if standing.row else 0
    initial = {"read": read, "enabled": standing.enabled, **standing.values}
    form = RuleForm(request.POST if request.method == "POST" else None, rule=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "set" and _set(request, found, form):
            return redirect("desk:alert_rules")
        if request.POST.get("do") != "set":
            return _ask(request, standing, form)
    history = rule_settings.history_of(request.scope, found)
    disclose(request, subjects=[("user", row.set_by_id) for row in history])
    return TemplateResponse(
        request,
        "portals/alert_rule.html",
        {
            "rule": found,
            "setting": standing,
            "form": form,
            "history": [(row, _facts(found, {**found.defaults, **row.values})) for row in history],
            "defaults": _facts(found, found.defaults),
        },
    )


def _ask(request: Request, standing: Setting, form: RuleForm) -> HttpResponseBase:
    """The last question: what was, and what will be."""
    enabled, rule = form.cleaned_data["enabled"], standing.rule
    before, after = _facts(rule, standing.values), _facts(rule, form.values())
    words = {True: _("On"), False: _("Off")}
    rows = [(_("Rule"), words[standing.enabled], words[enabled])]
    rows += [(label, was, will) for (label, was), (_label, will) in zip(before, after, strict=True)]
    disclose(request, subjects=[])
    return TemplateResponse(
        request,
        "portals/alert_rule_confirm.html",
        {
            "rule": rule,
            "rows": rows,
            "form": ConfirmedForm(form.data, rule=rule),
            "off": not enabled and standing.enabled,
        },
    )


def _set(request: Request, rule: Rule, form: RuleForm) -> bool:
    data = form.cleaned_data
    try:
        rule_settings.change(
            by=request.scope,
            rule=rule,
            enabled=data["enabled"],
            values=form.values(),
            why=data["why"],
            read=data["read"],
        )
    except rule_settings.NothingChanged:
        form.add_error(None, _("Nothing changes: the rule stands like this already."))
        return False
    except rule_settings.ChangedMeanwhile:
        form.add_error(None, _("Somebody else changed this rule meanwhile. Look at it again."))
        return False
    messages.success(request, _("The rule is set. It holds from the next evaluation on."))
    return True
