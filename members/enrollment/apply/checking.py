"""Statements that check what a file asks for: ends, overlaps, reinstatements, COBRA."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from members.enrollment.apply import choosing, painting
from members.enrollment.apply.stage import Stage

OF_A_ROUND = ("stage_set", "stage_slot", "stage_end", "stage_back", "stage_return", "stage_op")

# Each person and line that is covered or will be: its first day and its last end as we know them.
SLOT = """
CREATE TEMPORARY TABLE stage_slot ON COMMIT DROP AS
WITH held AS (
    SELECT DISTINCT ON (enrollee_id, line) contract_id AS ckey, enrollee_id AS ekey, line, subscriber, group_id,
           product_id, benefit_class, cobra, hi AS last_hi, min(lo) OVER (PARTITION BY enrollee_id, line) AS first_lo,
           coalesce(max(hi) FILTER (WHERE NOT cobra) OVER (PARTITION BY enrollee_id, line),
                    min(lo) OVER (PARTITION BY enrollee_id, line)) AS cobra_since
    FROM stage_now ORDER BY enrollee_id, line, hi DESC
), coming AS (
    SELECT DISTINCT ckey, ekey, line, subscriber FROM stage_set WHERE reason IS NULL
)
SELECT coalesce(held.ckey, coming.ckey) AS ckey, ekey, line, coalesce(held.subscriber, coming.subscriber) AS subscriber,
       group_id, product_id, benefit_class, cobra, last_hi, first_lo, cobra_since, coming.ekey IS NOT NULL AS coming
FROM held FULL JOIN coming USING (ekey, line)
"""

# 024 on the subscriber's INS reaches every line of everyone on the contract; a dependent's reaches that person; 024 in
# an HD alone reaches that line: of everyone when the subscriber drops it, of the person when another plan follows.
END = """
CREATE TEMPORARY TABLE stage_end ON COMMIT DROP AS
WITH reach AS (
    SELECT person.seq AS member_seq, person.segment, 'INS' AS segment_id, person.ckey, person.ekey, NULL AS line,
           person.subscriber AS everyone, member.ends, client.migrated_on, NULL::integer AS line_seq
    FROM stage_person person
    JOIN stage_member member USING (seq)
    JOIN members_client client ON client.id = person.client_id
    LEFT JOIN stage_turn turn USING (seq)
    WHERE person.maintenance = '024' AND person.ekey IS NOT NULL AND coalesce(turn.round, 1) = %(round)s
    UNION ALL
    SELECT wish.member_seq, wish.segment, 'HD', wish.ckey, wish.ekey, wish.line,
           wish.subscriber AND NOT EXISTS (
               SELECT 1 FROM stage_set AS other WHERE other.member_seq = wish.member_seq AND other.line = wish.line
           ), coalesce(wish.ends, wish.member_ends), wish.migrated_on, wish.seq
    FROM stage_wish wish WHERE wish.verb = '024' AND wish.line <> '' AND wish.round = %(round)s
)
SELECT reach.member_seq, reach.segment, reach.segment_id, reach.ekey AS own_ekey, slot.ekey, slot.line, slot.ckey,
       CASE WHEN reach.ends IS NOT NULL THEN greatest(reach.ends, reach.migrated_on) END AS ends,
       slot.group_id, slot.product_id, slot.benefit_class, slot.cobra,
       slot.first_lo, slot.last_hi, slot.coming, own.last_hi AS own_last_hi, reach.line_seq
FROM reach
LEFT JOIN stage_slot slot
    ON slot.ckey = reach.ckey AND (slot.ekey = reach.ekey OR everyone) AND slot.line = coalesce(reach.line, slot.line)
LEFT JOIN stage_slot own ON own.ekey = reach.ekey AND own.line = slot.line
WHERE reach.line IS NOT NULL OR NOT EXISTS (
    SELECT 1 FROM stage_wish AS named
    WHERE named.member_seq = reach.member_seq AND named.verb = '024' AND named.line = slot.line
)
"""

END_ERRORS = """
INSERT INTO stage_error
SELECT member_seq, min(segment), min(segment_id),
       CASE WHEN bool_or(ends IS NULL) THEN 'missing_date' ELSE 'nothing_to_end' END, ''
FROM stage_end GROUP BY member_seq, segment
HAVING bool_or(ends IS NULL) OR count(ekey) = 0
UNION ALL
SELECT DISTINCT member_seq, segment, segment_id, 'ends_before_start', to_char(first_lo, 'YYYY-MM-DD')
FROM stage_end WHERE ekey = own_ekey AND NOT coming AND ends < first_lo
"""

# An add does not replace: the other plan of that line must have ended, in this file or before.
OVERLAP_ERRORS = """
INSERT INTO stage_error
SELECT DISTINCT wish.member_seq, wish.segment, 'HD', 'overlaps', to_char(held.lo, 'YYYY-MM-DD')
FROM stage_set wish
JOIN stage_now held ON held.enrollee_id = wish.ekey AND held.line = wish.line
WHERE wish.reason IS NULL AND wish.verb = '021' AND held.product_id <> wish.product_id AND held.lo < wish.hi
  AND wish.lo < least(held.hi, (
      SELECT min(ending.ends) FROM stage_end ending
      WHERE ending.ekey = wish.ekey AND ending.line = wish.line AND ending.member_seq <= wish.member_seq
  ))
UNION ALL
SELECT DISTINCT wish.member_seq, wish.segment, 'HD', 'overlaps', to_char(earlier.lo, 'YYYY-MM-DD')
FROM stage_set wish
JOIN stage_set earlier USING (ekey, line)
WHERE wish.reason IS NULL AND earlier.reason IS NULL AND wish.verb = '021' AND earlier.seq < wish.seq
  AND earlier.product_id <> wish.product_id AND earlier.lo < wish.hi
  AND wish.lo < least(earlier.hi, (
      SELECT min(ending.ends) FROM stage_end ending
      WHERE ending.ekey = wish.ekey AND ending.line = wish.line
        AND ending.member_seq > earlier.member_seq AND ending.member_seq <= wish.member_seq
  ))
"""

# What a row reinstates: the lines that it names, else all that ended last. What it ended itself counts as ended.
BACK = """
CREATE TEMPORARY TABLE stage_back ON COMMIT DROP AS
WITH asked AS (
    SELECT person.seq AS member_seq, coalesce(wish.segment, person.segment) AS segment, wish.seq AS line_seq,
           person.ckey, person.ekey, person.subscriber, coalesce(wish.line, own.line) AS line, own.last_hi,
           own.product_id AS own_product, wish.plan_code, member.cobra, member.active,
           greatest(CASE WHEN wish.seq IS NULL THEN member.named_day ELSE wish.begins END, client.migrated_on)
               AS begins,
           CASE WHEN wish.seq IS NULL THEN member.named_day ELSE wish.begins END IS NOT NULL AS dated,
           coalesce(wish.ends, 'infinity') AS ends, max(own.last_hi) OVER (PARTITION BY person.seq) AS latest
    FROM stage_person person
    JOIN stage_member member USING (seq)
    JOIN members_client client ON client.id = person.client_id
    LEFT JOIN stage_turn turn USING (seq)
    LEFT JOIN stage_wish wish ON wish.member_seq = person.seq AND wish.verb = '025' AND wish.line <> ''
    LEFT JOIN stage_slot own
        ON own.ekey = person.ekey AND own.line = coalesce(wish.line, own.line) AND own.last_hi IS NOT NULL
    WHERE person.ekey IS NOT NULL AND coalesce(turn.round, 1) = %(round)s
      AND (wish.seq IS NOT NULL OR person.maintenance = '025' AND NOT EXISTS (
          SELECT 1 FROM stage_wish other WHERE other.member_seq = person.seq))
)
SELECT asked.*, least(asked.last_hi, ended.ends) AS since
FROM asked
LEFT JOIN (
    SELECT member_seq, ekey, line, max(ends) AS ends FROM stage_end GROUP BY member_seq, ekey, line
) AS ended USING (member_seq, ekey, line)
WHERE asked.line_seq IS NOT NULL OR asked.last_hi IS NULL OR asked.last_hi = asked.latest
"""

BACK_ERRORS = """
INSERT INTO stage_error
SELECT member_seq, segment, CASE WHEN line_seq IS NULL THEN 'INS' ELSE 'HD' END, reason,
       CASE reason WHEN 'ends_before_start' THEN to_char(greatest(since, begins), 'YYYY-MM-DD')
                   ELSE coalesce(plan_code, '') END
FROM (
    SELECT back.*, CASE WHEN back.since IS NULL THEN 'nothing_to_reinstate'
                        WHEN back.ends <= greatest(back.since, back.begins) AND back.since < 'infinity'
                        THEN 'ends_before_start'
                        WHEN back.plan_code <> '' AND upper(rated.code) <> upper(back.plan_code)
                        THEN 'ended_in_other_plan' END AS reason
    FROM stage_back back
    LEFT JOIN members_product product ON product.id = back.own_product
    LEFT JOIN billing_ratedproduct rated ON rated.id = product.rated_id
) AS judged
WHERE reason IS NOT NULL
"""

BACK_NOTES = """
INSERT INTO stage_note
SELECT DISTINCT member_seq, segment, CASE WHEN line_seq IS NULL THEN 'INS' ELSE 'HD' END,
       CASE WHEN since = 'infinity' THEN 'not_ended' ELSE 'goes_on_undated' END,
       CASE WHEN since = 'infinity' THEN '' ELSE to_char(since, 'YYYY-MM-DD') END
FROM stage_back WHERE since = 'infinity' OR NOT dated
"""

COBRA_ERRORS = """
INSERT INTO stage_error
SELECT DISTINCT person.seq, person.segment, 'INS', 'missing_date', ''
FROM stage_person person
JOIN stage_member member USING (seq)
JOIN stage_slot slot ON slot.ekey = person.ekey
LEFT JOIN stage_turn turn USING (seq)
WHERE coalesce(turn.round, 1) = %(round)s
  AND person.maintenance = '001' AND member.cobra AND member.cobra_from IS NULL
  AND slot.last_hi = 'infinity' AND NOT slot.cobra
  AND NOT EXISTS (SELECT 1 FROM stage_set wish WHERE wish.member_seq = person.seq)
"""

# Nobody is covered by somebody who is not covered yet: on a dependent's first day the subscriber must be, unless only
# the dependent ever is.
SUBSCRIBER_ERRORS = """
INSERT INTO stage_error
SELECT wish.member_seq, wish.segment, 'HD', 'before_subscriber', to_char(min(led.lo), 'YYYY-MM-DD')
FROM stage_set wish
JOIN (
    SELECT contract_id AS ckey, line, lo, hi FROM stage_now WHERE subscriber
    UNION ALL
    SELECT ckey, line, greatest(begins, migrated_on), coalesce(ends, 'infinity') FROM stage_wish
    WHERE subscriber AND verb IN ('021', '001', '030') AND begins IS NOT NULL AND line <> ''
      AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = stage_wish.member_seq)
) AS led USING (ckey, line)
WHERE NOT wish.subscriber AND wish.reason IS NULL AND wish.lo < wish.hi AND led.lo < led.hi
GROUP BY wish.seq, wish.member_seq, wish.segment
HAVING bool_or(led.lo > wish.lo) AND NOT bool_or(led.lo <= wish.lo AND wish.lo < led.hi)
"""

# A later start than the one on file may mean a change as of that day or a wrong day before: it is not applied, but
# told, unless somebody else of the contract begins or ends on that very day, or the billing changes.
LATER_NOTES = """
INSERT INTO stage_note
SELECT DISTINCT wish.member_seq, wish.segment, 'HD', 'later_start', to_char(slot.first_lo, 'YYYY-MM-DD')
FROM stage_set wish
JOIN stage_now held ON held.enrollee_id = wish.ekey AND held.line = wish.line AND held.lo < wish.lo
                    AND held.hi > wish.lo AND held.group_id = wish.group_id AND held.product_id = wish.product_id
                    AND held.benefit_class = wish.benefit_class
JOIN stage_slot slot ON slot.ekey = wish.ekey AND slot.line = wish.line
JOIN stage_member member ON member.seq = wish.member_seq
WHERE wish.reason IS NULL AND held.cobra = (held.cobra AND NOT member.active OR wish.cobra)
  AND NOT EXISTS (
      SELECT 1 FROM stage_wish other
      WHERE other.ckey = wish.ckey AND other.line = wish.line AND other.ekey <> wish.ekey AND (
          other.ends = wish.lo OR other.begins = wish.lo AND NOT EXISTS (
              SELECT 1 FROM stage_now covered WHERE covered.enrollee_id = other.ekey AND covered.line = other.line
              AND covered.lo < wish.lo AND covered.hi > wish.lo)))
"""

# Back from COBRA: from the day that the file names. A line's date counts unless it only says again when all began.
RETURN = """
CREATE TEMPORARY TABLE stage_return ON COMMIT DROP AS
SELECT person.seq AS member_seq, person.segment, person.subscriber, person.ckey, person.ekey, own.line, own.cobra_since,
       coalesce(member.active_from, (
           SELECT min(wish.lo) FROM stage_set wish
           WHERE wish.member_seq = person.seq AND wish.reason IS NULL AND wish.lo >= own.cobra_since
       )) AS at
FROM stage_person person
JOIN stage_member member USING (seq)
JOIN stage_slot own ON own.ekey = person.ekey AND own.cobra AND own.last_hi = 'infinity'
LEFT JOIN stage_turn turn USING (seq)
WHERE coalesce(turn.round, 1) = %(round)s AND member.active AND person.maintenance IN ('021', '001', '030')
"""

ACCOUNT_NOTES = """
INSERT INTO stage_note
SELECT member_seq, min(segment), 'INS', 'stays_cobra', to_char(min(cobra_since), 'YYYY-MM-DD')
FROM stage_return WHERE at IS NULL GROUP BY member_seq
UNION ALL
SELECT DISTINCT person.seq, person.segment, 'INS', 'stays_active', ''
FROM stage_person person
JOIN stage_member member USING (seq)
JOIN stage_slot own ON own.ekey = person.ekey AND NOT own.cobra AND own.last_hi = 'infinity'
LEFT JOIN stage_turn turn USING (seq)
WHERE coalesce(turn.round, 1) = %(round)s AND person.maintenance = '030' AND member.cobra AND member.cobra_from IS NULL
  AND NOT EXISTS (SELECT 1 FROM stage_set wish WHERE wish.member_seq = person.seq AND wish.line = own.line
                  AND wish.lo > own.first_lo)
"""

# Whose creating row is refused cannot enter by another row.
CASCADE = """
INSERT INTO stage_error
SELECT DISTINCT person.seq, person.segment, 'INS',
       CASE WHEN -person.ckey = error.member_seq THEN 'no_subscriber' ELSE 'unknown_member' END, ''
FROM stage_person person
JOIN stage_error error ON error.member_seq IN (-person.ckey, -person.ekey)
WHERE person.seq <> error.member_seq AND NOT EXISTS (SELECT 1 FROM stage_error own WHERE own.member_seq = person.seq)
"""


def check(stage: Stage, cursor: CursorWrapper) -> None:
    """What is asked for, round by round, and what contradicts what is known; the last round is laid later."""
    rounds = stage.rounds = choosing.prepare(stage, cursor)
    if rounds > 1:
        painting.begin(stage, cursor)
    for turn in range(1, rounds + 1):
        stage.params["round"] = turn
        if turn > 1:
            painting.lay(stage, cursor)
            cursor.execute(f"DROP TABLE {', '.join(OF_A_ROUND)}")
        _check_round(stage, cursor)


def _check_round(stage: Stage, cursor: CursorWrapper) -> None:
    choosing.choose(stage, cursor)
    stage.make(cursor, "stage_slot", SLOT)
    stage.make(cursor, "stage_end", END)
    stage.run(cursor, END_ERRORS)
    stage.run(cursor, OVERLAP_ERRORS)
    stage.make(cursor, "stage_back", BACK)
    stage.run(cursor, BACK_ERRORS)
    stage.run(cursor, BACK_NOTES)
    stage.run(cursor, COBRA_ERRORS)
    stage.run(cursor, SUBSCRIBER_ERRORS)
    stage.run(cursor, LATER_NOTES)
    stage.make(cursor, "stage_return", RETURN)
    stage.run(cursor, ACCOUNT_NOTES)
    stage.run(cursor, CASCADE)
    cursor.execute("ANALYZE stage_error")
    stage.make(cursor, "stage_op", painting.OP)
