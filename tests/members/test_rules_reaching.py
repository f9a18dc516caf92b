"""Postal codes and e-mail addresses as files have them: what is kept, what counts as none."""

import pytest

from members.rules import emails, zips


@pytest.mark.parametrize(
    ("text", "country", "kept", "padded"),
    [
        ("12207", "", "12207", False),
        (" 12207 ", "US", "12207", False),
        ("122071234", "", "12207-1234", False),
        ("12207-1234", "USA", "12207-1234", False),
        ("12207-", "", "12207", False),
        ("8540", "", "08540", True),
        ("8540-0912", "", "08540-0912", True),
        ("85400912", "", "08540-0912", True),
        ("601", "PR", "00601", True),
        ("601-12", "", "00601-0012", True),
        ("k1a 0b1", "CA", "K1A 0B1", False),
        ("8001", "CH", "8001", False),
        ("110001", "", "110001", False),
        ("EC1A 1BB", "", "EC1A 1BB", False),
        ("", "", "", False),
    ],
)
def test_a_zip_code_gets_its_lost_zeros_back_and_a_foreign_one_stays(
    text: str, country: str, kept: str, padded: bool
) -> None:
    assert zips.of_file(text, country) == (kept, padded)


@pytest.mark.parametrize(
    ("on_file", "typed", "same"),
    [
        ("12207", "12207", True),
        ("12207-1234", "12207", True),
        ("12207", "122079999", True),
        ("122071234", "12207-0000", True),
        ("12207", "12208", False),
        ("12207", "1220", False),
        ("08540", "8540", True),
        ("8540", "08540", True),
        ("8540-0912", "08540", True),
        ("00601", "601", True),
        ("K1A 0B1", "k1a0b1", True),
        ("K1A 0B1", "K1A-0B1", True),
        ("K1A 0B1", "K1A 0B2", False),
        ("8001", "8001", True),
        ("01310-100", "01310100", True),
        ("100-0001", "1000001", True),
        ("100-0001", "100-0002", False),
        ("110001", "110002", False),
        ("", "", False),
        ("", "00000", False),
    ],
)
def test_letters_and_digits_are_compared_and_of_a_zip_code_five_digits(on_file: str, typed: str, same: bool) -> None:
    assert zips.same(on_file, typed) is same


@pytest.mark.parametrize(
    "address",
    [
        "ada@mail.example",
        "D'Arcy.Mae+plan@mail.example",
        "x_y-z@sub.domain.example",
        "1234@mail.example",
        "nora.none@mail.example",
        "none@mail.example",
        "noreply.jones@company.example",
        f"{'a' * 64}@mail.example",
    ],
)
def test_an_address_that_mail_reaches(address: str) -> None:
    assert emails.mailable(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "ada",
        "ada@",
        "@mail.example",
        "ada@mail",
        "ada@localhost",
        "ada@payroll.local",
        "ada@mail.example;bo@mail.example",
        "ada@mail.example,bo@mail.example",
        "ada@mail.example/bo@mail.example",
        "ada@mail.example bo@mail.example",
        "ada@@mail.example",
        "ada@mail,example",
        "ada@mail..example",
        "ada..lee@mail.example",
        ".ada@mail.example",
        "ada.@mail.example",
        "ada@.mail.example",
        "ada@mail.example.",
        "ada@-mail.example",
        "ada@mail.e",
        "ada@10.0.0.12",
        "ada@[10.0.0.12]",
        "ada@[mail.example",
        "ada@mail_box.example",
        "ada lee@mail.example",
        '"ada lee"@mail.example',
        "Ada <ada@mail.example>",
        "mailto:ada@mail.example",
        "ada@mail.example\n",
        "ada\x00@mail.example",
        "none@none",
        "none@none.example",
        "N/A@na.example",
        "noemail@noemail.example",
        "ada@nowhere.invalid",
        f"{'a' * 65}@mail.example",
        f"ada@{'long.' * 60}example",
    ],
)
def test_an_address_that_nobody_can_mail(address: str) -> None:
    assert not emails.mailable(address)
