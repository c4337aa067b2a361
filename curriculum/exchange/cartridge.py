"""A course as a Common Cartridge: modules, links that launch the tool, links to the web. Floor 1.

1EdTech Common Cartridge 1.1 and 1.3, thin: it holds links and no content, so what a course shows stays that of the
tool. Moodle's importer reads 1.1 and nothing later, takes titles as HTML text, and of a link no custom parameters: so
what a link opens stands in its address as well, and titles for it are written without what would break them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import entities

from curriculum import errors
from curriculum.exchange import archive, markup, names
from curriculum.exchange.markup import Node, element

MANIFEST = "imsmanifest.xml"
PROFILES = ("1.1", "1.3")
LONGEST_URL = 2048  # what the tool takes as the target of a launch
SHORT = 94
"""Bytes of a title without blanks that Moodle makes a short name of; it cuts bytes, so a longer one breaks letters."""
TAGS = {"en": "en", "zh": "zh-CN"}

_LOM = "http://ltsc.ieee.org/xsd/imsccv{v}/LOM/manifest"
_SCHEMAS = "http://www.imsglobal.org/profile/cc/ccv{v}"
_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s#]*")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~:-]")
_PLAIN = {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "×": "x", "·": "-", "€": "EUR"}
_AND = {"en": "and", "zh": "与"}


@dataclass(frozen=True)
class Link:
    """Something to open: the tool with custom parameters, or a page of the web.

    Attributes:
        title: What the course shows.
        text: One sentence beneath it; may be empty.
        custom: Custom parameters that say what the tool opens; None for a page of the web.
        url: Address of a page of the web; empty for the tool.
    """

    title: str
    text: str = ""
    custom: Mapping[str, str] | None = None
    url: str = ""


@dataclass(frozen=True)
class Part:
    """A module or a part of one: a title, and what lies in it."""

    title: str
    inside: tuple[Part | Link, ...]


@dataclass(frozen=True)
class _Profile:
    """A profile, with the language and the launch that the whole course has."""

    name: str
    language: str
    launch: str

    @property
    def short(self) -> str:
        return f"v{self.name}".replace(".", "p")

    @property
    def link(self) -> tuple[str, str]:
        """Type and namespace of a link that launches a tool."""
        level = "v1p3" if self.name == "1.3" else "v1p0"
        return f"imsbasiclti_xml{level}", f"http://www.imsglobal.org/xsd/imslticc_{level}"

    def text(self, text: str) -> str:
        """A title as this profile's importers can take it."""
        whole = " ".join(text.split())
        return whole if self.name != "1.1" else plain(whole, self.language)


def write(
    title: str, about: str, parts: tuple[Part, ...], *, launch: str, language: str, profile: str = "1.3"
) -> bytes:
    """Write a cartridge.

    Args:
        title: Of the course.
        about: What it is about.
        parts: Its modules.
        launch: Where the tool is launched, such as https://learn.example.org/lti/launch.
        language: Of the texts: "en" or "zh".
        profile: One of `PROFILES`: "1.1" for Moodle, "1.3" for Canvas and others.

    Raises:
        errors.ExchangeRefused: No such profile, no module, or an address that is none.
    """
    if profile not in PROFILES:
        raise errors.ExchangeRefused(
            "cartridge", [f"no profile is called {profile!r}; use one of {', '.join(PROFILES)}"]
        )
    problems = list(_problems(parts, launch, profile))
    if problems:
        raise errors.ExchangeRefused("cartridge", problems)
    made = _Profile(profile, language, launch)
    links = {_key(link, launch): link for link in _links(parts)}
    files = {MANIFEST: b""}
    files |= {f"{key}.xml": _file(made, link) for key, link in links.items()}
    files[MANIFEST] = markup.write(_manifest(made, title, about, parts, links))
    return archive.pack(files)


def address(launch: str, custom: Mapping[str, str]) -> str:
    """The address of a launch that says what it opens.

    >>> address("https://a.example/lti/launch", {"activity": "module", "module": "fnd"})
    'https://a.example/lti/launch?activity=module&module=fnd'
    """
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in custom.items())
    return f"{launch}?{query}" if query else launch


def plain(text: str, language: str) -> str:
    """A text without letters that HTML 4 has names for: Moodle would write the name into XML, which does not know it.

    >>> plain("Café & bar – “open”", "en")
    'Cafe and bar - "open"'
    """
    joined = text.replace("&", _AND[language]).replace("<", "(").replace(">", ")")
    return "".join(_letter(letter) for letter in joined)


def _letter(letter: str) -> str:
    if letter in _PLAIN:
        return _PLAIN[letter]
    if ord(letter) < 128 or ord(letter) not in entities.codepoint2name:
        return letter
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()


def _quoted(text: str) -> str:
    """Percent-encoded (RFC 3986, section 2.1)."""
    return "".join(
        letter if _UNRESERVED.fullmatch(letter) else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in text
    )


def _problems(parts: tuple[Part, ...], launch: str, profile: str) -> Iterator[str]:
    if not parts:
        yield "it has no module; a course has at least one"
    if not _ADDRESS.fullmatch(launch) or "?" in launch:
        yield f"the tool's address is {launch!r}; it must be like https://learn.example.org/lti/launch"
    for link in _links(parts):
        url = _target(link, launch)
        if not _ADDRESS.fullmatch(url) or len(url) > LONGEST_URL:
            yield f"{link.title!r} leads to {url[:80]!r}; it must be an http address of at most {LONGEST_URL} letters"
        elif profile == "1.1" and link.custom is None and "&" in url:
            # Moodle copies the address of a page into XML as it is.
            yield f"{link.title!r} leads to {url[:80]!r}; Moodle cannot read an '&' there: use another address"


def _links(parts: tuple[Part | Link, ...]) -> Iterator[Link]:
    for part in parts:
        if isinstance(part, Link):
            yield part
        else:
            yield from _links(part.inside)


def _target(link: Link, launch: str) -> str:
    return link.url if link.custom is None else address(launch, link.custom)


def _key(link: Link, launch: str) -> str:
    """A name that stays the same when the course is exported again, so that an importer knows the link."""
    kind = "web" if link.custom is None else "lti"
    return f"{kind}/{names.of('cartridge', kind, _target(link, launch), link.title)}"


def _reference(key: str) -> str:
    return f"R_{key.rpartition('/')[2]}"


def _file(profile: _Profile, link: Link) -> bytes:
    if link.custom is None:
        head = {"xmlns": f"http://www.imsglobal.org/xsd/imscc{profile.short}/imswl_{profile.short}"}
        title = element("title", {}, profile.text(link.title))
        return markup.write(element("webLink", head, title, element("url", {"href": link.url, "target": "_blank"})))
    target = _target(link, profile.launch)
    head = {
        "xmlns": profile.link[1],
        "xmlns:blti": "http://www.imsglobal.org/xsd/imsbasiclti_v1p0",
        "xmlns:lticm": "http://www.imsglobal.org/xsd/imslticm_v1p0",
        "xmlns:lticp": "http://www.imsglobal.org/xsd/imslticp_v1p0",
    }
    custom = (element("lticm:property", {"name": name}, value) for name, value in link.custom.items())
    vendor = element(
        "blti:vendor", {}, element("lticp:code", {}, "entrepot"), element("lticp:name", {}, profile.text("Entrepôt"))
    )
    # A launch by https stands in both: some importers read the one, some the other.
    addresses = [element("blti:launch_url", {}, target)]
    if target.startswith("https:"):
        addresses.append(element("blti:secure_launch_url", {}, target))
    return markup.write(
        element(
            "cartridge_basiclti_link",
            head,
            element("blti:title", {}, profile.text(link.title)),
            element("blti:description", {}, profile.text(link.text)),
            element("blti:custom", {}, *custom),
            *addresses,
            vendor,
        )
    )


def _manifest(profile: _Profile, title: str, about: str, parts: tuple[Part, ...], links: Mapping[str, Link]) -> Node:
    space = f"http://www.imsglobal.org/xsd/imscc{profile.short}/imscp_v1p1"
    lom = _LOM.format(v=profile.short[1:])
    schemas = _SCHEMAS.format(v=profile.short[1:])
    head = {
        # First, for Moodle looks for it in the first 500 bytes.
        "xmlns": space,
        "xmlns:lomimscc": lom,
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": (
            f"{space} {schemas}/cc{profile.short}_imscp_v1p2_v1p0.xsd "
            f"{lom} {schemas}/LOM/cc{profile.short}_lommanifest_v1p0.xsd"
        ),
        "identifier": f"M_{names.of('cartridge', 'course', profile.launch, title)}",
    }
    metadata = element(
        "metadata",
        {},
        element("schema", {}, "IMS Common Cartridge"),
        element("schemaversion", {}, f"{profile.name}.0"),
        element(
            "lomimscc:lom",
            {},
            element(
                "lomimscc:general",
                {},
                element("lomimscc:title", {}, _string(profile, _cut(profile, title))),
                element("lomimscc:language", {}, TAGS[profile.language]),
                element("lomimscc:description", {}, _string(profile, profile.text(about) or profile.text(title))),
            ),
        ),
    )
    items = (_item(profile, part, f"I_{number}") for number, part in enumerate(parts, start=1))
    tree = element(
        "organization",
        {"identifier": "O_1", "structure": "rooted-hierarchy"},
        element("item", {"identifier": "root"}, *items),
    )
    resources = (_resource(profile, key, link) for key, link in links.items())
    return element(
        "manifest",
        head,
        metadata,
        element("organizations", {}, tree),
        element("resources", {}, *resources),
    )


def _string(profile: _Profile, text: str) -> Node:
    return element("lomimscc:string", {"language": TAGS[profile.language]}, text)


def _cut(profile: _Profile, title: str) -> str:
    """The title of the course, not longer than Moodle can make a short name of."""
    whole = profile.text(title)
    if profile.name != "1.1":
        return whole
    while len(whole.replace(" ", "").encode()) > SHORT:
        whole = whole[:-1].rstrip()
    return whole


def _item(profile: _Profile, part: Part | Link, identifier: str) -> Node:
    title = element("title", {}, profile.text(part.title))
    if isinstance(part, Link):
        told = {"identifier": identifier, "identifierref": _reference(_key(part, profile.launch))}
        return element("item", told, title)
    inside = (_item(profile, one, f"{identifier}_{number}") for number, one in enumerate(part.inside, start=1))
    return element("item", {"identifier": identifier}, title, *inside)


def _resource(profile: _Profile, key: str, link: Link) -> Node:
    kind = f"imswl_xml{profile.short}" if link.custom is None else profile.link[0]
    told = {"identifier": _reference(key), "type": kind}
    return element("resource", told, element("file", {"href": f"{key}.xml"}))
