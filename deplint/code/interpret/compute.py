"""What operators give: truth, comparisons, arithmetic on small constants, strings and containers."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from deplint.code.heap import Cell
from deplint.code.interpret.objects import extend, made
from deplint.code.interpret.state import State
from deplint.code.library import ITEMS_LIMIT, STRING_LIMIT, dotted_of
from deplint.code.strings import format_percent, parts_of, text_of, textual
from deplint.code.values import (
    NONE,
    PARAMETER,
    UNKNOWN,
    Class,
    Const,
    Default,
    Either,
    Function,
    Imported,
    Method,
    Name,
    Operation,
    Raw,
    Ref,
    Text,
    Unknown,
    either,
    options,
)

_BINARY: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.BitOr: ("|", operator.or_),
    ast.BitAnd: ("&", operator.and_),
    ast.LShift: ("<<", operator.lshift),
    ast.RShift: (">>", operator.rshift),
    ast.BitXor: ("^", operator.xor),
    ast.MatMult: ("@", operator.matmul),
}


_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


def truth(value: Raw, state: State) -> bool | None:
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Unknown):
        return value.truth
    if isinstance(value, Ref):
        cell = state.cell(value)
        return bool(cell.items) if cell.items is not None and cell.exact else None
    if isinstance(value, (Function, Class, Method, Imported)):
        return True
    if isinstance(value, Either):
        verdicts = {truth(o, state) for o in value.options}
        return verdicts.pop() if len(verdicts) == 1 else None
    if isinstance(value, Name) and value.dotted == "typing.TYPE_CHECKING":
        return False
    return True if isinstance(value, Text) and any(value.parts) else None


def compare(op: ast.cmpop, left: Raw, right: Raw, state: State) -> bool | None:
    if isinstance(left, Either) or isinstance(right, Either):
        verdicts = {compare(op, a, b, state) for a in options(left) for b in options(right)}
        return verdicts.pop() if len(verdicts) == 1 else None
    if isinstance(op, (ast.Is, ast.IsNot)):
        if right == NONE or left == NONE:
            same = is_none(left if right == NONE else right, state)
        elif isinstance(left, Const) and isinstance(right, Const):
            same = left == right
        else:
            same = None
        return same if same is None or isinstance(op, ast.Is) else not same
    if isinstance(op, (ast.In, ast.NotIn)) and isinstance(left, Const) and isinstance(right, Ref):
        cell = state.cell(right)
        pool = cell.keys if cell.keys is not None else cell.items
        if pool is not None and cell.exact and all(isinstance(p, Const) for p in pool):
            return (left in pool) is isinstance(op, ast.In)
        return None
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return bool(_COMPARE[type(op)](left.value, right.value))
        except Exception:
            return None
    if isinstance(op, (ast.Eq, ast.NotEq)) and isinstance(left, Name) and left == right and not left.derived:
        return isinstance(op, ast.Eq)
    return None


def operate(op: ast.operator, left: Raw, right: Raw, state: State) -> Raw:
    if isinstance(left, Ref) and (cell := state.cell(left)).items is not None:
        if isinstance(op, (ast.Add, ast.BitOr)):
            ref = made(left.name, Cell(items=cell.items, keys=cell.keys, exact=cell.exact, open=cell.open), state)
            extend(ref, right, state)
            return ref
        if isinstance(op, ast.Mult) and cell.keys is None:
            times = right.value if isinstance(right, Const) and isinstance(right.value, int) else None
            if times is not None and cell.exact and 0 <= times * len(cell.items or ()) <= ITEMS_LIMIT:
                return made(left.name, Cell(items=(cell.items or ()) * times), state)
            return made(left.name, Cell(items=cell.items, exact=False, open=cell.open), state)
        if isinstance(op, ast.Sub):
            return made(left.name, Cell(items=cell.items, exact=False, open=cell.open), state)
        return UNKNOWN
    if isinstance(op, ast.Mod) and isinstance(left, Const) and isinstance(left.value, str):
        return format_percent(left.value, right, state)
    if isinstance(left, Either) and isinstance(right, Const) and all(isinstance(o, Const) for o in left.options):
        return either(*(arithmetic(op, o, right) for o in left.options))
    if isinstance(right, Either) and isinstance(left, Const) and all(isinstance(o, Const) for o in right.options):
        return either(*(arithmetic(op, left, o) for o in right.options))
    return arithmetic(op, left, right)


def arithmetic(op: ast.operator, left: Raw, right: Raw) -> Raw:
    symbol, compute = _BINARY[type(op)]
    if isinstance(left, Default) or isinstance(right, Default):
        plain = arithmetic(op, *(x.value if isinstance(x, Default) else x for x in (left, right)))
        if not isinstance(plain, (Const, Text)):
            return plain
        kept = arithmetic(op, *(x.kept if isinstance(x, Default) else x for x in (left, right)))
        return Default(plain, kept if isinstance(kept, Text) else None)
    if isinstance(left, Const) and isinstance(right, Const):
        a, b = left.value, right.value
        if isinstance(b, PurePosixPath) and isinstance(a, str) and symbol == "/":
            return Const(a / b)
        small = all(not isinstance(v, int) or abs(v) < 1 << 64 for v in (a, b))
        if symbol in ("**", "<<"):
            small = small and isinstance(b, (int, float)) and abs(b) <= 64
        if not small or (symbol == "*" and (isinstance(a, (str, bytes)) or isinstance(b, (str, bytes)))):
            return UNKNOWN
        try:
            result = compute(a, b)
        except Exception:
            return UNKNOWN
        return Const(result) if not isinstance(result, (str, bytes)) or len(result) <= STRING_LIMIT else UNKNOWN
    if symbol == "+" and (textual(left) or textual(right)):
        return text_of([*parts_of(left), *parts_of(right)])
    if symbol == "/" and (isinstance(left, Text) or textual(right) or (isinstance(left, Const) and isinstance(left.value, PurePosixPath))):
        return text_of([*parts_of(left), "/", *parts_of(right)])
    if isinstance(left, Unknown) and isinstance(right, Unknown):
        return UNKNOWN
    if any(dotted_of(x).startswith(PARAMETER.dotted) for x in (left, right)):
        return PARAMETER
    return Operation(symbol, left, right)


def is_none(value: Raw, state: State) -> bool | None:
    if isinstance(value, Const):
        return value.value is None
    if isinstance(value, Unknown):
        return False if value.truth else None
    if isinstance(value, Ref):
        return False if value.cls is not None or state.cell(value).items is not None else None
    if isinstance(value, Name):
        return None if value.derived else False
    return False if isinstance(value, (Function, Class, Method, Imported, Text, Operation)) else None
