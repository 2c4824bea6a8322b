"""What the shape of a syntax tree tells without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

_NO_NODES = frozenset("id ctx op ops arg attr kind level module conversion is_async simple type_comment".split())  # noqa: SIM905
"""Fields of nodes that hold no nodes, but names, flags and operators."""

_FIELDS = {
    kind: tuple(field for field in kind._fields if field not in _NO_NODES) if kind is not ast.Constant else ()
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and every node below it, parents before children; without operators and contexts, which are all alike."""
    found = [node]
    for each in found:
        yield each
        for field in _FIELDS[type(each)]:
            value = getattr(each, field, None)
            if type(value) is list:
                found += [v for v in value if isinstance(v, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)


def walk_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Every statement of a module, parents before children; nothing that is only an expression is looked at."""
    found: list[ast.stmt] = list(tree.body)
    for each in found:
        yield each
        for name in ("body", "orelse", "finalbody"):
            found += getattr(each, name, ())
        for part in (*getattr(each, "handlers", ()), *getattr(each, "cases", ())):
            found += part.body


class Declared(NamedTuple):
    """Names a function declares global, names it declares nonlocal, and whether it yields."""

    globals: frozenset[str] = frozenset()
    nonlocals: frozenset[str] = frozenset()
    generator: bool = False


NOTHING_DECLARED = Declared()


def declarations(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Declared:
    """What a function declares, not counting the functions in it."""
    names: set[str] = set()
    outer: set[str] = set()
    generator = False
    work: list[ast.AST] = list(function.body) if isinstance(function.body, list) else [function.body]
    while work:
        node = work.pop()
        if isinstance(node, ast.Global):
            names |= set(node.names)
        elif isinstance(node, ast.Nonlocal):
            outer |= set(node.names)
        elif isinstance(node, (ast.Yield, ast.YieldFrom)):
            generator = True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            work += ast.iter_child_nodes(node)
    return Declared(frozenset(names), frozenset(outer), generator)


def is_change(node: ast.AST) -> bool:
    """Can it change an object that was not made there: does it set an attribute or element, call a method of what an object holds, or hand
    on such?"""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return not isinstance(node.ctx, ast.Load)
    if not isinstance(node, ast.Call):
        return False
    held = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, (ast.Attribute, ast.Subscript))
    return held or any(isinstance(a, (ast.Attribute, ast.Starred)) or (isinstance(a, ast.Name) and a.id == "self") for a in node.args)


def subjects_of(test: ast.expr) -> frozenset[str]:
    """The variables and attributes a test is about, with the constant they are compared to."""
    if isinstance(test, ast.BoolOp):
        return frozenset().union(*(subjects_of(v) for v in test.values))
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return subjects_of(test.operand)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.comparators[0], ast.Constant):
        return frozenset(f"{s} {test.comparators[0].value!r}" for s in subjects_of(test.left))
    if isinstance(test, ast.Name):
        return frozenset((test.id,))
    if isinstance(test, ast.Attribute) and isinstance(test.value, ast.Name):
        return frozenset((f"{test.value.id}.{test.attr}",))
    return frozenset()


def words_in(node: ast.AST | None) -> str:
    """The identifiers in an expression, and its strings, as one string."""
    if isinstance(node, ast.Name):
        return node.id
    if node is None:
        return ""
    found: list[str] = []
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            found.append(child.id)
        elif isinstance(child, ast.Attribute):
            found.append(child.attr)
        elif isinstance(child, ast.Constant) and child.value == "__main__":
            found.append("__main__")
    return " ".join(found)


def is_quiet(node: ast.expr) -> bool:
    """Does evaluating it change nothing?"""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, (ast.Constant, ast.Name)):
            return False
        node = node.value
    return isinstance(node, (ast.Name, ast.Constant))


def is_hook(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Is it there to be defined by derived classes: nothing but a docstring, ``pass``, ``...`` or ``raise NotImplementedError``?"""
    if isinstance(node, ast.Lambda):
        return False
    return all(
        isinstance(s, ast.Pass)
        or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        or (isinstance(s, ast.Raise) and "NotImplementedError" in words_in(s.exc))
        for s in node.body
    )
