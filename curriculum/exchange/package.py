"""The package that a cartridge is: its files within bounds, its manifest, and its resources by identifier. Floor 1.

1EdTech Content Packaging 1.1 and 1.2, as Common Cartridge and Thin Common Cartridge use them. Only files that may hold
texts are ever unpacked; the others are known by name. What is doubtful here refuses the package as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from curriculum import errors
from curriculum.exchange import archive, cartridge, markup
from curriculum.exchange.markup import Node

LIMITS = archive.Limits(packed=32 * archive.MIB, files=10_000, one=4 * archive.MIB, total=64 * archive.MIB)
TEXTS = (".xml", ".html", ".htm", ".xhtml", ".txt")
PACKED = (".zip", ".imscc", ".mbz", ".jar", ".7z", ".rar", ".gz", ".tgz", ".tar")
_VERSION = re.compile(r"1\.[0-3](?:\.\d+)*")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Package:
    """A package that was opened.

    Attributes:
        files: Content by path; empty for what was not unpacked.
        root: The manifest.
        version: Of Common Cartridge, such as "1.1.0".
        resources: By identifier; the attribute "files" of each holds the paths of its files, one a line.
    """

    files: Mapping[str, bytes]
    root: Node
    version: str
    resources: Mapping[str, Node]


def unwrap(data: bytes, where: str) -> Package:
    """Open a package, or the manifest alone of a thin cartridge.

    Raises:
        errors.ExchangeRefused: It is no cartridge, or no honest one; every reason with its file and line.
    """
    files = _files(data, where)
    try:
        root = markup.parse(files[cartridge.MANIFEST], cartridge.MANIFEST)
        return Package(files, root, _version(root), _resources(root))
    except errors.ExchangeRefused as refused:
        problems = [f"{refused.where}: {problem}" for problem in refused.problems]
        raise errors.ExchangeRefused(where, problems) from None


def _files(data: bytes, where: str) -> Mapping[str, bytes]:
    if not archive.is_zip(data):
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return {cartridge.MANIFEST: data}
        problem = "it is neither a zip nor XML; export the course as IMS Common Cartridge (.imscc) and send that file"
        raise errors.ExchangeRefused(where, [problem])
    files = archive.unpack(data, where, LIMITS, lambda name: name.lower().endswith(TEXTS))
    if cartridge.MANIFEST in files:
        return files
    inside = next((name for name in files if name.rpartition("/")[2] == cartridge.MANIFEST), "")
    packed = next((name for name in files if name.lower().endswith(PACKED)), "")
    told = "a cartridge has one at its top"
    if inside:
        told = f"one lies at {inside!r}: pack what is in that folder, without the folder"
    elif packed:
        told = f"it holds the package {packed!r}, which is not opened: unpack it and send that one"
    elif "moodle_backup.xml" in files:
        told = "it is a backup of Moodle: in Moodle choose the format IMS Common Cartridge 1.1"
    raise errors.ExchangeRefused(where, [f"it holds no {cartridge.MANIFEST}; {told}"])


def _version(root: Node) -> str:
    metadata = next((one for one in root.elements if one.name == "metadata"), None)
    told = {} if metadata is None else {one.name: flat(one) for one in metadata.elements}
    schema, version = told.get("schema", ""), told.get("schemaversion", "")
    if root.name != "manifest" or "common cartridge" not in schema.lower():
        found = f"the schema is {schema[:60]!r}" if schema else f"<{root.name[:40]}> names no schema"
        raise _refused(root, f"{found}; a cartridge says 'IMS Common Cartridge' or 'IMS Thin Common Cartridge'")
    if not _VERSION.fullmatch(version):
        raise _refused(root, f"the version is {version[:20]!r}; 1.0 to 1.3 can be read: export it as one of these")
    if root.first("authorizations") is not None:
        raise _refused(root, "its publisher protects it by an authorization; ask for a cartridge without one")
    return version


def _resources(root: Node) -> Mapping[str, Node]:
    """Resources by identifier, each with the paths of its files as the package has them."""
    found: dict[str, Node] = {}
    whole = next((one for one in root.elements if one.name == "resources"), Node("resources"))
    listed = [one for one in whole.elements if one.name == "resource"]
    if not listed:
        raise _refused(whole if whole.line else root, "it lists no resource; there is nothing to take in")
    base = root.get("xml:base") + whole.get("xml:base")
    for one in listed:
        name = one.get("identifier")
        if not name or name in found:
            told = f"is taken by line {found[name].line}" if name else "is empty"
            raise _refused(one, f"the identifier {name[:80]!r} {told}; each resource has one of its own")
        prefix = base + one.get("xml:base")
        hrefs = [one.get("href"), *(child.get("href") for child in one.elements if child.name == "file")]
        paths = [path(prefix + href) for href in dict.fromkeys(filter(None, hrefs))]
        for joined in paths:
            if joined.startswith("/") or ".." in joined.split("/") or "\\" in joined or not joined.isprintable():
                raise _refused(
                    one, f"the path {joined[:80]!r} leads out of the package; a path is relative, without '..'"
                )
        found[name] = replace(one, attributes={**one.attributes, "files": "\n".join(paths)})
    return found


def _refused(node: Node, problem: str) -> errors.ExchangeRefused:
    return errors.ExchangeRefused(cartridge.MANIFEST, [f"line {node.line}: {problem}"])


def path(text: str) -> str:
    """A path as the package names it: percent signs of an address undone."""
    raw = text.removeprefix("./")
    undone = _PERCENT.sub(lambda found: chr(int(found[1], 16)), raw)
    try:
        return undone.encode("latin-1").decode("utf-8") if undone != raw else raw
    except UnicodeError:
        return raw


def flat(node: Node) -> str:
    """The text of an element itself, blanks put together."""
    return " ".join("".join(one for one in node.children if isinstance(one, str)).split())
