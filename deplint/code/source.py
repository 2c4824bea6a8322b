"""Source files in languages other than Python: JavaScript, TypeScript, pages with scripts, Java, Kotlin, Swift and Dart.

    for call in file.calls("@tensorflow/tfjs*.loadLayersModel"):
        path = call.argument("path", 0)
        if path is not None and path.value == "model.h5" ...

A file is parsed when a question needs its syntax, and then once. `calls` looks for the words of its patterns in the text first, so that
a rule costs next to nothing in files that are not about its subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from deplint.code.patterns import matcher, words
from deplint.finding import Place, Span
from deplint.model import Unreadable
from deplint.project import File, Reader

if TYPE_CHECKING:
    from deplint.code.source_meaning import Meaning
    from deplint.code.source_nodes import Assign, Call, Function, Member, Node
    from deplint.code.source_page import Page
    from deplint.code.source_scopes import Variable
    from deplint.code.source_tree import Tree

    N = TypeVar("N", bound=Node)

SIZE = 2 << 20
"""Bytes beyond which a source file is not read: no person wrote it."""

LINE = 20_000
"""Characters of a line beyond which a file was not written by a person, either."""

AVERAGE = 500
"""The same for the average line."""

LANGUAGES = {
    ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "javascript",
    ".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "typescript",
    ".html": "html", ".htm": "html", ".vue": "vue", ".svelte": "svelte",
    ".java": "java", ".kt": "kotlin", ".swift": "swift", ".dart": "dart",
}  # fmt: skip

_WEB = frozenset({"javascript", "typescript", "html", "vue", "svelte"})
_PAGES = frozenset({"html", "vue", "svelte"})

_GENERATED = re.compile(rb"@generated|webpackBootstrap|__webpack_require__|DO NOT EDIT|parcelRequire|System\.register\(\[")
_OTHERS = frozenset({"node_modules", "bower_components", "jspm_packages", "vendor", "third_party", "Pods"})


@dataclass(frozen=True)
class Import:
    """An import, a `require`, or a script tag.

    `module` is what is written, `package` the npm package that is in (for Dart the package a library is of, for other languages the
    module itself), `version` what a content delivery address names ("" otherwise). `names` are (imported, local): ``*`` is the whole
    module, ``default`` the default export. `kind` is ``import``, ``export`` (passed on), ``require``, ``dynamic`` or ``script``.
    """

    module: str
    package: str
    version: str
    names: tuple[tuple[str, str], ...]
    kind: str
    place: Place


@dataclass(frozen=True)
class Script:
    """A script tag of a page. `address` is what it loads; without one, its code stands at `code`."""

    address: str
    attributes: Mapping[str, str]
    place: Place
    code: Span

    @property
    def module(self) -> bool:
        """Whether it is a module: with imports, run when the page is there."""
        return self.attributes.get("type", "").lower() == "module"


@dataclass(frozen=True)
class Comment:
    """A comment; `text` is as written, with its marks."""

    text: str
    place: Place


class SourceFile:
    """One file. `language` is javascript, typescript, html, vue, svelte, java, kotlin, swift or dart."""

    def __init__(self, path: str, text: str, language: str) -> None:
        self.path = path
        self.text = text
        self.language = language
        self._mentions: dict[str, bool] = {}

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"

    @property
    def place(self) -> Place:
        return Place(self.path)

    @property
    def web(self) -> bool:
        """Whether its code is JavaScript or TypeScript."""
        return self.language in _WEB

    def mentions(self, pattern: str) -> bool:
        """Whether the regular expression `pattern` is found in the text. Nothing is parsed."""
        found = self._mentions.get(pattern)
        if found is None:
            found = self._mentions[pattern] = re.search(pattern, self.text) is not None
        return found

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    # Facts.

    def calls(self, *patterns: str) -> Iterator[Call]:
        """The calls of what matches any of `patterns` (all calls if none is given), in the order they are written; in a chain, the
        outer call comes first."""
        from deplint.code.source_nodes import Call

        return self._matching(Call, patterns)

    def assignments(self, *patterns: str) -> Iterator[Assign]:
        """The assignments to names or attributes that match: ``ort.env.wasm.numThreads = 1`` is one to
        ``onnxruntime-web.env.wasm.numThreads``. `assigned` is what is assigned, None for ``x += 1``."""
        from deplint.code.source_nodes import Assign

        return self._matching(Assign, patterns)

    def attributes(self, *patterns: str) -> Iterator[Member]:
        """The attributes read (not called, not assigned) that match: ``model.layers``."""
        from deplint.code.source_nodes import Assign, Call, Member

        for node in self._matching(Member, patterns):
            parent = node.parent
            if not (isinstance(parent, Call) and parent.callee is node) and not (isinstance(parent, Assign) and parent.target is node):
                yield node

    def _matching(self, kind: type[N], patterns: tuple[str, ...]) -> Iterator[N]:
        wanted = words(*patterns)
        if wanted and not any(word in self.text for word in wanted):
            return
        matches = matcher(*patterns or ("**",))
        for node in self.meaning.nodes:
            if isinstance(node, kind) and matches(node.name):
                yield node

    @cached_property
    def variables(self) -> list[Variable]:
        """The constants, variables and fields declared in the file (no parameters), in the order they are written."""
        return list(self.meaning.declared)

    @cached_property
    def functions(self) -> list[Function]:
        """The functions, methods, lambdas and closures."""
        from deplint.code.source_nodes import Function

        return [node for node in self.meaning.nodes if isinstance(node, Function)]

    @cached_property
    def strings(self) -> list[Node]:
        """The string constants; `value` is the string."""
        from deplint.code.source_nodes import Literal

        return [node for node in self.meaning.nodes if isinstance(node, Literal) and isinstance(node.constant, str)]

    @cached_property
    def imports(self) -> list[Import]:
        """What the file imports, in the order it is written, script tags first."""
        from deplint.code.source_nodes import Importing, Module

        found = list(self._scripts)
        for node in self.meaning.nodes:
            if isinstance(node, (Importing, Module)):
                names = tuple(node.bound) if isinstance(node, Importing) else ()
                found.append(self._import(node.module, names, node.kind, node.place))
        return found

    def imported(self, *packages: str) -> Import | None:
        """The first import whose package matches, as in ``file.imported("@tensorflow/tfjs*")``."""
        matches = matcher(*packages)
        return next((i for i in self.imports if matches(i.package)), None)

    @cached_property
    def comments(self) -> list[Comment]:
        """The comments, those of a page's markup included, in the order they are written."""
        from deplint.code.source_nodes import span

        found = [Comment(c.text(), Place(self.path, span(c))) for c in self.tree.comments]
        if self.language in _PAGES:
            found += [Comment(self.text[a:b], Place(self.path, self._between(a, b))) for a, b in self._page.comments]
        return sorted(found, key=lambda c: (c.place.span.line, c.place.span.column) if c.place.span else (0, 0))

    @property
    def problem(self) -> str:
        """Why nothing is known of this file's code, or "". Parts that are merely broken are left out in silence."""
        return self.tree.problem

    # How they are found.

    @cached_property
    def tree(self) -> Tree:
        from deplint.code.source_tree import Tree, parse

        code, language = self.text, self.language
        if language in _PAGES:
            code, language = self._page.code, self._page.language
        elif self.path.lower().endswith(".tsx"):
            language = "tsx"
        if machine_made(code):
            return Tree(problem="lines longer than a person writes")
        grammars = import_module("deplint.code.source_" + _HOMES.get(language, language))
        return parse(code, getattr(grammars, language.upper()))

    @cached_property
    def meaning(self) -> Meaning:
        """What the nodes of the file mean; rules ask the nodes."""
        from deplint.code.source_meaning import Meaning

        return Meaning(self, self.tree.root)

    def package(self, module: str) -> tuple[str, str]:
        """The package an import path is in, and the version it names; for other languages than JavaScript, the path itself."""
        from deplint.code.source_packages import package

        if not self.web:
            return module, ""
        return package(self._page.mapped.get(module, module) if self.language in _PAGES else module)

    @cached_property
    def globals(self) -> frozenset[str]:
        """The global names that the script tags of this page define."""
        from deplint.code.source_packages import provides

        return frozenset(provides(script.package) for script in self._scripts) - {""}

    @cached_property
    def scripts(self) -> list[Script]:
        """The script tags of a page, in the order they are written."""
        if self.language not in _PAGES:
            return []
        return [
            Script(tag.address, tag.attributes, Place(self.path, self._between(tag.start, tag.end)), self._between(*tag.code))
            for tag in self._page.tags
        ]

    @property
    def mapped(self) -> dict[str, str]:
        """A page's import map: what is imported -> its address."""
        return self._page.mapped if self.language in _PAGES else {}

    @cached_property
    def _page(self) -> Page:
        from deplint.code.source_page import read_page

        return read_page(self.text)

    @cached_property
    def _scripts(self) -> list[Import]:
        """The script tags that load something."""
        if self.language not in _PAGES:
            return []
        return [self._import(tag.address, (), "script", tag.place) for tag in self.scripts if tag.address]

    def _import(self, module: str, names: tuple[tuple[str, str], ...], kind: str, place: Place) -> Import:
        return Import(module, *self.package(module), names, kind, place)

    def _between(self, start: int, end: int) -> Span:
        """The span of the text from `start` to `end`."""
        before, inside = self.text[:start], self.text[start:end]
        line, column = before.count("\n") + 1, start - before.rfind("\n")
        if "\n" not in inside:
            return Span(line, column, line, column + len(inside))
        return Span(line, column, line + inside.count("\n"), len(inside) - inside.rfind("\n"))


_HOMES = {"typescript": "javascript", "tsx": "javascript"}
"""Languages whose grammar is in another's module."""


def machine_made(text: str) -> bool:
    """Whether lines are as long as only tools write them."""
    lines = text.split("\n")
    return (len(text) > 5_000 and len(text) > AVERAGE * len(lines)) or max(map(len, lines)) > LINE


def sniff(file: File) -> bool:
    """Whether a file that is named like source code is some, written by a person of this project."""
    name = file.name.lower()
    if name.endswith((".d.ts", ".d.mts", ".d.cts", ".min.js", ".min.mjs", "-min.js", ".bundle.js")):
        return False
    if not _OTHERS.isdisjoint(file.shown.split("/")[:-1]) or file.size > SIZE:
        return False
    head = file.head
    if file.suffix == ".ts" and (b"\0" in head[:512] or head.lstrip().startswith((b"<?xml", b"<!DOCTYPE TS"))):
        return False  # a video, or a translation
    if _GENERATED.search(head):
        return False
    try:
        return LANGUAGES[file.suffix] in _PAGES or not machine_made(file.text)
    except Unreadable:
        return True  # reading it says why


def read(file: File) -> SourceFile:
    """The facts of one source file. Nothing is parsed yet.

    Raises:
        Unreadable: it is larger than `SIZE` bytes, or binary.
    """
    if file.size > SIZE:
        raise Unreadable(f"{file.size:,} bytes, more than the {SIZE:,} deplint reads of such a file")
    return SourceFile(file.shown, file.text, LANGUAGES.get(file.suffix, "javascript"))


READERS = (Reader("source", tuple(f"*{suffix}" for suffix in LANGUAGES), "deplint.code.source:read", sniff),)
