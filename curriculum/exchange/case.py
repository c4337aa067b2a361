"""The graph in CASE 1.1: documents, items and associations, as the specification's REST binding wants them. Floor 1.

1EdTech Competencies and Academic Standards Exchange 1.1. `language` and `fullStatement` hold one language each, so a
catalog is one CFDocument a language: whoever reads one language reads one document. `isTranslationOf`, new in 1.1, ties
the same thing of two documents together. Identifiers are UUIDs of the catalog's own ids (`names`), so that two
universities hand out the same ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from curriculum import check
from curriculum.catalog import Area, Catalog, Skill
from curriculum.exchange import names

JSON = dict[str, Any]
VERSION = "1.1"
FIRST = check.LANGUAGES[0]
AREA = "area"
EXTENSION = "entrepot"
# What an item may be: its title and how it is described, by what the catalog calls it.
TYPES: Mapping[str, tuple[str, str]] = {
    AREA: ("Area", "A field of skills"),
    "knowledge": ("Knowledge", "Something to know"),
    "skill": ("Skill", "Something to be able to do"),
    "attitude": ("Attitude", "A way of acting"),
    "assessment": ("Assessment", "Something that is examined"),
}
LICENSE = ("Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0")
KINDS = ("CFDocuments", "CFPackages", "CFItems", "CFAssociations", "CFItemAssociations", "CFItemTypes", "CFLicenses")


@dataclass(frozen=True, eq=False)
class Shelf:
    """Everything that is published.

    Attributes:
        things: By kind of thing, one of `KINDS`, and identifier: the answer of the service.
    """

    things: Mapping[str, Mapping[str, JSON]]

    @property
    def documents(self) -> list[JSON]:
        """All CFDocuments, in the order of catalogs and languages."""
        return list(self.things["CFDocuments"].values())


def shelve(catalogs: Iterable[Catalog], base: str) -> Shelf:
    """Make what is published.

    Args:
        catalogs: What there is to learn.
        base: Public base of the service, such as https://learn.example.org/ims/case/v1p1.
    """
    things: dict[str, dict[str, JSON]] = {kind: {} for kind in KINDS}
    for catalog in catalogs:
        for language in check.LANGUAGES:
            _place(things, _Writer(catalog, language, base.rstrip("/")))
    return Shelf(things)


def package(catalog: Catalog, language: str, base: str) -> JSON:
    """One CFPackage: a document with everything in it.

    Args:
        catalog: What there is to learn.
        language: "en" or "zh".
        base: As of `shelve`.
    """
    found = shelve([catalog], base).things["CFPackages"]
    return found[names.of(catalog.id, "document", language)]


def failure(minor: str, description: str) -> JSON:
    """The answer to a request that failed (imsx_StatusInfo).

    Args:
        minor: A code of the specification, such as "unknownobject" or "invalid_uuid".
        description: What was wrong.
    """
    field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
    return {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": description,
        "imsx_codeMinor": {"imsx_codeMinorField": [field]},
    }


def _place(things: dict[str, dict[str, JSON]], writer: _Writer) -> None:
    """Put a document and what belongs to it on the shelf."""
    document, items, associations = writer.document(), list(writer.items()), list(writer.associations())
    here = writer.link("CFDocuments", document["identifier"], document["title"])
    types, licence = list(writer.types()), writer.licence()
    whole = {**document, "CFPackageURI": writer.link("CFPackages", document["identifier"], document["title"])}
    things["CFDocuments"][document["identifier"]] = whole
    things["CFPackages"][document["identifier"]] = {
        "CFDocument": document,
        "CFItems": items,
        "CFAssociations": associations,
        "CFDefinitions": {"CFItemTypes": types, "CFLicenses": [licence]},
    }
    for item in items:
        full = {**item, "CFDocumentURI": here}
        things["CFItems"][item["identifier"]] = full
        tied = [one for one in associations if item["identifier"] in _ends(one)]
        things["CFItemAssociations"][item["identifier"]] = {"CFItem": full, "CFAssociations": tied}
    things["CFAssociations"] |= {one["identifier"]: {**one, "CFDocumentURI": here} for one in associations}
    things["CFItemTypes"] |= {one["identifier"]: {"CFItemTypes": [one]} for one in types}
    things["CFLicenses"][licence["identifier"]] = licence


def _ends(association: JSON) -> tuple[str, str]:
    return association["originNodeURI"]["identifier"], association["destinationNodeURI"]["identifier"]


@dataclass(frozen=True)
class _Writer:
    """A catalog in one language."""

    catalog: Catalog
    language: str
    base: str

    @property
    def changed(self) -> JSON:
        """When all of it was last changed: the catalog's day, for it is published as a whole."""
        day = self.catalog.dated
        return {"lastChangeDateTime": f"{day.isoformat() if day else '1970-01-01'}T00:00:00+00:00"}

    def id(self, kind: str, *ids: str) -> str:
        """The first language's identifiers are those of the thing itself, as metadata of questions name it."""
        return names.of(self.catalog.id, kind, *ids, *(() if self.language == FIRST else (self.language,)))

    def link(self, kind: str, identifier: str, title: str) -> JSON:
        return {"title": title, "identifier": identifier, "uri": f"{self.base}/{kind}/{identifier}"}

    def head(self, kind: str, identifier: str) -> JSON:
        return {"identifier": identifier, "uri": f"{self.base}/{kind}/{identifier}"}

    def document(self) -> JSON:
        identifier = names.of(self.catalog.id, "document", self.language)
        made = {
            **self.head("CFDocuments", identifier),
            "frameworkType": "Competency framework",
            "caseVersion": VERSION,
            "creator": "Entrepôt",
            "title": self.catalog.name[self.language],
            "language": self.language,
            "adoptionStatus": "Draft",
            "licenseURI": self.link("CFLicenses", self.licence()["identifier"], LICENSE[0]),
            "extensions": {EXTENSION: {"catalog": self.catalog.id}},
            **self.changed,
        }
        notice = self.catalog.notice.get(self.language)
        optional = {"version": self.catalog.version, "description": notice}
        return made | {name: value for name, value in optional.items() if value}

    def types(self) -> Iterator[JSON]:
        for code, (kind, (title, text)) in enumerate(TYPES.items(), start=1):
            yield {
                **self.head("CFItemTypes", names.of(self.catalog.id, "type", kind)),
                "title": title,
                "description": text,
                "hierarchyCode": "1" if kind == AREA else f"1.{code - 1}",
                "typeCode": kind,
                **self.changed,
            }

    def licence(self) -> JSON:
        title, place = LICENSE
        identifier = names.of(self.catalog.id, "licence", title)
        return {**self.head("CFLicenses", identifier), "title": title, "licenseText": place, **self.changed}

    def items(self) -> Iterator[JSON]:
        for area in self.catalog.areas.values():
            yield self._item(area, AREA, {})
        for skill in self.catalog.skills.values():
            own = {"difficulty": skill.difficulty, "half_life_days": skill.half_life_days, "sources": [*skill.sources]}
            yield self._item(skill, skill.kind, {name: value for name, value in own.items() if value})

    def _item(self, thing: Area | Skill, kind: str, own: JSON) -> JSON:
        identifier = self.id(AREA if kind == AREA else "skill", thing.id)
        title = TYPES[kind][0]
        made = {
            **self.head("CFItems", identifier),
            "fullStatement": thing.name[self.language],
            "humanCodingScheme": thing.id,
            "CFItemType": title,
            "CFItemTypeURI": self.link("CFItemTypes", names.of(self.catalog.id, "type", kind), title),
            "language": self.language,
            **self.changed,
        }
        return made | ({"extensions": {EXTENSION: own}} if own else {})

    def associations(self) -> Iterator[JSON]:
        document = self.document()
        top = {**self.link("CFDocuments", document["identifier"], document["title"]), "targetType": "CASE"}
        for number, area in enumerate(self.catalog.areas.values(), start=1):
            yield self._tie("isChildOf", self._node(AREA, area), top, number)
        inside: Counter[str] = Counter()
        for skill in self.catalog.skills.values():
            inside[skill.area] += 1
            area = self.catalog.areas[skill.area]
            yield self._tie("isChildOf", self._node("skill", skill), self._node(AREA, area), inside[skill.area])
        yield from self._prerequisites()
        yield from self._alignments()
        if self.language != FIRST:
            yield from self._translations(top)

    def _prerequisites(self) -> Iterator[JSON]:
        for skill in self.catalog.skills.values():
            for name in skill.prerequisites:
                before = self._node("skill", self.catalog.skills[name])
                because = skill.because.get(name)
                made = self._tie("precedes", before, self._node("skill", skill))
                yield made | ({"notes": because[self.language]} if because else {})

    def _alignments(self) -> Iterator[JSON]:
        """To ESCO: an exact match only where no other skill claims the same one, for then neither can be exact."""
        claimed = Counter(skill.esco["uri"] for skill in self.catalog.skills.values() if skill.esco)
        for skill in self.catalog.skills.values():
            if skill.esco:
                uri = skill.esco["uri"]
                there = {"title": skill.esco["label"], "identifier": uri.rpartition("/")[2], "uri": uri}
                kind = "exactMatchOf" if claimed[uri] == 1 else "isRelatedTo"
                yield self._tie(kind, self._node("skill", skill), {**there, "targetType": "ext:ESCO"})

    def _translations(self, top: JSON) -> Iterator[JSON]:
        first = _Writer(self.catalog, FIRST, self.base)
        original = first.document()
        there = {**self.link("CFDocuments", original["identifier"], original["title"]), "targetType": "CASE"}
        yield self._tie("isTranslationOf", top, there)
        for area in self.catalog.areas.values():
            yield self._tie("isTranslationOf", self._node(AREA, area), first._node(AREA, area))
        for skill in self.catalog.skills.values():
            yield self._tie("isTranslationOf", self._node("skill", skill), first._node("skill", skill))

    def _node(self, kind: str, thing: Area | Skill) -> JSON:
        title = thing.name[self.language]
        return {**self.link("CFItems", self.id(kind, thing.id), title), "targetType": "CASE"}

    def _tie(self, kind: str, origin: JSON, destination: JSON, number: int = 0) -> JSON:
        identifier = names.of(self.catalog.id, kind, origin["identifier"], destination["identifier"])
        made = {
            **self.head("CFAssociations", identifier),
            "associationType": kind,
            "originNodeURI": origin,
            "destinationNodeURI": destination,
            **self.changed,
        }
        return made | ({"sequenceNumber": number} if number else {})
