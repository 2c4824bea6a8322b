"""Binding values to targets: names, attributes, elements, tuples of those."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from deplint.code.interpret.attributes import set_attribute
from deplint.code.interpret.objects import blur, set_item, unpacked
from deplint.code.interpret.state import State
from deplint.code.values import UNKNOWN, Const, Either, Part, Raw, Ref, either, options

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter


def assign(run: Interpreter, target: ast.expr, value: Raw, state: State, source: ast.AST) -> None:
    """Bind `value`; `source` is the expression it was written as, or `target` if there is none."""
    if isinstance(target, ast.Name):
        name = target.id
        frame = run.frames[-1]
        if frame.function is not None and frame.shape.has_globals:
            if name in frame.shape.declared(frame.function.node).globals:
                old = state.glob.get(name)
                state.glob[name] = value if old is None else either(old, value)
                state.env[name] = value  # until something is called that may bind it, too
                return
            if name in frame.shape.declared(frame.function.node).nonlocals:
                scope = state.scope
                while scope is not None:
                    if name in scope.env:
                        scope.env[name] = either(scope.env[name], value)
                        return
                    scope = scope.function.scope if scope.function is not None else None
        state.env[name] = value
    elif isinstance(target, ast.Attribute):
        set_attribute(run, run.eval(target.value, state), target.attr, value, state, target, source)
    elif isinstance(target, (ast.Tuple, ast.List)):
        unpack(run, target.elts, value, state, source)
    elif isinstance(target, ast.Subscript):
        container = run.eval(target.value, state)
        key = UNKNOWN if isinstance(target.slice, ast.Slice) else run.eval(target.slice, state)
        for option in options(container):
            if isinstance(option, Ref):
                if isinstance(container, Either):
                    blur(option, state)
                set_item(option, key, value, state)
            elif isinstance(option, Part):
                set_attribute(run, option, f"[{key.value}]" if isinstance(key, Const) else "[]", value, state, target, source)
    elif isinstance(target, ast.Starred):
        assign(run, target.value, UNKNOWN, state, target.value)


def unpack(run: Interpreter, targets: Sequence[ast.expr], value: Raw, state: State, source: ast.AST) -> None:
    star = next((n for n, target in enumerate(targets) if isinstance(target, ast.Starred)), None)
    rows = [unpacked(option, len(targets), star, state) for option in options(value)]
    sources: Sequence[ast.AST] = targets
    if isinstance(source, (ast.Tuple, ast.List)) and len(source.elts) == len(targets) and star is None:
        sources = source.elts
    for n, target in enumerate(targets):
        to = target.value if isinstance(target, ast.Starred) else target
        assign(run, to, either(*(row[n] for row in rows)), state, sources[n] if star is None else to)
