"""What the web server makes of a body that no form wants, over a real connection."""

from __future__ import annotations

import http.cookiejar
import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.journey
MB = 1024 * 1024


def test_thirty_megabytes_are_read_and_answered_instead_of_a_broken_connection(live_site: str) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    browser.open(f"{live_site}/sign-in/", timeout=60).close()
    head = b'--edge\r\nContent-Disposition: form-data; name="document"; filename="a.pdf"\r\n\r\n'
    body = head + b"%PDF-1.7\n" + b"x" * (30 * MB) + b"\r\n--edge--\r\n"
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{live_site}/sign-in/", body, {"Content-Type": "multipart/form-data; boundary=edge"}
    )
    with pytest.raises(urllib.error.HTTPError) as answer:
        browser.open(request, timeout=60)
    with answer.value as page:
        assert page.code == 403  # no token: the door's own page
        assert b"</html>" in page.read()
