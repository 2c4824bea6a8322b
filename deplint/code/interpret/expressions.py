"""The value of each kind of expression but calls."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from deplint.code.heap import EMPTY, Cell
from deplint.code.interpret.attributes import get_attribute
from deplint.code.interpret.binding import assign
from deplint.code.interpret.compute import compare, operate, truth
from deplint.code.interpret.limits import ROWS_LIMIT
from deplint.code.interpret.narrowing import is_guard, narrow, verdict_on, write
from deplint.code.interpret.objects import distinct, element_of, get_item, made, piece_of
from deplint.code.interpret.scopes import lookup, use, use_options
from deplint.code.interpret.state import State
from deplint.code.library import ITEMS_LIMIT
from deplint.code.shape import is_quiet
from deplint.code.strings import assembled
from deplint.code.values import NONE, UNKNOWN, Const, Either, Item, Name, Raw, Ref, either, options

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter


def on_constant(run: Interpreter, node: ast.Constant, state: State) -> Raw:
    return Const(node.value)


def on_name(run: Interpreter, node: ast.Name, state: State) -> Raw:
    value = lookup(run, node.id, state)
    if type(value) is Name:
        if run.recording and (node, value.dotted) not in run.uses:
            use(run, value.dotted, node)
    elif type(value) is Either:
        use_options(run, value, node)
    return value


def on_attribute(run: Interpreter, node: ast.Attribute, state: State) -> Raw:
    # The chain is walked here, so that only its longest dotted name counts as used.
    base: ast.expr = node.value
    if type(base) is ast.Name:
        value = get_attribute(run, lookup(run, base.id, state), node.attr, state)
    else:
        chain = [node]
        while isinstance(base, ast.Attribute):
            chain.append(base)
            base = base.value
        value = lookup(run, base.id, state) if isinstance(base, ast.Name) else run.eval(base, state)
        for link in reversed(chain):
            value = get_attribute(run, value, link.attr, state)
    if type(value) is Name:
        if run.recording and (node, value.dotted) not in run.uses:
            use(run, value.dotted, node)
    elif type(value) is Either:
        use_options(run, value, node)
    return value


def on_method(run: Interpreter, node: ast.Attribute, state: State) -> tuple[Raw, Item | None]:
    """``x[0].astype``, and the element that it is a method of, if it is one."""
    base = node.value
    if type(base) is not ast.Subscript:
        callee = on_attribute(run, node, state)
        known = lookup(run, base.id, state) if type(base) is ast.Name and type(callee) is Name and callee.derived else None
        return callee, known if isinstance(known, Item) else None
    value = run.eval(base, state)
    callee = get_attribute(run, value, node.attr, state)
    if type(callee) is Name and run.recording and (node, callee.dotted) not in run.uses:
        use(run, callee.dotted, node)
    elif type(callee) is Either:
        use_options(run, callee, node)
    return callee, value if isinstance(value, Item) else None


def on_subscript(run: Interpreter, node: ast.Subscript, state: State) -> Raw:
    value = run.eval(node.value, state)
    if isinstance(node.slice, ast.Slice):
        return either(*[sliced(run, option, node.slice, state) for option in options(value)])
    key = run.eval(node.slice, state)
    return either(*[get_item(option, key, state) for option in options(value)])


def sliced(run: Interpreter, value: Raw, node: ast.Slice, state: State) -> Raw:
    bounds = [run.eval(b, state) if b is not None else NONE for b in (node.lower, node.upper, node.step)]
    known = [b.value for b in bounds if isinstance(b, Const) and (b.value is None or type(b.value) is int)]
    if isinstance(value, Ref) and (cell := state.cell(value)).items is not None and cell.keys is None:
        exact = cell.exact and len(known) == 3 and known[2] != 0
        items = (cell.items or ())[slice(*known)] if exact else cell.items
        return made(value.name, Cell(items=items, exact=exact, open=cell.open), state)
    if isinstance(value, Const) and isinstance(value.value, (str, bytes)) and len(known) == 3 and known[2] != 0:
        return Const(value.value[slice(*known)])
    return piece_of(value, on_slice(run, node, state))


def on_slice(run: Interpreter, node: ast.Slice, state: State) -> Raw:
    """``a:b:c`` as a key: an object that holds the three."""
    bounds = [run.eval(b, state) if b is not None else NONE for b in (node.lower, node.upper, node.step)]
    return made("slice()", Cell(items=tuple(bounds)), state)


def on_display(run: Interpreter, node: ast.List | ast.Tuple | ast.Set, state: State) -> Raw:
    items: list[Raw] = []
    exact, open = True, False
    for element in node.elts[:ITEMS_LIMIT]:
        if isinstance(element, ast.Starred):
            inner = run.eval(element.value, state)
            cell = state.cell(inner) if isinstance(inner, Ref) else EMPTY
            pool = cell.keys if cell.keys is not None else cell.items
            items += pool or ()
            exact, open = exact and pool is not None and cell.exact, open or pool is None or cell.open
        else:
            items.append(run.eval(element, state))
    if len(node.elts) > ITEMS_LIMIT:
        exact, open = False, True
    name = "()" if type(node) is ast.Tuple else "[]" if type(node) is ast.List else "set()"
    return made(name, Cell(items=tuple(items), exact=exact, open=open), state)


def on_dict(run: Interpreter, node: ast.Dict, state: State) -> Raw:
    items: list[Raw] = []
    keys: list[Raw] = []
    exact, open = True, False
    for n, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
        if n >= ITEMS_LIMIT:
            exact, open = False, True
            break
        if key is None:
            inner = run.eval(value, state)
            cell = state.cell(inner) if isinstance(inner, Ref) else EMPTY
            keys += cell.keys or ()
            items += cell.items or () if cell.keys is not None else ()
            exact, open = exact and cell.keys is not None and cell.exact, open or cell.keys is None or cell.open
        else:
            keys.append(run.eval(key, state))
            items.append(run.eval(value, state))
            if not isinstance(keys[-1], (Const, Name)):
                exact, open = False, True
    known, values = distinct(keys, items)
    return made("{}", Cell(items=values, keys=known, exact=exact, open=open), state)


def on_comprehension(run: Interpreter, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, state: State) -> Raw:
    before = None
    inner = state.inner(dict(state.env))
    generator = node.generators[0]
    iterable = run.eval(generator.iter, state)
    cell = state.cell(iterable) if isinstance(iterable, Ref) else EMPTY
    pool = cell.keys if cell.keys is not None else cell.items
    rows: Sequence[Raw] = pool if pool is not None and cell.exact and len(pool) * run.rows <= ROWS_LIMIT else ()
    exact = bool(rows) and len(node.generators) == 1 and not generator.ifs
    if not exact:
        rows = (element_of(iterable, state),)
        before = state.fork() if pool is None or not (pool and cell.exact) or generator.ifs else None
    run.doubts += before is not None
    run.rows *= len(rows)
    keys: list[Raw] = []
    items: list[Raw] = []
    for row in rows:
        assign(run, generator.target, row, inner, generator.target)
        for test in generator.ifs:
            if verdict_on(run, test, inner) is None:
                narrow(run, test, True, inner)
        for more in node.generators[1:]:
            assign(run, more.target, element_of(run.eval(more.iter, inner), inner), inner, more.target)
            for test in more.ifs:
                run.eval(test, inner)
        if isinstance(node, ast.DictComp):
            keys.append(run.eval(node.key, inner))
            items.append(run.eval(node.value, inner))
        else:
            items.append(run.eval(node.elt, inner))
    run.doubts -= before is not None
    run.rows //= len(rows)
    if before is not None:
        state.heap.join(before.heap)
    if isinstance(node, ast.DictComp):
        exact = exact and all(isinstance(key, Const) for key in keys)
        known, values = distinct(keys, items)
        return made("{}", Cell(items=values, keys=known, exact=exact, open=not exact), state)
    name = "set()" if isinstance(node, ast.SetComp) else "[]"
    return made(name, Cell(items=tuple(items), exact=exact and name == "[]"), state)


def on_starred(run: Interpreter, node: ast.Starred, state: State) -> Raw:
    run.eval(node.value, state)
    return UNKNOWN


def on_await(run: Interpreter, node: ast.Await, state: State) -> Raw:
    return run.eval(node.value, state)


def on_yield(run: Interpreter, node: ast.Yield, state: State) -> Raw:
    run.frames[-1].yields.append(run.eval(node.value, state) if node.value is not None else NONE)
    return UNKNOWN


def on_yield_from(run: Interpreter, node: ast.YieldFrom, state: State) -> Raw:
    run.frames[-1].yields.append(element_of(run.eval(node.value, state), state))
    return UNKNOWN


def on_named(run: Interpreter, node: ast.NamedExpr, state: State) -> Raw:
    value = run.eval(node.value, state)
    assign(run, node.target, value, state, node.value)
    if state.local is not state.env:
        state.local[node.target.id] = value
    return value


def on_conditional(run: Interpreter, node: ast.IfExp, state: State) -> Raw:
    verdict = verdict_on(run, node.test, state)
    if verdict is not None:
        return run.eval(node.body if verdict else node.orelse, state)
    guards = is_guard(run, node.test)
    run.guards += guards
    before = state if is_quiet(node.body) else state.fork()
    value = either(perhaps(run, node.body, node.test, True, state), perhaps(run, node.orelse, node.test, False, before))
    if before is not state:
        state.join(before)
    run.guards -= guards
    return value


def on_boolean(run: Interpreter, node: ast.BoolOp, state: State) -> Raw:
    """``a or b``: `a` where it is true, else `b`; the second is evaluated only if the first leaves it open."""
    ends = isinstance(node.op, ast.Or)
    values: list[Raw] = []
    guards = 0
    open = False
    for n, operand in enumerate(node.values):
        value = perhaps(run, operand, node.values[n - 1], not ends, state) if open else run.eval(operand, state)
        if is_guard(run, operand):
            # ``hasattr(m, "x") and m.x``
            guards += 1
            run.guards += 1
        last = n == len(node.values) - 1
        verdict = truth(value, state)
        if last or verdict is not (not ends):
            # Of several values, those that let the next operand decide are not the result.
            kept = [o for o in options(value) if last or truth(o, state) is not (not ends)]
            values += kept
        if verdict is ends:
            break
        open = open or verdict is None
    run.guards -= guards
    return either(*values)


def perhaps(run: Interpreter, node: ast.expr, test: ast.expr, outcome: bool, state: State) -> Raw:
    """Evaluate what only runs if the test came out so, and leave `state` as it may be after that."""
    if is_quiet(node):
        narrowed = narrow(run, test, outcome, state)
        value = run.eval(node, state)
        for spot, (original, _) in narrowed.items():
            write(spot, original, state)
        return value
    other = state.fork()
    narrow(run, test, outcome, other)
    run.doubts += 1
    value = run.eval(node, other)
    run.doubts -= 1
    state.join(other) if state.local is state.env else state.heap.join(other.heap)
    return value


def on_unary(run: Interpreter, node: ast.UnaryOp, state: State) -> Raw:
    value = run.eval(node.operand, state)
    if isinstance(node.op, ast.Not):
        verdict = truth(value, state)
        return UNKNOWN if verdict is None else Const(not verdict)
    if isinstance(value, Const) and isinstance(value.value, (int, float)) and isinstance(node.op, (ast.USub, ast.UAdd)):
        return Const(-value.value if isinstance(node.op, ast.USub) else value.value)
    return UNKNOWN


def on_binary(run: Interpreter, node: ast.BinOp, state: State) -> Raw:
    return operate(node.op, run.eval(node.left, state), run.eval(node.right, state), state)


def on_formatted(run: Interpreter, node: ast.JoinedStr, state: State) -> Raw:
    parts: list[Raw] = []
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            raw = run.eval(value.value, state)
            parts.append(raw if value.format_spec is None and value.conversion in (-1, 115) else UNKNOWN)
        elif isinstance(value, ast.Constant):
            parts.append(Const(str(value.value)))
    return assembled(parts)


def on_comparison(run: Interpreter, node: ast.Compare, state: State) -> Raw:
    left = run.eval(node.left, state)
    rights = [run.eval(c, state) for c in node.comparators]
    if len(rights) != 1:
        return UNKNOWN
    verdict = compare(node.ops[0], left, rights[0], state)
    return UNKNOWN if verdict is None else Const(verdict)
