"""What becomes of the value of a call, inside the function it stands in: by syntax alone, paths not told apart."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from deplint.code.facts import Call
from deplint.code.library import BUILTINS

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

TAKEN_OUT = frozenset({"item", "tolist", "numpy", "shape", "dtype", "device", "ndim", "dim", "size", "numel", "type", "requires_grad"})
"""Attributes that make a Python value of a tensor."""

_ASKING = frozenset(
    {"int", "float", "bool", "len", "print", "str", "repr", "isinstance", "type", "hasattr", "id", "range", "enumerate", "zip"}
)

_NUMBERS = frozenset({"item", "tolist", "numpy"})

_VALUES = frozenset(
    {"sum", "mean", "max", "min", "amax", "amin", "any", "all", "norm", "std", "var", "argmax", "argmin", "prod", "median", "count_nonzero"}
)
"""Functions of tensors whose result is a tensor that depends on what is in them, not on their shape."""

_LIBRARIES = frozenset({"np", "numpy", "tf", "tensorflow", "torch"})
"""Names that nearly always are modules."""

_CARRYING = (
    ast.Attribute, ast.BinOp, ast.Call, ast.Compare, ast.Dict, ast.IfExp, ast.List, ast.Set, ast.Slice, ast.Starred, ast.Subscript,
    ast.Tuple, ast.UnaryOp, ast.keyword,
)  # fmt: skip
"""Expressions whose value holds that of their parts."""


def kept(call: Call) -> bool:
    """The result reaches what the function returns, in some form that is still a tensor.

    False for what is thrown away, and for what Python alone looks at (``if x.max() > 1``, ``float(x)``, ``x.item()``), since tracing
    records nothing of it. Of a helper that other functions of the project enter, what they do with its result counts as well.
    """
    return _kept(call, call.node)


def _kept(call: Call, node: ast.expr) -> bool:
    """The same of an expression around the call."""
    functions = [function.node for function in call.functions]
    if not functions:
        return False
    inner = functions[-1]
    if not _reaches(node, _parents(inner), set()):
        return False
    for outer, entered in pairwise(functions):
        parents = _parents(outer)
        name = getattr(entered, "name", "")
        sites = [n for n in parents if isinstance(n, ast.Call) and _last(n.func) == name]
        if sites and not any(_reaches(site, parents, set()) for site in sites):
            return False
    return True


def number_of(call: Call) -> str:
    """What Python makes a plain number, list or array of the tensor that a call gives (``item``, ``float``), where the result comes of
    that: tracing sees none of it, and makes the value of the example a constant. Empty if nothing does."""
    method = call.name.rpartition(".")[2]
    if method in _NUMBERS:
        return method if kept(call) else ""
    parent = _parents(call.functions[-1].node).get(call.node) if call.functions and method in _VALUES else None
    around = _last(parent.func) if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.args else ""
    return around if isinstance(parent, ast.Call) and around in ("int", "float") and _kept(call, parent) else ""


def branch_on(call: Call) -> ast.If | ast.While | ast.IfExp | None:
    """The branch or loop that depends on the tensor a call gives, where what it does changes the result: not one that only raises, warns
    or prints."""
    if not call.functions or call.name.rpartition(".")[2] not in (*_VALUES, "item"):
        return None
    return _tested(call.node, _parents(call.functions[-1].node), True)


def _tested(node: ast.AST, parents: dict[ast.AST, ast.AST], follow: bool) -> ast.If | ast.While | ast.IfExp | None:
    """The branch whose test an expression is part of; with `follow` also by way of a variable that is set to it and to nothing else."""
    while True:
        parent = parents.get(node)
        if isinstance(parent, (ast.If, ast.While, ast.IfExp)):
            return parent if node is parent.test and _matters(parent) else None
        if follow and isinstance(parent, ast.Assign) and isinstance(target := parent.targets[0], ast.Name):
            uses = [n for n in parents if isinstance(n, ast.Name) and n.id == target.id and n is not target]
            if any(isinstance(use.ctx, ast.Store) for use in uses):
                return None
            return next((branch for use in uses if (branch := _tested(use, parents, False)) is not None), None)
        of_number = isinstance(parent, ast.Call) and node in parent.args and _last(parent.func) in ("bool", "int", "float")
        asked = isinstance(parent, ast.Attribute) and parent.attr == "item"
        called = isinstance(parent, ast.Call) and node is parent.func
        if parent is None or not (of_number or asked or called or isinstance(parent, (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp))):
            return None
        node = parent


def _matters(branch: ast.If | ast.While | ast.IfExp) -> bool:
    if not isinstance(branch, ast.If):
        return True
    inside = [node for statement in (*branch.body, *branch.orelse) for node in ast.walk(statement)]
    stored = any(isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) for node in inside)
    return stored or any(isinstance(node, ast.Return) for node in inside)


def yielded(function: Function) -> list[ast.expr]:
    """What a generator function yields: each expression, or, for a variable set once, what it is set to."""
    nodes = list(_parents(function))
    values = [n.value for n in nodes if isinstance(n, ast.Yield) and n.value is not None]
    return [_set_to(value, nodes) or value for value in values]


def last_set(value: ast.expr, function: Function) -> ast.expr:
    """What a variable was set to last before this use, among statements that all stand in the same block; the expression itself for
    anything else."""
    stores = [
        n
        for n in _parents(function)
        if isinstance(n, ast.Name) and isinstance(value, ast.Name) and n.id == value.id and isinstance(n.ctx, ast.Store)
    ]
    sets = [n for n in _parents(function) if isinstance(n, ast.Assign) and n.targets[0] in stores]
    before = [n for n in sets if n.lineno < value.lineno]
    same_block = len({n.col_offset for n in sets}) == 1 and len(sets) == len(stores)
    return max(before, key=lambda n: n.lineno).value if before and same_block else value


def only_of(value: ast.expr, function: Function, calls: set[int]) -> bool:
    """The value is made of what some calls (identities of nodes) give, and of nothing else the code names but modules and constants."""
    nodes = list(_parents(function))
    parts, leaves = [value], False
    for _ in range(len(nodes)):
        if not parts:
            break
        part = parts.pop()
        if id(part) in calls:
            leaves = True
        elif isinstance(part, ast.Name):
            inner = _set_to(part, nodes)
            if inner is None:
                return False
            parts.append(inner)
        elif isinstance(part, ast.Call):
            owner = part.func.value if isinstance(part.func, ast.Attribute) else None
            if isinstance(part.func, ast.Name) and part.func.id not in BUILTINS:
                return False  # what it gives may come of anything
            plain = owner is None or (isinstance(owner, ast.Name) and _set_to(owner, nodes) is None)
            parts += [*part.args] if plain else [owner] if owner is not None else []
        elif isinstance(part, ast.Attribute):
            if not isinstance(part.value, ast.Name) or part.value.id not in _LIBRARIES:
                return False
        elif not isinstance(part, ast.Constant):
            parts += [child for child in ast.iter_child_nodes(part) if isinstance(child, ast.expr)]
    return leaves and not parts


def _set_to(value: ast.expr, nodes: Sequence[ast.AST]) -> ast.expr | None:
    """What a variable is set to in a function that sets it once; None for anything else."""
    if not isinstance(value, ast.Name):
        return None
    stores = [n for n in nodes if isinstance(n, ast.Name) and n.id == value.id and isinstance(n.ctx, ast.Store)]
    sets = [n for n in nodes if isinstance(n, ast.Assign) and any(target in stores for target in n.targets)]
    return sets[0].value if len(stores) == 1 and len(sets) == 1 else None


def thrown_away(call: Call) -> bool:
    """The call is a statement of its own: nobody gets what it gives. What ends a notebook's cell is shown."""
    file, node = call.file, call.node
    if not any(isinstance(n, ast.Expr) and n.value is node for n in file.shape.nodes):
        return False
    at = node.end_lineno or node.lineno
    rest = file.cells[at:] if file.cells is not None else ()
    lines = (line for (cell, _), line in zip(rest, file.lines[at:], strict=False) if file.cells and cell == file.cells[at - 1][0])
    return file.cells is None or any(line.strip() and not line.lstrip().startswith("#") for line in lines)


@lru_cache(maxsize=64)
def _parents(function: Function) -> dict[ast.AST, ast.AST]:
    return {child: parent for parent in ast.walk(function) for child in ast.iter_child_nodes(parent)}


def _last(callee: ast.expr) -> str:
    return callee.attr if isinstance(callee, ast.Attribute) else callee.id if isinstance(callee, ast.Name) else ""


def _reaches(node: ast.AST, parents: dict[ast.AST, ast.AST], followed: set[str]) -> bool:
    """Does the value of `node` reach a return? `followed` are the variables on the way."""
    while True:
        parent = parents.get(node)
        if isinstance(parent, (ast.Return, ast.Yield, ast.Lambda)):
            return True
        if isinstance(parent, (ast.Tuple, ast.List)):
            holder = parents.get(parent)
            if isinstance(holder, ast.Subscript) and holder.value is parent:
                return False  # which element is taken may be another
            if isinstance(holder, ast.Assign) and isinstance(target := _matching(holder.targets[0], parent, node), ast.expr):
                return _used([target], holder, parents, followed)
        if isinstance(parent, ast.Assign):
            return _used(parent.targets, parent, parents, followed)
        if isinstance(parent, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
            return _used([parent.target], parent, parents, followed)
        if not isinstance(parent, _CARRYING) or _asked(node, parent):
            return False
        node = parent


def _matching(target: ast.expr, display: ast.Tuple | ast.List, element: ast.AST) -> ast.expr | None:
    """The part of an assignment's target that gets one element of a display."""
    if not isinstance(target, (ast.Tuple, ast.List)) or len(target.elts) != len(display.elts):
        return None
    return next((to for to, value in zip(target.elts, display.elts, strict=True) if value is element), None)


def _used(targets: Sequence[ast.expr], assignment: ast.stmt | ast.NamedExpr, parents: dict[ast.AST, ast.AST], followed: set[str]) -> bool:
    """Does what is assigned to `targets` reach a return from there?"""
    names = {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)} - followed
    followed |= names
    uses = [n for n in parents if isinstance(n, ast.Name) and n.id in names and isinstance(n.ctx, ast.Load) and _after(n, assignment)]
    return any(_reaches(use, parents, followed) for use in uses)


def _after(use: ast.Name, assignment: ast.stmt | ast.NamedExpr) -> bool:
    return (use.lineno, use.col_offset) > (assignment.lineno, assignment.col_offset)


def _asked(node: ast.AST, parent: ast.AST) -> bool:
    """Python makes something of the value that is no tensor."""
    if isinstance(parent, ast.Attribute):
        return parent.attr in TAKEN_OUT
    if isinstance(parent, ast.Call):
        return node is not parent.func and _last(parent.func) in _ASKING
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    return isinstance(parent, ast.IfExp) and node is parent.test
