"""What names mean: variables, those of functions around, imports, built-ins."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

from deplint.code.interpret.limits import MODULES_LIMIT
from deplint.code.interpret.recorded import Use
from deplint.code.interpret.state import Module, State
from deplint.code.library import BUILTINS, FRAMEWORKS, USUAL, canonical, name_of
from deplint.code.values import UNKNOWN, Either, Imported, Late, Name, Raw, either, options

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter
    from deplint.code.python import PythonFile


def lookup(run: Interpreter, name: str, state: State) -> Raw:
    value = find(run, name, state)
    kind = type(value)
    return resolve(run, value, state) if kind is Late or kind is Either else value


def find(run: Interpreter, name: str, state: State) -> Raw:
    value = state.env.get(name)
    if value is not None:
        return value
    scope = state.scope
    if state.local is not state.env and (value := state.local.get(name)) is not None:
        return value
    while scope is not None:
        value = scope.env.get(name)
        if value is not None:
            return value
        scope = scope.function.scope if scope.function is not None else None
    value = state.glob.get(name)
    if value is not None:
        return value
    if name in BUILTINS:
        return Name(name)
    stars = run.running.stars
    if stars and not name.startswith("_"):
        return either(*(name_of(f"{star}.{name}") for star in dict.fromkeys(stars)))
    return name_of(USUAL[name]) if name in USUAL and run.file.fragment else UNKNOWN


def use(run: Interpreter, dotted: str, node: ast.AST) -> None:
    if run.recording:
        dotted = canonical(dotted)
        known = run.uses.get((node, dotted))
        if known is None:
            run.uses[node, dotted] = Use(dotted, node, run.frames[-1].file, run.guards > 0)
        elif known.guarded:
            known.guarded = run.guards > 0


def use_options(run: Interpreter, value: Raw, node: ast.AST) -> None:
    """A name that is one of several is used where the other is not there."""
    names = [o.dotted for o in options(value) if isinstance(o, Name)]
    if names:
        several = type(value) is Either
        run.guards += several
        for name in names:
            use(run, name, node)
        run.guards -= several


def is_own(run: Interpreter, dotted: str, level: int) -> bool:
    """Is it a module of the project?"""
    file = run.frames[-1].file
    return (level > 0 or dotted.partition(".")[0] not in FRAMEWORKS) and file.find(dotted, level) is not None


def import_module(run: Interpreter, dotted: str, level: int) -> PythonFile | None:
    return run.frames[-1].file.import_of(dotted, level) if is_own(run, dotted, level) else None


def resolve(run: Interpreter, value: Raw, state: State) -> Raw:
    """What an import gives, now that somebody uses it."""
    if type(value) is not Late:
        if type(value) is Either and any(type(option) is Late for option in value.options):
            return either(*[resolve(run, option, state) for option in value.options])
        return value
    known = run.known.get(value)
    if known is not None and known[0] in state.heap.modules and not known[0].patched and known[0] not in run.globals:
        return known[1]
    file = value.file.import_of(value.base, value.level)
    if file is not None and file not in run.used:
        if len(run.used) >= MODULES_LIMIT:
            return UNKNOWN
        run.used.add(file)
    if not value.name:
        return Imported(file) if file is not None else UNKNOWN
    found = module_member(run, file, value.name, state) if file is not None else None
    if found is None:
        inner = value.file.import_of(f"{value.base}.{value.name}" if value.base else value.name, value.level)
        found = Imported(inner) if inner is not None else UNKNOWN
    if file is not None and file.complete:
        run.known[value] = file.module(), found
    return found


def module_of(run: Interpreter, file: PythonFile, state: State) -> Module:
    """A module of the project, after it ran; its objects are known in `state` from now on."""
    module = file.module()
    if module not in state.heap.modules:
        state.heap.add(module.heap)
        if file.complete:
            state.heap.modules |= {module}
    return module


def variables_of(run: Interpreter, module: Module) -> Mapping[str, Raw]:
    """The variables of an imported module, as functions of it that were entered have left them."""
    return run.globals.get(module, module.env)


def module_member(run: Interpreter, file: PythonFile, name: str, state: State) -> Raw | None:
    module = module_of(run, file, state)
    found = variables_of(run, module).get(name)
    if module.patched and (slot := state.heap.get(module.number).attrs.get(name)) is not None:
        return either(*slot.values) if slot.certain else either(*slot.values, UNKNOWN if found is None else found)
    if found is not None:
        return resolve(run, found, state)
    if name not in BUILTINS and module.stars:
        return either(*(name_of(f"{star}.{name}") for star in module.stars))
    return None
