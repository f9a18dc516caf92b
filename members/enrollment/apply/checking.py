"""Statements that check what a file asks for: products, days, ends, overlaps, reinstatements."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from members.enrollment.apply.stage import Stage

WISH = """
CREATE TEMPORARY TABLE stage_wish ON COMMIT DROP AS
WITH home AS (SELECT contract_id, min(group_id) AS group_id FROM stage_now GROUP BY contract_id)
SELECT line.*, person.ckey, person.ekey, person.subscriber, person.maintenance,
       coalesce(person.group_id, home.group_id) AS group_id, member.class_name, member.cobra, member.cobra_from,
       member.ends AS member_ends, client.migrated_on
FROM stage_line line
JOIN stage_person person ON person.seq = line.member_seq
JOIN stage_member member ON member.seq = line.member_seq
JOIN members_client client ON client.id = person.client_id
LEFT JOIN home ON home.contract_id = person.contract_id
WHERE person.ekey IS NOT NULL
"""

# Few keys however many people: the product (and class) that a plan code, or a line without one, means in a group.
CHOICE = """
CREATE TEMPORARY TABLE stage_choice ON COMMIT DROP AS
WITH wanted AS (
    SELECT DISTINCT group_id, line, plan_type, plan_code, class_name FROM stage_wish
    WHERE verb IN ('021', '001', '030') AND line <> ''
), candidate AS (
    SELECT wanted.*, package.product_id, package.benefit_class,
           CASE package.benefit_class WHEN wanted.class_name THEN 0 WHEN '' THEN 1 ELSE 2 END AS rank
    FROM wanted
    JOIN members_benefitpackage package USING (group_id, line)
    JOIN members_product product ON product.id = package.product_id
    JOIN billing_ratedproduct rated ON rated.id = product.rated_id
    WHERE CASE WHEN wanted.plan_code <> '' THEN upper(rated.code) = upper(wanted.plan_code)
               ELSE wanted.plan_type IN ('', product.plan_type) END
), best AS (
    SELECT *, min(rank) OVER (PARTITION BY group_id, line, plan_type, plan_code, class_name) AS least FROM candidate
)
SELECT group_id, line, plan_type, plan_code, class_name, min(product_id) AS product_id,
       min(benefit_class) AS benefit_class, count(DISTINCT product_id) AS products,
       count(DISTINCT benefit_class) AS classes
FROM best WHERE rank = least
GROUP BY group_id, line, plan_type, plan_code, class_name
"""

# Without a plan code a person keeps the plan of this line, a dependent takes the subscriber's, else the group must
# have one only. Coverage before a client's migration belongs to the previous system (worked figure F11).
SET = """
CREATE TEMPORARY TABLE stage_set ON COMMIT DROP AS
WITH latest AS (
    SELECT DISTINCT ON (enrollee_id, line) enrollee_id, contract_id, line, group_id, product_id, benefit_class,
           subscriber
    FROM stage_now ORDER BY enrollee_id, line, hi DESC
), led AS (
    SELECT DISTINCT ON (ckey, line) ckey, line, group_id, product_id, benefit_class
    FROM (
        SELECT wish.ckey, wish.line, group_id, choice.product_id, choice.benefit_class, wish.seq
        FROM stage_wish wish JOIN stage_choice choice USING (group_id, line, plan_type, plan_code, class_name)
        WHERE wish.subscriber AND wish.verb IN ('021', '001', '030') AND products = 1 AND classes = 1
        UNION ALL
        SELECT contract_id, line, group_id, product_id, benefit_class, 0 FROM latest WHERE subscriber
    ) AS subscribers ORDER BY ckey, line, seq DESC
), picked AS (
    SELECT wish.*, choice.products, choice.classes,
           CASE WHEN wish.plan_code = '' AND wish.verb <> '021' AND own.product_id IS NOT NULL THEN own.product_id
                WHEN wish.plan_code = '' AND led.product_id IS NOT NULL THEN led.product_id
                WHEN choice.products = 1 THEN choice.product_id END AS product_id,
           choice.benefit_class AS choice_class, own.product_id AS own_product, own.benefit_class AS own_class,
           led.product_id AS led_product, led.benefit_class AS led_class
    FROM stage_wish wish
    LEFT JOIN stage_choice choice USING (group_id, line, plan_type, plan_code, class_name)
    LEFT JOIN latest own
        ON own.enrollee_id = wish.ekey AND own.line = wish.line AND own.group_id = wish.group_id
    LEFT JOIN led
        ON led.ckey = wish.ckey AND led.line = wish.line AND led.group_id = wish.group_id AND NOT wish.subscriber
    WHERE wish.verb IN ('021', '001', '030')
), classed AS (
    SELECT *, CASE WHEN products = 1 AND classes = 1 THEN choice_class
                   WHEN own_product = product_id THEN own_class
                   WHEN led_product = product_id THEN led_class END AS benefit_class
    FROM picked
)
SELECT seq, member_seq, segment, ckey, ekey, subscriber, line, verb, group_id, product_id, benefit_class, cobra,
       cobra_from, code, greatest(begins, migrated_on) AS lo, coalesce(ends, 'infinity') AS hi,
       ends IS NOT NULL AS ended,
       CASE WHEN line = '' THEN 'unknown_plan'
            WHEN begins IS NULL THEN 'missing_date'
            WHEN ends <= begins THEN 'ends_before_start'
            WHEN product_id IS NULL THEN CASE WHEN products > 1 THEN 'ambiguous_plan' ELSE 'unknown_plan' END
            WHEN benefit_class IS NULL THEN 'unknown_class' END AS reason
FROM classed
"""

# The packages of a product follow one another by plan year; each reaches to the next, the last stays open.
SPAN = """
CREATE TEMPORARY TABLE stage_span ON COMMIT DROP AS
SELECT group_id, product_id, benefit_class, id AS package_id, lower(offered) AS lo,
       coalesce(lead(lower(offered)) OVER run, 'infinity') AS hi, coalesce(upper(offered), 'infinity') AS offered_hi,
       first_value(lower(offered)) OVER run AS first_day
FROM members_benefitpackage
WHERE group_id IN (SELECT group_id FROM stage_set UNION SELECT group_id FROM stage_now)
WINDOW run AS (PARTITION BY group_id, product_id, benefit_class ORDER BY lower(offered))
"""

SET_ERRORS = """
INSERT INTO stage_error
SELECT member_seq, segment, 'HD', reason,
       CASE WHEN reason IN ('missing_date', 'ends_before_start') THEN '' ELSE code END
FROM stage_set WHERE reason IS NOT NULL
UNION ALL
SELECT wish.member_seq, wish.segment, 'HD', 'unknown_plan', wish.code
FROM stage_set wish
LEFT JOIN stage_span span USING (group_id, product_id, benefit_class)
WHERE wish.reason IS NULL AND wish.lo < wish.hi
GROUP BY wish.seq, wish.member_seq, wish.segment, wish.code, wish.lo
HAVING NOT bool_or(span.lo <= wish.lo AND wish.lo < span.offered_hi) AND wish.lo >= min(span.first_day)
UNION ALL
SELECT DISTINCT wish.member_seq, wish.segment, 'HD', 'starts_before_group', to_char(span.first_day, 'YYYY-MM-DD')
FROM stage_set wish JOIN stage_span span USING (group_id, product_id, benefit_class)
WHERE wish.reason IS NULL AND wish.lo < wish.hi AND wish.lo < span.first_day
UNION ALL
SELECT member_seq, segment, 'HD', 'unknown_plan', code FROM stage_wish WHERE verb IN ('024', '025') AND line = ''
"""

# Each person and line that is covered or will be: its first day and its last end as we know them.
SLOT = """
CREATE TEMPORARY TABLE stage_slot ON COMMIT DROP AS
WITH held AS (
    SELECT DISTINCT ON (enrollee_id, line) contract_id AS ckey, enrollee_id AS ekey, line, subscriber, group_id,
           product_id, benefit_class, cobra, hi AS last_hi, min(lo) OVER (PARTITION BY enrollee_id, line) AS first_lo
    FROM stage_now ORDER BY enrollee_id, line, hi DESC
), coming AS (
    SELECT DISTINCT ckey, ekey, line, subscriber FROM stage_set WHERE reason IS NULL
)
SELECT coalesce(held.ckey, coming.ckey) AS ckey, ekey, line, coalesce(held.subscriber, coming.subscriber) AS subscriber,
       group_id, product_id, benefit_class, cobra, last_hi, first_lo, coming.ekey IS NOT NULL AS coming
FROM held FULL JOIN coming USING (ekey, line)
"""

# 024 on the subscriber's INS reaches every line of everyone on the contract; a dependent's reaches that person; 024 in
# an HD alone reaches that line: of everyone when the subscriber drops it, of the person when another plan follows.
END = """
CREATE TEMPORARY TABLE stage_end ON COMMIT DROP AS
WITH reach AS (
    SELECT person.seq AS member_seq, person.segment, 'INS' AS segment_id, person.ckey, person.ekey, NULL AS line,
           person.subscriber AS everyone, member.ends, client.migrated_on
    FROM stage_person person
    JOIN stage_member member USING (seq)
    JOIN members_client client ON client.id = person.client_id
    WHERE person.maintenance = '024' AND person.ekey IS NOT NULL
    UNION ALL
    SELECT wish.member_seq, wish.segment, 'HD', wish.ckey, wish.ekey, wish.line,
           wish.subscriber AND NOT EXISTS (
               SELECT 1 FROM stage_set AS other WHERE other.member_seq = wish.member_seq AND other.line = wish.line
           ), coalesce(wish.ends, wish.member_ends), wish.migrated_on
    FROM stage_wish wish WHERE wish.verb = '024' AND wish.line <> ''
)
SELECT reach.member_seq, reach.segment, reach.segment_id, reach.ekey AS own_ekey, slot.ekey, slot.line, slot.ckey,
       CASE WHEN reach.ends IS NOT NULL THEN greatest(reach.ends, reach.migrated_on) END AS ends,
       slot.group_id, slot.product_id, slot.benefit_class, slot.cobra,
       slot.first_lo, slot.last_hi, slot.coming, own.last_hi AS own_last_hi
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

REINSTATE_ERRORS = """
INSERT INTO stage_error
SELECT person.seq, person.segment, 'INS', 'nothing_to_reinstate', ''
FROM stage_person person
LEFT JOIN stage_slot slot ON slot.ekey = person.ekey AND NOT slot.coming
WHERE person.maintenance = '025' AND slot.ekey IS NULL AND person.ekey IS NOT NULL
UNION ALL
SELECT wish.member_seq, wish.segment, 'HD', 'nothing_to_reinstate', wish.code
FROM stage_wish wish
LEFT JOIN stage_slot slot ON slot.ekey = wish.ekey AND slot.line = wish.line AND slot.last_hi IS NOT NULL
WHERE wish.verb = '025' AND wish.line <> '' AND slot.ekey IS NULL
"""

COBRA_ERRORS = """
INSERT INTO stage_error
SELECT DISTINCT person.seq, person.segment, 'INS', 'missing_date', ''
FROM stage_person person
JOIN stage_member member USING (seq)
JOIN stage_slot slot ON slot.ekey = person.ekey
WHERE person.maintenance = '001' AND member.cobra AND member.cobra_from IS NULL
  AND slot.last_hi = 'infinity' AND NOT slot.cobra
  AND NOT EXISTS (SELECT 1 FROM stage_set wish WHERE wish.member_seq = person.seq)
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

# Brush strokes on the time line of a person and line, in order: the later covers the earlier. `set` lays a package,
# `erase` takes it away, `cobra` changes only to which account it is billed.
OP = """
CREATE TEMPORARY TABLE stage_op ON COMMIT DROP AS
WITH stroke AS (
    SELECT ending.member_seq, 1 AS step, ending.ends AS at, 0 AS part, ending.ekey, ending.line, 'erase' AS act,
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
    -- Reinstatement leaves no gap: it goes on where the coverage had ended, for all who ended with the person named.
    SELECT named.member_seq, 2, slot.last_hi, 0, slot.ekey, slot.line, 'set', span.package_id, slot.cobra, false,
           greatest(slot.last_hi, span.lo), span.hi
    FROM (
        SELECT person.seq AS member_seq, person.ckey, person.ekey, person.subscriber, own.line, own.last_hi,
               max(own.last_hi) OVER (PARTITION BY person.seq) AS latest
        FROM stage_person person
        JOIN stage_slot own ON own.ekey = person.ekey AND own.last_hi IS NOT NULL
        WHERE (person.maintenance = '025' AND NOT EXISTS (
                SELECT 1 FROM stage_wish other WHERE other.member_seq = person.seq AND other.verb = '025'))
           OR EXISTS (SELECT 1 FROM stage_wish wish
                      WHERE wish.member_seq = person.seq AND wish.verb = '025' AND wish.line = own.line)
    ) AS named
    JOIN stage_slot slot ON slot.ckey = named.ckey AND slot.line = named.line AND slot.last_hi = named.last_hi
                         AND (slot.ekey = named.ekey OR named.subscriber)
    JOIN stage_span span USING (group_id, product_id, benefit_class)
    WHERE named.last_hi < 'infinity' AND (named.last_hi = named.latest OR EXISTS (
        SELECT 1 FROM stage_wish wish
        WHERE wish.member_seq = named.member_seq AND wish.verb = '025' AND wish.line = named.line))
    UNION ALL
    SELECT wish.member_seq, 3, wish.lo, 0, wish.ekey, wish.line, 'set', span.package_id,
           CASE wish.verb WHEN '021' THEN wish.cobra
                          WHEN '001' THEN nullif(wish.cobra AND wish.cobra_from IS NULL, false) END,
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
    WHERE member.cobra AND member.cobra_from IS NOT NULL AND person.maintenance IN ('001', '030')
)
SELECT row_number() OVER (ORDER BY member_seq, step, at, part, lo) AS number, stroke.*, member.reason
FROM stroke JOIN stage_member member ON member.seq = stroke.member_seq
WHERE lo < hi AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = stroke.member_seq)
"""


def check(stage: Stage, cursor: CursorWrapper) -> None:
    """Which plan and days each line means, and what contradicts what is known."""
    stage.make(cursor, "stage_wish", WISH)
    stage.make(cursor, "stage_choice", CHOICE)
    stage.make(cursor, "stage_set", SET)
    stage.make(cursor, "stage_span", SPAN)
    stage.run(cursor, SET_ERRORS)
    stage.make(cursor, "stage_slot", SLOT)
    stage.make(cursor, "stage_end", END)
    stage.run(cursor, END_ERRORS)
    stage.run(cursor, OVERLAP_ERRORS)
    stage.run(cursor, REINSTATE_ERRORS)
    stage.run(cursor, COBRA_ERRORS)
    stage.run(cursor, CASCADE)
    cursor.execute("ANALYZE stage_error")
    stage.make(cursor, "stage_op", OP)
