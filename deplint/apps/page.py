"""What a page's scripts draw from: pictures, canvases and videos, as the script makes them or the page's markup has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from deplint import Project
from deplint.apps.follow import home, source
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Member, Node
from deplint.finding import Place, Span

TAG = 2_000
"""Characters of a tag that are looked at."""

_TAG = re.compile(r"<(img|canvas|video|input|iframe)\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:@.-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_PAGES = 40
"""Pages of a package beyond which nobody can tell which of them a script runs in."""


@dataclass(frozen=True)
class Element:
    """An element of a page: its tag, the call that made it or found it, and its attributes and place where the markup has it."""

    tag: str
    made: Call
    attributes: Mapping[str, str] | None = None
    place: Place | None = None

    @property
    def created(self) -> bool:
        """Whether the script makes it, so that it has no attributes but those the script gives it."""
        return self.place is None

    def settings(self, *names: str) -> list[Assign]:
        """The assignments to its attributes of these names."""
        return [assign for assign in self.made.settings if isinstance(assign.target, Member) and assign.target.attribute in names]


def element(node: Node | None, project: Project) -> Element | None:
    """The picture, canvas or video that an expression certainly is."""
    call = source(node)
    if call is None:
        return None
    first = call.argument(None, 0)
    text = first.value if first is not None else None
    if call.new and call.name == "Image":
        return Element("img", call)
    if call.name == "document.createElement" and isinstance(text, str):
        return Element(text.lower(), call)
    if call.new and call.name == "OffscreenCanvas":
        return Element("offscreen", call)
    if not isinstance(text, str):
        return None
    id = ""
    if call.name == "document.getElementById":
        id = text
    elif call.name == "document.querySelector" and re.fullmatch(r"#[\w-]+", text):
        id = text[1:]
    if id:
        found = [tag for page in pages(call.file, project) for tag in tags(page) if tag[1].get("id") == id]
        if len({name for name, _, _ in found}) == 1 and len(found) == 1:
            name, attributes, place = found[0]
            return Element(name, call, attributes, place)
    return None


def pages(file: SourceFile, project: Project) -> list[SourceFile]:
    """The pages a script may run in: itself, if it is one, or those of its package."""
    if file.language in ("html", "vue", "svelte"):
        return [file]
    found: list[SourceFile] = []
    folder = home(project, file.place)
    for other in project.files:
        if other.suffix in (".html", ".htm") and other.path.is_relative_to(folder):
            found += project.facts(other, SourceFile)
            if len(found) > _PAGES:
                return []
    return found


@lru_cache(maxsize=256)
def tags(page: SourceFile) -> tuple[tuple[str, Mapping[str, str], Place], ...]:
    """The pictures, canvases and videos of a page: tag, attributes, place."""
    return tuple(_tags(page))


def _tags(page: SourceFile) -> Iterator[tuple[str, Mapping[str, str], Place]]:
    text = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), page.text)
    for match in _TAG.finditer(text):
        if len(match[0]) > TAG:
            continue
        attributes = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(match[2])}
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        yield match[1].lower(), attributes, Place(page.path, Span(line, column, line, column + len(match[1]) + 1))


# What reads pixels

_READS = re.compile(
    r"fromPixels(?:Async)?|fromImage|drawImage|classify|detect|detectForVideo|infer|predict|segment(?:\w*Person\w*|People|ForVideo)?"
    r"|estimate(?:Poses|Hands|Faces|SinglePose|MultiplePoses|Depth)"
)
_PIXELS = frozenset({"fromPixels", "fromPixelsAsync", "fromImage", "drawImage"})
READS = r"\b(?:fromPixels|fromImage|classify|detect|segment|estimate|infer|predict|drawImage)"
"""A word that is in every file that reads pixels."""

LIBRARIES = r"@tensorflow|tfjs|onnxruntime|\bml5\b|face-?api|\btf\.|\bort\."
"""A word that is in every file that knows a library of models."""


def reads(call: Call) -> Node | None:
    """The element whose pixels a call reads at once, to give them to a model."""
    if not _READS.fullmatch(call.method) or (call.method not in _PIXELS and call.file.mentions(r"\bml5\b|face-?api")):
        return None  # those wait themselves
    return call.argument(None, 0)


def canvas_of(call: Call, project: Project) -> Element | None:
    """The canvas that a method of its context is called on: ``canvas.getContext("2d").drawImage(...)``."""
    context = source(call.receiver)
    if context is None or context.method != "getContext" or context.receiver is None:
        return None
    found = element(context.receiver, project)
    return found if found is not None and found.tag in ("canvas", "offscreen") else None


def passed(made: Call) -> list[Call]:
    """The calls that are given what `made` gives, as an argument of their own."""
    meaning = made.file.meaning
    return [
        node
        for node in meaning.nodes
        if isinstance(node, Call) and node is not made and any(source(argument.value) is made for argument in node.arguments)
    ]
