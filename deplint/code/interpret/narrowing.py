"""What tests tell of the variables and attributes they are about, and which of them ask for a version."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from deplint.code.heap import Slot
from deplint.code.interpret.attributes import object_member
from deplint.code.interpret.compute import is_none, truth
from deplint.code.interpret.scopes import lookup
from deplint.code.interpret.state import State
from deplint.code.values import (
    FALSY,
    NONE,
    TRUTHY,
    UNKNOWN,
    Class,
    Const,
    Default,
    Function,
    Part,
    Raw,
    Ref,
    Text,
    Truth,
    Unknown,
    either,
    options,
)

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter

Spot = tuple["Ref | None", str]
"""A variable, or an attribute of an object, that a test is about."""


def verdict_on(run: Interpreter, node: ast.expr, state: State) -> bool | None:
    return truth(run.eval(node, state), state)


def is_guard(run: Interpreter, test: ast.expr) -> bool:
    """Does it ask for a version, or whether something is there?"""
    return run.frames[-1].shape.is_guard(test)


def narrow(run: Interpreter, test: ast.expr, outcome: bool, state: State) -> dict[Spot, tuple[Any, Any]]:
    """Make `state` know that the test came out so, as far as it is about variables and attributes. Gives what those held before and
    hold now."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return narrow(run, test.operand, not outcome, state)
    if isinstance(test, ast.BoolOp):
        found: dict[Spot, tuple[Any, Any]] = {}
        for operand in test.values if outcome is isinstance(test.op, ast.And) else ():
            for spot, (old, new) in narrow(run, operand, outcome, state).items():
                found[spot] = (found.get(spot, (old,))[0], new)
        return found
    subject: ast.expr = test
    constant: Const | None = None
    text = _text_asked(test) if outcome else None
    if text is not None:
        subject = text
    if isinstance(test, ast.Compare):
        if len(test.ops) != 1 or not isinstance(test.comparators[0], ast.Constant):
            return {}
        how = test.ops[0]
        if not isinstance(how, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)):
            return {}
        subject, constant = test.left, Const(test.comparators[0].value)
        outcome = outcome is isinstance(how, (ast.Is, ast.Eq))
    if isinstance(subject, ast.NamedExpr):
        subject = subject.target
    spot_found = spot_of(run, subject, state)
    if spot_found is None:
        return {}
    old = look(spot_found, state)
    value = either(*old.values) if isinstance(old, Slot) else old or UNKNOWN
    if text is not None:  # an object that a library made is none, and what else there may be is not known
        kept = [UNKNOWN if isinstance(option, (Ref, Function, Class)) else option for option in options(value)]
    else:
        kept = [o for option in options(value) for o in agree(option, constant, outcome, state)]
    new = either(*kept) if kept else value
    if new is value:
        return {}
    write(spot_found, Slot((new,), True) if spot_found[0] is not None else new, state)
    return {spot_found: (old, look(spot_found, state))}


def _text_asked(test: ast.expr) -> ast.expr | None:
    """``x`` of ``isinstance(x, str)``."""
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, ast.Name(id="str" | "bytes")]):
            return subject
    return None


def spot_of(run: Interpreter, node: ast.expr, state: State) -> Spot | None:
    if isinstance(node, ast.Name):
        return (None, node.id) if node.id in state.env else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner = lookup(run, node.value.id, state)
        if isinstance(owner, Ref) and (owner.cls is not None or owner.name == "argparse.Namespace()"):
            cell = state.cell(owner)
            slot = cell.attrs.get(node.attr)
            if cell.escaped is Truth.no and (
                slot.certain if slot is not None else type(object_member(run, owner, node.attr, state)) is Part
            ):
                return owner, node.attr
    return None


def agree(option: Raw, constant: Const | None, outcome: bool, state: State) -> Iterable[Raw]:
    """What `option` can still be when it was found equal to `constant` (or true, without one), or not."""
    inner = option.value if isinstance(option, Default) else option
    if constant is None:
        verdict = truth(inner, state)
    elif isinstance(inner, Const):
        verdict = inner == constant
    elif constant == NONE:
        verdict = is_none(inner, state)
    else:
        verdict = None if isinstance(inner, (Unknown, Text)) else False if isinstance(inner, (Ref, Function, Class)) else None
    if verdict is None or (isinstance(option, Default) and verdict is not outcome):
        if constant is not None:
            return (constant,) if outcome and isinstance(inner, (Unknown, Text, Const)) else (option,) if verdict is None else (UNKNOWN,)
        if isinstance(inner, Const) and type(inner.value) is bool:
            return (Const(outcome),)
        return (TRUTHY if outcome else FALSY,) if verdict is not None or isinstance(inner, Unknown) else (option,)
    if verdict is not outcome:
        return ()
    return (
        (inner,) if constant is not None and outcome else (inner,) if isinstance(inner, Const) and type(inner.value) is bool else (option,)
    )


def look(spot: Spot, state: State) -> Any:
    owner, name = spot
    return state.env.get(name) if owner is None else state.cell(owner).attrs.get(name)


def write(spot: Spot, what: Any, state: State) -> None:
    owner, name = spot
    if owner is None:
        state.env[name] = what
    else:
        state.put(owner, state.cell(owner).with_slot(name, what))
