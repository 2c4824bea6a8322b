"""Where a value in JavaScript comes from, beyond what one file settles: order of assignments, arguments, and other modules of the package.

    with within(project):
        made = follow(call.argument(None, 0))

Outside `within` a file is all there is. Every step is certain: a parameter is its argument only where the function is called in one
place and nowhere used otherwise, an import is what the other module exports under that name and assigns once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from deplint.code.patterns import matcher
from deplint.code.source import SourceFile
from deplint.code.source_javascript import EXPORT
from deplint.code.source_nodes import (
    UNKNOWN,
    Array,
    Assign,
    Await,
    Call,
    Declare,
    Function,
    Importing,
    Index,
    Literal,
    Member,
    Module,
    Name,
    Node,
    Object,
    Other,
)
from deplint.code.source_order import latest
from deplint.code.source_scopes import Variable
from deplint.project import Project

STEPS = 40
"""Steps in which one value is followed."""

MODULES = 4
"""Modules that pass something on to one another."""

READERS = 12
"""Other files that may call a function."""

_SUFFIXES = ("", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", "/index.js", "/index.ts", "/index.jsx", "/index.tsx")
_READ_ARRAY = frozenset({"length", "map", "slice", "indexOf", "forEach", "join", "reduce", "filter", "concat", "includes"})
_reads_arrays = matcher("@tensorflow/tfjs*.**", "onnxruntime-*.Tensor", "*Array{,.from,.of}", "console.*")
_project: ContextVar[Project | None] = ContextVar("project", default=None)
_deep: ContextVar[int] = ContextVar("deep", default=0)


@contextmanager
def within(project: Project) -> Iterator[None]:
    """Follow values through the modules of a project."""
    token = _project.set(project)
    try:
        yield
    finally:
        _project.reset(token)


def follow(node: Node | None) -> Node | None:
    """The expression that a value certainly comes from, as far back as that is known: itself if no further."""
    return _follow(node, set())


def _follow(node: Node | None, seen: set[Node]) -> Node | None:
    while node is not None and node not in seen and len(seen) < STEPS:
        seen.add(node)
        before = _before(node, seen)
        if before is None:
            return node
        node = before
    return node


def source(node: Node | None) -> Call | None:
    """The call whose result `node` certainly is."""
    found = follow(node)
    if isinstance(found, Call):
        return found.origin or found
    return found.origin if found is not None else None


def value(node: Node | None) -> object:
    """The value of an expression, `UNKNOWN` if it is not known."""
    found = follow(node)
    if found is None or (isinstance(found, Name) and isinstance(found.value, (list, dict))):
        return UNKNOWN  # something may change it
    return found.value


def _before(node: Node, seen: set[Node]) -> Node | None:
    """One step back."""
    if isinstance(node, Await):
        return node.operand
    if isinstance(node, Call):
        function = None if node.new else called(node, seen)
        return _result(function)
    if isinstance(node, Member):
        return _member(node, seen)
    if not isinstance(node, Name):
        return None
    before = latest(node) or _assigned(node.file.meaning.variable(node), seen) or _argument(node) or _imported(node)
    return None if isinstance(before, Array) and _changed(node) else before


def _result(function: Function | None) -> Node | None:
    """What a function returns, if that is one thing."""
    if function is None or function.generator:
        return None
    results = [node for node in function.results if not (isinstance(node, Literal) and node.constant is None)]
    return results[0] if len(results) == 1 else None


def _assigned(variable: Variable | None, seen: set[Node]) -> Node | None:
    """The only thing that is ever assigned to a variable."""
    if variable is None or variable.imported or variable.open or len(variable.sources) != 1:
        return None
    write = variable.sources[0]
    if write.source is None or write.source in seen:
        return None
    node: Node | None = write.source
    for step in write.path:
        node = _follow(node, seen)
        if isinstance(node, Array) and isinstance(step, int) and node.exact and step < len(node.children):
            node = node.children[step]
        elif isinstance(node, Object) and node.exact and step in dict(node.entries):
            node = dict(node.entries)[str(step)]
        elif isinstance(node, Module) and isinstance(step, str):
            node = _exported_by(node.file, node.module, step)
        else:
            return None
    return node


def _member(node: Member, seen: set[Node]) -> Node | None:
    """A field that is assigned once, what another module exports, or an entry of an object that nothing changes."""
    found = _assigned(node.file.meaning.variable(node), seen)
    if found is not None:
        return found
    object = node.object
    if isinstance(object, Name):
        variable = node.file.meaning.lookup(object)
        if variable is not None and isinstance(variable.node, Importing) and ("*", variable.name) in variable.node.bound:
            return _exported_by(node.file, variable.node.module, node.attribute)
        if variable is not None and len(variable.writes) == 1 and isinstance(variable.writes[0].source, Module):
            return _exported_by(node.file, variable.writes[0].source.module, node.attribute)
    return _entry(_follow(object, seen), node.attribute) if len(seen) < STEPS else None


def _entry(held: Node | None, key: str) -> Node | None:
    """An entry of an object that nothing changes; of all objects a variable may be where in all others the entry is null."""
    variable = held.file.meaning.lookup(held) if isinstance(held, Name) else None
    objects = [write.source for write in variable.sources] if variable is not None and not variable.open else [held]
    found: list[Node] = []
    for made in objects:
        if not isinstance(made, Object) or not made.exact or key in made.file.meaning.attribute_writes:
            return None
        entry = dict(made.entries).get(key)
        if entry is not None and not (isinstance(entry, Literal) and entry.constant is None):
            found.append(entry)
    return found[0] if len(found) == 1 else None


# Arguments


def called(call: Call, seen: set[Node] | None = None) -> Function | None:
    """The function that is called, of this file or of another module of the package."""
    seen = set() if seen is None else seen
    local = call.file.meaning.local(call.callee)
    if local is not None:
        return local
    callee = call.callee
    found = _imported(callee) if isinstance(callee, Name) else _member(callee, seen) if isinstance(callee, Member) else None
    return found if isinstance(found, Function) else None


def _argument(node: Name) -> Node | None:
    """The argument that a parameter certainly is."""
    variable = node.file.meaning.lookup(node)
    declared = variable.node.parent if variable is not None and variable.node is not None else None
    if variable is None or not isinstance(declared, Declare) or declared.kind != "parameter" or declared.target is not variable.node:
        return None
    function = declared.parent
    if not isinstance(function, Function) or declared not in function.parameters or len(variable.writes) > 1:
        return None
    if _deep.get() >= MODULES:
        return None
    token = _deep.set(_deep.get() + 1)
    try:
        at = list(function.parameters).index(declared)
        given = [call.argument(None, at) for call in _calls_of(function) or ()]
        given = [one for one in given if not (isinstance(one, Name) and one.file.meaning.lookup(one) is variable)]  # it calls itself
        if len({_identity(follow(one)) for one in given}) != 1:
            return None
        return given[0] if len(given) == 1 else follow(given[0])
    finally:
        _deep.reset(token)


def _identity(node: Node | None) -> object:
    """The same for two mentions of one variable."""
    return (node.file.meaning.lookup(node) or node) if isinstance(node, Name) else node


@lru_cache(maxsize=128)
def _local_calls(file: SourceFile) -> dict[Function, list[Call]]:
    found: dict[Function, list[Call]] = {}
    for node in file.meaning.nodes:
        if isinstance(node, Call) and (function := file.meaning.local(node.callee)) is not None:
            found.setdefault(function, []).append(node)
    return found


@lru_cache(maxsize=128)
def _mentions(file: SourceFile) -> dict[str, list[Name | Member]]:
    """Where each name is written, as a name or an attribute."""
    found: dict[str, list[Name | Member]] = {}
    for node in file.meaning.nodes:
        if isinstance(node, (Name, Member)):
            found.setdefault(node.id if isinstance(node, Name) else node.attribute, []).append(node)
    return found


def _name_of(function: Function) -> str:
    """What a function is called."""
    parent = function.parent
    if isinstance(parent, (Declare, Assign)) and isinstance(parent.target, Name):
        return parent.target.id
    return function.id


def _calls_of(function: Function) -> list[Call] | None:
    """All calls of a function; None where it may be called from elsewhere, or is handed on."""
    name, file = _name_of(function), function.file
    if not name:
        return None
    for node in _mentions(file).get(name, ()):
        parent = node.parent
        if (isinstance(parent, Call) and parent.callee is node and not parent.new) or isinstance(parent, Member):
            continue
        if not (isinstance(parent, (Declare, Assign)) and parent.target is node) and not _exports(node):
            return None
    project = _project.get()
    calls = list(_local_calls(file).get(function, ()))
    if not _visible(function, name):
        return calls
    if project is None:
        return None
    others = [other for other in project.all(SourceFile) if other.web and other is not file and other.mentions(rf"\b{name}\b")]
    if len(others) > READERS:
        return None
    for other in others:
        calls += [call for call in other.calls("**") if call.method == name and called(call) is function]
    return calls


def _exports(node: Node) -> bool:
    """Whether a name stands in a list of exports."""
    around = list(node.ancestors)[:2]
    if any(isinstance(parent, Other) and parent.kind == EXPORT for parent in around):
        return True
    return len(around) == 2 and isinstance(around[0], Object) and isinstance(around[1], Assign) and around[1].name.endswith("exports")


def _visible(function: Function, name: str) -> bool:
    """Whether other files may call a function."""
    return function.file.mentions(rf"\bexport\b[^;]*\b{name}\b") or function.file.mentions(rf"exports\b[^;]*\b{name}\b")


# Modules


def _imported(node: Name) -> Node | None:
    """What a name stands for that is imported from another module of the package."""
    variable = node.file.meaning.lookup(node)
    if variable is None:
        return None
    if isinstance(variable.node, Importing):
        for imported, local in variable.node.bound:
            if local == variable.name and imported != "*":
                return _exported_by(node.file, variable.node.module, imported)
    return None


def _exported_by(file: SourceFile, module: str, name: str, depth: int = 0) -> Node | None:
    """What a module of the package exports under a name, where that is settled."""
    project = _project.get()
    other = _module(project, file.path, module) if project is not None and depth < MODULES else None
    return _export(other, name, depth) if other is not None else None


@lru_cache(maxsize=2048)
def _module(project: Project, path: str, module: str) -> SourceFile | None:
    from deplint.apps.web import home
    from deplint.finding import Place

    if module.startswith("."):
        base = Path(os.path.normpath(Path(os.path.abspath(path)).parent / module))
    elif module.startswith(("@/", "~/")):
        base = home(project, Place(path)) / "src" / module[2:]
    else:
        return None
    for suffix in _SUFFIXES:
        file = project.file(Path(f"{base}{suffix}"))
        found = [facts for facts in project.facts(file, SourceFile) if isinstance(facts, SourceFile)] if file is not None else []
        if found:
            return found[0]
    return None


def _export(file: SourceFile, name: str, depth: int) -> Node | None:
    meaning = file.meaning
    if name == "default":
        for node in meaning.nodes:
            if isinstance(node, Other) and node.kind == EXPORT and node.text.startswith("export default") and node.children:
                return node.children[0]
            if isinstance(node, Assign) and node.name == "module.exports":
                return node.assigned
        return None
    variable = meaning.top.names.get(name)
    if variable is not None:
        if isinstance(variable.node, Importing):
            return _exported_by(file, variable.node.module, next(i for i, local in variable.node.bound if local == name), depth + 1)
        return variable.sources[0].source if len(variable.sources) == 1 and variable.sources[0].path == () else None
    for node in meaning.nodes:
        if isinstance(node, Importing) and node.kind == "export":
            found = _exported_by(file, node.module, name, depth + 1)
            if found is not None:
                return found
    return None


# Arrays


def _changed(node: Name) -> bool:
    """Whether anything may change the array that a name stands for."""
    meaning = node.file.meaning
    variable = meaning.lookup(node)
    array = variable.writes[0].source if variable is not None and variable.writes else None
    sizes = isinstance(array, Array) and 0 < len(array.children) < 7  # nobody adds a dimension to a shape that is passed on
    for other in _mentions(node.file).get(node.id, ()):
        if not isinstance(other, Name) or meaning.lookup(other) is not variable:
            continue
        around = other.parent
        if isinstance(around, Member):
            changed = around.attribute not in _READ_ARRAY or isinstance(around.parent, Assign)
        elif isinstance(around, Call):
            changed = not _reads_arrays(around.name) and not (sizes and called(around) is not None)
        elif isinstance(around, Index):
            changed = isinstance(around.parent, Assign) and around.parent.target is around
        else:
            changed = not (isinstance(around, (Declare, Assign)) and around.target is other) and not _exports(other)
        if changed:
            return True
    return False
