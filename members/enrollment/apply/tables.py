"""The temporary tables of one change of enrollment.

A key (`ekey` of a person on a contract, `ckey` of a contract) is our id where we know it, else minus the `seq` of the
row that creates it. In these tables an open end is 'infinity'. Every statement works on the whole stage at once.
"""

TABLES = (
    "stage_member", "stage_line", "stage_error", "stage_place", "stage_now", "stage_person", "stage_wish",
    "stage_choice", "stage_set", "stage_span", "stage_slot", "stage_end", "stage_op", "stage_new",
    "stage_contract", "stage_number", "stage_key", "stage_final", "stage_touched", "stage_ssn", "stage_absent",
    "stage_sender", "stage_note", "stage_wait", "stage_finding",
    "stage_shared", "stage_pair", "stage_meant", "stage_client_pair", "stage_client_meant", "stage_group",
    "stage_renumbered", "stage_guarded", "stage_turn", "stage_before", "stage_stroked", "stage_back", "stage_bare",
    "stage_return", "stage_known", "stage_rebuilt",
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
    "sender_cipher": "bytea", "sender_shown": "text", "middle_fold": "text", "last_fold": "text",
    "suffix_fold": "text", "birth_sequence": "text", "corrects": "boolean", "nameless": "boolean",
    "ssn_unusable": "boolean", "row_key": "text",
    "named_day": "date", "active": "boolean", "active_from": "date",
}  # fmt: skip
LINE_COLUMNS = {
    "seq": "integer PRIMARY KEY", "member_seq": "integer", "segment": "integer", "verb": "text", "line": "text",
    "plan_type": "text", "plan_code": "text", "begins": "date", "ends": "date", "code": "text",
    "tier": "text",
}  # fmt: skip
NOT_NULL = frozenset(
    {"reason", "class_name", "first_name", "line", "plan_type", "plan_code", "fold", "middle_fold", "last_fold",
     "suffix_fold",
     "birth_sequence"}
)  # fmt: skip

# `stage_error`: the member is not taken. `stage_wait`: of these, who waits for a person. `stage_note`: what its sender
# must know of a member that is taken.
ERRORS = """
CREATE TEMPORARY TABLE stage_error (member_seq integer, segment integer, segment_id text, reason text, value text)
ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_note (member_seq integer, segment integer, segment_id text, reason text, value text)
ON COMMIT DROP;
CREATE TEMPORARY TABLE stage_wait (member_seq integer) ON COMMIT DROP
"""

NOTE = """
INSERT INTO stage_note (member_seq, segment, segment_id, reason, value)
SELECT seq, segment, 'INS', reason, value
FROM unnest(%s::integer[], %s::integer[], %s::text[], %s::text[]) AS told (seq, segment, reason, value)
"""

SENDER_COLUMNS = {"former": "text", "current": "text"}

RENUMBERED_COLUMNS = {"contract_id": "bigint", "sender_number": "text", "sender_cipher": "bytea"}
