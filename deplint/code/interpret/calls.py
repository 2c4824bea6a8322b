"""Calls: of library functions and methods, of functions, classes and objects of the project."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from deplint.code.heap import EMPTY, SHARED, Cell
from deplint.code.interpret.attributes import instance_name, set_attribute, super_member
from deplint.code.interpret.containers import call_dict, call_list
from deplint.code.interpret.expressions import on_method
from deplint.code.interpret.functions import enter, escape
from deplint.code.interpret.modelled import MODELLED
from deplint.code.interpret.objects import blur, extend, fresh, made
from deplint.code.interpret.parsers import PARSERS, call_parser
from deplint.code.interpret.recorded import CallFact
from deplint.code.interpret.state import Arguments, State
from deplint.code.library import BUILTINS, FLUENT, MODULES, NAME_LIMIT, RECORD_BASES, RECORDS, safe
from deplint.code.shape import words_in
from deplint.code.strings import call_member
from deplint.code.values import (
    NONE,
    UNKNOWN,
    Class,
    Const,
    Default,
    Either,
    Function,
    Item,
    Member,
    Method,
    Name,
    Operation,
    Part,
    Raw,
    Ref,
    either,
    options,
)

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter

_RECORDED_BUILTINS = frozenset({"open", "eval", "exec"})


_ASK_ONLY = frozenset({"sorted", "min", "max", "print", "callable", "type", "id", "repr", "hasattr"})
"""Functions that do not hand what they are given to the functions they are given."""


def on_call(run: Interpreter, node: ast.Call, state: State) -> Raw:
    func = node.func
    if type(func) is ast.Attribute:
        inner = func.value
        if type(inner) is ast.Call and isinstance(inner.func, ast.Name) and inner.func.id == "super":
            callee = super_member(run, func.attr, state)
        else:
            callee, element = on_method(run, func, state)
            if element is not None and type(callee) is Name:
                return call_library(run, callee.dotted, element, arguments_of(run, node, state), node, state)
    else:
        callee = run.eval(func, state)
    given = arguments_of(run, node, state)
    if type(callee) is not Either:
        return apply(run, callee, given, node, state)
    several = any(isinstance(choice, Name) for choice in callee.options)
    run.guards += several
    run.doubts += 1
    run.choices += 1
    results: list[Raw] = []
    ends: list[State] = []
    for choice in callee.options:
        other = state.fork()
        results.append(apply(run, choice, given, node, other))
        ends.append(other)
    run.guards -= several
    run.doubts -= 1
    run.choices -= 1
    state.replace(ends[0])
    for end in ends[1:]:
        state.join(end)
    return either(*results)


def arguments_of(run: Interpreter, node: ast.Call, state: State) -> Arguments:
    given = Arguments()
    for arg in node.args:
        if type(arg) is ast.Starred:
            value = run.eval(arg.value, state)
            if isinstance(value, Ref) and (cell := state.cell(value)).items is not None and cell.exact and cell.keys is None:
                given.args += [(item, arg) for item in cell.items or ()]
            else:
                given.open_args = True
                escape(run, [value], state)
        elif not given.open_args:
            given.args.append((run.eval(arg, state), arg))
        else:
            escape(run, [run.eval(arg, state)], state)
    for keyword in node.keywords:
        value = run.eval(keyword.value, state)
        if keyword.arg is not None:
            given.kwargs[keyword.arg] = (value, keyword.value)
            continue
        for option in options(value):
            cell = state.cell(option) if isinstance(option, Ref) else EMPTY
            if cell.keys is None:
                given.open_kwargs = True
                continue
            known = cell.exact and option is value
            for key, item in zip(cell.keys, cell.items or (), strict=True):
                if isinstance(key, Const) and isinstance(key.value, str):
                    given.kwargs[key.value] = (item if known else either(item, UNKNOWN), keyword)
            given.open_kwargs = given.open_kwargs or not known
    return given


def apply(run: Interpreter, callee: Raw, given: Arguments, node: ast.Call | None, state: State) -> Raw:
    kind = type(callee)
    if kind is Name or kind is Item:
        called = callee if kind is Item else None  # ``signatures["serving_default"](x)``
        return call_library(run, callee.dotted, called, given, node, state)  # type: ignore[attr-defined]
    if kind is Part:
        return call_part(run, callee, given, node, state)  # type: ignore[arg-type]
    if kind is Function:
        return enter(run, callee, given, None, state)  # type: ignore[arg-type]
    if kind is Method:
        assert isinstance(callee, Method)
        receiver = callee.receiver
        if isinstance(receiver, Ref):
            state.put(receiver, state.cell(receiver).with_call(callee.function.name, None))
        return enter(run, callee.function, given, receiver, state)
    if kind is Class:
        return instantiate(run, callee, given, node, state)  # type: ignore[arg-type]
    if kind is Ref:
        return call_object(run, callee, given, node, state)  # type: ignore[arg-type]
    if kind is Member:
        assert isinstance(callee, Member)
        owner = callee.owner
        if isinstance(owner, (Function, Method)):
            decorators = owner.function.decorators if isinstance(owner, Method) else owner.decorators
            return call_library(run, f"{decorators[0].removesuffix('()')}.{callee.name}", owner, given, node, state)
        if isinstance(owner, Operation):  # a method of an array that was computed
            return call_library(run, f"<operation>.{callee.name}", owner, given, node, state)
        if not isinstance(owner, Ref):
            return call_member(owner, callee.name, given)
        # A method that a derived class may define.
        escape(run, [owner, *given.raws()], state)
        return UNKNOWN
    if isinstance(callee, Default):
        other = state.fork()
        value = apply(run, callee.value, given, node, other)
        escape(run, given.raws(), state)
        state.join(other)
        return either(value, UNKNOWN)
    escape(run, given.raws(), state)
    return UNKNOWN


def record_call(
    run: Interpreter, name: str, receiver: Raw | None, given: Arguments, node: ast.Call | None, state: State
) -> CallFact | None:
    if node is None or (name in BUILTINS and name not in _RECORDED_BUILTINS):
        return None
    call = CallFact(node, run.frames[-1].file, name, receiver, given)
    if run.recording:
        call.heap = state.heap.snapshot()
        call.stack = run.frames[-1].stack
        call.contexts = run.contexts
        call.guarded = run.guards > 0
        call.certain = run.doubts == 0
        call.chosen = run.choices > 0
        run.calls.append(call)
    return call


def call_library(run: Interpreter, dotted: str, receiver: Raw | None, given: Arguments, node: ast.Call | None, state: State) -> Raw:
    return run_library(run, dotted, record_call(run, dotted, receiver, given, node, state), given, state, safe(dotted))


def run_library(run: Interpreter, dotted: str, call: CallFact | None, given: Arguments, state: State, kind: bool) -> Raw:
    """What a library's function does and gives; `kind` says that it keeps its hands off what it is given."""
    model = MODELLED.get(dotted)
    if model is not None:
        value = model(run, given, state)
        if value is not None:
            if call is not None:
                call.result = value
            return value
    if dotted == "exec":
        escape(run, [*state.env.values(), *state.glob.values()], state)
    if not kind:
        escape(run, given.raws(), state)
    elif dotted[:10] != "functools." and any(isinstance(raw, (Function, Method)) for raw in given.raws()):
        # A function is given to be called, perhaps with the rest.
        alone = dotted in _ASK_ONLY
        escape(run, [raw for raw in given.raws() if not alone or isinstance(raw, (Function, Method))], state)
    if len(dotted) > NAME_LIMIT:
        return UNKNOWN
    if dotted.partition(".")[0] in BUILTINS and dotted != "open":
        return Name(dotted + "()")
    result = fresh(dotted + "()", state, call=call)
    if not kind:
        state.put(result, SHARED)
    if call is not None:
        call.result = result
    return result


def call_part(run: Interpreter, part: Part, given: Arguments, node: ast.Call | None, state: State) -> Raw:
    """A method of an object that is the library's, or nobody knows whose."""
    owner = part.owner
    prefix, _, method = part.path.rpartition(".")
    cell = state.cell(owner)
    if cell.items is not None and not prefix:
        known = (call_dict if cell.keys is not None else call_list)(owner, method, given, state)
        if known is None and (cell.keys is not None or owner.name in ("[]", "set()")):
            escape(run, given.raws(), state)
        return UNKNOWN if known is None else known
    if prefix and method in ("append", "extend", "add", "update", "insert") and given.args:
        # ``converter.optimizations.append(x)``: what the attribute held before is the library's.
        more = given.args[-1][0]
        ref = made("[]", Cell(items=()), state)
        if method in ("extend", "update"):
            extend(ref, more, state)
        else:
            state.put(ref, Cell(items=(more,)))
        blur(ref, state)
        state.put(ref, state.cell(ref).vague())
        at = node if node is not None else run.module.shape.tree
        set_attribute(run, owner, prefix, ref, state, at, at.func if isinstance(at, ast.Call) else at)
        return NONE
    if owner.name in PARSERS:
        parsed = call_parser(owner, method, given, state)
        if parsed is not None:
            return parsed
    call = record_call(run, part.dotted, owner, given, node, state)
    kind = safe(part.dotted)
    if owner.cls is not None:
        # The library's part of an object of the project is known; what nobody was seen putting there is not.
        kind = kind and owner.cls.whole and not prefix and bool(owner.cls.libraries)
        if not kind and not prefix:
            escape(run, [owner], state)
    state.put(owner, state.cell(owner).with_call(part.path, call))
    if not prefix and method in ("eval", "train"):
        mode = Const(False) if method == "eval" else given.get("mode", 0) or (UNKNOWN if given.open else Const(True))
        set_training(owner, mode, state)
    result = run_library(run, part.dotted, call, given, state, kind)
    if method == "apply":
        escape(run, [owner], state)
    if not prefix and method in FLUENT and (owner.cls is not None or MODULES.match(owner.name)):
        if call is not None:
            call.result = owner
        return owner
    return result


def call_object(run: Interpreter, ref: Ref, given: Arguments, node: ast.Call | None, state: State) -> Raw:
    if ref.cls is not None and isinstance(function := ref.cls.lookup("__call__"), Function):
        return enter(run, function, given, ref, state)
    if ref.name == "functools.partial()" and ref.call is not None and ref.call.args:
        bound = Arguments()
        bound.args = [*ref.call.args[1:], *given.args]
        bound.kwargs = {**ref.call.kwargs, **given.kwargs}
        bound.open_args = given.open_args or ref.call.open_args
        bound.open_kwargs = given.open_kwargs or ref.call.open_kwargs
        return apply(run, ref.call.args[0][0], bound, node, state)
    call = record_call(run, ref.name, ref, given, node, state)
    kind = safe(ref.name + "()") and (ref.cls is None or ref.cls.whole)
    return run_library(run, ref.name, call, given, state, kind)


def instantiate(run: Interpreter, cls: Class, given: Arguments, node: ast.Call | None, state: State) -> Raw:
    if any(name.startswith("enum.") for name in cls.libraries):
        return UNKNOWN
    name = instance_name(cls)
    call = record_call(run, name[:-2], None, given, node, state)
    ref = fresh(name, state, cls, call)
    if call is not None:
        call.result = ref
    if not cls.whole:
        state.put(ref, SHARED)
    start = cls.lookup("__init__")
    if isinstance(start, Function):
        enter(run, start, given, ref, state)
    elif any(RECORDS.match(d) for c in cls.line for d in c.decorators) or RECORD_BASES.intersection(cls.libraries):
        fill_record(run, cls, ref, given, state)
    elif not cls.whole:
        escape(run, given.raws(), state)
    return ref


def fill_record(run: Interpreter, cls: Class, ref: Ref, given: Arguments, state: State) -> None:
    """Set the fields of a data class or the like."""
    file = run.frames[-1].file
    fields = dict.fromkeys(
        s.target.id
        for c in reversed(cls.line)
        for s in c.node.body
        if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name) and "ClassVar" not in words_in(s.annotation)
    )
    settings = any(name.endswith("BaseSettings") for name in cls.libraries)
    for position, field in enumerate(fields):
        found = given.kwargs.get(field) or (given.args[position] if position < len(given.args) else None)
        if found is not None:
            state.put(ref, state.cell(ref).with_attr(field, found[0], (file, found[1])))
            continue
        value = cls.lookup(field)
        if isinstance(value, Ref) and value.call is not None and value.name in ("dataclasses.field()", "pydantic.Field()", "attr.ib()"):
            fact = value.call
            if "default" in fact.kwargs or (fact.args and value.name != "dataclasses.field()"):
                value = fact.kwargs["default"][0] if "default" in fact.kwargs else fact.args[0][0]
            elif "default_factory" in fact.kwargs or "factory" in fact.kwargs:
                value = apply(run, (fact.kwargs.get("default_factory") or fact.kwargs["factory"])[0], Arguments(), None, state)
            else:
                value = None
        if value is None:
            value = UNKNOWN
        elif settings or given.open:
            value = Default(value)
        state.put(ref, state.cell(ref).with_attr(field, value))
    after = cls.lookup("__post_init__")
    if isinstance(after, Function):
        enter(run, after, Arguments(), ref, state)


def set_training(ref: Ref, mode: Raw, state: State, depth: int = 0) -> None:
    """``eval()`` and ``train()`` reach every module a module holds."""
    state.put(ref, state.cell(ref).with_attr("training", mode))
    if depth > 4:
        return
    held: list[Raw] = [v for slot in state.cell(ref).attrs.values() for v in slot.values]
    held += state.cell(ref).items or ()
    if ref.call is not None and ref.cls is None:
        held += [raw for raw, _ in ref.call.args]
    for value in held:
        if isinstance(value, Ref) and value is not ref:
            set_training(value, mode, state, depth + 1)
