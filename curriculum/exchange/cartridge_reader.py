"""Somebody else's course as a Common Cartridge: its modules and what lies in them, and what was left out and why.

Floor 1. 1EdTech Common Cartridge 1.0 to 1.3 and Thin Common Cartridge, as Moodle, Canvas and others export them. What
makes the package itself doubtful (a path out of it, a bomb, two resources of one name, a document type) refuses it as a
whole; what is wrong with one part leaves that part out, by file, line and element. Pages come in as plain text: no HTML
of somebody else's is ever shown. Files stay where they are: this is no place for films and slides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from curriculum import addresses, errors
from curriculum.exchange import assessment, cartridge, hypertext, markup, package
from curriculum.exchange.markup import Node

LINK, PAGE, TASK, TALK, EVENT, QUIZ, OURS = KINDS = ("link", "page", "task", "talk", "event", "quiz", "ours")
"""What is taken in: an address, a page, an assignment, a discussion, a date of a calendar, questions, a link to us."""
FILE, TOOL, PACKED, MISSING, ENCODING, BROKEN, EMPTY, LONG, ADDRESS, UNKNOWN, UNPLACED, MANY, QUESTION = REASONS = (
    "file", "tool", "packed", "missing", "encoding", "broken", "empty", "long", "address", "unknown", "unplaced",
    "many", "question",
)  # fmt: skip
"""Why something is left out: a file that is no text; another tool; a package in the package; nothing of that name; an
encoding that it is not in; no sound XML; nothing in it; too long; no address of the web; a sort that is not known; a
page in no module; too many parts; an item of a quiz, by `assessment.REASONS`."""
LONGEST_TITLE, LONGEST_TEXT, LONGEST_ALL = 200, 12_000, 300_000
"""Letters of a title, of the text of one part, and of all texts."""
MOST_PARTS, DEEPEST = 1500, 8
"""Parts of a course, and levels of its modules."""

_DOING = ("imswl", "imsdt", "imsqti", "imsbasiclti", "assignment")
_EVENTS, _TASK = "course_settings/events.xml", "assignment_settings.xml"
_OWN = frozenset({"course_settings/canvas_export.txt", "course_settings/syllabus.html"})
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Left:
    """Something that did not come in.

    Attributes:
        where: The file.
        line: From 1; 0 where a file has no lines.
        element: Its title, or what it is called in the file.
        reason: One of `REASONS`.
        more: Of an item of a quiz: one of `assessment.REASONS`; of a broken file: what is wrong with it.
    """

    where: str
    line: int
    element: str
    reason: str
    more: str = ""


@dataclass(frozen=True)
class Piece:
    """Something that came in.

    Attributes:
        kind: One of `KINDS`.
        title: What the course calls it.
        where: The file.
        line: Of its resource in the manifest.
        text: What it says, as lines.
        url: Of a link: its address.
        custom: Of a link to us: what it opens.
        questions: Of a quiz: drafts of questions of the bank, in the language of the course.
        lost: Names of elements that plain text cannot say.
    """

    kind: str
    title: str
    where: str
    line: int
    text: str = ""
    url: str = ""
    custom: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    questions: tuple[Mapping[str, Any], ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of a module: its title, and what lies in it. An empty title: of the module itself."""

    title: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Chapter:
    """A module. An empty title: what stands in none."""

    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Course:
    """A course as it came.

    Attributes:
        title: Its title; empty if it has none.
        about: What it is about.
        language: "en" or "zh": as it says, else as its texts look.
        version: Of Common Cartridge.
        terms: What it says of rights; empty if nothing.
        chapters: Its modules.
        left: What did not come in.
    """

    title: str
    about: str
    language: str
    version: str
    terms: str
    chapters: tuple[Chapter, ...]
    left: tuple[Left, ...]

    @property
    def pieces(self) -> Iterator[Piece]:
        """All that came in, in order."""
        return (piece for chapter in self.chapters for section in chapter.sections for piece in section.pieces)


def read(data: bytes, where: str, *, launch: str = "") -> Course:
    """Read a cartridge.

    Args:
        data: The package, or the manifest alone of a thin one.
        where: Its name, for messages.
        launch: Where our tool is launched: links there are ours again. Empty: none is.

    Raises:
        errors.ExchangeRefused: It is no cartridge, or no honest one; every reason with its file and line.
    """
    return _Reader(package.unwrap(data, where), launch.rstrip("/")).course()


class _Reader:
    """What was read so far: what is left out, which resources stand in a module, how much text there is."""

    def __init__(self, whole: package.Package, launch: str) -> None:
        self.whole = whole
        self.files = whole.files
        self.root = whole.root
        self.resources = whole.resources
        self.launch = launch
        self.language = "en"
        self.left: list[Left] = []
        self.used: set[str] = set()
        self.parts = 0
        self.letters = 0

    def course(self) -> Course:
        """The whole, module by module, then what stands in none."""
        metadata = next(one for one in self.root.elements if one.name == "metadata")
        general = metadata.first("general") or Node("general")
        titles = [package.flat(one) for one in self.root.every("title")]
        self.language = _language(_told(general, "language"), " ".join(titles))
        chapters = [one for one in self._chapters() if one.sections]
        parts = {one.get("identifierref") for key in self.used for one in self.resources[key].every("dependency")}
        others = [one for name, one in self.resources.items() if name not in self.used and name not in parts]
        rest = [piece for one in others for piece in self._unplaced(one)]
        rest += self._events()
        if rest:
            chapters.append(Chapter("", (Section("", tuple(rest)),)))
        rights = metadata.first("rights")
        return Course(
            title=_told(general, "title")[:LONGEST_TITLE],
            about=hypertext.read(_told(general, "description")).text[:LONGEST_TEXT],
            language=self.language,
            version=self.whole.version,
            terms="" if rights is None else _told(rights, "description")[:LONGEST_TEXT],
            chapters=tuple(chapters),
            left=tuple(self.left),
        )

    def _chapters(self) -> Iterator[Chapter]:
        """The modules: items at the top that hold others; what lies between them is a module without a title."""
        tree = self.root.first("organization") or Node("organization")
        top = [one for one in tree.elements if one.name == "item"]
        while len(top) == 1 and not top[0].get("identifierref") and not _title(top[0]) and _items(top[0]):
            top = _items(top[0])
        loose: list[Node] = []
        for one in top:
            if _items(one):
                if loose:
                    yield Chapter("", tuple(self._sections("", loose, 1)))
                    loose = []
                yield Chapter(_title(one), tuple(self._sections("", [*_itself(one), *_items(one)], 1)))
            else:
                loose.append(one)
        if loose:
            yield Chapter("", tuple(self._sections("", loose, 1)))

    def _sections(self, title: str, items: list[Node], depth: int) -> Iterator[Section]:
        """What lies in a module: a heading, or an item that holds others, begins a section of its own."""
        pieces: list[Piece] = []
        for one in items:
            inside = _items(one)
            if inside and depth < DEEPEST:
                if pieces:
                    yield Section(title, tuple(pieces))
                    pieces = []
                yield from self._sections(_title(one), [*_itself(one), *inside], depth + 1)
            elif one.get("identifierref"):
                pieces += self._placed(one)
            elif inside:
                self._leave(one.line, _title(one), MANY)
            else:
                if pieces:
                    yield Section(title, tuple(pieces))
                title, pieces = _title(one), []
        if pieces:
            yield Section(title, tuple(pieces))

    def _placed(self, item: Node) -> list[Piece]:
        name = item.get("identifierref")
        resource = self.resources.get(name)
        if resource is None:
            self._leave(item.line, _title(item) or name, MISSING)
            return []
        self.used.add(name)
        self.parts += 1
        if self.parts > MOST_PARTS:
            self._leave(item.line, _title(item) or name, MANY)
            return []
        return self._read(resource, _title(item))

    def _unplaced(self, resource: Node) -> list[Piece]:
        """A resource that stands in no module: what is something to do is taken, pages and files are only told of."""
        kind, paths = resource.get("type").lower(), _paths(resource)
        name = paths[0] if paths else resource.get("identifier")
        if any(path in _OWN for path in paths):
            return []
        if not kind.startswith(_DOING) and not any(path.endswith(_TASK) for path in paths):
            page = any(path.lower().endswith(package.TEXTS) for path in paths)
            self._leave(resource.line, name, UNPLACED if page else FILE)
            return []
        self.parts += 1
        if self.parts > MOST_PARTS:
            self._leave(resource.line, name, MANY)
            return []
        return self._read(resource, "")

    def _read(self, resource: Node, title: str) -> list[Piece]:
        """What a resource is, as far as it can be taken in."""
        kind, paths = resource.get("type").lower(), _paths(resource)
        if "webcontent" in kind or "learning-application-resource" in kind:
            return self._content(resource, title, paths)
        root = self._root(resource, title, paths)
        if root is None:
            return []
        for begin, read in (
            ("imswl", self._link),
            ("imsdt", self._talk),
            ("imsqti", self._quiz),
            ("imsbasiclti", self._tool),
            ("assignment", self._task),
        ):
            if kind.startswith(begin):
                return read(resource, title, root)
        self._leave(resource.line, title or kind[:60], UNKNOWN)
        return []

    def _root(self, resource: Node, title: str, paths: tuple[str, ...]) -> Node | None:
        """The document of a resource: its file, or what stands inside it in a thin cartridge."""
        inline = [one for one in resource.elements if one.name not in {"file", "dependency", "metadata", "variant"}]
        path = next((one for one in paths if one.lower().endswith(".xml")), "")
        if not path:
            if not inline:
                self._leave(resource.line, title or resource.get("identifier"), MISSING)
            return inline[0] if inline else None
        if path not in self.files:
            self._leave(resource.line, title or path, MISSING)
            return None
        try:
            return markup.parse(self.files[path], path)
        except errors.ExchangeRefused as refused:
            told = refused.problems[0]
            found = re.match(r"line (\d+): ", told)
            self.left.append(Left(path, int(found[1]) if found else 1, title or path, BROKEN, told))
            return None

    def _content(self, resource: Node, title: str, paths: tuple[str, ...]) -> list[Piece]:
        """A page or an assignment of Canvas, as plain text; any other file is only told of."""
        path = next((one for one in paths if one.lower().endswith(package.TEXTS[1:])), "")
        settings = next((one for one in paths if one.endswith(_TASK)), "")
        first = paths[0] if paths else resource.get("identifier")
        if not path:
            packed = first.lower().endswith(package.PACKED)
            self._leave(resource.line, title or first, PACKED if packed else FILE if paths else MISSING)
            return []
        if path not in self.files:
            self._leave(resource.line, title or path, MISSING)
            return []
        told = hypertext.decoded(self.files[path]) if len(self.files[path]) <= hypertext.LARGEST else ""
        if told is None:
            self.left.append(Left(path, 1, title or path, ENCODING))
            return []
        page = hypertext.read(told)
        made = Piece(TASK if settings else PAGE, title or page.title or path.rpartition("/")[2], path, resource.line)
        return self._texted(made, page, links=True)

    def _link(self, resource: Node, title: str, root: Node) -> list[Piece]:
        target = root.first("url")
        url = addresses.plain("" if target is None else target.get("href"))
        if addresses.problem(url):
            self._leave(resource.line, title or url[:80], ADDRESS)
            return []
        return [self._piece(LINK, title or _told(root, "title") or url, resource, url=url)]

    def _talk(self, resource: Node, title: str, root: Node) -> list[Piece]:
        made = self._piece(TALK, title or _told(root, "title"), resource)
        return self._texted(made, _said(root))

    def _task(self, resource: Node, title: str, root: Node) -> list[Piece]:
        made = self._piece(TASK, title or _told(root, "title"), resource)
        return self._texted(made, _said(root))

    def _quiz(self, resource: Node, title: str, root: Node) -> list[Piece]:
        where = next(iter(_paths(resource)), cartridge.MANIFEST)
        called, asked, unread = assessment.read(root, self.language)
        self.left += [Left(where, one.line, one.identifier, QUESTION, one.reason) for one in unread]
        named = title or called or where
        if not asked:
            self._leave(resource.line, named, EMPTY)
            return []
        kept: list[Mapping[str, Any]] = []
        for one in asked:
            self.letters += len(str(one.question))
            if self.letters > LONGEST_ALL:
                self.left.append(Left(where, one.line, one.identifier, LONG))
            else:
                kept.append({**one.question, "ident": one.identifier})
        return [replace(self._piece(QUIZ, named, resource), where=where, questions=tuple(kept))] if kept else []

    def _tool(self, resource: Node, title: str, root: Node) -> list[Piece]:
        """A link to a tool: ours again, where it leads to us; another one has to be set up in the LMS."""
        urls = [package.flat(one) for one in root.every("launch_url", "secure_launch_url")]
        ours = next((url for url in urls if self.launch and url.partition("?")[0].rstrip("/") == self.launch), None)
        named = title or _told(root, "title") or next(iter(urls), "")
        if ours is None:
            self._leave(resource.line, named, TOOL)
            return []
        custom = {one.get("name"): package.flat(one) for one in root.every("property") if one.get("name")}
        query = (part.partition("=") for part in ours.partition("?")[2].split("&") if part)
        custom = custom or {package.path(name): package.path(value) for name, _, value in query}
        return [self._piece(OURS, named, resource, custom=MappingProxyType(custom))]

    def _events(self) -> list[Piece]:
        """Dates of the calendar of Canvas: what is done there, without the day, which was another term's."""
        if _EVENTS not in self.files:
            return []
        try:
            root = markup.parse(self.files[_EVENTS], _EVENTS)
        except errors.ExchangeRefused as refused:
            self.left.append(Left(_EVENTS, 1, _EVENTS, BROKEN, refused.problems[0]))
            return []
        made: list[Piece] = []
        for one in root.every("event"):
            page = hypertext.read(_told(one, "description"))
            piece = Piece(EVENT, _told(one, "title")[:LONGEST_TITLE] or _EVENTS, _EVENTS, one.line)
            self.parts += 1
            if self.parts > MOST_PARTS:
                self.left.append(Left(_EVENTS, one.line, piece.title, MANY))
            else:
                made += self._texted(piece, page)
        return made

    def _piece(self, kind: str, title: str, resource: Node, **more: Any) -> Piece:
        where = next(iter(_paths(resource)), cartridge.MANIFEST)
        return Piece(kind, (" ".join(title.split()) or where)[:LONGEST_TITLE], where, resource.line, **more)

    def _texted(self, piece: Piece, page: hypertext.Text, *, links: bool = False) -> list[Piece]:
        """A part with its text, and the links to the web of a page; left out where it says nothing, or too much."""
        title = " ".join(piece.title.split())[:LONGEST_TITLE]
        found = []
        for url, words in page.links if links else ():
            plain = addresses.plain(url)
            if not addresses.problem(plain):
                found.append(Piece(LINK, (words or plain)[:LONGEST_TITLE], piece.where, piece.line, url=plain))
        self.letters += len(page.text)
        if len(page.text) > LONGEST_TEXT or self.letters > LONGEST_ALL:
            self.letters -= len(page.text)
            self.left.append(Left(piece.where, piece.line, title, LONG))
            return found
        if not page.text and piece.kind not in {TALK, EVENT}:
            self.left.append(Left(piece.where, piece.line, title, EMPTY))
            return found
        return [replace(piece, title=title, text=page.text, lost=page.lost), *found]

    def _leave(self, line: int, element: str, reason: str) -> None:
        self.left.append(Left(cartridge.MANIFEST, line, element[:LONGEST_TITLE], reason))


def _items(node: Node) -> list[Node]:
    return [one for one in node.elements if one.name == "item"]


def _itself(item: Node) -> list[Node]:
    """An item that opens something and holds others: first what it opens."""
    return (
        [replace(item, children=tuple(one for one in item.elements if one.name == "title"))]
        if item.get("identifierref")
        else []
    )


def _title(item: Node) -> str:
    title = next((one for one in item.elements if one.name == "title"), None)
    return " ".join((package.flat(title) if title is not None else "").split())[:LONGEST_TITLE]


def _paths(resource: Node) -> tuple[str, ...]:
    return tuple(filter(None, resource.get("files").split("\n")))


def _told(node: Node, name: str) -> str:
    """The text of the first element of a name, or of the first string in it."""
    found = node.first(name)
    if found is None:
        return ""
    inside = found.first("string", "langstring")
    return package.flat(found if inside is None else inside)


def _said(root: Node) -> hypertext.Text:
    """The text of a discussion or an assignment."""
    found = root.first("text")
    if found is None:
        return hypertext.read("")
    told = "".join(one for one in found.children if isinstance(one, str))
    html = found.get("texttype").lower() == "text/html"
    return hypertext.read(told if html else told.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>"))


def _language(tag: str, sample: str) -> str:
    """The language of a course: as it says, else Chinese where one letter in ten of its titles is."""
    first = tag.lower().partition("-")[0]
    if first in {"en", "zh"}:
        return first
    return "zh" if 10 * len(_CHINESE.findall(sample)) > len(sample) else "en"
