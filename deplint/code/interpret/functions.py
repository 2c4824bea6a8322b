"""Entering functions of the project, and what becomes of objects that unseen code gets hold of."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from deplint.code.heap import Cell, handles
from deplint.code.interpret.limits import DEPTH_LIMIT, ENTRIES_LIMIT, ENTRY_STEPS, FOREIGN_STEPS, IDLE_LINES, STEPS_END
from deplint.code.interpret.objects import element_of, made
from deplint.code.interpret.scopes import lookup
from deplint.code.interpret.state import Arguments, Frame, Module, State, anything
from deplint.code.library import CACHES
from deplint.code.values import (
    NONE,
    UNKNOWN,
    Class,
    Const,
    Default,
    Function,
    Method,
    Name,
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


def enter(run: Interpreter, function: Function, given: Arguments, receiver: Raw | None, state: State, force: bool = False) -> Raw:
    """Run a function's body; its effects on the heap are the caller's, its value is returned."""
    if function.decorators and not CACHES.isdisjoint(function.decorators) and is_plain(given):
        return enter_once(run, function, given, receiver, state, force)
    return enter_again(run, function, given, receiver, state, force)


def is_plain(given: Arguments) -> bool:
    """Are the arguments known, and nothing but constants and names?"""
    return not given.open and all(isinstance(raw, Const) or (isinstance(raw, Name) and not raw.derived) for raw in given.raws())


def enter_once(run: Interpreter, function: Function, given: Arguments, receiver: Raw | None, state: State, force: bool) -> Raw:
    """The value of a function that remembers what it gave: on one path the same object every time."""
    key = (function, receiver, *((name, raw) for name, (raw, _) in given.kwargs.items()), *(raw for raw, _ in given.args))
    known = run.remembered.get(key)
    if known is not None and all(not isinstance(option, Ref) or option.number in state.heap for option in options(known)):
        return known
    value = enter_again(run, function, given, receiver, state, force)
    if len(run.frames) > 1:
        # Made on behalf of one function; others that ask for it may have done anything to it.
        escape(run, [value], state)
    if run.doubts:
        # On the other path it is made later, without what is done to it here.
        value = either(value, UNKNOWN)
    run.remembered[key] = value
    return value


def enter_again(run: Interpreter, function: Function, given: Arguments, receiver: Raw | None, state: State, force: bool) -> Raw:
    body = function.node
    times = run.entered.get(body, 0)
    busy = times and any(frame.function is not None and frame.function.node is body for frame in run.frames)
    spent = times >= ENTRIES_LIMIT or run.spent.get(body, 0) > (ENTRY_STEPS if function.module is run.module else FOREIGN_STEPS)
    if times == 0 and not force and function.module is not run.module and is_idle(run, function, given, receiver, state):
        return UNKNOWN
    if busy or run.steps > STEPS_END or (not force and (spent or len(run.frames) > DEPTH_LIMIT or run.steps > run.limit)):
        return skip(run, function, given, receiver, state, seen=times > 0)
    run.entered[body] = times + 1
    started = run.steps
    caller = run.frames[-1]
    caller.env = state.local
    module = function.module
    glob = state.glob if module is caller.module else run.frames[0].env if module is run.module else globals_of(run, module)
    env = bind(run, function, given, receiver, state)
    frame = Frame(module, function, env)
    frame.stack = (*caller.stack, function)
    # A generator's body runs when somebody asks for its values, or never.
    later = module.shape.declared(body).generator
    outer, state = state, state.fork() if later else state
    bound = caller.shape.declared(caller.function.node).globals if caller.function is not None and caller.shape.has_globals else ()
    known = [outer.glob.get(name) for name in bound]
    inner = State(env, glob, state.heap, function.scope)
    run.frames.append(frame)
    run.guards += function.guarded
    contexts, run.contexts = run.contexts, (*run.contexts, *function.decorators)
    value: Raw
    if isinstance(body, ast.Lambda):
        value = run.eval(body.body, inner)
    else:
        alive = run.block(body.body, inner)
        # Returns fork the state, so what falls through is the state itself.
        ends = frame.returns
        values = [v for v, _ in ends]
        if alive:
            values.append(NONE)
        elif ends:
            inner.replace(ends[0][1])
            ends = ends[1:]
        for _, end in ends:
            if frame.captured:
                inner.join(end)
            else:
                inner.heap.join(end.heap)
        value = either(*values) if values else UNKNOWN
    run.contexts = contexts
    run.guards -= function.guarded + frame.guards
    run.doubts -= frame.doubts
    run.frames.pop()
    frame.env = env
    for name, old in zip(bound, known, strict=True):
        if outer.glob.get(name) is not old:
            outer.env.pop(name, None)
    run.spent[body] = run.spent.get(body, 0) + run.steps - started
    if later:
        outer.heap.join(inner.heap)
        value = made("<generator>", Cell(items=tuple(dict.fromkeys(frame.yields)), exact=False, open=not frame.yields), outer)
    return value


def is_idle(run: Interpreter, function: Function, given: Arguments, receiver: Raw | None, state: State) -> bool:
    """Is it a long function of another module that gets no object anybody could ask about?"""
    node = function.node
    if (node.end_lineno or node.lineno) - node.lineno <= IDLE_LINES or isinstance(receiver, Ref):
        return False
    return all(isinstance(option, (Const, Default, Unknown, Text, Name)) for raw in given.raws() for option in options(raw))


def bind(run: Interpreter, function: Function, given: Arguments, receiver: Raw | None, state: State) -> dict[str, Raw]:
    spec = function.node.args
    env: dict[str, Raw] = {}
    names = [p.arg for p in (*spec.posonlyargs, *spec.args)]
    if receiver is not None and names and "staticmethod" not in function.decorators:
        env[names.pop(0)] = receiver
    args = [raw for raw, _ in given.args]
    for name, raw in zip(names, args, strict=False):
        env[name] = raw
    kwargs = {k: raw for k, (raw, _) in given.kwargs.items()}
    for name in (*names, *(p.arg for p in spec.kwonlyargs)):
        if name in kwargs:
            env[name] = kwargs.pop(name)
        elif name not in env:
            default = function.defaults.get(name)
            maybe_given = given.open_kwargs or (given.open_args and name in names)
            injected = provided(run, default, state) if maybe_given else None
            env[name] = injected or (UNKNOWN if default is None else Default(default) if maybe_given else default)
    if spec.vararg:
        rest = Cell(items=tuple(args[len(names) :]), exact=not given.open_args, open=given.open_args)
        env[spec.vararg.arg] = made("()", rest, state)
    if spec.kwarg:
        keys = tuple(Const(k) for k in kwargs)
        more = Cell(items=tuple(kwargs.values()), keys=keys, exact=not given.open_kwargs, open=given.open_kwargs)
        env[spec.kwarg.arg] = made("{}", more, state)
    return env


def provided(run: Interpreter, default: Raw | None, state: State) -> Raw | None:
    """What FastAPI gives a handler's parameter whose default is ``Depends(function)``: what the function gives, or yields."""
    from deplint.code.interpret.calls import apply

    call = default.call if type(default) is Ref and default.name in INJECTED else None
    asked = next((raw for raw, _ in (*call.args[:1], *call.kwargs.values())), None) if call is not None else None
    if not isinstance(asked, (Function, Class, Method)):
        return None
    value = apply(run, asked, anything(), None, state)
    return element_of(value, state) if isinstance(value, Ref) and value.name == "<generator>" else value


INJECTED = ("fastapi.Depends()", "fastapi.Security()", "fastapi.params.Depends()")


def globals_of(run: Interpreter, module: Module) -> dict[str, Raw]:
    """The variables of another module, to be changed by its functions for this file's run alone."""
    if not module.file.complete:
        return module.env
    found = run.globals.get(module)
    if found is None:
        found = run.globals[module] = dict(module.env)
    return found


def skip(run: Interpreter, function: Function, given: Arguments, receiver: Raw | None, state: State, seen: bool) -> Raw:
    """A function that is not entered is as good as unseen. What it does to variables around it is known if it was entered before."""
    escape(run, given.raws() if receiver is None else [*given.raws(), receiver], state)
    if not seen:
        env = State({}, function.module.env, state.heap, function.scope)
        around = (lookup(run, name, env) for name in function.module.shape.names_in(function.node))
        escape(run, [raw for raw in around if isinstance(raw, Ref)], state)
    return UNKNOWN


def escape(run: Interpreter, raws: Iterable[Raw], state: State) -> None:
    """Unseen code gets hold of these: it may do anything to them and to what they hold, and call them."""
    work = list(handles(raws))
    seen: set[int] = set()
    while work:
        raw = work.pop()
        if type(raw) is Ref:
            if raw.number in seen:
                continue
            seen.add(raw.number)
            cell = state.cell(raw)
            if cell.escaped is not Truth.yes:
                state.put(raw, cell.shared() if raw.name != "()" else cell)
            work += cell.handles
            if raw.call is not None and raw.cls is None:
                work += handles(value for value, _ in (*raw.call.args, *raw.call.kwargs.values()))
        else:
            assert isinstance(raw, (Method, Function))
            function, receiver = (raw.function, raw.receiver) if isinstance(raw, Method) else (raw, None)
            if receiver is not None:
                work += handles((receiver,))
            if function.node not in run.entered and len(run.frames) <= DEPTH_LIMIT:
                other = state.fork()
                enter(run, function, anything(), receiver, other)
                state.join(other)
