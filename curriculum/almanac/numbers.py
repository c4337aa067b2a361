"""Whether numbers of articles and firms are sound, and what their check digit is: by `stdnum`. Floor 1.

It is imported when the first number is checked, for its own imports take 40 ms.
"""

from __future__ import annotations


def gtin_digit(digits: str) -> str:
    """The last digit of a GTIN, from those before it (GS1 General Specifications, 7.9.1).

    >>> gtin_digit("400638133393")
    '1'
    """
    from stdnum import ean  # noqa: PLC0415  (see above)

    return str(ean.calc_check_digit(digits))


def import_scheme(number: str) -> bool:
    """Whether a number has the form of one for IOSS, with the code of a member state.

    >>> import_scheme("IM3729991234"), import_scheme("IM372999123"), import_scheme("IM9999991234")
    (True, False, False)
    """
    from stdnum.eu import oss  # noqa: PLC0415  (see above)

    return number.startswith("IM") and bool(oss.is_valid(number))
