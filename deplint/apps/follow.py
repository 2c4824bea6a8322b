"""Where a value in JavaScript comes from, beyond what one file settles: order of assignments, arguments, and other modules of the package.

    with within(project):
        made = follow(call.argument(None, 0))

Outside `within` a file is all there is. Every step is certain: a parameter is its argument only where the function is called in one
place and nowhere used otherwise, an import is what the other module exports under that name and assigns once, a field of an object is
the one thing its class assigns to it. A promise is followed like what it is a promise of.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from deplint.code.patterns import matcher
from deplint.code.source import SourceFile
from deplint.code.source_javascript import EXPORT
from deplint.code.source_nodes import (
    SPREAD,
    UNKNOWN,
    Array,
    Assign,
    Await,
    Call,
    Choice,
    Class,
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
    Operation,
    Other,
    Pattern,
    Template,
    Text,
)
from deplint.code.source_order import latest
from deplint.code.source_scopes import Variable, targets
from deplint.code.source_values import operate, text
from deplint.finding import Place
from deplint.project import Project

STEPS = 40
"""Steps in which one value is followed."""

MODULES = 4
"""Modules that pass something on to one another."""

READERS = 12
"""Other files that may call a function."""

MENTIONS = 40
"""Places of a file that name a function or method, beyond which nobody looks for its calls."""

_SUFFIXES = ("", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", "/index.js", "/index.ts", "/index.jsx", "/index.tsx")
_READ_ARRAY = frozenset({"length", "map", "slice", "indexOf", "forEach", "join", "reduce", "filter", "concat", "includes"})
_SAME = frozenset({"Object.freeze", "Object.seal", "Promise.resolve", "structuredClone", "markRaw", "toRaw"})
"""What gives back what it is given, or a promise or a copy of it."""
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


def value(node: Node | None, depth: int = 0) -> object:
    """The value of an expression, `UNKNOWN` if it is not known; a `Text` where parts of a string are not."""
    found = follow(node)
    if found is None or (isinstance(found, Name) and isinstance(found.value, (list, dict))):
        return UNKNOWN  # something may change it
    known = found.value
    if depth < MODULES and (known is UNKNOWN or isinstance(known, Text)):
        if isinstance(found, Template):
            return text([part if isinstance(part, str) else value(part, depth + 1) for part in found.parts])
        if isinstance(found, Operation):
            return operate(found.operator, [value(child, depth + 1) for child in found.children], found.file.language)
    return known


def _before(node: Node, seen: set[Node]) -> Node | None:
    """One step back."""
    if isinstance(node, Await):
        return node.operand
    if isinstance(node, Call):
        return _given(node, seen)
    if isinstance(node, Module):
        return _exported_by(node.file, node.module, "default") if node.kind == "require" else None
    if isinstance(node, Member):
        return _member(node, seen)
    if isinstance(node, Choice):
        something = [option for option in node.options if not (isinstance(option, Literal) and option.constant is None)]
        return something[0] if len(something) == 1 else None
    if not isinstance(node, Name):
        return None
    before = latest(node) or _assigned(node.file.meaning.variable(node), seen) or _argument(node) or _imported(node)
    return None if isinstance(before, Array) and _changed(node) else before


def _given(call: Call, seen: set[Node]) -> Node | None:
    """What a call gives."""
    callee, first = call.callee, call.argument(None, 0)
    if call.new:
        return _resolved(call)
    if isinstance(callee, Member) and callee.attribute == "then":
        return _result(first if isinstance(first, Function) else _function(first, seen))
    if isinstance(callee, Member) and callee.attribute in ("catch", "finally"):
        return callee.object if callee.attribute == "finally" or _only_tells(first) else None
    if call.name in _SAME:
        return first
    return _result(called(call, seen))


def _only_tells(handler: Node | None) -> bool:
    """Whether what handles an error gives nothing in place of what failed."""
    results = handler.results if isinstance(handler, Function) else [handler] if handler is not None else []
    return all(
        (isinstance(node, Literal) and node.constant is None) or (isinstance(node, (Call, Member)) and node.name.startswith("console."))
        for node in results
    )


def _function(node: Node | None, seen: set[Node]) -> Function | None:
    found = _follow(node, seen)
    return found if isinstance(found, Function) else None


def _result(function: Function | None) -> Node | None:
    """What a function returns, if that is one thing."""
    if function is None or (function.generator and not _getter(function)):
        return None
    results = [node for node in function.results if not (isinstance(node, Literal) and node.constant is None)]
    return results[-1] if len({_identity(node) for node in results}) == 1 else None


def _getter(function: Function) -> bool:
    return isinstance(function.parent, (Class, Object)) and re.match(r"(?:static\s+)?get\s", function.text) is not None


def _resolved(call: Call) -> Node | None:
    """What a promise that is written out is resolved with."""
    executor = call.argument(None, 0)
    if call.name != "Promise" or not isinstance(executor, Function) or not executor.parameters:
        return None
    resolve, meaning = executor.parameters[0].target, call.file.meaning
    if not isinstance(resolve, Name):
        return None
    found: list[Node] = []
    for name in _mentions(call.file).get(resolve.id, ()):
        if name is resolve or not isinstance(name, Name) or meaning.lookup(name) is not meaning.lookup(resolve):
            continue
        around = name.parent
        if not isinstance(around, Call) or around.callee is not name or len(around.arguments) != 1:
            return None
        found.append(around.arguments[0].value)
    return found[0] if len({_identity(node) for node in found}) == 1 else None


def _assigned(variable: Variable | None, seen: set[Node]) -> Node | None:
    """The only thing that is ever assigned to a variable."""
    if variable is None or variable.imported or variable.open or len(variable.sources) != 1:
        return None
    write = variable.sources[0]
    return None if write.source is None or write.source in seen else _at(write.source, write.path, seen)


def _at(node: Node | None, path: tuple[str | int, ...], seen: set[Node]) -> Node | None:
    """The part of a value at `path`."""
    for step in path:
        node = _follow(node, seen)
        if isinstance(node, Call) and node.name in ("Promise.all", "Promise.allSettled") and isinstance(step, int):
            node = _follow(node.argument(None, 0), seen)
        if isinstance(node, Array) and isinstance(step, int) and node.exact and step < len(node.children):
            node = node.children[step]
        elif isinstance(node, Object) and isinstance(step, str) and node.exact and step in dict(node.entries):
            node = dict(node.entries)[step]
        elif isinstance(node, Module) and isinstance(step, str):
            node = _exported_by(node.file, node.module, step)
        elif isinstance(step, str):
            node = _held(node, step, seen)
        else:
            return None
    return node


def _member(node: Member, seen: set[Node]) -> Node | None:
    """A field that is assigned once, what another module exports, or an entry of an object that nothing changes."""
    found = _assigned(node.file.meaning.variable(node), seen)
    if found is None:
        object = node.object
        variable = node.file.meaning.lookup(object) if isinstance(object, Name) else None
        if variable is not None and isinstance(variable.node, Importing) and ("*", variable.name) in variable.node.bound:
            return _exported_by(node.file, variable.node.module, node.attribute)
        if variable is not None and len(variable.writes) == 1 and isinstance(variable.writes[0].source, Module):
            return _exported_by(node.file, variable.writes[0].source.module, node.attribute)
        found = _held(_follow(object, seen), node.attribute, seen) if len(seen) < STEPS else None
    return _result(found) if isinstance(found, Function) and _getter(found) else found


def _held(held: Node | None, key: str, seen: set[Node]) -> Node | None:
    """A member of a class or of an object of one, or an entry of an object that is written out."""
    made = _follow(held.callee, seen) if isinstance(held, Call) and held.new else held
    if isinstance(made, Class):
        return _assigned(made.file.meaning.attribute(made.members, key), seen)
    return _entry(held, key)


def _entry(held: Node | None, key: str) -> Node | None:
    """An entry of an object that nothing changes; of all objects a variable may be where in all others the entry is null."""
    variable = held.file.meaning.lookup(held) if isinstance(held, Name) else None
    objects = [write.source for write in variable.sources] if variable is not None and not variable.open else [held]
    found: list[Node] = []
    for made in objects:
        listed = spread(made) if isinstance(made, Object) else None
        if listed is None or made is None or key in made.file.meaning.attribute_writes:
            return None
        entry = listed.get(key)
        if entry is not None and not (isinstance(entry, Literal) and entry.constant is None):
            found.append(entry)
    return found[0] if len(found) == 1 else None


def spread(made: Object, depth: int = 0) -> dict[str, Node] | None:
    """The entries of an object that is written out, with those of others that are spread in it; None if there may be more."""
    if made.exact:
        return dict(made.entries)
    keys = {id(entry): key for key, entry in made.entries}
    found: dict[str, Node] = {}
    for child in made.children:
        if id(child) in keys:
            found[keys[id(child)]] = child
            continue
        other = follow(child.children[0]) if isinstance(child, Other) and child.kind == SPREAD and child.children else None
        more = spread(other, depth + 1) if isinstance(other, Object) and depth < MODULES else None
        if more is None:
            return None
        found.update(more)
    return found


# Arguments


def called(call: Call, seen: set[Node] | None = None) -> Function | None:
    """The function that is called, of this file or of another module of the package; for ``new X()`` the constructor."""
    seen = set() if seen is None else seen
    if call.new:
        made = _follow(call.callee, seen)
        members = made.members.names if isinstance(made, Class) else {}
        written = members["constructor"].writes if "constructor" in members else []
        found = written[0].source if len(written) == 1 else None
        return found if isinstance(found, Function) else None
    local = call.file.meaning.local(call.callee)
    if local is not None:
        return local
    callee = call.callee
    found = _imported(callee) if isinstance(callee, Name) else _member(callee, seen) if isinstance(callee, Member) else None
    if found is None and isinstance(callee, Name):
        found = _follow(callee, seen)
    return found if isinstance(found, Function) else None


def _argument(node: Name) -> Node | None:
    """The argument, or the part of one, that a parameter certainly is; its default, where none is given."""
    variable = node.file.meaning.lookup(node)
    declared = variable.node.parent if variable is not None and variable.node is not None else None
    while isinstance(declared, Pattern):
        declared = declared.parent
    if variable is None or not isinstance(declared, Declare) or declared.kind != "parameter" or len(variable.writes) > 1:
        return None
    function = declared.parent
    path = next((path for target, path in targets(declared.target) if target is variable.node), None)
    if not isinstance(function, Function) or declared not in function.parameters or path is None or _deep.get() >= MODULES:
        return None
    token = _deep.set(_deep.get() + 1)
    try:
        at = list(function.parameters).index(declared)
        given: list[Node | None] = []
        for values in _calls_of(function) or ():
            if any(isinstance(one, Other) and one.kind == SPREAD for one in values[: at + 1]):
                return None
            given.append(values[at] if at < len(values) else _default(declared))
        given = [one for one in given if not (isinstance(one, Name) and one.file.meaning.lookup(one) is variable)]  # it calls itself
        if path:
            given = [_at(one, path, set()) for one in given]
        if len({_identity(follow(one)) for one in given}) != 1:
            return None
        return given[0] if len(given) == 1 else follow(given[0])
    finally:
        _deep.reset(token)


def _default(declared: Declare) -> Node | None:
    """What a parameter is where no argument is given."""
    children = declared.children
    return children[1] if len(children) == 2 and children[0] is declared.target else None


def _identity(node: Node | None) -> object:
    """The same for two mentions of one variable or field."""
    return (node.file.meaning.variable(node) or node) if isinstance(node, (Name, Member)) else node


@lru_cache(maxsize=128)
def _mentions(file: SourceFile) -> dict[str, list[Name | Member]]:
    """Where each name is written, as a name or an attribute."""
    found: dict[str, list[Name | Member]] = {}
    for node in file.meaning.nodes:
        if isinstance(node, (Name, Member)):
            found.setdefault(node.id if isinstance(node, Name) else node.attribute, []).append(node)
    return found


def _name_of(function: Function) -> str:
    """What a function is called; a constructor goes by the name of its class."""
    parent = function.parent
    if function.id == "constructor" and isinstance(parent, Class):
        return parent.id
    if isinstance(parent, (Declare, Assign)) and isinstance(parent.target, Name):
        return parent.target.id
    return function.id


def _calls_of(function: Function) -> list[list[Node]] | None:
    """What every call of a function gives it; None where it may be called from elsewhere, or is handed on."""
    name, file = _name_of(function), function.file
    if not name and not (isinstance(function.parent, (Assign, Other)) and _exports(function)):
        return None
    files = [file]
    if _visible(function, name):
        project = _project.get()
        if project is None:
            return None
        default = file.mentions(r"export default|module\.exports\s*=")
        others = _knowing(project, file, name, Path(file.path).stem if default else "")
        if len(others) > READERS:
            return None
        files += others
    found: list[list[Node]] = []
    for each in files:
        for known in (_names(each, function, name) if each is not file else {name}) - {""}:
            mentions = _mentions(each).get(known, ())
            if len(mentions) > MENTIONS:
                return None
            for node in mentions:
                given = _called_with(node, function)
                if given is None:
                    return None
                found += given
    return found


def _called_with(node: Name | Member, function: Function) -> list[list[Node]] | None:
    """What a mention of a function's name gives it, if it calls that; None where the function may be used otherwise."""
    parent, subject = node.parent, function.parent if function.id == "constructor" else function
    if isinstance(parent, Call) and parent.callee is node:
        if called(parent) is function:
            return [[argument.value for argument in parent.arguments]]
        if isinstance(node, Name) or not isinstance(function.parent, (Class, Object)) or parent.resolved:
            return []
        return [] if called(parent) is not None or isinstance(follow(node.object), (Array, Literal)) else None
    defines = isinstance(parent, (Declare, Assign)) and parent.target is node
    if defines or isinstance(parent, Member) or _exports(node) or _follow(node, set()) is not subject:
        return []
    if isinstance(parent, Call) and isinstance(parent.callee, Member) and parent.callee.attribute == "then":
        return [[parent.callee.object]] if parent.arguments[0].value is node else None
    return None


def _exports(node: Node) -> bool:
    """Whether a name stands in a list of exports."""
    around = list(node.ancestors)[:2]
    if any(isinstance(parent, Other) and parent.kind == EXPORT for parent in around):
        return True
    if around and isinstance(around[0], Assign) and "exports" in around[0].name:
        return True
    return len(around) == 2 and isinstance(around[0], Object) and isinstance(around[1], Assign) and around[1].name.endswith("exports")


def _visible(function: Function, name: str) -> bool:
    """Whether other files may call a function: methods, where the file exports anything."""
    named = rf"[^;]*\b{name}\b" if name and not isinstance(function.parent, (Class, Object)) else ""
    return function.file.mentions(rf"\bexport\b{named}") or function.file.mentions(rf"exports\b{named}")


@lru_cache(maxsize=4096)
def _knowing(project: Project, file: SourceFile, name: str, stem: str) -> tuple[SourceFile, ...]:
    """The files of a package that may use something of another: they have its name, or import its module under a name of their own."""
    near = _scripts(project, home(project, file.place))
    module = re.compile(rf"[/\"']{re.escape(stem)}(?:\.\w+)?[\"']")
    return tuple(
        other
        for other in near
        if other is not file and ((name and name in other.text) or (stem and stem in other.text and module.search(other.text)))
    )


@lru_cache(maxsize=64)
def _scripts(project: Project, folder: Path) -> tuple[SourceFile, ...]:
    """The scripts and pages in a folder."""
    files = ((file, Path(os.path.abspath(file.path))) for file in project.all(SourceFile) if file.web)
    return tuple(file for file, path in files if path.is_relative_to(folder))


def _names(other: SourceFile, function: Function, name: str) -> set[str]:
    """The names that a file has for a function of another."""
    found, project = {name}, _project.get()
    for node, bound in _imports(other) if project is not None else ():
        if any(one in (name, "default") for one, _ in bound) and _module(project, other.path, node.module) is function.file:
            found.update(local for one, local in bound if one in (name, "default"))
    return found


@lru_cache(maxsize=128)
def _imports(file: SourceFile) -> list[tuple[Importing | Module, list[tuple[str, str]]]]:
    """What a file imports: each with (name there, name here)."""
    found: list[tuple[Importing | Module, list[tuple[str, str]]]] = []
    for node in file.meaning.nodes:
        if isinstance(node, Importing):
            found.append((node, list(node.bound)))
        elif isinstance(node, Module) and isinstance(node.parent, Declare) and isinstance(node.parent.target, Name):
            found.append((node, [("default", node.parent.target.id)]))
    return found


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


def home(project: Project, near: Place) -> Path:
    """The folder of the package a file is part of: the nearest with a ``package.json``, else the project's root."""
    return _home(project, os.path.dirname(os.path.abspath(near.path)))


@lru_cache(maxsize=4096)
def _home(project: Project, folder: str) -> Path:
    for each in (Path(folder), *Path(folder).parents):
        if each == project.root or project.file(each / "package.json"):
            return each
    return project.root


@lru_cache(maxsize=2048)
def _module(project: Project, path: str, module: str) -> SourceFile | None:
    if module.startswith("."):
        bases = [Path(os.path.normpath(Path(os.path.abspath(path)).parent / module))]
    elif module.startswith(("@/", "~/")):
        folder = home(project, Place(path))
        bases = [folder / "src" / module[2:], folder / module[2:]]
    else:
        return None
    for base in bases:
        for suffix in _SUFFIXES:
            file = project.file(Path(f"{base}{suffix}"))
            found = project.facts(file, SourceFile) if file is not None else []
            if found:
                return found[0]
    return None


@lru_cache(maxsize=256)
def importers(project: Project, file: SourceFile) -> tuple[SourceFile, ...]:
    """The files of a package that import another, or pass on what it exports."""
    path = Path(os.path.abspath(file.path))
    stem = path.parent.name if path.stem == "index" else path.stem
    return tuple(
        other
        for other in _knowing(project, file, "", stem)
        if any(_module(project, other.path, one.module) is file for one in other.imports)
    )


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
        if isinstance(node, Assign) and node.name in (f"exports.{name}", f"module.exports.{name}"):
            return node.assigned
        if isinstance(node, Assign) and node.name == "module.exports" and isinstance(node.assigned, Object):
            return dict(node.assigned.entries).get(name)
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
            named = isinstance(around, (Pattern, Object)) or (isinstance(around, (Declare, Assign)) and around.target is other)
            changed = not named and not _exports(other)
        if changed:
            return True
    return False
