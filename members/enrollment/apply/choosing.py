"""Statements that choose which plan, days and turn each line of a file means."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from members.enrollment.apply.stage import Stage

# A dependent without an HD is covered like the subscriber where the tier of the subscriber's line (HD05) has room for
# such a person. Otherwise nobody can know what was meant: refused where the subscriber is covered, else noted.
BARE = """
CREATE TEMPORARY TABLE stage_bare ON COMMIT DROP AS
WITH bare AS (
    SELECT person.seq, person.segment, person.ckey, person.subscriber, member.relationship,
           greatest(member.birth_date, member.named_day) AS begins,
           count(*) FILTER (WHERE NOT person.subscriber) OVER (PARTITION BY person.ckey) AS dependents
    FROM stage_person person JOIN stage_member member USING (seq)
    WHERE person.ekey IS NOT NULL AND (person.maintenance = '021' OR person.maintenance = '030' AND person.ekey < 0)
      AND NOT EXISTS (
          SELECT 1 FROM stage_person other JOIN stage_line line ON line.member_seq = other.seq
          WHERE other.ckey = person.ckey AND other.ekey = person.ekey)
      AND NOT EXISTS (SELECT 1 FROM stage_now held WHERE held.enrollee_id = person.ekey AND held.hi = 'infinity')
), led AS (
    SELECT person.ckey, line.* FROM stage_line line JOIN stage_person person ON person.seq = line.member_seq
    WHERE person.subscriber AND person.ekey IS NOT NULL AND line.line <> '' AND line.verb IN ('021', '001', '030')
      AND person.ckey IN (SELECT ckey FROM bare)
)
SELECT bare.seq AS member_seq, bare.segment, bare.subscriber, led.seq, led.line, led.plan_type, led.plan_code,
       greatest(led.begins, bare.begins) AS begins, led.ends, led.code, coalesce(led.tier, '') AS tier,
       led.begins IS NOT NULL AND NOT bare.subscriber AND CASE
           WHEN led.tier IN ('FAM', 'SPC', 'DEP') THEN true
           WHEN led.tier IN ('ESP', 'SPO') THEN bare.relationship = ANY(%(partners)s)
           WHEN led.tier IN ('ECH', 'CHD') THEN bare.relationship <> ALL(%(partners)s)
           WHEN led.tier = 'TWO' THEN bare.dependents = 1
           WHEN led.tier ~ '^E[1-9]D$' THEN bare.dependents <= substr(led.tier, 2, 1)::integer
           ELSE false END AS meant,
       NOT bare.subscriber AND (led.seq IS NOT NULL OR EXISTS (
           SELECT 1 FROM stage_now held WHERE held.contract_id = bare.ckey AND held.hi = 'infinity')) AS others_covered
FROM bare LEFT JOIN led USING (ckey)
"""

BARE_LINES = """
INSERT INTO stage_line (seq, member_seq, segment, verb, line, plan_type, plan_code, begins, ends, code)
SELECT row_number() OVER (ORDER BY member_seq, seq) + (SELECT max(seq) FROM stage_line), member_seq, segment, '021',
       line, plan_type, plan_code, begins, ends, code
FROM stage_bare WHERE meant
"""

BARE_ERRORS = """
INSERT INTO stage_error
SELECT member_seq, min(segment), 'INS', 'covered_by_nothing', coalesce(string_agg(DISTINCT nullif(tier, ''), ', '), '')
FROM stage_bare WHERE NOT subscriber GROUP BY member_seq HAVING bool_or(others_covered) AND NOT bool_or(meant)
"""

BARE_NOTES = """
INSERT INTO stage_note
SELECT member_seq, min(segment), 'INS',
       CASE WHEN bool_or(meant) THEN 'covered_as_subscriber' ELSE 'enrolled_uncovered' END,
       coalesce(string_agg(DISTINCT tier, ', ') FILTER (WHERE meant), '')
FROM stage_bare GROUP BY member_seq HAVING bool_or(meant) OR NOT bool_or(others_covered)
"""

# Changes of one contract act one after the other, as the file has them: what the later row says is judged by what the
# earlier one left. Rows are in one round unless they touch the same person, or one reaches the whole contract. Only
# contracts with more than one round are here.
TURN = """
CREATE TEMPORARY TABLE stage_turn ON COMMIT DROP AS
WITH line AS (
    SELECT member_seq AS seq, bool_or(verb = '025' OR verb = '024' AND NOT EXISTS (
        SELECT 1 FROM stage_line other WHERE other.member_seq = stage_line.member_seq
        AND other.line = stage_line.line AND other.verb IN ('021', '001', '030'))) AS reaches
    FROM stage_line GROUP BY member_seq
), acting AS (
    SELECT person.seq, person.ckey, person.ekey,
           person.subscriber AND (person.maintenance IN ('024', '025') OR coalesce(line.reaches, false)) AS wide
    FROM stage_person person LEFT JOIN line USING (seq)
    WHERE person.ekey IS NOT NULL AND (line.seq IS NOT NULL OR person.maintenance IN ('024', '025'))
), several AS (
    SELECT acting.* FROM acting JOIN (
        SELECT ckey FROM acting GROUP BY ckey
        HAVING count(*) > count(DISTINCT ekey) OR count(*) > 1 AND bool_or(wide)
    ) AS contract USING (ckey)
), edged AS (
    SELECT *, wide OR lag(wide, 1, false) OVER (PARTITION BY ckey ORDER BY seq) AS edge FROM several
), parted AS (
    SELECT *, count(*) FILTER (WHERE edge) OVER (PARTITION BY ckey ORDER BY seq) AS part FROM edged
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY ckey, part, ekey ORDER BY seq) AS place FROM parted
), part AS (
    SELECT ckey, part, coalesce(sum(max(place)) OVER (
        PARTITION BY ckey ORDER BY part ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM placed GROUP BY ckey, part
)
SELECT placed.seq, (part.before + placed.place)::integer AS round FROM placed JOIN part USING (ckey, part)
"""

ROUNDS = "SELECT coalesce(max(round), 1) FROM stage_turn"

WISH = """
CREATE TEMPORARY TABLE stage_wish ON COMMIT DROP AS
WITH home AS (SELECT contract_id, min(group_id) AS group_id FROM stage_now GROUP BY contract_id)
SELECT line.*, person.ckey, person.ekey, person.subscriber, person.maintenance,
       coalesce(person.group_id, home.group_id) AS group_id, member.class_name, member.cobra, member.cobra_from,
       member.ends AS member_ends, client.migrated_on, coalesce(turn.round, 1) AS round
FROM stage_line line
JOIN stage_person person ON person.seq = line.member_seq
JOIN stage_member member ON member.seq = line.member_seq
JOIN members_client client ON client.id = person.client_id
LEFT JOIN stage_turn turn ON turn.seq = line.member_seq
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
    WHERE wish.verb IN ('021', '001', '030') AND wish.round = %(round)s
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
WHERE group_id IN (SELECT group_id FROM stage_wish UNION SELECT group_id FROM stage_now)
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
SELECT member_seq, segment, 'HD', 'unknown_plan', code FROM stage_wish
WHERE verb IN ('024', '025') AND line = '' AND round = %(round)s
"""


def prepare(stage: Stage, cursor: CursorWrapper) -> int:
    """What every round needs; answers how many rounds there are."""
    stage.make(cursor, "stage_bare", BARE)
    stage.run(cursor, BARE_LINES)
    stage.run(cursor, BARE_ERRORS)
    stage.run(cursor, BARE_NOTES)
    stage.make(cursor, "stage_turn", TURN)
    stage.make(cursor, "stage_wish", WISH)
    stage.make(cursor, "stage_choice", CHOICE)
    stage.make(cursor, "stage_span", SPAN)
    cursor.execute(ROUNDS)
    return int(cursor.fetchone()[0])


def choose(stage: Stage, cursor: CursorWrapper) -> None:
    """Which product, class and days each line of this round means."""
    stage.make(cursor, "stage_set", SET)
    stage.run(cursor, SET_ERRORS)
