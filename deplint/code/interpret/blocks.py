"""`with` and `try`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from deplint.code.interpret.binding import assign
from deplint.code.interpret.branches import meet
from deplint.code.interpret.calls import apply
from deplint.code.interpret.functions import enter
from deplint.code.interpret.objects import element_of
from deplint.code.interpret.state import Arguments, State, anything
from deplint.code.library import dotted_of
from deplint.code.shape import words_in
from deplint.code.values import UNKNOWN, Function, Method, Raw, Ref, either, options

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter


def do_with(run: Interpreter, node: ast.With | ast.AsyncWith, state: State) -> bool:
    names: list[str] = []
    closers: list[Method] = []
    before: State | None = None
    for item in node.items:
        value = run.eval(item.context_expr, state)
        name = dotted_of(value)
        names.append(name)
        bound: list[Raw] = []
        for option in options(value):
            entered = option
            if isinstance(option, Ref) and option.cls is not None:
                if isinstance(start := option.cls.lookup("__enter__"), Function):
                    entered = enter(run, start, Arguments(), option, state)
                if isinstance(leave := option.cls.lookup("__exit__"), Function):
                    closers.append(Method(leave, option))
            elif isinstance(option, Ref) and option.name == "<generator>":
                entered = element_of(option, state)
            bound.append(entered)
        if item.optional_vars is not None:
            assign(run, item.optional_vars, either(*bound), state, item.optional_vars)
        if name in ("contextlib.suppress()", "pytest.raises()"):
            before = state.fork()
    contexts, run.contexts = run.contexts, (*run.contexts, *names)
    run.guards += before is not None
    mark = ways_out(run)
    alive = run.block(node.body, state)
    run.guards -= before is not None
    run.contexts = contexts
    if before is not None:
        alive = meet(state, alive, before, True)
    for closer in reversed(closers):
        alive = always(run, state, alive, mark, lambda s, c=closer: apply(run, c, anything(), None, s) is not None)  # type: ignore[misc]
    return alive


def do_try(run: Interpreter, node: ast.Try, state: State) -> bool:
    failed = state.fork()
    mark = ways_out(run)
    caught = {n for handler in node.handlers for n in (words_in(handler.type).split() if handler.type is not None else ["Exception"])}
    guards = bool(caught & {"AttributeError", "ImportError", "ModuleNotFoundError", "Exception", "BaseException", "TypeError"})
    run.guards += guards
    run.doubts += bool(node.handlers)
    alive = run.block(node.body, state)
    failed.join(state)
    if alive:
        alive = run.block(node.orelse, state)
    for handler in node.handlers:
        other = failed.fork()
        if handler.type is not None:
            run.eval(handler.type, other)
        if handler.name:
            other.env[handler.name] = UNKNOWN
        alive = meet(state, alive, other, run.block(handler.body, other))
    run.guards -= guards
    run.doubts -= bool(node.handlers)
    if node.finalbody:
        if not alive:
            run.block(node.finalbody, failed)
        alive = always(run, state, alive, mark, lambda s: run.block(node.finalbody, s))
    return alive


def ways_out(run: Interpreter) -> tuple[int, list[tuple[int, int]]]:
    frame = run.frames[-1]
    return len(frame.returns), [(len(breaks), len(continues)) for breaks, continues in frame.loops]


def always(run: Interpreter, state: State, alive: bool, mark: tuple[int, list[tuple[int, int]]], then: Callable[[State], bool]) -> bool:
    """Run something on every way out of a block that was entered at `mark`."""
    frame = run.frames[-1]
    returns, loops = mark
    pending, frame.returns = frame.returns[returns:], frame.returns[:returns]
    kept = [(value, end) for value, end in pending if then(end)]
    frame.returns += kept
    for exits, counts in zip(frame.loops, loops, strict=False):
        for states, count in zip(exits, counts, strict=True):
            states[count:] = [s for s in states[count:] if then(s)]
    return alive and then(state)
