"""TorchScript archives (``torch.jit.save``), and what PyTorch Mobile's lite interpreter reads of them (``.ptl``).

The code of every method is in the archive, in TorchScript's own spelling of Python; its calls of operators, in the order they are written,
are the operators of a graph of the method's name (``_code`` among an operator's attributes says where, ``_branch`` that it is under a
condition). Who uses whose result is not told; a traced module's inputs have the dtypes and shapes it was traced with; ``arguments`` are a
call's as they are written there. Where there is bytecode, as Mobile needs it, its instructions are taken and not the code. Modules are
`Model.layers`.

Sources: ``torch/csrc/jit/serialization/export_module.cpp`` and ``python_print.cpp``, ``torch/csrc/jit/mobile/import.cpp``.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

from deplint.formats.archive import MEMBER_LIMIT, open_zip, read_member
from deplint.formats.pickled import Contents, class_of
from deplint.formats.pickles import Made, follow
from deplint.formats.torch import outside, root_of, storages, text, whole
from deplint.model import Graph, Model, Op, Tensor, Unreadable
from deplint.project import File

EXTRA_LIMIT = 1 << 16
"""Bytes of an extra file beyond which only its size is told."""

_DEF = re.compile(r"^(  )?def (\w+)\(((?:[^:\n]|:(?!\n))*(?:\n    (?:[^:\n]|:(?!\n))*){0,500}):\n", re.MULTILINE)
_PARAMETER = re.compile(r"(?:^|,\n {4,5})(\w+): ")
_SCOPE = re.compile(r"^(?:class (\w+)\(|(?:  )?def \w+\()", re.MULTILINE)
SOURCES_LIMIT = 100
"""Source files that are named."""

_SOURCE = re.compile(rb"X(.)\0\0\0((?:/|[A-Za-z]:\\)[\x20-\x7e]{4,254})", re.DOTALL)
"""A text in a pickle (BINUNICODE: a letter, the length in four bytes, the text) that begins as an absolute path does."""

_LINE = re.compile(r"^( +)(if |else:)?(?=\S)", re.MULTILINE)
"""The beginning of a line of code, and whether a branch begins with it."""

ARGUMENTS_LIMIT = 300
"""Characters of a call's arguments beyond which they are left out."""

_PARENTHESIS = re.compile(r"[()]")

_CALL = re.compile(r'"(?:[^"\\\n]|\\.)*"|\b(?:torch|ops\.(\w+))\.(\w+)\(')
"""A text, which is stepped over, or a call of an operator: ``torch.relu(`` is aten's."""


def read(file: File) -> Model:
    """The model.

    Raises:
        Unreadable: the archive, a pickle or the code in it is damaged.
    """
    with open_zip(file) as archive:
        root = root_of(archive)
        value, contents = whole(file, archive)
        model = Model(file.shown, "torchscript", size=file.size, layers=contents.layers)
        version = text(archive, f"{root}version") or text(archive, f"{root}.data/version")
        model.ir_version = int(version) if version.isdecimal() and len(version) < 10 else None
        main = str(class_of(value)) if isinstance(value, Made) else ""
        model.metadata["class"] = main
        if contents.devices - {"cpu"}:
            model.metadata["devices"] = ", ".join(sorted(contents.devices))
        if f"{root}bytecode.pkl" in archive.NameToInfo:
            model.metadata["kind"] = "mobile"
            graphs = list(_bytecode(model, follow(read_member(archive, f"{root}bytecode.pkl")).checked().value))
        else:
            graphs = list(_code(archive, root))
        model.graphs = lead(graphs, f"{main}.forward", contents.tensors)
        traced = _traced(file, archive, root)
        if len(traced) == len(model.graph.inputs):
            for name, tensor in zip(model.graph.inputs, traced, strict=True):
                model.graph.tensors[name] = Tensor(name, tensor.dtype, tensor.shape)
        for name in archive.namelist():
            if name.startswith(f"{root}extra/"):
                model.metadata[name[len(root) :]] = _extra(archive, name)
        if missing := _missing(archive, root, graphs, contents):
            model.metadata["missing"] = ", ".join(missing)
        if sources := _sources(archive, root):
            model.metadata["sources"] = ", ".join(sources)
        return model


def lead(graphs: list[Graph], forward: str, tensors: dict[str, Tensor]) -> list[Graph]:
    """The graphs with `forward` first, which gets the tensors; the others are functions. It is empty if only other methods were kept."""
    graphs.sort(key=lambda graph: graph.name != forward)
    if not graphs or graphs[0].name != forward:
        graphs.insert(0, Graph(forward))
    for graph in graphs[1:]:
        graph.kind = "function"
    graphs[0].tensors = tensors | {name: Tensor(name) for name in graphs[0].inputs if name not in tensors}
    return graphs


def _missing(archive: zipfile.ZipFile, root: str, graphs: list[Graph], contents: Contents) -> list[str]:
    """Members that PyTorch does not do without, and modules whose code is nowhere."""
    versions = {f"{root}version", f"{root}.data/version"} & archive.NameToInfo.keys()
    missing = [] if versions else ["version"]
    files = {name[len(root) + len("code/") : -len(".py")].replace("/", ".") for name in archive.namelist() if name.endswith(".py")}
    modules = {layer.module for layer in contents.layers if layer.module.startswith("__torch__")}
    if f"{root}bytecode.pkl" in archive.NameToInfo:
        return missing
    if f"{root}constants.pkl" not in archive.NameToInfo:
        missing.append("constants.pkl")
    return missing + [f"the code of {module}" for module in sorted(modules - files)]


def _traced(file: File, archive: zipfile.ZipFile, root: str) -> list[Tensor]:
    """What a module was traced with, where all of it are tensors: ``{"forward": [tensor, ...]}``. Their numbers are not kept."""
    name = f"{root}traced_inputs.pkl"
    if name not in archive.NameToInfo:
        return []
    contents = Contents(storages(file, archive, f"{root}traced_inputs/"), outside)
    contents.visit(follow(read_member(archive, name)).checked().value)
    return list(contents.tensors.values())


def _extra(archive: zipfile.ZipFile, name: str) -> str:
    """An extra file as text if it is some; else its size."""
    size = archive.NameToInfo[name].file_size
    content = read_member(archive, name, EXTRA_LIMIT) if size <= EXTRA_LIMIT else b"\0"
    return f"{size} bytes" if b"\0" in content else content.decode("utf-8", "replace")


def _sources(archive: zipfile.ZipFile, root: str) -> list[str]:
    """The Python files that the code was made from, as its debugging information names them: the paths they had then."""
    left = EXTRA_LIMIT * 16
    found: dict[str, None] = {}
    for name in archive.namelist():
        size = archive.NameToInfo[name].file_size
        if name.startswith(f"{root}code/") and name.endswith(".py.debug_pkl") and size <= left and len(found) < SOURCES_LIMIT:
            left -= size
            paths = (text[: length[0]] for length, text in _SOURCE.findall(read_member(archive, name, size)))
            found |= {path.decode("ascii"): None for path in paths if path.endswith(b".py")}
    return sorted(found)[:SOURCES_LIMIT]


def calls(code: str) -> Iterator[re.Match[str]]:
    """The calls of operators in code, in their order."""
    return (call for call in _CALL.finditer(code) if call[2])


def _code(archive: zipfile.ZipFile, root: str) -> Iterator[Graph]:
    """A graph for each method and function of the code."""
    left = MEMBER_LIMIT
    for name in archive.namelist():
        if name.startswith(f"{root}code/") and name.endswith(".py"):
            content = read_member(archive, name, left)
            left -= len(content)
            module = name[len(root) + len("code/") : -len(".py")].replace("/", ".")
            yield from _functions(content.decode("utf-8", "replace"), module, name[len(root) :])


def _functions(code: str, module: str, shown: str) -> Iterator[Graph]:
    scope, marks = "", [*_SCOPE.finditer(code)]
    ends = [*(mark.start() for mark in marks), len(code)][1:]
    line, counted = 1, 0
    for mark, end in zip(marks, ends, strict=True):
        if mark[1]:
            scope = mark[1]
            continue
        head = _DEF.match(code, mark.start())
        if head is None:
            raise Unreadable(f"{shown}: a function whose head cannot be read")
        owner = f"{module}.{scope}" if head[1] else module
        graph = Graph(f"{owner}.{head[2]}", inputs=[name for name in _PARAMETER.findall(head[3]) if name != "self"])
        branches = list(_branches(code, head.end(), end))
        for call in _CALL.finditer(code, head.end(), end):
            if call[2]:
                line += code.count("\n", counted, call.start())
                counted = call.start()
                attributes: dict[str, Any] = {"_code": f"{shown}:{line}"}
                if any(first < counted < last for first, last in branches):
                    attributes["_branch"] = True
                if arguments := _arguments(code, call.end()):
                    attributes["arguments"] = arguments
                graph.ops.append(Op(call[2], "", call[1] or "aten", attributes=attributes, index=len(graph.ops)))
        yield graph


def _branches(code: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """From where to where the outermost branches of a function are: what runs only under a condition."""
    opened, depth = -1, 0
    for mark in _LINE.finditer(code, start, end):
        indent = len(mark[1])
        if opened >= 0 and (indent < depth or (indent == depth and not mark[2])):
            yield opened, mark.start()
            opened = -1
        if opened < 0 and mark[2]:
            opened, depth = mark.end(), indent
    if opened >= 0:
        yield opened, end


def _arguments(code: str, start: int) -> str:
    """What stands between the parentheses of a call whose arguments begin at `start`; empty if that is long."""
    depth = 1
    for mark in _PARENTHESIS.finditer(code, start, start + ARGUMENTS_LIMIT):
        depth += 1 if mark[0] == "(" else -1
        if not depth:
            return code[start : mark.start()]
    return ""


def _bytecode(model: Model, value: Any) -> Iterator[Graph]:
    """A graph for each method that ``bytecode.pkl`` holds: ``(version, (name, ((table, entries), ...), schema), ...)``."""
    version, *methods = value if isinstance(value, tuple) and value else (None,)
    if not isinstance(version, int):
        raise Unreadable("bytecode without its version")
    model.metadata["bytecode_version"] = str(version)
    for method in methods:
        match method:
            case (str() as name, tables, *schema):
                yield _method(name, _table(tables), _table(schema[0]) if schema else {})
            case _:
                raise Unreadable("bytecode that is no list of methods")


def _table(pairs: Any) -> dict[str, tuple[Any, ...]]:
    """``((key, entries), ...)``."""
    found = {}
    for pair in pairs if isinstance(pairs, (tuple, list)) else ():
        match pair:
            case (str() as key, (tuple() | list()) as entries):
                found[key] = tuple(entries)
    return found


def _method(name: str, tables: dict[str, tuple[Any, ...]], schema: dict[str, tuple[Any, ...]]) -> Graph:
    graph = Graph(name)
    operators = tables.get("operators", ())
    for instruction in tables.get("instructions", ()):
        match instruction:
            case ("OP" | "OPN", int() as index, *_):
                match operators[index : index + 1] if index >= 0 else ():
                    case ((str() as full, str() as overload, *_),):
                        domain, _, kind = full.rpartition("::")
                        attributes = {"overload": overload} if overload else {}
                        graph.ops.append(Op(kind, "", domain, attributes=attributes, index=len(graph.ops)))
                    case _:
                        raise Unreadable(f"{name} uses operator {index} and names {len(operators)}")
    for argument in schema.get("arguments", ()):
        match argument:
            case (("name", str() as key), *_) if key != "self":
                graph.inputs.append(key)
    return graph
