"""Statements that compare a full file with what is on file: who is absent."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from members.enrollment.apply.results import Absence, HeldError
from members.enrollment.apply.stage import Stage

# Who is absent from a full file: whole contracts, people of contracts that came, lines of people who came. A refused
# member is not absent, and a number that stands anywhere in the file is not missing.
ABSENT = """
CREATE TEMPORARY TABLE stage_absent ON COMMIT DROP AS
WITH active AS (
    SELECT now.* FROM stage_now now
    WHERE now.hi > %(full_from)s AND now.contract_id > 0 AND now.enrollee_id > 0
      AND now.group_id IN (SELECT group_id FROM stage_place WHERE full_file AND reason IS NULL)
), told AS (
    SELECT member.sender_number, place.contract_id, error.member_seq IS NOT NULL AS refused
    FROM stage_member member
    JOIN stage_place place USING (seq)
    LEFT JOIN stage_error error ON error.member_seq = member.seq
), named AS (
    SELECT contract_id, refused FROM told WHERE contract_id IS NOT NULL
    UNION ALL
    SELECT contract.id, told.refused FROM told JOIN members_contract contract USING (sender_number)
    WHERE told.contract_id IS NULL
    UNION ALL
    SELECT contract.id, told.refused FROM told
    JOIN members_contract contract ON contract.number = left(told.sender_number, %(number_length)s)
    WHERE told.contract_id IS NULL
    UNION ALL
    SELECT contract_id, true FROM stage_client_meant WHERE unsure
), came AS (
    SELECT contract_id, bool_or(refused) AS refused FROM named
    WHERE contract_id IN (SELECT contract_id FROM active) GROUP BY contract_id
)
SELECT active.enrollee_id, active.contract_id, active.line, greatest(%(full_from)s::date, active.lo) AS lo,
       came.contract_id IS NULL AS whole_contract,
       NOT EXISTS (SELECT 1 FROM stage_person person WHERE person.ekey = active.enrollee_id) AS whole_person
FROM active
LEFT JOIN came USING (contract_id)
WHERE came.contract_id IS NULL
   OR NOT came.refused AND (
      NOT EXISTS (SELECT 1 FROM stage_person person WHERE person.ekey = active.enrollee_id)
      OR EXISTS (SELECT 1 FROM stage_wish wish WHERE wish.ekey = active.enrollee_id)
         AND NOT EXISTS (
            SELECT 1 FROM stage_wish wish WHERE wish.ekey = active.enrollee_id AND wish.line = active.line
         )
   )
"""

ABSENT_COUNTS = """
SELECT count(DISTINCT contract_id) FILTER (WHERE whole_contract),
       count(DISTINCT contract_id) FILTER (WHERE whole_person AND NOT whole_contract),
       count(DISTINCT enrollee_id) FILTER (WHERE whole_person OR whole_contract),
       (SELECT count(DISTINCT contract_id) FROM stage_now WHERE hi > %(full_from)s
        AND group_id IN (SELECT group_id FROM stage_place WHERE full_file AND reason IS NULL))
FROM stage_absent
"""

ABSENT_OP = """
INSERT INTO stage_op (number, member_seq, step, at, part, ekey, line, act, default_cobra, lo, hi, reason)
SELECT row_number() OVER () + (SELECT coalesce(max(number), 0) FROM stage_op), 0, 0, lo, 0, enrollee_id, line, 'erase',
       false, lo, 'infinity', '' FROM stage_absent
"""


def compare(stage: Stage, cursor: CursorWrapper, *, hold: bool) -> int:
    """End whom a full file does not name; answers how many people."""
    stage.make(cursor, "stage_absent", ABSENT)
    stage.run(cursor, ABSENT_COUNTS)
    absence = Absence(*cursor.fetchone())
    if hold and absence.is_held:
        raise HeldError(absence)
    stage.run(cursor, ABSENT_OP)
    return absence.people
