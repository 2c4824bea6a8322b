"""How Java and Kotlin code lays the pixels of a picture out in a buffer or array: the channels of each pixel together, as in
[height, width, channels].

Three writes in a row, one for each channel of a packed colour (``p shr 16``, ``p shr 8``, ``p``, or ``Color.red(p)`` and its like), to
neighbouring places are that. Anything else is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from deplint import Project
from deplint.apps.handed import makers
from deplint.apps.jvm import SAME
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Call, Index, Member, Name, Node

_ALLOCATES = re.compile(r".*Buffer\.(?:allocate|allocateDirect)|(?:.*\.)?FloatArray|float\[\]")
_CHANNELS = (
    (re.compile(r"(?:\bu?shr|>>>?)\s*16\b|\b[Rr]ed\b"), "red"),
    (re.compile(r"(?:\bu?shr|>>>?)\s*8\b|\b[Gg]reen\b"), "green"),
    (re.compile(r"(?:\band|&)\s*(?:0[xX][fF]{2}|255)\b|\b[Bb]lue\b"), "blue"),
)
CHANNELS = {"red", "green", "blue"}


@dataclass(frozen=True)
class _Write:
    """One number written to a buffer or array: at the `index` as written, or at the next place if that is empty."""

    node: Node
    holder: Node
    index: str
    value: Node


def interleaved(data: Node, project: Project) -> Node | None:
    """The first of the writes that put the channels of a pixel side by side into the only buffer or array that `data` may be."""
    made = makers(data, project, _same)
    if len(made) != 1 or not _ALLOCATES.fullmatch(made[0].name):
        return None
    for written, holder in _triples(made[0].file):
        if makers(holder, project, _same) == made:
            return written
    return None


def _same(call: Call) -> Node | None:
    """What a call gives back in another guise: the buffer it is called on, the array it wraps."""
    if call.name.endswith("Buffer.wrap"):
        return call.argument(None, 0)
    return call.receiver if call.method in SAME | {"asFloatBuffer", "duplicate"} and call.method not in ("also", "apply") else None


def _triples(file: SourceFile) -> Iterator[tuple[Node, Node]]:
    """Three writes in a row of the three channels, to neighbouring places: the first of them, and what they write to."""
    writes = list(_writes(file))
    for three in zip(writes, writes[1:], writes[2:], strict=False):
        together = len({each.holder.text for each in three}) == 1 and len({_block(each.node) for each in three}) == 1
        if together and _neighbours([each.index for each in three]) and {_channel(each.value) for each in three} == CHANNELS:
            yield three[0].node, three[0].holder


def _writes(file: SourceFile) -> Iterator[_Write]:
    """What writes one number."""
    for node in file.meaning.nodes:
        if isinstance(node, Call) and node.method in ("put", "putFloat") and isinstance(node.callee, Member) and len(node.arguments) == 1:
            yield _Write(node, node.callee.object, "", node.arguments[0].value)
        elif isinstance(node, Assign) and isinstance(node.target, Index) and len(node.target.children) == 2 and node.assigned is not None:
            holder, index = node.target.children
            yield _Write(node, holder, index.text, node.assigned)


def _block(node: Node) -> Node | None:
    """The statements that a write is one of."""
    around = node.parent
    return around.parent if around is not None and around.text.rstrip(";") == node.text.rstrip(";") else around


def _neighbours(places: list[str]) -> bool:
    """Whether three indices, as written, follow one another."""
    if places == ["", "", ""] or (len(set(places)) == 1 and places[0].endswith("++")):
        return True
    parts = [re.fullmatch(r"(.*?)(?:\s*\+\s*([012]))?", place, re.DOTALL) for place in places]
    bases = {re.sub(r"\s+", "", part[1]) for part in parts if part}
    return len(bases) == 1 and {part[2] or "0" for part in parts if part} == {"0", "1", "2"}


def _channel(node: Node) -> str:
    """The channel of a packed colour that a number is made of."""
    found = _named(node.text)
    if found:
        return found
    todo = [node]
    while todo:
        each = todo.pop()
        todo += each.children
        variable = each.file.meaning.variable(each) if isinstance(each, Name) else None
        if variable is not None and len(variable.sources) == 1 and variable.sources[0].source is not None:
            found = _named(variable.sources[0].source.text)
            if found:
                return found
    return ""


def _named(text: str) -> str:
    return next((name for pattern, name in _CHANNELS if pattern.search(text)), "")
