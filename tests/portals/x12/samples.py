"""A small 834 of our own, to be changed by tests; and helpers that keep its counts right."""

import io
import re

BASE = """\
ISA*00*          *00*          *ZZ*BROOKMORE      *ZZ*FRONTHOUSE     *270104*0930*^*00501*000000001*0*T*:~
GS*BE*BROOKMORE*FRONTHOUSE*20270104*0930*11*X*005010X220A1~
ST*834*0001*005010X220A1~
BGN*00*BM-1*20270104*0930****2~
REF*38*BM100~
N1*P5*BROOKMORE CANDLES*FI*991234567~
N1*IN*FRONT HOUSE HEALTH PLAN*FI*990000001~
INS*Y*18*021*28*A***FT~
REF*0F*FH0000001~
REF*1L*BM100~
DTP*356*D8*20270101~
NM1*IL*1*OAKWELL*ADA*M***34*901120001~
PER*IP**HP*7165550101*EM*ada@example.com~
N3*100 MILLRACE LN~
N4*LAKE HOLLOW*NY*14201~
DMG*D8*19800515*F~
HD*021**HLT*EPO1*EMP~
DTP*348*D8*20270101~
SE*17*0001~
GE*1*11~
IEA*1*000000001~
"""


def changed(old: str, new: str, base: str = BASE) -> str:
    """The base with one change, and SE01 counted anew unless the change is about the SE itself."""
    assert old in base
    text = base.replace(old, new, 1)
    if old.startswith("SE*"):
        return text
    body = text[text.index("\nST*") : text.index("\nSE*")]
    return re.sub(r"\nSE\*\d+", f"\nSE*{body.count('~') + 1}", text)


def file(text: str | bytes) -> io.BytesIO:
    return io.BytesIO(text if isinstance(text, bytes) else text.encode())
