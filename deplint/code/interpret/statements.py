"""Statements that hold no others."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from deplint.code.interpret.binding import assign
from deplint.code.interpret.compute import operate
from deplint.code.interpret.narrowing import is_guard, narrow, verdict_on
from deplint.code.interpret.objects import blur, extend, made
from deplint.code.interpret.recorded import Returned
from deplint.code.interpret.state import State
from deplint.code.values import NONE, UNKNOWN, Const, Operation, Part, Ref, options

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter


def do_expression(run: Interpreter, node: ast.Expr, state: State) -> bool:
    value = node.value
    run.eval(value, state)
    if type(value) is ast.Call:
        target = value.func
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            return (target.value.id, target.attr) not in (("sys", "exit"), ("os", "_exit"), ("os", "abort"))
        if isinstance(target, ast.Name):
            return target.id not in ("exit", "quit")
    return True


def do_assign(run: Interpreter, node: ast.Assign, state: State) -> bool:
    value = run.eval(node.value, state)
    for target in node.targets:
        assign(run, target, value, state, node.value)
    return True


def do_annotated(run: Interpreter, node: ast.AnnAssign, state: State) -> bool:
    frame = run.frames[-1]
    if not frame.shape.future_annotations and (frame.function is None or state.local is not state.env):
        run.eval(node.annotation, state)
    if node.value is not None:
        assign(run, node.target, run.eval(node.value, state), state, node.value)
    return True


def do_augmented(run: Interpreter, node: ast.AugAssign, state: State) -> bool:
    target = node.target
    current = run.eval(target, state)
    more = run.eval(node.value, state)
    if isinstance(node.op, (ast.Add, ast.BitOr)):
        grown = [r for r in options(current) if isinstance(r, Ref) and state.cell(r).items is not None and r.name != "()"]
        for ref in grown:
            extend(ref, more, state)
        if grown:
            if isinstance(target, ast.Attribute):
                assign(run, target, current, state, target)
            return True
    result = operate(node.op, current, more, state)
    if isinstance(result, Operation):
        result = Operation(result.operator, result.left, result.right, augmented=True)
    if isinstance(current, Part) and isinstance(more, Ref) and state.cell(more).items is not None:
        result = made("[]", state.cell(more).vague(), state)
    assign(run, target, result, state, target)
    return True


def do_delete(run: Interpreter, node: ast.Delete, state: State) -> bool:
    for target in node.targets:
        if isinstance(target, ast.Name):
            state.env.pop(target.id, None)
            continue
        if isinstance(target, ast.Attribute):
            for owner in options(run.eval(target.value, state)):
                if isinstance(owner, Ref):
                    state.put(owner, state.cell(owner).with_slot(target.attr, None))
        elif isinstance(target, ast.Subscript):
            container = run.eval(target.value, state)
            key = UNKNOWN if isinstance(target.slice, ast.Slice) else run.eval(target.slice, state)
            for option in options(container):
                if isinstance(option, Ref) and (cell := state.cell(option)).keys is not None and isinstance(key, Const):
                    kept = [(k, i) for k, i in zip(cell.keys or (), cell.items or (), strict=True) if k != key]
                    state.put(option, cell.with_items(tuple(i for _, i in kept), tuple(k for k, _ in kept)))
                elif isinstance(option, Ref) and cell.items is not None:
                    blur(option, state)
    return True


def do_return(run: Interpreter, node: ast.Return, state: State) -> bool:
    value = run.eval(node.value, state) if node.value is not None else NONE
    frame = run.frames[-1]
    if run.recording and node.value is not None and frame.module is run.module:
        run.returns.append(Returned(node, value, frame.file, state.heap.snapshot(), frame.stack, run.guards > 0))
    frame.returns.append((value, state.fork()))
    return False


def do_raise(run: Interpreter, node: ast.Raise, state: State) -> bool:
    if node.exc is not None:
        run.eval(node.exc, state)
    return False


def do_break(run: Interpreter, node: ast.Break, state: State) -> bool:
    if run.frames[-1].loops:
        run.frames[-1].loops[-1][0].append(state.fork())
    return False


def do_continue(run: Interpreter, node: ast.Continue, state: State) -> bool:
    if run.frames[-1].loops:
        run.frames[-1].loops[-1][1].append(state.fork())
    return False


def do_assert(run: Interpreter, node: ast.Assert, state: State) -> bool:
    if verdict_on(run, node.test, state) is None:
        narrow(run, node.test, True, state)
    if is_guard(run, node.test):
        run.guards += 1
        run.frames[-1].guards += 1
    return True
