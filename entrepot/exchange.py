"""`entrepot qti`, `entrepot case`, `entrepot cartridge`: question banks, the graph and courses, out and in. Floor 4.

What comes in is written as a draft that a person completes: nothing here changes what an institution teaches.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from curriculum import catalog as catalogs
from curriculum import check, courses, lessons
from curriculum.bank import shelf, sound
from curriculum.catalog import Catalog
from curriculum.exchange import archive, cartridge, case, case_reader, qti, syllabus
from entrepot import errors

PROFILES: Mapping[str, str] = {"moodle": "1.1", "canvas": "1.3", "other": "1.3"}
SHOWN = 20


def add_qti(parser: ArgumentParser) -> None:
    """Say what `entrepot qti` takes."""
    deeds = parser.add_subparsers(required=True, metavar="DEED")
    out = _deed(deeds, "export", export_qti, "write questions as a QTI 3.0 package")
    out.add_argument("--area", default="", help="only the questions of this area, such as cus")
    out.add_argument("--skill", action="append", default=[], metavar="ID", help="only of this skill; may be repeated")
    out.add_argument("--seed", type=int, default=1, help="from which figures are drawn where a question draws them")
    out.add_argument("--on", type=date.fromisoformat, default=None, metavar="DAY", help="as asked on this day (today)")
    _target(out)
    into = _deed(deeds, "import", import_qti, "read a QTI 3.0 package or item as a draft of questions")
    into.add_argument("file", type=Path, metavar="FILE", help="a zip with imsmanifest.xml, or the XML of one item")
    into.add_argument("--skill", default="", metavar="ID", help="of questions that name no skill of ours")
    into.add_argument("--language", choices=check.LANGUAGES, default="", help="of items that say none")
    _target(into)


def add_case(parser: ArgumentParser) -> None:
    """Say what `entrepot case` takes."""
    deeds = parser.add_subparsers(required=True, metavar="DEED")
    out = _deed(deeds, "export", export_case, "write the graph as a CFPackage of CASE 1.1, in one language")
    out.add_argument("--catalog", choices=catalogs.NAMES, default=shelf.CATALOG, help="which graph (default cbec)")
    out.add_argument("--language", choices=check.LANGUAGES, default="en", help="of its texts (default en)")
    _address(out)
    _target(out)
    into = _deed(deeds, "import", import_case, "read CFPackages of one framework as the draft of a catalog")
    into.add_argument("file", type=Path, nargs="+", metavar="FILE", help="JSON of GET /CFPackages/{id}, one a language")
    _target(into)


def add_cartridge(parser: ArgumentParser) -> None:
    """Say what `entrepot cartridge` takes."""
    parser.add_argument("--catalog", choices=catalogs.NAMES, default=shelf.CATALOG, help="of what (default cbec)")
    parser.add_argument(
        "--course", default="", metavar="ID", help="a course, or one area of the catalog (default: all areas)"
    )
    parser.add_argument("--language", choices=check.LANGUAGES, default="en", help="of its titles (default en)")
    parser.add_argument("--for", choices=sorted(PROFILES), default="other", dest="target", help="the LMS it is for")
    _address(parser)
    _target(parser)
    parser.set_defaults(run=export_cartridge)


def _deed(deeds: Any, name: str, run: Callable[[Namespace], str], text: str) -> ArgumentParser:
    parser: ArgumentParser = deeds.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _target(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write")


def _address(parser: ArgumentParser) -> None:
    parser.add_argument("--url", default="", help="public address of the tool (default: ENTREPOT_LTI_URL)")


def run(arguments: Namespace, environment: Mapping[str, str], today: date) -> None:
    """Do what the arguments ask for, and say what was done.

    Args:
        arguments: Of one of the three commands.
        environment: Of the process; the tool's address is read.
        today: The day.
    """
    arguments.today = today
    arguments.base = (getattr(arguments, "url", "") or environment.get("ENTREPOT_LTI_URL", "")).rstrip("/")
    sys.stdout.write(arguments.run(arguments))


def export_qti(arguments: Namespace) -> str:
    """Write questions as a package."""
    catalog = catalogs.load(shelf.CATALOG)
    skills = list(arguments.skill)
    if arguments.area:
        skills += _of_area(catalog, arguments.area)
    on = arguments.on or arguments.today
    data = qti.write(shelf.load(), catalog, skills, seed=arguments.seed, on=on)
    _write(arguments.out, data)
    count = sum(name.startswith("items/en/") for name in archive.unpack(data, str(arguments.out)))
    return f"Wrote {count} questions, each in {len(check.LANGUAGES)} languages, to {arguments.out}.\n"


def import_qti(arguments: Namespace) -> str:
    """Read a package as a draft of the bank, and say what it lacks."""
    catalog, bank = catalogs.load(shelf.CATALOG), shelf.load()
    if arguments.skill and arguments.skill not in catalog.skills:
        raise errors.InvalidRequest(
            "--skill", f"no skill is called {arguments.skill!r}", "the ids stand in curriculum/data/cbec.yaml"
        )
    known = {*catalog.misconceptions, *bank.misconceptions}
    taken = qti.read(
        _read(arguments.file), arguments.file.name, skill=arguments.skill, language=arguments.language, known=known
    )
    text = _yaml(taken.document)
    _write(arguments.out, text)
    allowed = shelf.known(catalog)
    lacking = sound.problems(taken.document, sound.Known(allowed.skills, allowed.rules, {*allowed.causes, *known}))
    told = [f"Wrote {len(taken.document['questions'])} questions to {arguments.out}.", *_some(taken.notes)]
    if lacking:
        told += [
            f"{len(lacking)} things are still to be written before the bank can take them:",
            *_placed(lacking, text),
        ]
    return "\n".join(told) + "\n"


def export_case(arguments: Namespace) -> str:
    """Write a graph as a CFPackage."""
    catalog = catalogs.load(arguments.catalog)
    package = case.package(catalog, arguments.language, f"{_base(arguments)}/ims/case/v1p1")
    _write(arguments.out, (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode())
    items, ties = len(package["CFItems"]), len(package["CFAssociations"])
    return f"Wrote {items} items and {ties} associations to {arguments.out}.\n"


def import_case(arguments: Namespace) -> str:
    """Read packages as the draft of a catalog, and say what it lacks."""
    drafted = case_reader.read({str(path): _read(path) for path in arguments.file})
    text = _yaml(drafted.document)
    _write(arguments.out, text)
    areas, skills = len(drafted.document["areas"]), len(drafted.document["skills"])
    told = [f"Wrote {skills} skills in {areas} areas to {arguments.out}.", *_some(drafted.notes)]
    lacking = check.problems(drafted.document)
    if lacking:
        told += [f"{len(lacking)} things are still to be written before it is a catalog:", *_placed(lacking, text)]
    return "\n".join(told) + "\n"


def export_cartridge(arguments: Namespace) -> str:
    """Write a course as a cartridge."""
    catalog, language = catalogs.load(arguments.catalog), arguments.language
    texts = lessons.load() if catalog.id == lessons.CATALOG else {}
    offered = courses.of_catalog(catalog)
    if arguments.course in offered:
        parts = syllabus.course(catalog, arguments.course, language, lessons=texts)
        title, about = offered[arguments.course].name[language], offered[arguments.course].about[language]
    else:
        if arguments.course and arguments.course not in catalog.areas:
            needed = f"use a course ({', '.join(offered)}) or an area ({', '.join(catalog.areas)})"
            raise errors.InvalidRequest("--course", f"there is no {arguments.course!r}", needed)
        parts = syllabus.parts(catalog, language, area=arguments.course, lessons=texts)
        title = catalog.areas[arguments.course].name[language] if arguments.course else catalog.name[language]
        about = catalog.notice.get(language, "")
    data = cartridge.write(
        title,
        about,
        parts,
        launch=f"{_base(arguments)}/lti/launch",
        language=language,
        profile=PROFILES[arguments.target],
    )
    _write(arguments.out, data)
    profile = PROFILES[arguments.target]
    return f"Wrote {len(parts)} modules as Common Cartridge {profile} to {arguments.out}.\n"


def _of_area(catalog: Catalog, area: str) -> list[str]:
    if area not in catalog.areas:
        raise errors.InvalidRequest("--area", f"no area is called {area!r}", f"use one of {', '.join(catalog.areas)}")
    return [skill.id for skill in catalog.skills.values() if skill.area == area]


def _base(arguments: Namespace) -> str:
    if not arguments.base:
        needed = "give --url https://learn.example.org or set ENTREPOT_LTI_URL"
        raise errors.InvalidRequest("--url", "the tool's address is not known", needed)
    return str(arguments.base)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise errors.InvalidRequest(
            str(path), error.strerror or "cannot be read", "name a file that is there"
        ) from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise errors.InvalidRequest("--out", f"{path}: {error.strerror}", "name a file that can be written") from error


def _yaml(document: Mapping[str, Any]) -> bytes:
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=140)
    return text.encode()


def _placed(problems: list[str], text: bytes) -> list[str]:
    """Problems of a draft, with the line of the file that was written."""
    lines = check.lines(text.decode())
    return _some([check.with_line(problem, lines) for problem in problems])


def _some(lines: tuple[str, ...] | list[str]) -> list[str]:
    more = [f"  … and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return [*(f"  {line}" for line in lines[:SHOWN]), *more]
