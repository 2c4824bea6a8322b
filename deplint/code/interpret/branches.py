"""`if` and `match`, and paths that meet again."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from deplint.code.heap import Heap
from deplint.code.interpret.compute import compare
from deplint.code.interpret.narrowing import is_guard, look, narrow, verdict_on, write
from deplint.code.interpret.state import State
from deplint.code.shape import words_in
from deplint.code.values import UNKNOWN, Const, Raw

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter


def branch(run: Interpreter, node: ast.If, body: Sequence[ast.stmt], at: int, state: State) -> tuple[bool, int]:
    """Run an `if` that stands before statement `at` of `body`. If a later one there asks the same again, and what the branches did to
    an object matters, the rest of `body` runs once for each outcome. Gives the number of the next statement to run."""
    verdict = verdict_on(run, node.test, state)
    if verdict is not None:
        pass_by(run, node.test, node.orelse if verdict else node.body)
        taken = node.body if verdict else node.orelse
        run.taken.add(id(taken))
        alive = run.block(taken, state)
        if not alive and at < len(body):
            pass_by(run, node.test, body)
        return alive, at
    run.taken |= {id(node.body), id(node.orelse)}
    frame = run.frames[-1]
    guards = is_guard(run, node.test)
    again = run.splits < 2 and frame.shape.asked_again(body, at - 1)
    before = state.heap.copy() if again else None
    other = state.fork()
    left = narrow(run, node.test, True, state)
    right = narrow(run, node.test, False, other)
    run.guards += guards
    run.doubts += 1
    alive = run.block(node.body, state)
    alive_other = run.block(node.orelse, other)
    run.doubts -= 1
    run.guards -= guards
    if not (alive and alive_other):
        frame.guards += guards
        frame.doubts += 1
        run.guards += guards
        run.doubts += 1
    if before is not None and alive and alive_other and (_matters(before, state.heap) or _matters(before, other.heap)):
        run.splits += 1
        alive = run.block(body[at:], state)
        alive_other = run.block(body[at:], other)
        run.splits -= 1
        at = len(body)
    if not (alive and alive_other):
        return meet(state, alive, other, alive_other), at
    # What the test alone told of a variable is forgotten after it.
    originals = {spot: original for spot, (original, _) in (*right.items(), *left.items())}
    untouched = [
        spot
        for spot, original in originals.items()
        if look(spot, state) is left.get(spot, (original, original))[1] and look(spot, other) is right.get(spot, (original, original))[1]
    ]
    state.join(other)
    for spot in untouched:
        write(spot, originals[spot], state)
    return True, at


def pass_by(run: Interpreter, test: ast.expr, block: Sequence[ast.stmt]) -> None:
    """Note that a known argument rules out a block."""
    function = run.frames[-1].function
    if block and function is not None and function.module is run.module and run.recording:
        spec = function.node.args
        words = words_in(test).split()
        if any(p.arg in words for p in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)):
            run.passed.append((function, id(block)))


def do_match(run: Interpreter, node: ast.Match, state: State) -> bool:
    subject = run.eval(node.subject, state)
    ends: list[State] = []
    rest = True
    for case in node.cases:
        verdict = matches(run, case.pattern, subject, state)
        if verdict is False:
            continue
        other = state.fork()
        for pattern in ast.walk(case.pattern):
            name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
            if isinstance(name, str):
                other.env[name] = subject if pattern is case.pattern else UNKNOWN
        run.doubts += 1
        if case.guard is not None:
            verdict_on(run, case.guard, other)
        if run.block(case.body, other):
            ends.append(other)
        run.doubts -= 1
        if verdict is True and case.guard is None:
            rest = False
            break
    return merge(state, rest, ends)


def matches(run: Interpreter, pattern: ast.pattern, subject: Raw, state: State) -> bool | None:
    if isinstance(pattern, ast.MatchAs):
        return True if pattern.pattern is None else matches(run, pattern.pattern, subject, state)
    if isinstance(pattern, ast.MatchOr):
        verdicts = {matches(run, p, subject, state) for p in pattern.patterns}
        return True if True in verdicts else None if None in verdicts else False
    if isinstance(pattern, ast.MatchSingleton):
        return compare(ast.Is(), subject, Const(pattern.value), state)
    if isinstance(pattern, ast.MatchValue):
        return compare(ast.Eq(), subject, run.eval(pattern.value, state), state)
    return None


def meet(state: State, alive: bool, other: State, alive_other: bool) -> bool:
    if alive and alive_other:
        state.join(other)
    elif alive_other:
        state.replace(other)
    return alive or alive_other


def merge(state: State, alive: bool, others: Iterable[State]) -> bool:
    for other in others:
        alive = meet(state, alive, other, True)
    return alive


def _matters(before: Heap, after: Heap) -> bool:
    """Was anything done to an object that was there before?"""
    return any(
        new.attrs.keys() != old.attrs.keys()
        or new.called.keys() != old.called.keys()
        or new.escaped is not old.escaped
        or (new.attrs is not old.attrs and any(new.attrs[n].values != slot.values for n, slot in old.attrs.items()))
        or new.items is not old.items
        for _, old, new in after.changes(before)
    )
