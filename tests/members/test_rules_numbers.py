"""Contract numbers check themselves."""

from stdnum import luhn

from members.rules import numbers


def test_the_last_digit_is_a_luhn_check_digit() -> None:
    for payload in (0, 1, 7992739, 4_581_236, numbers.PAYLOADS - 1):
        number = numbers.contract_number(payload)
        assert luhn.is_valid(number[3:])
        assert numbers.is_contract_number(number)


def test_a_digit_typed_wrong_or_two_swapped_are_found() -> None:
    number = numbers.contract_number(7992739)
    assert not numbers.is_contract_number(number.replace("7", "8", 1))
    assert not numbers.is_contract_number(number[:3] + number[4] + number[3] + number[5:])
    assert not numbers.is_contract_number(number[3:])
