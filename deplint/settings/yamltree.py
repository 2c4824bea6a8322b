"""YAML as a tree whose nodes know their place, read within bounds: what aliases would expand to is counted too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from deplint.finding import Place, Span
from deplint.model import Unreadable
from deplint.settings.text import LIMIT, Misread, Word, number

_DEEPEST = 64
_MOST_NODES = 200_000


@dataclass(eq=False)
class Node:
    """A mapping (`entries`), a sequence (`items`) or a scalar (`text`, as written without its quotes; None for null).

    Asking a node for what it is not gives nothing: `get` of a scalar is None, `items` of a mapping is empty. `keys` are the places of a
    mapping's keys.
    """

    place: Place
    kind: str = "scalar"
    text: str | None = None
    entries: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    keys: dict[str, Place] = field(default_factory=dict)
    size: int = 0
    """Nodes in this tree, aliases expanded; 0 while it is being read."""

    def get(self, *path: str) -> Node | None:
        """The node below these keys."""
        node: Node | None = self
        for name in path:
            node = node.entries.get(name) if node else None
        return node

    def string(self, *path: str) -> str | None:
        node = self.get(*path)
        return node.text if node else None

    def integer(self, *path: str) -> int | None:
        return number(self.string(*path))

    def list(self, *path: str) -> list[Node]:
        """The items of the sequence below these keys."""
        node = self.get(*path)
        return node.items if node else []

    def map(self, *path: str) -> dict[str, Node]:
        """The entries of the mapping below these keys."""
        node = self.get(*path)
        return node.entries if node else {}

    @property
    def word(self) -> Word:
        """A scalar as it stands; the text of anything else is unknown."""
        return Word(self.text, self.place, self.text or "")

    def walk(self) -> Iterator[Node]:
        """This node and all below, in order."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(reversed([*node.entries.values(), *node.items]))


def documents(path: str, text: str) -> list[Node]:
    """The documents in `text`, empty ones left out.

    Raises:
        Unreadable: it is not YAML, too large, too deep, or has too many nodes.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if len(text) > (LIMIT if loader is not yaml.SafeLoader else LIMIT // 8):
        raise Unreadable(f"{len(text):,} characters of YAML, more than deplint reads")
    try:
        return _Builder(path).build(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(path, Span(mark.line + 1, mark.column + 1)) if mark else Place(path)
        raise Misread(f"not YAML: {error.problem or error.context}", place) from None
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"not YAML: {str(error).splitlines()[0]}") from None


class _Builder:
    """Builds trees from parser events on a stack of its own, so that depth is a number and not a crash."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.nodes = 0

    def build(self, events: Iterator[Any]) -> list[Node]:
        roots: list[Node] = []
        stack: list[tuple[Node, list[Node]]] = []
        anchors: dict[str, Node] = {}
        for event in events:
            kind = type(event).__name__
            if kind in ("MappingEndEvent", "SequenceEndEvent"):
                node, children = stack.pop()
                self._fill(node, children)
                continue
            if kind == "DocumentStartEvent":
                anchors = {}
            child = self._node(kind, event, anchors)
            if child is None:
                continue
            if stack:
                stack[-1][1].append(child)
            elif child.kind != "scalar" or child.text is not None:
                roots.append(child)
            if kind in ("MappingStartEvent", "SequenceStartEvent"):
                stack.append((child, []))
                if len(stack) > _DEEPEST:
                    raise Misread(f"YAML nested more than {_DEEPEST} deep", child.place)
        return roots

    def _node(self, kind: str, event: Any, anchors: dict[str, Node]) -> Node | None:
        if kind == "AliasEvent":
            named = anchors.get(event.anchor)
            if named is None:
                raise Misread(f"alias *{event.anchor} names nothing", self._place(event))
            if not named.size:
                raise Misread(f"alias *{event.anchor} stands within what it names", self._place(event))
            self._count(named.size, named.place)
            return named
        if kind == "ScalarEvent":
            plain = event.implicit[0]
            null = plain and event.value in ("", "~", "null", "Null", "NULL")
            node = Node(self._place(event), "scalar", None if null else event.value, size=1)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            node = Node(self._place(event), "map" if kind[0] == "M" else "list")
        else:
            return None
        self._count(1, node.place)
        if event.anchor:
            anchors[event.anchor] = node
        return node

    def _fill(self, node: Node, children: list[Node]) -> None:
        node.size = 1 + sum(child.size for child in children)
        if node.kind == "list":
            node.items = children
            return
        merged: list[Node] = []
        for key, value in zip(children[::2], children[1::2], strict=False):
            if key.kind != "scalar":
                continue
            name = key.text or ""
            if name == "<<":
                merged.extend(value.items if value.kind == "list" else [value])
            else:
                node.entries[name] = value
                node.keys[name] = key.place
        for base in merged:
            for name, value in base.entries.items():
                if name not in node.entries:
                    node.entries[name] = value
                    node.keys[name] = base.keys.get(name, base.place)

    def _count(self, more: int, place: Place) -> None:
        self.nodes += more
        if self.nodes > _MOST_NODES:
            raise Misread(f"more than {_MOST_NODES:,} YAML nodes", place)

    def _place(self, event: Any) -> Place:
        start, end = event.start_mark, event.end_mark
        if type(event).__name__ != "ScalarEvent" or end.line != start.line:
            return Place(self.path, Span(start.line + 1, start.column + 1))
        return Place(self.path, Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1))
