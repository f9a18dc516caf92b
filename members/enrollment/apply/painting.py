"""Statements that lay what a file asks for over the time line of each person and line of coverage."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from members.enrollment.apply.stage import Stage

# Brush strokes on the time line of a person and line, in order: the later covers the earlier. `set` lays a package,
# `erase` takes it away, `cobra` changes only to which account it is billed.
OP = """
CREATE TEMPORARY TABLE stage_op ON COMMIT DROP AS
WITH stroke AS (
    SELECT ending.member_seq, CASE WHEN EXISTS (
               -- An end after a line of the same loop that it lets begin before it ends that line too.
               SELECT 1 FROM (SELECT member_seq, line, seq, lo FROM stage_set WHERE reason IS NULL
                              UNION ALL SELECT member_seq, line, line_seq, greatest(since, begins) FROM stage_back
               ) AS earlier
               WHERE earlier.member_seq = ending.member_seq AND earlier.line = ending.line
                 AND earlier.seq < ending.line_seq AND earlier.lo < ending.ends
           ) THEN 5 ELSE 1 END AS step, ending.ends AS at, 0 AS part, ending.ekey, ending.line, 'erase' AS act,
           NULL::bigint AS package_id, NULL::boolean AS cobra, false AS default_cobra, ending.ends AS lo,
           'infinity'::date AS hi
    FROM stage_end ending WHERE ending.ekey IS NOT NULL
    UNION ALL
    -- A later last day than the one we held puts right what was ended too early.
    SELECT ending.member_seq, 1, ending.ends, 1, ending.ekey, ending.line, 'set', span.package_id, ending.cobra, false,
           greatest(ending.last_hi, span.lo), least(ending.ends, span.hi)
    FROM stage_end ending JOIN stage_span span USING (group_id, product_id, benefit_class)
    WHERE ending.last_hi < ending.ends AND NOT ending.coming
      AND (ending.ekey = ending.own_ekey OR ending.last_hi = ending.own_last_hi)
    UNION ALL
    -- Reinstated from the day that the sender names, else where it ended; for all who ended with the person named.
    SELECT back.member_seq, 2, back.since, 0, slot.ekey, slot.line, 'set', span.package_id,
           back.cobra OR slot.cobra AND NOT back.active, false,
           greatest(back.since, back.begins, span.lo), least(span.hi, back.ends)
    FROM stage_back back
    JOIN stage_slot slot ON slot.ckey = back.ckey AND slot.line = back.line AND slot.last_hi = back.last_hi
                         AND (slot.ekey = back.ekey OR back.subscriber)
    JOIN stage_span span USING (group_id, product_id, benefit_class)
    WHERE back.since < 'infinity'
    UNION ALL
    SELECT wish.member_seq, 3, wish.lo, 0, wish.ekey, wish.line, 'set', span.package_id,
           CASE wish.verb WHEN '021' THEN wish.cobra
                          WHEN '001' THEN nullif(wish.cobra AND wish.cobra_from IS NULL, false)
                          ELSE nullif(wish.cobra AND wish.cobra_from IS NULL AND EXISTS (
                              SELECT 1 FROM stage_slot slot WHERE slot.ekey = wish.ekey AND slot.line = wish.line
                              AND slot.first_lo < wish.lo), false) END,
           wish.cobra, greatest(wish.lo, span.lo), least(wish.hi, span.hi)
    FROM stage_set wish JOIN stage_span span USING (group_id, product_id, benefit_class)
    WHERE wish.reason IS NULL
    UNION ALL
    SELECT member_seq, 3, lo, 1, ekey, line, 'erase', NULL, NULL, false, greatest(lo, hi), 'infinity'
    FROM stage_set WHERE reason IS NULL AND verb <> '021' AND ended
    UNION ALL
    SELECT person.seq, 4, member.cobra_from, 0, slot.ekey, slot.line, 'cobra', NULL, true, false, member.cobra_from,
           'infinity'
    FROM stage_person person
    JOIN stage_member member USING (seq)
    JOIN stage_slot slot ON slot.ckey = person.ckey AND (slot.ekey = person.ekey OR person.subscriber)
    LEFT JOIN stage_turn turn USING (seq)
    WHERE coalesce(turn.round, 1) = %(round)s
      AND member.cobra AND member.cobra_from IS NOT NULL AND person.maintenance IN ('001', '030')
    UNION ALL
    SELECT away.member_seq, 4, away.at, 0, slot.ekey, slot.line, 'cobra', NULL, false, false, away.at, 'infinity'
    FROM stage_return away
    JOIN stage_slot slot ON slot.ckey = away.ckey AND slot.line = away.line AND slot.cobra
                         AND (slot.ekey = away.ekey OR away.subscriber)
    WHERE away.at IS NOT NULL
)
SELECT row_number() OVER (ORDER BY member_seq, step, at, part, lo) AS number, stroke.*, member.reason
FROM stroke JOIN stage_member member ON member.seq = stroke.member_seq
WHERE lo < hi AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = stroke.member_seq)
"""


# The time line as the strokes leave it, in as few pieces as can be.
FINAL = """
CREATE TEMPORARY TABLE stage_final ON COMMIT DROP AS
WITH op AS (
    SELECT stage_op.*, ekey AS enrollee_id FROM stage_op
), pair AS (
    SELECT enrollee_id, line, (array_agg(reason ORDER BY number DESC))[1] AS reason FROM op GROUP BY enrollee_id, line
), held AS (
    SELECT stage_now.* FROM stage_now JOIN pair USING (enrollee_id, line)
), point AS (
    SELECT enrollee_id, line, lo AS day FROM op UNION SELECT enrollee_id, line, hi FROM op
    UNION SELECT enrollee_id, line, lo FROM held UNION SELECT enrollee_id, line, hi FROM held
), span AS (
    SELECT enrollee_id, line, day AS lo, lead(day) OVER (PARTITION BY enrollee_id, line ORDER BY day) AS hi FROM point
), covered AS (
    SELECT span.enrollee_id, span.line, span.lo, span.hi,
           max(op.number) FILTER (WHERE op.act <> 'cobra') AS laid,
           max(op.number) FILTER (WHERE op.cobra IS NOT NULL) AS flagged
    FROM span
    LEFT JOIN op ON op.enrollee_id = span.enrollee_id AND op.line = span.line
                 AND op.lo <= span.lo AND op.hi >= span.hi
    WHERE span.hi IS NOT NULL
    GROUP BY span.enrollee_id, span.line, span.lo, span.hi
), painted AS (
    SELECT covered.enrollee_id, covered.line, covered.lo, covered.hi,
           CASE WHEN laid IS NULL THEN held.package_id ELSE laid_op.package_id END AS package_id,
           coalesce(flag_op.cobra, held.cobra, laid_op.default_cobra, false) AS cobra
    FROM covered
    LEFT JOIN held ON held.enrollee_id = covered.enrollee_id AND held.line = covered.line
                   AND held.lo <= covered.lo AND held.hi >= covered.hi
    LEFT JOIN stage_op laid_op ON laid_op.number = covered.laid
    LEFT JOIN stage_op flag_op ON flag_op.number = covered.flagged
), marked AS (
    SELECT *, lag(hi) OVER run = lo AND lag(package_id) OVER run = package_id AND lag(cobra) OVER run = cobra AS goes_on
    FROM painted WHERE package_id IS NOT NULL WINDOW run AS (PARTITION BY enrollee_id, line ORDER BY lo)
), islands AS (
    SELECT *, count(*) FILTER (WHERE goes_on IS NOT TRUE) OVER (PARTITION BY enrollee_id, line ORDER BY lo) AS island
    FROM marked
)
SELECT enrollee_id, line, package_id, cobra, min(lo) AS lo, max(hi) AS hi, min(pair.reason) AS reason
FROM islands JOIN pair USING (enrollee_id, line)
GROUP BY enrollee_id, line, island, package_id, cobra
"""

# With more than one round what is on file is set aside, and `stage_now` becomes what each round leaves.
BEFORE = "CREATE TEMPORARY TABLE stage_before ON COMMIT DROP AS SELECT * FROM stage_now"
STROKED = """
CREATE TEMPORARY TABLE stage_stroked (ekey bigint, line text, reason text, round integer) ON COMMIT DROP
"""
STROKE = """
INSERT INTO stage_stroked
SELECT ekey, line, (array_agg(reason ORDER BY number DESC))[1], %(round)s FROM stage_op GROUP BY ekey, line
"""
CLEAR = """
DELETE FROM stage_now held USING (SELECT DISTINCT ekey, line FROM stage_op) AS op
WHERE held.enrollee_id = op.ekey AND held.line = op.line
"""
LEAVE = """
INSERT INTO stage_now (enrollee_id, contract_id, line, package_id, cobra, group_id, product_id, benefit_class,
                       subscriber, lo, hi)
SELECT final.enrollee_id, slot.ckey, final.line, final.package_id, final.cobra, package.group_id, package.product_id,
       package.benefit_class, slot.subscriber, final.lo, final.hi
FROM stage_final final
JOIN members_benefitpackage package ON package.id = final.package_id
JOIN (SELECT DISTINCT ON (ekey, line) ekey, line, ckey, subscriber FROM stage_slot ORDER BY ekey, line) AS slot
  ON slot.ekey = final.enrollee_id AND slot.line = final.line
"""
COLLECT = """
CREATE TEMPORARY TABLE stage_final ON COMMIT DROP AS
SELECT now.enrollee_id, now.line, now.package_id, now.cobra, now.lo, now.hi, stroked.reason
FROM stage_now now
JOIN (SELECT DISTINCT ON (ekey, line) ekey, line, reason FROM stage_stroked ORDER BY ekey, line, round DESC) AS stroked
  ON stroked.ekey = now.enrollee_id AND stroked.line = now.line
"""
RESTORE = """
DROP TABLE stage_now;
ALTER TABLE stage_before RENAME TO stage_now
"""


def begin(stage: Stage, cursor: CursorWrapper) -> None:
    stage.make(cursor, "stage_before", BEFORE)
    stage.run(cursor, STROKED)


def lay(stage: Stage, cursor: CursorWrapper) -> None:
    """What a round leaves becomes what the next one finds."""
    stage.make(cursor, "stage_final", FINAL)
    stage.run(cursor, STROKE)
    stage.run(cursor, CLEAR)
    stage.run(cursor, LEAVE)
    cursor.execute("DROP TABLE stage_final")
    cursor.execute("ANALYZE stage_now")


def finish(stage: Stage, cursor: CursorWrapper) -> None:
    """`stage_final`: the time lines as all rounds leave them, of whoever was touched in one of them."""
    if stage.rounds == 1:
        stage.make(cursor, "stage_final", FINAL)
        stage.run(
            cursor, "CREATE TEMPORARY TABLE stage_stroked ON COMMIT DROP AS SELECT DISTINCT ekey, line FROM stage_op"
        )
        return
    lay(stage, cursor)
    stage.make(cursor, "stage_final", COLLECT)
    cursor.execute(RESTORE)
