"""The classes of a module that derive from a library's, and what their functions return, by syntax alone.

for cls in derived(file, "kserve.Model"):
    for node in returns(method(cls, "predict")):
        print(node.value)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint.code import values as v
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile

FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


def derived(file: PythonFile, *bases: str) -> list[v.Class]:
    """The classes at a module's top that derive from a library's class of that name, by way of the project's own classes too."""
    match = matcher(*bases)
    own = [value for value in dict(file.module().env).values() if isinstance(value, v.Class) and value.module.file is file]
    return [cls for cls in dict.fromkeys(own) if any(map(match, cls.libraries))]


def method(cls: v.Class, name: str) -> FunctionDef | None:
    """The project's function that an object of the class has under `name`, if no decorator may change what it is."""
    found = cls.lookup(name)
    node = found.node if isinstance(found, v.Function) else None
    return node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list else None


def own_nodes(function: FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions and classes in it."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending += ast.iter_child_nodes(node)


def returns(function: FunctionDef) -> list[ast.Return]:
    """The ``return`` statements of a function; empty for a generator."""
    nodes = list(own_nodes(function))
    if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in nodes):
        return []
    return [node for node in nodes if isinstance(node, ast.Return)]


def made_as(value: ast.expr | None, function: FunctionDef) -> list[ast.expr]:
    """The expressions that may give a value: itself, or for a variable of the function all that is assigned to it. Empty where that cannot
    be told: a parameter, a loop's variable, a name of the module."""
    if not isinstance(value, ast.Name):
        return [value] if value is not None else []
    stored = [n for n in own_nodes(function) if isinstance(n, ast.Name) and n.id == value.id and not isinstance(n.ctx, ast.Load)]
    given = [
        node.value
        for node in own_nodes(function)
        if isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == value.id
    ]
    spec = function.args
    if value.id in {one.arg for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}:
        # What the caller gave is still there unless every path assigns.
        firm = {id(node.value) for node in function.body if isinstance(node, ast.Assign)}
        given = given if any(id(one) in firm for one in given) else []
    return given if len(given) == len(stored) else []


def last_name(node: ast.AST) -> str:
    """``f`` of ``f``, ``a.f`` and ``a.b.f``; empty for anything else."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
