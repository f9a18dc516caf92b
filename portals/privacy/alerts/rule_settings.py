"""The alert rules and their limits, which an officer changes with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from audit import actions as audit
from audit.enums import Kind
from portals import permissions
from portals.access import Desk
from portals.models import AlertSetting
from portals.privacy.alerts.rules import Rule
from portals.scope import Scope

_rules: dict[str, Rule] = {}


def register(*rules: Rule) -> None:
    """Called in `AppConfig.ready` by the floor that can find what the rule looks for."""
    _rules.update({rule.code: rule for rule in rules})


def rules() -> list[Rule]:
    """All of them, in the order of their groups."""
    order = ("amount", "person", "access", "time")
    return sorted(_rules.values(), key=lambda rule: order.index(rule.group))


def rule(code: str) -> Rule | None:
    return _rules.get(code)


@dataclass(frozen=True, slots=True)
class Setting:
    """A rule as it stands: switched on or off, its values by name, the row that set them (none: as shipped)."""

    rule: Rule
    enabled: bool
    values: Mapping[str, Any]
    row: AlertSetting | None


def _as_set(rule: Rule, row: AlertSetting | None) -> Setting:
    if row is None:
        return Setting(rule, True, rule.defaults, None)
    kept = {name: value for name, value in row.values.items() if name in rule.defaults}
    return Setting(rule, row.enabled, {**rule.defaults, **kept}, row)


def standing() -> list[Setting]:
    """Every rule as it stands now. One query."""
    rows = AlertSetting.objects.order_by("rule", "-id").distinct("rule").select_related("set_by")
    latest = {row.rule: row for row in rows}
    return [_as_set(each, latest.get(each.code)) for each in rules()]


def setting_of(rule: Rule) -> Setting:
    row = AlertSetting.objects.filter(rule=rule.code).order_by("-id").select_related("set_by").first()
    return _as_set(rule, row)


def history_of(by: Scope, rule: Rule) -> list[AlertSetting]:
    """Every change of a rule, the latest first."""
    permissions.require(by, Desk.REVIEW_ACTIVITY)
    return list(AlertSetting.objects.filter(rule=rule.code).order_by("-id").select_related("set_by"))


class NothingChanged(ValueError):
    """The rule stands like this already."""


class ChangedMeanwhile(ValueError):
    """Somebody else set the rule after this person had read it."""


def change(*, by: Scope, rule: Rule, enabled: bool, values: Mapping[str, Any], why: str, read: int) -> AlertSetting:
    """Set a rule from now on; what was evaluated stays. `read` is the id of the setting that the person saw (0: as
    shipped). Raises `Refused`, `NothingChanged`, `ChangedMeanwhile`."""
    permissions.require(by, Desk.REVIEW_ACTIVITY)
    assert by.user_id is not None
    with transaction.atomic():
        _alone(f"alert-setting:{rule.code}")
        before = setting_of(rule)
        if (before.row.pk if before.row else 0) != read:
            raise ChangedMeanwhile
        if before.enabled == enabled and dict(before.values) == dict(values):
            raise NothingChanged
        row = AlertSetting.objects.create(
            rule=rule.code, enabled=enabled, values=dict(values), why=why, set_by_id=by.user_id
        )
        audit.record(
            kind=Kind.CHANGE,
            action="alerts.set_rule",
            object_kind="alert_rule",
            object_id=rule.code,
            detail={
                "before": {"enabled": before.enabled, **before.values},
                "after": {"enabled": enabled, **values},
            },
            **by.audit(),
        )
        return row


def _alone(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [what])
