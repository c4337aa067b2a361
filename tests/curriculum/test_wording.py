"""Days, figures and places are found where they are written, in both languages; nothing is made up."""

from datetime import date

import pytest

from curriculum import wording

TOLD = date(2026, 3, 1)


def days(text):
    return [(one.day.isoformat(), one.cue, one.whole) for one in wording.days(text, TOLD)]


def figures(text):
    return [(one.unit, f"{one.value.normalize():f}", one.part) for one in wording.figures(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from 1 July 2026", [("2026-07-01", "from", True)]),
        ("effective 29 August 2025", [("2025-08-29", "from", True)]),
        ("as of July 1st, 2026", [("2026-07-01", "from", True)]),
        ("applies from the 1st of October 2026 onwards", [("2026-10-01", "from", True)]),
        ("in force on 2027-01-01", [("2027-01-01", "from", True)]),
        ("自 2026 年 7 月 1 日起", [("2026-07-01", "from", True)]),
        ("自2026年7月1日起至2028年6月30日止", [("2026-07-01", "from", True), ("2028-06-30", "until", True)]),
        ("2026年8月12日正式实施", [("2026-08-12", "from", True)]),
        ("until 30 June 2028", [("2028-06-30", "until", True)]),
        ("From January 1 to December 31, 2027", [("2027-01-01", "from", False), ("2027-12-31", "until", True)]),
        ("postponed (told 12 March 2026) to 1 July 2026", [("2026-03-12", "told", True), ("2026-07-01", "from", True)]),
        ("starts in March 2027", [("2027-03-01", "from", False)]),
        ("7月1日起实施", [("2026-07-01", "from", False)]),
        ("2026年7月起", [("2026-07-01", "from", False)]),
        ("将于2029年3月31日前取消", [("2029-03-31", "until", True)]),
        ("published on 24 June 2026", [("2026-06-24", "told", True)]),
        ("31 June 2026", []),
        ("may be 3/7/2026 or in July", []),
        ("Regulation (EU) 2026/382, No. 16 of 2026", []),
    ],
)  # fmt: skip
def test_days_are_found_with_what_they_are(text, found):
    assert days(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("EUR 3 per item, up to EUR 150", [("EUR", "3", "each"), ("EUR", "150", "limit")]),
        ("对价值不超过150欧元的包裹每项征收3欧元关税", [("EUR", "150", "limit"), ("EUR", "3", "each")]),
        ("the US$800 threshold", [("USD", "800", "limit")]),
        ("£135 relief", [("GBP", "135", "limit")]),
        ("RMB 5,000 单次", [("CNY", "5000", "")]),
        ("年度限额2.6万元", [("CNY", "26000", "limit")]),
        ("2,50 euros", [("EUR", "2.5", "")]),
        ("$1.5 million", [("USD", "1500000", "")]),
        ("a rate of 12.5 per cent", [("rate", "0.125", "")]),
        ("税率 13%", [("rate", "0.13", "")]),
        ("within 6 months; 14-day right", [("months", "6", ""), ("days", "14", "")]),
        ("30 天内, 2 年", [("days", "30", ""), ("years", "2", "")]),
        ("1 July 2026, Article 3, 10 digits, 2026 年", []),
    ],
)
def test_figures_are_found_with_what_they_are(text, found):
    assert figures(text) == found


def test_a_figure_brings_its_words_along():
    (one,) = wording.figures(
        "This was decided long ago. The fee is EUR 2 per parcel. Nothing else changed here at all."
    )

    assert one.words == "The fee is EUR 2 per parcel."
    assert one.kind == wording.AMOUNT


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The EU and the European Commission decided; the UK waits", ("EU", "GB")),
        ("欧盟对中国商品", ("EU", "CN")),
        ("It tells us nothing", ()),
        ("USA and US rules", ("US",)),
    ],
)
def test_places_are_found_by_their_names(text, found):
    assert wording.places(text) == found
