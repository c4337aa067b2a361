"""Countries and currencies in both languages."""

from __future__ import annotations

import pytest

from curriculum.almanac import currency, names, vat


def test_every_country_with_a_rate_and_every_currency_has_its_names() -> None:
    assert all(names.country(code)["zh"] for code in vat.countries())
    assert all(names.currency(code)["en"] for code in ("EUR", *currency.codes()))


def test_a_sentence_takes_the_article_where_english_does() -> None:
    assert names.within("US") == {"en": "the United States", "zh": "美国"}
    assert names.within("EE") == names.country("EE")


def test_what_is_no_country_is_refused() -> None:
    with pytest.raises(KeyError):
        names.country("XX")
