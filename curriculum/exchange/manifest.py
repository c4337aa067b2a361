"""The manifest of a QTI package: which files are items, and what is said about each. Floor 1.

1EdTech QTI 3.0 packaging, with IEEE LOM for levels and difficulty, and curriculum standards metadata for skills: their
identifiers are those of the CASE documents, so that a system that has read the graph knows what a question asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from curriculum import errors
from curriculum.bank.entry import BLOOM
from curriculum.exchange import markup, names, older, passage
from curriculum.exchange.item_writer import TAGS
from curriculum.exchange.markup import Node, element

FILE = "imsmanifest.xml"
PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/LOM"
STANDARDS = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscsmd_v1p1"
ABOUT = "http://www.imsglobal.org/xsd/imsqti_metadata_v3p0"
ITEM = "imsqti_item_xmlv3p0"
LEVELS = ("very easy", "easy", "medium", "difficult", "very difficult")
CATALOG, RULE = "entrepot:", "entrepot:rule"
INTERACTIONS = {"choice": "choiceInteraction", "several": "choiceInteraction", "match": "matchInteraction"}

_SCHEMAS = (
    (PACKAGE, "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd"),
    (LOM, "https://purl.imsglobal.org/spec/md/v1p3/schema/xsd/imsmd_loose_v1p3p2.xsd"),
    (STANDARDS, "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_csmv1p1_v1p0.xsd"),
    (ABOUT, "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_metadatav3p0_v1p0.xsd"),
)
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_PERIOD = re.compile(r"\b(start|end)=(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class Listed:
    """An item of a package.

    Attributes:
        path: Its file inside the package.
        line: Of its resource in the manifest.
        about: What the manifest says of it: fields of a question of the bank.
        language: As the manifest says; empty if it does not.
    """

    path: str
    line: int
    about: Mapping[str, Any]
    language: str


def read(root: Node) -> list[Listed]:
    """The items that a manifest lists.

    Raises:
        errors.ExchangeRefused: It is no manifest of a QTI package, or lists no item, or one of another version.
    """
    resources = root.every("resource")
    items = [node for node in resources if node.get("type").startswith("imsqti_item")]
    if root.name != "manifest" or not items:
        problem = f"line {root.line}: it lists no QTI item; a QTI package lists resources of the type {ITEM!r}"
        raise errors.ExchangeRefused(FILE, [problem])
    other = [node for node in items if node.get("type") not in (ITEM, *older.TYPES)]
    if other:
        told = "export as QTI 3.0 or 2.x"
        problems = [f"line {node.line}: an item of the type {node.get('type')!r}; {told}" for node in other]
        raise errors.ExchangeRefused(FILE, problems)
    return [Listed(_path(node), node.line, _about(node), _language(node)) for node in items]


def write(catalog: str, title: str, items: list[tuple[str, str, Mapping[str, Any], str]]) -> bytes:
    """Write a manifest.

    Args:
        catalog: Id of the catalog.
        title: Of the package.
        items: Path, language, question as `plain.entry` makes it, and title of each.
    """
    named = element("title", {}, element("string", {"language": "en"}, title))
    lom = element("lom", {"xmlns": LOM}, element("general", {}, named))
    head = {
        "xmlns": PACKAGE,
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": " ".join(f"{space} {place}" for space, place in _SCHEMAS),
        "identifier": f"entrepot.{catalog}",
    }
    metadata = element("metadata", {}, _leaf("schema", "QTI Item Bank"), _leaf("schemaversion", "3.0.0"), lom)
    resources = element("resources", {}, *(_resource(catalog, *item) for item in items))
    return markup.write(element("manifest", head, metadata, element("organizations"), resources))


def _leaf(name: str, text: str) -> Node:
    return element(name, {}, text)


def _resource(catalog: str, path: str, language: str, question: Mapping[str, Any], title: str) -> Node:
    told = {"identifier": f"{question['id']}.{language}", "type": ITEM, "href": path}
    about = (_kind(question), _standards(catalog, question), _lom(catalog, language, question, title))
    return element("resource", told, element("metadata", {}, *about), element("file", {"href": path}))


def _standards(catalog: str, question: Mapping[str, Any]) -> Node:
    guids = (
        element("labelledGUID", {}, _leaf("label", skill), _leaf("GUID", names.of(catalog, "skill", skill)))
        for skill in (question["skill"], *question.get("also", ()))
    )
    provider = {"providerId": f"{CATALOG}{catalog}"}
    inside = element("curriculumStandardsMetadata", provider, element("setOfGUIDs", {}, *guids))
    return element("curriculumStandardsMetadataSet", {"xmlns": STANDARDS}, inside)


def _lom(catalog: str, language: str, question: Mapping[str, Any], title: str) -> Node:
    tag = TAGS[language]
    named = element("identifier", {}, _leaf("catalog", f"{CATALOG}{catalog}"), _leaf("entry", question["id"]))
    headed = element("title", {}, element("string", {"language": tag}, title))
    edges = [f"{edge}={question[field]}" for edge, field in _EDGES if field in question]
    # DCMI Period, the way in which Dublin Core and LOM say for how long something holds.
    period = "; ".join([*edges, "scheme=W3C-DTF"])
    coverage = (element("coverage", {}, element("string", {"language": "x-none"}, period)),) if edges else ()
    parts = [
        element("general", {}, named, headed, _leaf("language", tag), *coverage),
        element("educational", {}, _vocabulary("difficulty", LEVELS[question["difficulty"] - 1])),
    ]
    if "rule" in question:
        rule = element("identifier", {}, _leaf("catalog", RULE), _leaf("entry", question["rule"]))
        parts.append(element("relation", {}, _vocabulary("kind", "isbasedon"), element("resource", {}, rule)))
    source = element("source", {}, element("string", {"language": "en"}, "Bloom"))
    path = element("taxonPath", {}, source, element("taxon", {}, _leaf("id", question["bloom"])))
    parts.append(element("classification", {}, _vocabulary("purpose", "educational objective"), path))
    return element("lom", {"xmlns": LOM}, *parts)


def _vocabulary(name: str, value: str) -> Node:
    return element(name, {}, _leaf("source", "LOMv1.0"), _leaf("value", value))


def _kind(question: Mapping[str, Any]) -> Node:
    kind = INTERACTIONS.get(question["form"], "textEntryInteraction")
    facts = {
        "interactionType": kind,
        "feedbackType": "nonadaptive",
        "solutionAvailable": "true",
        "toolName": "Entrepot",
    }
    return element("qtiMetadata", {"xmlns": ABOUT}, *(_leaf(name, value) for name, value in facts.items()))


def _path(resource: Node) -> str:
    """The file of a resource, as the package names it."""
    file = resource.first("file")
    href = resource.get("href") or ("" if file is None else file.get("href"))
    raw = _PERCENT.sub(lambda found: chr(int(found[1], 16)), href.removeprefix("./"))
    try:
        return raw.encode("latin-1").decode("utf-8") if raw != href else raw
    except UnicodeError:
        return raw


def _language(resource: Node) -> str:
    general = resource.first("general")
    return next((passage.text(node) for node in general.elements if node.name == "language"), "") if general else ""


def _about(resource: Node) -> dict[str, Any]:
    """What a manifest says of an item: what it does not say, or says in a way that is not ours, is left out."""
    metadata = resource.first("metadata")
    if metadata is None:
        return {}
    made: dict[str, Any] = {}
    skills = list(_skills(metadata))
    if skills:
        made["skill"] = skills[0]
    if skills[1:]:
        made["also"] = skills[1:]
    made |= _ours(metadata)
    difficulty = metadata.first("difficulty")
    level = "" if difficulty is None else passage.text(difficulty.first("value") or difficulty)
    if level in LEVELS:
        made["difficulty"] = LEVELS.index(level) + 1
    bloom = next((passage.text(node) for node in metadata.every("id") if passage.text(node) in BLOOM), "")
    if bloom:
        made["bloom"] = bloom
    coverage = metadata.first("coverage")
    fields = dict(_EDGES)
    for edge, day in _PERIOD.findall("" if coverage is None else passage.text(coverage)):
        made[fields[edge]] = day
    return made


def _skills(metadata: Node) -> Iterator[str]:
    """Skills whose label and identifier agree: a label alone may be of anybody's graph."""
    for standards in metadata.every("curriculumStandardsMetadata"):
        catalog = standards.get("providerId").removeprefix(CATALOG)
        for node in standards.every("labelledGUID"):
            label, guid = (passage.text(node.first(name) or Node("")) for name in ("label", "GUID"))
            if label and guid == names.of(catalog, "skill", label):
                yield label


def _ours(metadata: Node) -> dict[str, str]:
    """The id of the question and of its rule, in catalogs of our own."""
    made: dict[str, str] = {}
    for node in metadata.every("identifier"):
        catalog, entry = (passage.text(node.first(name) or Node("")) for name in ("catalog", "entry"))
        if entry and catalog == RULE:
            made["rule"] = entry
        elif entry and catalog.startswith(CATALOG):
            made["id"] = entry
    return made


_EDGES = (("start", "valid_from"), ("end", "valid_to"))
