"""The statements of `actions.enrollment.apply_staged`, in the order in which they run.

A key (`ekey` of a person on a contract, `ckey` of a contract) is our id where we know it, else minus the `seq` of the
row that creates it. In these tables an open end is 'infinity'. Every statement works on the whole stage at once.
"""

TABLES = (
    "stage_member", "stage_line", "stage_error", "stage_place", "stage_now", "stage_person", "stage_wish",
    "stage_choice", "stage_set", "stage_span", "stage_slot", "stage_end", "stage_op", "stage_new",
    "stage_contract", "stage_number", "stage_key", "stage_final", "stage_touched", "stage_ssn", "stage_absent",
    "stage_sender",
)  # fmt: skip

MEMBER_COLUMNS = {
    "seq": "integer PRIMARY KEY", "segment": "integer", "subscriber": "boolean", "relationship": "text",
    "maintenance": "text", "creates": "boolean", "full_file": "boolean", "reason": "text", "cobra": "boolean",
    "cobra_from": "date", "ends": "date", "sender_number": "text", "group_number": "text", "class_name": "text",
    "enrollee_id": "bigint", "first_name": "text", "middle_name": "text", "last_name": "text", "suffix": "text",
    "birth_date": "date", "sex": "text", "former_birth_date": "date", "address": "text", "address2": "text",
    "city": "text", "state": "text", "zip": "text", "phone": "text", "email": "text", "confidential_address": "text",
    "fold": "text", "former_fold": "text", "sort_key": "text", "uuid": "uuid", "ssn_cipher": "bytea",
    "ssn_index": "text", "ssn_indexes": "text[]", "former_ssn_indexes": "text[]", "ssn_last_four": "text",
    "sender_cipher": "bytea", "sender_shown": "text",
}  # fmt: skip
LINE_COLUMNS = {
    "seq": "integer PRIMARY KEY", "member_seq": "integer", "segment": "integer", "verb": "text", "line": "text",
    "plan_type": "text", "plan_code": "text", "begins": "date", "ends": "date", "code": "text",
}  # fmt: skip
NOT_NULL = frozenset({"reason", "class_name", "first_name", "line", "plan_type", "plan_code"})

ERRORS = """
CREATE TEMPORARY TABLE stage_error (member_seq integer, segment integer, segment_id text, reason text, value text)
ON COMMIT DROP
"""

# Whoever changes coverage holds the client's bill accounts, in key order, before looking at anything.
LOCK = """
SELECT id FROM billing_billaccount WHERE id IN (
    WITH client AS (
        SELECT client_id FROM members_group WHERE number IN (SELECT group_number FROM stage_member)
        UNION SELECT client_id FROM members_enrollee WHERE id IN (SELECT enrollee_id FROM stage_member)
        UNION SELECT %(client_id)s::bigint
    )
    SELECT unnest(ARRAY[package.account_id, package.cobra_account_id])
    FROM members_benefitpackage package JOIN members_group ON members_group.id = package.group_id
    JOIN client ON client.client_id = members_group.client_id
) ORDER BY id FOR NO KEY UPDATE
"""

# An SSN that a contract still holds under an older pepper comes under the current one, by which everything below looks.
RENEW_SENDERS = """
UPDATE members_contract contract SET sender_number = stage_sender.current
FROM stage_sender WHERE contract.sender_number = stage_sender.former
"""
SENDER_COLUMNS = {"former": "text", "current": "text"}

# Whose client, group and contract: a row without a group number takes that of its contract's other rows.
PLACE = """
CREATE TEMPORARY TABLE stage_place ON COMMIT DROP AS
WITH fallback AS (
    SELECT sender_number, min(group_number) AS group_number FROM stage_member
    WHERE group_number IS NOT NULL GROUP BY sender_number
), placed AS (
    SELECT member.*, coalesce(member.group_number, fallback.group_number) AS named_group, groups.id AS group_id,
           given.contract_id AS given_contract,
           coalesce(given.client_id, groups.client_id, CASE
               WHEN coalesce(member.group_number, fallback.group_number) IS NULL THEN %(client_id)s::bigint END
           ) AS client_id
    FROM stage_member member
    LEFT JOIN fallback USING (sender_number)
    LEFT JOIN members_group groups ON groups.number = coalesce(member.group_number, fallback.group_number)
    LEFT JOIN members_enrollee given ON given.id = member.enrollee_id
), found AS (
    SELECT placed.seq, placed.segment, placed.subscriber, placed.relationship, placed.maintenance, placed.creates,
           placed.full_file, placed.sender_number, placed.birth_date, named_group, group_id, placed.client_id,
           coalesce(given_contract, named.id, ours.id) AS contract_id,
           CASE WHEN placed.subscriber <> (placed.relationship = '18') THEN 'bad_relationship'
                WHEN named_group IS NOT NULL AND group_id IS NULL OR placed.client_id IS NULL THEN 'unknown_group'
                WHEN placed.client_id <> %(client_id)s::bigint THEN 'group_of_another_client' END AS reason
    FROM placed
    LEFT JOIN members_contract named
        ON named.client_id = placed.client_id AND named.sender_number = placed.sender_number
    LEFT JOIN members_contract ours
        ON ours.number = left(placed.sender_number, %(number_length)s) AND ours.client_id = placed.client_id
), keyed AS (
    SELECT *, coalesce(contract_id, -min(seq) FILTER (
        WHERE subscriber AND creates AND reason IS NULL AND birth_date IS NOT NULL
    ) OVER (PARTITION BY client_id, sender_number))::bigint AS ckey
    FROM found
)
SELECT seq, segment, subscriber, relationship, maintenance, creates, full_file, sender_number, birth_date, named_group,
       group_id, client_id, contract_id, ckey,
       coalesce(reason, CASE
           WHEN ckey IS NOT NULL THEN NULL
           WHEN maintenance = '024' THEN 'nothing_to_end'
           WHEN NOT subscriber THEN 'no_subscriber'
           WHEN maintenance IN ('021', '030') THEN 'no_birth_date'
           ELSE 'unknown_member' END) AS reason
FROM keyed
"""

PLACE_ERRORS = """
INSERT INTO stage_error
SELECT seq, segment, 'INS', reason,
       CASE reason WHEN 'bad_relationship' THEN relationship WHEN 'unknown_group' THEN coalesce(named_group, '')
                   WHEN 'group_of_another_client' THEN named_group ELSE '' END
FROM stage_place WHERE reason IS NOT NULL
"""

# What we hold to be true of these contracts, and of every contract in the groups of a full file.
NOW = """
CREATE TEMPORARY TABLE stage_now ON COMMIT DROP AS
WITH contract AS (
    SELECT contract_id FROM stage_place WHERE contract_id IS NOT NULL
    UNION
    SELECT cover.contract_id FROM members_coverage cover
    JOIN members_benefitpackage package ON package.id = cover.package_id
    WHERE upper_inf(cover.known)
      AND package.group_id IN (SELECT group_id FROM stage_place WHERE full_file AND reason IS NULL)
)
SELECT cover.id, cover.enrollee_id, cover.contract_id, cover.line, cover.package_id, cover.cobra,
       package.group_id, package.product_id, package.benefit_class, enrollee.relationship = '18' AS subscriber,
       lower(cover.effective) AS lo, coalesce(upper(cover.effective), 'infinity') AS hi, lower(cover.known) AS since
FROM contract
JOIN members_coverage cover USING (contract_id)
JOIN members_enrollee enrollee ON enrollee.id = cover.enrollee_id
JOIN members_benefitpackage package ON package.id = cover.package_id
WHERE upper_inf(cover.known)
"""

# Which person of the contract is meant: birth date and first name, then what the sender had told us before, then the
# SSN. A subscriber must agree in one of them with the person on file, or it is somebody else. A first name
# is folded here as staging.fold does.
PERSON = """
CREATE TEMPORARY TABLE stage_person ON COMMIT DROP AS
WITH matched AS (
    SELECT DISTINCT ON (place.seq) place.seq, enrollee.id AS enrollee_id, enrollee.person_id
    FROM stage_place place
    JOIN stage_member member USING (seq)
    JOIN members_enrollee enrollee ON enrollee.contract_id = place.contract_id
    JOIN members_person person ON person.id = enrollee.person_id
    CROSS JOIN LATERAL (
        SELECT regexp_replace(lower(normalize(person.first_name, NFKD)), '[^a-z]', '', 'g') AS fold
    ) AS known
    CROSS JOIN LATERAL (
        SELECT known.fold = member.fold AS same_name, person.birth_date = member.birth_date AS same_birth
    ) AS it
    CROSS JOIN LATERAL (SELECT CASE
        WHEN member.enrollee_id IS NOT NULL THEN CASE WHEN enrollee.id = member.enrollee_id THEN 0 END
        WHEN place.subscriber <> (enrollee.relationship = '18') THEN NULL
        WHEN same_birth AND same_name THEN 1
        WHEN (member.former_fold IS NOT NULL OR member.former_birth_date IS NOT NULL)
             AND known.fold = coalesce(member.former_fold, member.fold)
             AND person.birth_date = coalesce(member.former_birth_date, member.birth_date) THEN 2
        WHEN person.ssn_index = ANY(member.ssn_indexes || member.former_ssn_indexes) THEN 3
        WHEN place.subscriber AND (same_birth OR same_name) THEN 4
        WHEN member.birth_date IS NULL AND same_name THEN 5 END AS rank) AS judged
    WHERE place.reason IS NULL AND rank IS NOT NULL
    ORDER BY place.seq, rank, enrollee.id
)
SELECT place.seq, place.segment, place.ckey, place.subscriber, place.maintenance, place.creates, place.group_id,
       place.client_id, place.contract_id, place.full_file, member.birth_date, member.fold, matched.enrollee_id,
       matched.person_id,
       CASE WHEN matched.enrollee_id IS NOT NULL THEN matched.enrollee_id
            WHEN place.subscriber THEN CASE
                WHEN place.ckey < 0 AND (creator.birth_date = member.birth_date OR creator.fold = member.fold)
                THEN place.ckey END
            ELSE -min(place.seq) FILTER (
                WHERE matched.enrollee_id IS NULL AND place.creates AND member.birth_date IS NOT NULL
            ) OVER (PARTITION BY place.ckey, place.subscriber, member.birth_date, member.fold)
       END::bigint AS ekey
FROM stage_place place
JOIN stage_member member USING (seq)
LEFT JOIN matched USING (seq)
LEFT JOIN stage_member creator ON creator.seq = -place.ckey
WHERE place.reason IS NULL
"""

PERSON_ERRORS = """
INSERT INTO stage_error
SELECT seq, segment, 'INS',
       CASE WHEN subscriber THEN 'different_person' WHEN maintenance = '024' THEN 'nothing_to_end'
            WHEN creates AND birth_date IS NULL THEN 'no_birth_date' ELSE 'unknown_member' END, ''
FROM stage_person WHERE ekey IS NULL
UNION ALL
SELECT seq, segment, 'INS', 'too_many_people', ''
FROM (
    SELECT person.seq, person.segment, count(*) OVER (PARTITION BY ckey ORDER BY person.seq) AS place,
           (SELECT coalesce(max(suffix::integer), 0) FROM members_enrollee WHERE contract_id = person.ckey) AS taken
    FROM stage_person person WHERE person.ekey = -person.seq
) AS numbered
WHERE place + taken > %(last_suffix)s
"""

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

# Who is absent from a full file: whole contracts, people of contracts that came, lines of people who came. A refused
# member is not absent, and a number that stands anywhere in the file is not missing.
ABSENT = """
CREATE TEMPORARY TABLE stage_absent ON COMMIT DROP AS
WITH active AS (
    SELECT now.* FROM stage_now now
    WHERE now.hi > %(full_from)s
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

ABSENT_OP = """
INSERT INTO stage_op (number, member_seq, step, at, part, ekey, line, act, default_cobra, lo, hi, reason)
SELECT 0, 0, 0, lo, 0, enrollee_id, line, 'erase', false, lo, 'infinity', '' FROM stage_absent
"""

# --- Writing ------------------------------------------------------------------------------------------------------

# Ids are taken first, so that rows refer to one another before they are inserted. A subscriber whom we know from
# another client by SSN and birth date is the same person.
NEW = """
CREATE TEMPORARY TABLE stage_new ON COMMIT DROP AS
WITH fresh AS (
    SELECT person.seq, person.ckey, person.ekey, person.subscriber, person.client_id, member.ssn_index,
           member.ssn_indexes, member.birth_date
    FROM stage_person person JOIN stage_member member USING (seq)
    WHERE person.ekey = -person.seq AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = person.seq)
), known AS (
    SELECT fresh.seq, min(person.id) AS person_id
    FROM fresh CROSS JOIN LATERAL unnest(fresh.ssn_indexes) AS hash
    JOIN members_person person ON person.ssn_index = hash AND person.birth_date = fresh.birth_date
    WHERE fresh.subscriber GROUP BY fresh.seq
), one AS (
    SELECT fresh.*, known.person_id AS known_id,
           CASE WHEN subscriber AND ssn_index IS NOT NULL
                THEN min(fresh.seq) OVER (PARTITION BY subscriber, ssn_index, fresh.birth_date)
                ELSE fresh.seq END AS first
    FROM fresh LEFT JOIN known USING (seq)
), given AS MATERIALIZED (
    SELECT seq, nextval(pg_get_serial_sequence('members_person', 'id')) AS person_id
    FROM one WHERE known_id IS NULL AND first = seq
)
SELECT one.seq, one.ckey, one.ekey, one.subscriber, one.client_id, coalesce(one.known_id, given.person_id) AS person_id,
       one.known_id IS NULL AND one.first = one.seq AS creates_person
FROM one LEFT JOIN given ON given.seq = one.first
"""

NEW_PEOPLE = """
INSERT INTO members_person (id, uuid, first_name, middle_name, last_name, suffix, sort_key, birth_date, sex, ssn_cipher,
    ssn_index, ssn_last_four, address, address2, city, state, zip, phone, email, confidential_address)
SELECT fresh.person_id, uuid, first_name, coalesce(middle_name, ''), last_name, coalesce(suffix, ''), sort_key,
       birth_date, coalesce(sex, 'U'), ssn_cipher, coalesce(ssn_index, ''), coalesce(ssn_last_four, ''),
       coalesce(address, ''), coalesce(address2, ''), coalesce(city, ''), coalesce(state, ''), coalesce(zip, ''),
       coalesce(phone, ''), coalesce(email, ''), coalesce(confidential_address, '')
FROM stage_new fresh JOIN stage_member USING (seq) WHERE creates_person
"""

FREE_NUMBERS = """
DELETE FROM stage_number WHERE number IN (SELECT number FROM members_contract)
"""

NEW_CONTRACTS = """
CREATE TEMPORARY TABLE stage_contract ON COMMIT DROP AS
WITH free AS (
    SELECT number, row_number() OVER (ORDER BY min(place), number) AS turn FROM stage_number GROUP BY number
), wanted AS (
    SELECT fresh.*, row_number() OVER (ORDER BY seq) AS turn FROM stage_new fresh WHERE subscriber
)
SELECT wanted.ckey, wanted.client_id, wanted.person_id, free.number, member.sender_number, member.sender_cipher,
       member.uuid,
       nextval(pg_get_serial_sequence('members_contract', 'id')) AS contract_id
FROM wanted JOIN free USING (turn) JOIN stage_member member USING (seq)
"""

INSERT_CONTRACTS = """
INSERT INTO members_contract (id, uuid, client_id, number, sender_number, sender_cipher, subscriber_id)
SELECT contract_id, uuid, client_id, number, sender_number, sender_cipher, person_id FROM stage_contract
"""

INSERT_ENROLLEES = """
INSERT INTO members_enrollee (id, client_id, contract_id, person_id, relationship, suffix, member_id, recorded_date)
SELECT enrollee_id, client_id, contract_id, person_id, relationship, suffix, number || suffix, %(recorded_date)s
FROM (
    SELECT key.enrollee_id, fresh.client_id, key.contract_id, fresh.person_id, member.relationship, contract.number,
           to_char(coalesce(taken.last, 0) + row_number() OVER (
               PARTITION BY key.contract_id ORDER BY NOT fresh.subscriber, fresh.seq
           ), 'FM00') AS suffix
    FROM stage_new fresh
    JOIN stage_key key USING (ekey)
    JOIN stage_member member ON member.seq = fresh.seq
    JOIN members_contract contract ON contract.id = key.contract_id
    LEFT JOIN (
        SELECT contract_id, max(suffix::integer) AS last FROM members_enrollee
        WHERE contract_id IN (SELECT contract_id FROM stage_key) GROUP BY contract_id
    ) AS taken ON taken.contract_id = key.contract_id
) AS numbered
"""

KEY = """
CREATE TEMPORARY TABLE stage_key ON COMMIT DROP AS
SELECT DISTINCT person.ekey, coalesce(person.enrollee_id, fresh.enrollee_id) AS enrollee_id,
       coalesce(person.person_id, fresh.person_id) AS person_id,
       coalesce(person.contract_id, contract.contract_id) AS contract_id, person.client_id
FROM stage_person person
LEFT JOIN (
    SELECT ekey, person_id, nextval(pg_get_serial_sequence('members_enrollee', 'id')) AS enrollee_id FROM stage_new
) AS fresh USING (ekey)
LEFT JOIN stage_contract contract USING (ckey)
WHERE person.ekey IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = person.seq)
"""

# What a row says of somebody on file; what it does not say stays, and so does a confidential address. Who had another
# e-mail is told so at that one, or by letter where the address is confidential: the file may be wrong, or a trick.
UPDATE_PEOPLE = """
WITH changed AS (
UPDATE members_person person SET
    first_name = told.first_name, middle_name = told.middle_name, last_name = told.last_name, suffix = told.suffix,
    sort_key = told.sort_key, birth_date = told.birth_date, sex = told.sex, address = told.address,
    address2 = told.address2, city = told.city, state = told.state, zip = told.zip, phone = told.phone,
    email = told.email, confidential_address = told.confidential_address,
    email_changed_at = CASE WHEN upper(told.email) <> upper(told.former_email) THEN %(taken_at)s
                            ELSE person.email_changed_at END
FROM (
    SELECT DISTINCT ON (old.id) old.id, coalesce(nullif(member.first_name, ''), old.first_name) AS first_name,
           coalesce(member.middle_name, old.middle_name) AS middle_name,
           coalesce(member.last_name, old.last_name) AS last_name,
           coalesce(member.suffix, old.suffix) AS suffix,
           CASE WHEN member.last_name IS NULL THEN old.sort_key ELSE member.sort_key END AS sort_key,
           coalesce(member.birth_date, old.birth_date) AS birth_date, coalesce(member.sex, old.sex) AS sex,
           coalesce(member.address, old.address) AS address,
           CASE WHEN member.address IS NULL THEN old.address2 ELSE coalesce(member.address2, '') END AS address2,
           coalesce(member.city, old.city) AS city, coalesce(member.state, old.state) AS state,
           coalesce(member.zip, old.zip) AS zip, coalesce(member.phone, old.phone) AS phone,
           coalesce(member.email, old.email) AS email, old.email AS former_email,
           old.confidential_address AS former_confidential,
           coalesce(nullif(old.confidential_address, ''), member.confidential_address, '') AS confidential_address
    FROM stage_person known
    JOIN stage_key key USING (ekey)
    JOIN stage_member member ON member.seq = known.seq
    JOIN members_person old ON old.id = key.person_id
    WHERE known.maintenance <> '024' AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = known.seq)
      AND NOT EXISTS (SELECT 1 FROM stage_new fresh WHERE fresh.seq = known.seq AND creates_person)
    ORDER BY old.id, known.seq DESC
) AS told
WHERE told.id = person.id AND (
    person.first_name, person.middle_name, person.last_name, person.suffix, person.sort_key, person.birth_date,
    person.sex, person.address, person.address2, person.city, person.state, person.zip, person.phone, person.email,
    person.confidential_address
) IS DISTINCT FROM (
    told.first_name, told.middle_name, told.last_name, told.suffix, told.sort_key, told.birth_date, told.sex,
    told.address, told.address2, told.city, told.state, told.zip, told.phone, told.email, told.confidential_address
)
RETURNING person.id, told.email, told.former_email, told.former_confidential
)
INSERT INTO portals_outboxmail (key, "to", subject, body, letter, postal_address, status, tries)
SELECT format('email_changed:%%s:%%s', id, %(file_id)s::text),
       CASE WHEN former_confidential = '' THEN former_email ELSE '' END, %(changed_subject)s, %(changed_body)s,
       former_confidential <> '', former_confidential, 'waiting', 0
FROM changed WHERE former_email <> '' AND upper(email) <> upper(former_email)
ON CONFLICT (key) DO NOTHING
"""

OTHER_SSNS = """
SELECT DISTINCT ON (person.id) person.id, person.uuid, known.seq
FROM stage_person known
JOIN stage_key key USING (ekey)
JOIN stage_member member ON member.seq = known.seq
JOIN members_person person ON person.id = key.person_id
WHERE known.maintenance <> '024' AND member.ssn_index IS NOT NULL AND NOT person.ssn_index = ANY(member.ssn_indexes)
  AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = known.seq)
ORDER BY person.id, known.seq DESC
"""

UPDATE_SSNS = """
UPDATE members_person person SET ssn_cipher = fresh.cipher, ssn_index = member.ssn_index,
       ssn_last_four = member.ssn_last_four
FROM stage_ssn fresh JOIN stage_member member USING (seq) WHERE person.id = fresh.person_id
"""

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

# The time line as the strokes leave it, in as few pieces as can be.
FINAL = """
CREATE TEMPORARY TABLE stage_final ON COMMIT DROP AS
WITH op AS (
    SELECT stage_op.*, coalesce(key.enrollee_id, stage_op.ekey) AS enrollee_id
    FROM stage_op LEFT JOIN stage_key key USING (ekey)
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
    LEFT JOIN stage_op laid_op ON laid_op.number = covered.laid AND laid_op.number > 0
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

KNOWN_SINCE = """
SELECT greatest(
    (SELECT max(since) FROM stage_now),
    (SELECT max(lower(segment.known)) FROM billing_billablesegment segment
     WHERE segment.contract IN (SELECT contract_id FROM stage_now UNION SELECT contract_id FROM stage_touched)
       AND upper_inf(segment.known))
)
"""

SUPERSEDE = """
WITH pair AS (
    SELECT DISTINCT coalesce(key.enrollee_id, stage_op.ekey) AS enrollee_id, line
    FROM stage_op LEFT JOIN stage_key key USING (ekey)
), gone AS (
    UPDATE members_coverage cover SET known = tstzrange(lower(cover.known), %(known_at)s)
    FROM stage_now held JOIN pair USING (enrollee_id, line)
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
    SELECT final.enrollee_id, enrollee.contract_id, enrollee.client_id, final.package_id, final.line, final.cobra,
           daterange(final.lo, nullif(final.hi, 'infinity')), tstzrange(%(known_at)s, NULL), final.reason,
           %(file_id)s::bigint
    FROM stage_final final
    JOIN members_enrollee enrollee ON enrollee.id = final.enrollee_id
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
"""

REFUSED = """
SELECT error.segment, error.segment_id, coalesce(member.sender_shown, ''), error.reason, error.value
FROM stage_error error JOIN stage_member member ON member.seq = error.member_seq
ORDER BY error.segment, error.member_seq, error.reason
"""

KEEP_REFUSED = """
INSERT INTO members_enrollmenterror (file_id, segment, segment_id, sender_number, reason, value)
SELECT %(file_id)s, error.segment, error.segment_id, coalesce(member.sender_shown, ''), error.reason,
       left(coalesce(error.value, ''), 200)
FROM stage_error error JOIN stage_member member ON member.seq = error.member_seq
ORDER BY error.segment, error.member_seq, error.reason
"""
