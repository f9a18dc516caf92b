"""Take an X12 834 enrollment file; described in docs/files-834.md and docs/operators.md."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.enrollment import actions as enrollment_actions
from members.enrollment import queries as enrollment_queries
from members.enrollment import refusal_reasons
from members.enrollment.actions import Taken
from members.enums import FileStatus
from members.models import Client
from portals import scope as scopes
from portals.plan import clock
from portals.plan.periods import PLAN_ZONE

NOON = dt.time(12)


class Command(BaseCommand):
    help = "Take an X12 834 enrollment file. Exit 0 done, 1 some members refused, 2 nothing done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--client", metavar="ID", help="Client ID: only this client's groups may be touched")
        parser.add_argument("--ack", type=Path, metavar="FILE", help="write the 999 here")
        parser.add_argument("--result", type=Path, metavar="FILE", help="write a CSV here: segment, number, reason")
        parser.add_argument(
            "--as-of", type=dt.date.fromisoformat, metavar="DATE", help="the day it came (noon Eastern; default: now)"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = options["as_of"]
        received_at = dt.datetime.combine(as_of, NOON, tzinfo=PLAN_ZONE) if as_of else clock.now()
        try:
            data = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"cannot read the file: {error.strerror}", returncode=2) from error
        with scopes.entered(scopes.system("import_834"), bulk=True) as scope:
            taken = enrollment_actions.take(
                data,
                name=options["file"].name,
                by=scope,
                received_at=received_at,
                client_id=_client(options["client"]),
            )
            ack = enrollment_actions.acknowledgment(taken.file)
            lines = enrollment_queries.refusals(taken.file.pk)
        if options["ack"] and ack is not None:
            options["ack"].write_bytes(ack)
        if options["result"]:
            with options["result"].open("w", newline="", encoding="utf-8") as out:
                rows = csv.writer(out)
                rows.writerow(("segment", "subscriber_number", "outcome", "reason", "sentence"))
                rows.writerows(
                    (
                        line.segment,
                        line.subscriber_number,
                        line.outcome,
                        line.reason,
                        refusal_reasons.sentence(line.reason, line.value),
                    )
                    for line in lines
                )
        if options["json"]:
            self.stdout.write(json.dumps(_summary(taken)))
        else:
            self._tell(taken, lines)
        code = _exit_code(taken)
        if code:
            sys.exit(code)

    def _tell(self, taken: Taken, lines: list[enrollment_queries.RefusedLine]) -> None:
        file, applied = taken.file, taken.applied
        if not taken.fresh:
            self.stdout.write(
                f"This content was taken before, as file {file.pk}: {file.get_status_display()}. No change."
            )
            return
        self.stdout.write(f"File {file.pk}: {file.get_status_display()}.")
        if taken.report and taken.report.rejected_sets:
            self.stdout.write(f"{len(taken.report.rejected_sets)} transaction sets refused for their syntax.")
        if file.status == FileStatus.WAITING:
            self.stdout.write("It would end too many contracts: a person at the service desk must accept it.")
        if applied:
            self.stdout.write(
                f"{file.members_seen} members read, {file.members_accepted} taken, {file.members_refused} refused, "
                f"{file.members_waiting} waiting for a person, {file.members_noted} with a note. "
                f"{applied.contracts_created} contracts and {applied.people_created} people new; "
                f"{applied.coverages_written} coverages written, {applied.coverages_superseded} superseded."
            )
            if applied.absent:
                self.stdout.write(f"{applied.absent} people ended, whom the full file does not name.")
        for line in lines[:20]:
            self.stdout.write(
                f"{line.outcome.upper()} segment {line.segment}: {refusal_reasons.sentence(line.reason, line.value)}"
            )
        if len(lines) > 20:
            self.stdout.write(f"... and {len(lines) - 20} more; see --result.")


def _client(client_id: str | None) -> int | None:
    if client_id is None:
        return None
    found = Client.objects.filter(client_id=client_id).values_list("pk", flat=True).first()
    if found is None:
        raise CommandError(f"there is no client {client_id}", returncode=2)
    return found


def _exit_code(taken: Taken) -> int:
    file = taken.file
    if not taken.fresh or file.status != FileStatus.APPLIED or not (file.members_accepted or file.members_waiting):
        return 2
    refused_sets = taken.report.rejected_sets if taken.report else ()
    return 1 if file.members_refused or file.members_waiting or refused_sets else 0


def _summary(taken: Taken) -> dict[str, object]:
    file, applied, report = taken.file, taken.applied, taken.report
    return {
        "file": file.pk,
        "new": taken.fresh,
        "status": file.status,
        "full_file": file.full_file,
        "sets_accepted": len(report.accepted_sets) if report else None,
        "sets_refused": len(report.rejected_sets) if report else None,
        "members": file.members_seen,
        "accepted": file.members_accepted,
        "refused": file.members_refused,
        "waiting": file.members_waiting,
        "noted": file.members_noted,
        "contracts_created": applied.contracts_created if applied else 0,
        "people_created": applied.people_created if applied else 0,
        "coverages_written": applied.coverages_written if applied else 0,
        "coverages_superseded": applied.coverages_superseded if applied else 0,
        "segments_written": applied.segments_written if applied else 0,
        "people_absent": applied.absent if applied else 0,
    }
