"""A second reader of ACH files, written from the record layout alone, which shares nothing with the product's.

It holds what a receiving bank rejects a file for: widths, order, counts, hashes, totals, check digits, trace order,
blocks. `carta-ach`, the one reader on the package index, compares no totals and comes as source from 2019 only.
"""

from typing import Any

ENTRY = {"code": (1, 3), "rdfi": (3, 11), "check": (11, 12), "account": (12, 29), "cents": (29, 39), "id": (39, 54),
         "name": (54, 76), "addenda": (78, 79), "trace": (79, 94)}  # fmt: skip
HEADER = {"class": (1, 4), "company": (4, 20), "company_id": (40, 50), "sec": (50, 53), "description": (53, 63),
          "effective": (69, 75), "odfi": (79, 87), "number": (87, 94)}  # fmt: skip


def cut(line: str, layout: dict[str, tuple[int, int]]) -> dict[str, str]:
    return {name: line[start:end] for name, (start, end) in layout.items()}


def accept(data: bytes) -> list[dict[str, Any]]:
    """The batches of a well-formed file, entries with all their fields as text; AssertionError otherwise."""
    lines = data.decode("ascii").splitlines()
    assert {len(line) for line in lines} == {94}
    assert len(lines) % 10 == 0, "blocks of ten records"
    assert lines[0][:3] == "101"
    assert lines[0][34:40] == "094101"
    end = next(index for index, line in enumerate(lines) if line[0] == "9")
    assert all(line == "9" * 94 for line in lines[end + 1 :])
    batches: list[dict[str, Any]] = []
    sums = {"entries": 0, "hash": 0, "debit": 0, "credit": 0}
    for line in lines[1:end]:
        kind = line[0]
        if kind == "5":
            batches.append(cut(line, HEADER) | {"entries": [], "count": 0, "open": True})
            continue
        batch = batches[-1]
        assert batch["open"], "inside a batch"
        batch["count"] += kind in "67"
        if kind == "6":
            entry: dict[str, Any] = cut(line, ENTRY) | {"lines": []}
            weighted = sum(int(digit) * (3, 7, 1)[place % 3] for place, digit in enumerate(line[3:12]))
            assert weighted % 10 == 0, "check digit"
            assert not batch["entries"] or batch["entries"][-1]["trace"] < entry["trace"], "traces ascend"
            batch["entries"].append(entry)
        elif kind == "7":
            batch["entries"][-1]["lines"].append(line)
        else:
            assert kind == "8"
            batch["open"] = False
            debit = sum(int(entry["cents"]) for entry in batch["entries"] if entry["code"][1] in "6789")
            credit = sum(int(entry["cents"]) for entry in batch["entries"] if entry["code"][1] in "1234")
            hashed = sum(int(entry["rdfi"]) for entry in batch["entries"])
            assert line[1:4] == batch["class"] == ("200" if debit and credit else "225" if debit else "220")
            assert [int(line[a:b]) for a, b in ((4, 10), (10, 20), (20, 32), (32, 44))] == [
                batch["count"],
                hashed % 10**10,
                debit,
                credit,
            ]
            assert line[44:54] == batch["company_id"]
            assert line[79:94] == batch["odfi"] + batch["number"]
            assert all((entry["addenda"] == "1") == bool(entry["lines"]) for entry in batch["entries"])
            for name, value in (("entries", batch["count"]), ("hash", hashed), ("debit", debit), ("credit", credit)):
                sums[name] += value
    assert not any(batch["open"] for batch in batches)
    control = [int(lines[end][a:b]) for a, b in ((1, 7), (7, 13), (13, 21), (21, 31), (31, 43), (43, 55))]
    assert control == [
        len(batches),
        len(lines) // 10,
        sums["entries"],
        sums["hash"] % 10**10,
        sums["debit"],
        sums["credit"],
    ]
    return batches
