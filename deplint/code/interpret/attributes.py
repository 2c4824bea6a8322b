"""Reading and setting attributes: of objects, classes, modules, library things."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from deplint.code.heap import Cell
from deplint.code.interpret.functions import enter
from deplint.code.interpret.objects import held, made
from deplint.code.interpret.recorded import Set
from deplint.code.interpret.scopes import module_member, module_of
from deplint.code.interpret.state import Arguments, State
from deplint.code.library import HOLDS, NAME_LIMIT, PROPERTIES, ROOT_BASES, name_of
from deplint.code.shape import is_hook
from deplint.code.values import (
    UNKNOWN,
    Class,
    Const,
    Default,
    Either,
    Function,
    Imported,
    Item,
    Member,
    Method,
    Name,
    Operation,
    Package,
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


def get_attribute(run: Interpreter, value: Raw, attr: str, state: State) -> Raw:
    kind = type(value)
    if kind is Ref:
        return object_member(run, value, attr, state)  # type: ignore[arg-type]
    if kind is Name or kind is Item:
        return name_of(f"{value.dotted}.{attr}")  # type: ignore[attr-defined]
    if kind is Unknown:
        return Member(UNKNOWN, attr) if attr == "with_suffix" else UNKNOWN
    if kind is Part:
        assert isinstance(value, Part)
        path = f"{value.path}.{attr}"
        if len(path) > NAME_LIMIT:
            return UNKNOWN
        slot = state.cell(value.owner).attrs.get(path)
        return Part(value.owner, path) if slot is None else held(slot, value.owner, state)
    if isinstance(value, Imported):
        found = module_member(run, value.file, attr, state)
        if found is None and value.file.is_package and (inner := value.file.import_of(attr, 1)) is not None:
            found = Imported(inner)
        return UNKNOWN if found is None else found
    if isinstance(value, Package):
        dotted = f"{value.dotted}.{attr}"
        inner = value.file.import_of(dotted, 0)
        return Imported(inner) if inner is not None else Package(value.file, dotted) if len(dotted) < NAME_LIMIT else UNKNOWN
    if isinstance(value, Class):
        member = class_member(value, attr, state)
        if member is not None:
            return either(*(Method(f, value) if isinstance(f, Function) and "classmethod" in f.decorators else f for f in options(member)))
        return name_of(f"{value.libraries[0]}.{attr}") if value.libraries and value.whole else UNKNOWN
    if isinstance(value, Either):
        return either(*[get_attribute(run, option, attr, state) for option in value.options])
    if isinstance(value, Default):
        return either(get_attribute(run, value.value, attr, state), UNKNOWN)
    if isinstance(value, (Const, Text)):
        if isinstance(value, Const) and isinstance(value.value, PurePosixPath) and attr in ("parent", "name", "stem", "suffix"):
            return Const(getattr(value.value, attr))
        return value if attr == "value" else Member(value, attr)
    if isinstance(value, (Function, Method)):
        function = value.function if isinstance(value, Method) else value
        return Member(value, attr) if function.decorators and function.decorators[0] else UNKNOWN
    return Member(value, attr) if isinstance(value, Operation) else UNKNOWN


def object_member(run: Interpreter, ref: Ref, attr: str, state: State) -> Raw:
    cell = state.cell(ref)
    slot = cell.attrs.get(attr)
    cls = ref.cls
    if slot is not None and (slot.certain or cls is None):
        return held(slot, ref, state)
    if attr == "__dict__" and cell.items is None:
        named = {n: object_member(run, ref, n, state) for n in cell.attrs if n[0] not in "@[" and "." not in n}
        closed = cell.escaped is Truth.no and cls is None and all(s.certain for s in cell.attrs.values())
        keys = tuple(Const(n) for n in named)
        return made("{}", Cell(items=tuple(named.values()), keys=keys, exact=closed, open=not closed), state)
    found: Raw | None = None
    if cls is not None:
        found = class_member(cls, attr, state)
        if found is not None:
            found = either(*(bound_member(run, option, ref, attr, state) for option in options(found)))
    elif ref.call is not None and (argument := HOLDS.get((ref.name, attr))) is not None:
        fact = ref.call
        found = fact.kwargs[argument][0] if argument in fact.kwargs else fact.args[0][0] if fact.args else None
    if slot is not None:
        return held(slot, ref, state, UNKNOWN if found is None else found)
    return Part(ref, attr) if found is None else found


def class_member(cls: Class, name: str, state: State) -> Raw | None:
    """What a class has under that name, itself or from the project's classes it derives from."""
    for one in cls.line:
        found = one.members.get(name)
        if one.patched and (slot := state.heap.get(one.number).attrs.get(name)) is not None:
            return either(*slot.values) if slot.certain or found is None else either(*slot.values, found)
        if found is not None:
            return found
    return None


def bound_member(run: Interpreter, member: Raw, ref: Ref, attr: str, state: State) -> Raw:
    """What a class has, taken from an instance."""
    assert ref.cls is not None
    if not isinstance(member, Function):
        return Default(member) if ref.derived and isinstance(member, Const) else member
    if PROPERTIES.intersection(member.decorators):
        return enter(run, member, Arguments(), ref, state)
    if ref.derived and (attr in ref.cls.overridden or is_hook(member.node)):
        return Member(ref, attr)
    if "staticmethod" in member.decorators:
        return member
    return Method(member, ref.cls if "classmethod" in member.decorators else ref)


def super_member(run: Interpreter, attr: str, state: State) -> Raw:
    function = run.frames[-1].function
    receiver = next(iter(state.env.values()), UNKNOWN)
    if function is None or function.owner is None:
        return UNKNOWN
    # The class of the object may have others between this one and its bases.
    line = receiver.cls.line if isinstance(receiver, Ref) and receiver.cls is not None else function.owner.line
    after = line[line.index(function.owner) + 1 :] if function.owner in line else function.owner.line[1:]
    for base in after:
        found = base.members.get(attr)
        if isinstance(found, Function):
            return Method(found, receiver)
    return Part(receiver, attr) if isinstance(receiver, Ref) else UNKNOWN


def set_attribute(run: Interpreter, owner: Raw, attribute: str, value: Raw, state: State, node: ast.AST, source: ast.AST) -> None:
    """`node` is what sets the attribute, `source` the expression whose value it gets (or `node`, if there is none)."""
    if isinstance(owner, Either):
        # One of them is set: each has it set or not.
        ends = []
        for option in owner.options:
            other = state.fork()
            set_attribute(run, option, attribute, value, other, node, source)
            ends.append(other)
        for n, end in enumerate(ends):
            state.join(end) if n else state.replace(end)
        return
    if isinstance(owner, Default):
        owner = owner.value
    path = attribute
    if isinstance(owner, Part):
        path = f"{owner.path}{'' if attribute.startswith('[') else '.'}{attribute}"
        owner = owner.owner
    if isinstance(owner, (Class, Imported)):
        holder = module_of(run, owner.file, state) if isinstance(owner, Imported) else owner
        holder.patched = True
        state.heap[holder.number] = state.heap.get(holder.number).with_attr(attribute, value)
    elif isinstance(owner, Ref) and len(path) <= NAME_LIMIT:
        if owner.cls is not None and path == attribute:
            found = class_member(owner.cls, attribute, state)
            if isinstance(found, Function) and found.setter is not None:
                given = Arguments()
                given.args.append((value, source))
                enter(run, found.setter, given, owner, state)
                return
        state.put(owner, state.cell(owner).with_attr(path, value, (run.frames[-1].file, source)))
        if run.recording and owner.cls is None:
            frame = run.frames[-1]
            run.sets.append(Set(owner, path, value, node, source, frame.file, state.heap.snapshot(), run.guards > 0))


def instance_name(cls: Class) -> str:
    for name in cls.libraries:
        if not ROOT_BASES.match(name):
            return name + "()"
    return f"{cls.module.file.module_name}.{cls.node.name}()"
