"""What was written before the rules looked and committed after."""

from __future__ import annotations

import psycopg2
from django.db import connection

from portals import scope as scopes
from portals.enums import Team
from portals.models import Alert
from portals.privacy.alerts import evaluation as alerts
from portals.privacy.alerts import rule_settings
from tests.factories import openings, people

SYSTEM = scopes.system("test")


def test_a_row_that_is_committed_late_is_found_whatever_its_time(committed: str) -> None:
    """Its transaction was open while the rules looked, and its time lies before what they had read."""
    settings = connection.settings_dict
    late = psycopg2.connect(
        dbname=committed,
        user=settings["USER"],
        password=settings["PASSWORD"],
        host=settings["HOST"],
        port=settings["PORT"] or None,
    )
    rule = rule_settings.rule("many_denials")
    assert rule is not None
    with scopes.entered(SYSTEM):
        clerk = people.staff_user(Team.MEMBER_SERVICES)
        rule_settings.change(
            by=openings.desk_scope(people.staff_user(Team.PRIVACY)),
            rule=rule,
            enabled=True,
            values={**rule.defaults, "denials": 2},
            why="For a test",
            read=0,
        )
    sql = (
        "INSERT INTO audit_event (kind, action, outcome, actor, portal)"
        " VALUES ('denial', 'late', 'refused', %s, 'desk')"
    )
    try:
        with late.cursor() as writer:
            for _ in range(2):
                writer.execute(sql, [f"user:{clerk.pk}"])
            for _ in range(2):
                evaluate()
            assert not Alert.objects.exists()
            late.commit()
            evaluate()
    finally:
        late.close()
    assert [(row.rule, row.amount) for row in Alert.objects.all()] == [("many_denials", 2)]


def evaluate() -> None:
    with scopes.entered(SYSTEM):
        alerts.evaluate(by=SYSTEM)
