"""`for` and `while`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from deplint.code.heap import EMPTY, Again, Heap, Slot
from deplint.code.interpret.binding import assign
from deplint.code.interpret.branches import meet, merge
from deplint.code.interpret.limits import ROWS_LIMIT, UNROLL_LIMIT, UNROLL_STEPS
from deplint.code.interpret.narrowing import is_guard, narrow, verdict_on
from deplint.code.interpret.objects import element_of, listed
from deplint.code.interpret.recorded import CallFact, Set
from deplint.code.interpret.state import State
from deplint.code.values import UNKNOWN, Raw, Ref, either

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter


def do_for(run: Interpreter, node: ast.For | ast.AsyncFor, state: State) -> bool:
    iterable = listed(run.eval(node.iter, state))
    cell = state.cell(iterable) if isinstance(iterable, Ref) else EMPTY
    pool = cell.keys if cell.keys is not None else cell.items
    if pool is not None and cell.exact:
        if not pool:
            return run.block(node.orelse, state)
        size = run.frames[-1].shape.stores(node)[2]
        if len(pool) <= UNROLL_LIMIT and len(pool) * size <= UNROLL_STEPS and len(pool) * run.rows <= ROWS_LIMIT:
            return unroll(run, node, pool, state)

    def start(state: State) -> None:
        assign(run, node.target, element_of(iterable, state), state, node.target)

    return loop(run, node, state, start, certain=bool(pool) and cell.exact)


def do_while(run: Interpreter, node: ast.While, state: State) -> bool:
    verdict = verdict_on(run, node.test, state)
    if verdict is False:
        return run.block(node.orelse, state)

    def start(state: State) -> None:
        verdict_on(run, node.test, state)
        narrow(run, node.test, True, state)

    guards = is_guard(run, node.test)
    run.guards += guards
    alive = loop(run, node, state, start, certain=verdict is True, endless=isinstance(node.test, ast.Constant))
    run.guards -= guards
    return alive


def unroll(run: Interpreter, node: ast.For | ast.AsyncFor, items: Sequence[Raw], state: State) -> bool:
    """Go through known elements one by one."""
    exits: list[State] = []
    alive = True
    run.rows *= len(items)
    for item in items:
        alive, breaks = iterate(run, node, state, lambda s, item=item: assign(run, node.target, item, s, node.target))  # type: ignore[misc]
        exits += breaks
        if not alive:
            break
    run.rows //= len(items)
    return merge(state, alive and run.block(node.orelse, state), exits)


def iterate(
    run: Interpreter, node: ast.For | ast.AsyncFor | ast.While, state: State, start: Callable[[State], None]
) -> tuple[bool, list[State]]:
    """Run a loop's body once. Gives the states that leave by `break`."""
    loops = run.frames[-1].loops
    loops.append(([], []))
    start(state)
    alive = run.block(node.body, state)
    breaks, continues = loops.pop()
    return merge(state, alive, continues), breaks


def loop(
    run: Interpreter,
    node: ast.For | ast.AsyncFor | ast.While,
    state: State,
    start: Callable[[State], None],
    certain: bool,
    endless: bool = False,
) -> bool:
    """Run a loop's body as any iteration; `certain` says that there is one."""
    never = state.fork()
    marks = len(run.calls), len(run.sets)
    widen(run, node, state)
    run.doubts += not certain
    alive, exits = iterate(run, node, state, start)
    run.doubts -= not certain
    changes = {number: (old, new) for number, old, new in state.heap.changes(never.heap)} if alive else {}
    for number, (old, new) in changes.items():
        if new.items is not old.items and new.items is not None:
            state.heap[number] = new.vague(open=False)
    if changes and run.recording:
        # What the body does to objects, an earlier iteration may have done.
        known: dict[int, Heap] = {}
        facts: list[CallFact | Set] = [*run.calls[marks[0] :], *run.sets[marks[1] :]]
        for fact in facts:
            heap = known.get(id(fact.heap))
            if heap is None:
                heap = known[id(fact.heap)] = Again.inside(changes, fact.heap)
            fact.heap = heap
    if endless:
        alive = False
    elif not certain:
        alive = meet(state, alive, never, True)
    if alive and node.orelse:
        alive = run.block(node.orelse, state)
    return merge(state, alive, exits)


def widen(run: Interpreter, node: ast.AST, state: State) -> None:
    """Forget of variables and flags what an earlier iteration of a loop may have changed."""
    names, attributes, _ = run.frames[-1].shape.stores(node)
    for name, rebound in names.items():
        value = state.env.get(name)
        if value is not None and (rebound or not (isinstance(value, Ref) and state.cell(value).items is not None)):
            state.env[name] = either(value, UNKNOWN)
    for name, attribute in attributes:
        owner = state.env.get(name)
        if isinstance(owner, Ref) and (slot := (cell := state.cell(owner)).attrs.get(attribute)) is not None:
            state.put(owner, cell.with_slot(attribute, Slot((either(*slot.values, UNKNOWN),), slot.certain, slot.nodes[:1])))
