"""Statements that write coverage, who was touched, and which rows were refused."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from audit import actions as audit
from audit.enums import Kind
from members.enrollment import billable_segments
from members.enrollment.apply import painting
from members.enrollment.apply.results import Applied, Refusal
from members.enrollment.apply.stage import Stage
from members.enums import RowOutcome

UPDATE_RELATIONSHIPS = """
WITH told AS (
    SELECT DISTINCT ON (key.enrollee_id) key.enrollee_id, member.relationship
    FROM stage_person known JOIN stage_key key USING (ekey) JOIN stage_member member ON member.seq = known.seq
    WHERE known.enrollee_id IS NOT NULL AND NOT known.subscriber AND known.maintenance <> '024'
      AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = known.seq)
    ORDER BY key.enrollee_id, known.seq DESC
), changed AS (
    UPDATE members_enrollee enrollee SET relationship = told.relationship FROM told
    WHERE enrollee.id = told.enrollee_id AND enrollee.relationship <> told.relationship
    RETURNING enrollee.contract_id, enrollee.client_id
)
INSERT INTO stage_touched SELECT contract_id, client_id FROM changed
"""

TOUCHED = "CREATE TEMPORARY TABLE stage_touched (contract_id bigint, client_id bigint) ON COMMIT DROP"

# Knowledge never runs backward, contract by contract: each change counts as known at the file's time, or right after
# what is already known of its contract.
KNOWN = """
CREATE TEMPORARY TABLE stage_known ON COMMIT DROP AS
SELECT contract_id, max(since) + interval '1 microsecond' AS known_at
FROM (
    SELECT contract_id, since FROM stage_now
    UNION ALL
    SELECT segment.contract, lower(segment.known) FROM billing_billablesegment segment
    WHERE segment.contract IN (SELECT contract_id FROM stage_now UNION SELECT contract_id FROM stage_touched)
      AND upper_inf(segment.known)
) AS learned
GROUP BY contract_id HAVING max(since) >= %(known_at)s
"""

REBUILT = """
CREATE TEMPORARY TABLE stage_rebuilt ON COMMIT DROP AS
SELECT DISTINCT contract_id, coalesce(learned.known_at, %(known_at)s) AS known_at
FROM stage_touched LEFT JOIN stage_known learned USING (contract_id)
"""

SUPERSEDE = """
WITH pair AS (
    SELECT DISTINCT ekey AS enrollee_id, line FROM stage_stroked
), gone AS (
    UPDATE members_coverage cover
    SET known = tstzrange(lower(cover.known), coalesce(learned.known_at, %(known_at)s))
    FROM stage_now held JOIN pair USING (enrollee_id, line)
    LEFT JOIN stage_known learned USING (contract_id)
    LEFT JOIN stage_final final USING (enrollee_id, line, package_id, cobra, lo, hi)
    WHERE cover.id = held.id AND final.enrollee_id IS NULL
    RETURNING cover.contract_id, cover.client_id
), told AS (
    INSERT INTO stage_touched SELECT contract_id, client_id FROM gone
)
SELECT count(*) FROM gone
"""

INSERT = """
WITH fresh AS (
    INSERT INTO members_coverage
        (enrollee_id, contract_id, client_id, package_id, line, cobra, effective, known, reason, source_file_id)
    SELECT enrollee.id, enrollee.contract_id, enrollee.client_id, final.package_id, final.line, final.cobra,
           daterange(final.lo, nullif(final.hi, 'infinity')),
           tstzrange(coalesce(learned.known_at, %(known_at)s), NULL), final.reason,
           %(file_id)s::bigint
    FROM stage_final final
    LEFT JOIN (SELECT ekey, enrollee_id AS id FROM stage_key) AS key ON key.ekey = final.enrollee_id
    JOIN members_enrollee enrollee ON enrollee.id = coalesce(key.id, final.enrollee_id)
    LEFT JOIN stage_known learned ON learned.contract_id = enrollee.contract_id
    LEFT JOIN stage_now held USING (enrollee_id, line, package_id, cobra, lo, hi)
    WHERE held.id IS NULL
    RETURNING contract_id, client_id
), told AS (
    INSERT INTO stage_touched SELECT contract_id, client_id FROM fresh
)
SELECT count(*) FROM fresh
"""

# For the ledger: everyone whom a good row names, and everyone of a contract whose coverage changed.
SUBJECTS = """
SELECT 'person', person_id FROM stage_key
UNION SELECT 'person', person_id FROM members_enrollee WHERE contract_id IN (SELECT contract_id FROM stage_touched)
UNION SELECT 'person', person_id FROM stage_meant WHERE unsure
UNION SELECT 'person', person_id FROM stage_client_meant WHERE unsure
"""

# Who waits for a person, beside whom on file: a row asked again next week renews its question, and what is answered by
# now is no longer asked.
ASKED = """
WITH asked AS (
    SELECT seq, person_id, enrollee_id, rule FROM stage_meant WHERE unsure
    UNION ALL SELECT seq, person_id, enrollee_id, rule FROM stage_client_meant WHERE unsure
    UNION ALL SELECT guarded.seq, guarded.person_id, key.enrollee_id, -2
    FROM stage_guarded guarded JOIN stage_person known USING (seq) JOIN stage_key key USING (ekey)
)
INSERT INTO members_lookalike (client_id, file_id, segment, row_key, person_id, contract_id, rule, said, status,
    opened_at, decided_by, reason, proposed_status, proposed_by)
SELECT DISTINCT ON (member.row_key, asked.person_id) place.client_id, %(file_id)s, member.segment, member.row_key,
       asked.person_id, enrollee.contract_id, asked.rule,
       jsonb_build_object('first_name', member.first_name, 'middle_name', coalesce(member.middle_name, ''),
           'last_name', member.last_name, 'suffix', coalesce(member.suffix, ''), 'birth_date', member.birth_date,
           'sex', coalesce(member.sex, 'U'), 'relationship', member.relationship,
           'ssn_last_four', coalesce(member.ssn_last_four, ''), 'address', coalesce(member.address, ''),
           'city', coalesce(member.city, ''), 'state', coalesce(member.state, ''), 'zip', coalesce(member.zip, ''),
           'sender_number', member.sender_shown, 'maintenance', member.maintenance, 'corrects', member.corrects),
       'waiting', %(taken_at)s, '', '', '', ''
FROM asked
JOIN stage_member member USING (seq)
JOIN stage_place place USING (seq)
JOIN members_enrollee enrollee ON enrollee.id = asked.enrollee_id
ORDER BY member.row_key, asked.person_id, asked.seq DESC
ON CONFLICT (row_key, person_id) DO UPDATE
SET file_id = excluded.file_id, segment = excluded.segment, said = excluded.said, rule = excluded.rule,
    status = 'waiting'
WHERE members_lookalike.status IN ('waiting', 'settled')
"""

ANSWERED = """
UPDATE members_lookalike asked SET status = 'settled'
FROM stage_person known JOIN stage_member member USING (seq)
WHERE asked.row_key = member.row_key AND asked.status = 'waiting' AND asked.file_id <> %(file_id)s
  AND known.ekey IS NOT NULL
"""

# Whom the sender means to be covered (HD05) beside who is: people are billed, and the difference is told.
TIER_NOTES = """
WITH told AS (
    SELECT DISTINCT ON (wish.ckey, wish.line) wish.member_seq, wish.segment, key.contract_id, wish.line, wish.tier,
           greatest(wish.begins, wish.migrated_on) AS lo
    FROM stage_wish wish JOIN stage_key key USING (ekey)
    WHERE wish.subscriber AND wish.tier IS NOT NULL AND wish.verb IN ('021', '001', '030')
      AND (wish.tier ~ '^E[1-9]D$' OR wish.tier IN ('EMP', 'IND', 'ESP', 'ECH', 'FAM', 'TWO'))
    ORDER BY wish.ckey, wish.line, wish.seq DESC
)
INSERT INTO stage_note
SELECT told.member_seq, told.segment, 'HD', 'tier_differs',
       told.tier || ', ' || (array_agg(segment.price_key ORDER BY segment.effective DESC))[1]
FROM told
JOIN billing_billablesegment segment
    ON segment.contract = told.contract_id AND segment.line = told.line AND upper_inf(segment.known)
    AND coalesce(upper(segment.effective) > told.lo, true)
GROUP BY told.member_seq, told.segment, told.tier
HAVING NOT bool_or(CASE
    WHEN told.tier IN ('EMP', 'IND') THEN segment.price_key = 'EE'
    WHEN told.tier = 'ESP' THEN segment.price_key = 'ES'
    WHEN told.tier = 'ECH' THEN segment.price_key = 'EC'
    WHEN told.tier = 'FAM' THEN segment.price_key = 'FAM'
    WHEN told.tier = 'TWO' THEN segment.members_count = 2
    ELSE segment.members_count = substr(told.tier, 2, 1)::integer + 1 END)
"""

# A note on a member that was not taken says no more than the refusal does; what else is wrong with a row that waits
# shows when it is applied.
FINDINGS = """
CREATE TEMPORARY TABLE stage_finding ON COMMIT DROP AS
SELECT error.*, CASE WHEN EXISTS (SELECT 1 FROM stage_wait wait WHERE wait.member_seq = error.member_seq)
                     THEN 'waiting' ELSE 'refused' END AS outcome
FROM stage_error error
WHERE error.reason IN ('looks_like', 'subscriber_waits')
   OR NOT EXISTS (SELECT 1 FROM stage_wait wait WHERE wait.member_seq = error.member_seq)
UNION ALL
SELECT note.*, 'noted' FROM stage_note note
WHERE NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = note.member_seq)
"""

FINDING_COUNTS = """
SELECT count(DISTINCT member_seq) FILTER (WHERE outcome = 'refused'),
       count(DISTINCT member_seq) FILTER (WHERE outcome = 'waiting'),
       count(DISTINCT member_seq) FILTER (WHERE outcome = 'noted')
FROM stage_finding
"""

FOUND = """
SELECT found.segment, found.segment_id, coalesce(member.sender_shown, ''), found.reason, coalesce(found.value, ''),
       found.outcome
FROM stage_finding found JOIN stage_member member ON member.seq = found.member_seq
ORDER BY found.segment, found.member_seq, found.reason
"""

KEEP_FOUND = """
INSERT INTO members_enrollmenterror (file_id, segment, segment_id, sender_number, reason, value, outcome)
SELECT %(file_id)s, found.segment, found.segment_id, coalesce(member.sender_shown, ''), found.reason,
       left(coalesce(found.value, ''), 200), found.outcome
FROM stage_finding found JOIN stage_member member ON member.seq = found.member_seq
ORDER BY found.segment, found.member_seq, found.reason
"""


def write(stage: Stage, cursor: CursorWrapper, absent: int) -> Applied:
    stage.run(cursor, TOUCHED)
    stage.run(cursor, UPDATE_RELATIONSHIPS)
    painting.finish(stage, cursor)
    stage.params["known_at"] = stage.known_at
    stage.make(cursor, "stage_known", KNOWN)
    stage.run(cursor, SUPERSEDE)
    superseded = int(cursor.fetchone()[0])
    stage.run(cursor, INSERT)
    written = int(cursor.fetchone()[0])
    stage.make(cursor, "stage_rebuilt", REBUILT)
    rebuilt = billable_segments.rebuild("stage_rebuilt")
    stage.run(cursor, TIER_NOTES)
    if stage.file_id:
        stage.run(cursor, ASKED)
        stage.run(cursor, ANSWERED)
    stage.make(cursor, "stage_finding", FINDINGS)
    findings = _findings(stage, cursor)
    stage.run(cursor, FINDING_COUNTS)
    refused, waiting, noted = map(int, cursor.fetchone())
    event = audit.record(
        kind=Kind.CHANGE,
        action=stage.action,
        object_kind="enrollment_file" if stage.file_id else "",
        object_id=str(stage.file_id or ""),
        detail={
            "members": stage.count,
            "refused": refused,
            "waiting": waiting,
            "noted": noted,
            "coverages_written": written,
        },
        **stage.by.audit(),
    )
    audit.record_subjects(event, SUBJECTS)
    return Applied(
        members=stage.count,
        refused=refused,
        waiting=waiting,
        noted=noted,
        refusals=tuple(found for found in findings if found.outcome != RowOutcome.NOTED),
        people_created=stage.people,
        contracts_created=stage.contracts,
        coverages_superseded=superseded,
        coverages_written=written,
        segments_superseded=rebuilt.superseded,
        segments_written=rebuilt.written,
        absent=absent,
    )


def _findings(stage: Stage, cursor: CursorWrapper) -> tuple[Refusal, ...]:
    if stage.file_id:
        stage.run(cursor, KEEP_FOUND)
        return ()
    stage.run(cursor, FOUND)
    return tuple(Refusal(*row) for row in cursor.fetchall())
