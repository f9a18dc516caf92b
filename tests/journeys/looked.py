"""What a browser looked at and found clean, so that nobody looks at the same bytes twice.

A key stands for everything that a look depends on: the page without what is new in each answer, how it was answered,
the static files, the browser, axe, and the rules of the look. `LOOK=all` looks at everything; when every piece of the
walks is green it writes the list anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
from pathlib import Path

from launch import packages, testbed
from launch.common import digest, unlink_all
from tests import built
from tests.journeys import look, over_http

LIST = Path(__file__).with_name("looked.txt")
ALL = os.environ.get("LOOK") == "all"
DIGITS = 16
# What is another in each answer or at another hour, and where nobody could see a fault: tokens, the site's port, real
# time (an office's telephone is answered or not by it), and what is drawn of a secret.
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
CONSTANT = tuple(
    (re.compile(pattern, re.IGNORECASE if word == r"\2hours" else 0), word)
    for pattern, word in (
        (r"""(?<=["';])(?=[^"'&]*[A-Z])(?=[^"'&]*\d)[\w-]{40,}(?=["'&])""", "token"),
        (r"http://localhost:\d+", "http://site"),
        (r"\b\d{1,2}:\d\d(:\d\d)? ?[ap]m\b", "time"),
        (r"\b\d+\s(seconds?|minutes?|hours?|s old)\b", "a while"),
        (rf"\b({MONTHS})[a-z]* \d{{1,2}}(, \d{{4}})?\b", "date"),
        (r"\b\d{1,2}(/|%2F)\d{1,2}(/|%2F)\d{4}\b", "date"),
        (r"\b\d{4}-\d\d-\d\d\b", "date"),
        (r'( u-strong)?(">| · )(?:open until|closed now, opens) [^<]*? Eastern', r"\2hours"),
        (r'(?<=data-left=")\d+|(?<=data-in-all=")\d+', "seconds"),
        (r"(?<=before=)\d+-\d+", "place"),
        (r'(?<=<path stroke="#000" d=")[^"]+', "QR code"),
        (r"(?<=>)[A-Z2-7]{4}( [A-Z2-7]{4}){7}(?=<)", "key"),
    )
)
# What names something: the numbers of rows and of made-up people, UUIDs, codes. They are told apart by their order of
# appearance, at their length: two that differ still differ, or the label of another field would look right.
NAMES = re.compile(
    r"""\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{4}(?:-[0-9a-f]{4}){5}\b
    |(?:(?<=%2F)|\b)[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}(?![0-9A-Z])|(?<=/not-me/)[0-9A-Z]{12}\b
    |\bINV-\d{4}-\d{6}\b|\bBA\d{8}\b|\bR\d{6}\b|\bAG\d{5}\b|\bP\d{6}\b|\b9\d{6}\b|\b99\d{7}\b
    |\bperson\.\d+\b|\bPerson\d+\b|\bInvented\d+\b|\biris\.\d+\b
    |(?<=/)\d+(?=[/?"&#])|(?<=value=")\d+(?=")""",
    re.VERBOSE,
)


def plain(html: str) -> str:
    """Without what differs from run to run. Names keep their length."""
    for pattern, word in CONSTANT:
        html = pattern.sub(word, html)
    names: dict[str, str] = {}
    return NAMES.sub(lambda found: names.setdefault(found[0], f"{len(names):0{len(found[0])}}"), html)


def _sorted(policy: str) -> str:
    """A content policy in one order: that of its directives and of their sources is another in every process."""
    return "; ".join(sorted(" ".join(sorted(part.split())) for part in policy.split(";")))


class Looked:
    def __init__(self) -> None:
        program = packages.browser()
        assert program is not None
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        static = Path(built.static()["PLAN_VAR_DIR"]).name
        self._base = digest(version, static, look.AXE, Path(look.__file__), Path(__file__))
        self._listed = frozenset(LIST.read_text().split()) if LIST.exists() else frozenset()
        self._clean: set[str] = set()
        self._used: set[str] = set()

    def key(self, answer: over_http.Answer) -> str:
        policy = _sorted(answer.header("content-security-policy"))
        page = "\n".join([str(answer.status), answer.header("content-type"), policy, plain(answer.html)])
        key = hashlib.sha256(f"{self._base}\n{page}".encode()).hexdigest()[:DIGITS]
        self._used.add(key)
        return key

    def listed(self, key: str) -> bool:
        return key in self._listed

    def has(self, key: str) -> bool:
        return key in self._clean or (not ALL and self.listed(key))

    def clean(self, key: str) -> None:
        self._clean.add(key)

    def keep(self, piece: str, pieces: int) -> None:
        """After a clean piece of a full look; the last piece writes the list."""
        folder = testbed.FOLDER / "looked" / testbed.RUN
        folder.mkdir(parents=True, exist_ok=True)
        with (folder.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (folder / piece).write_text("\n".join(sorted(self._used & self._clean)))
            done = [path.read_text().split() for path in folder.iterdir()]
            if len(done) == pieces:
                LIST.write_text("".join(f"{key}\n" for key in sorted({key for keys in done for key in keys})))
                unlink_all(path for path in folder.parent.iterdir() if path.is_dir())
        self._used.clear()
