"""Functions, classes and imports: what binds names to code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from deplint.code.heap import EMPTY
from deplint.code.interpret.calls import apply
from deplint.code.interpret.functions import INJECTED
from deplint.code.interpret.narrowing import is_guard
from deplint.code.interpret.scopes import import_module, is_own, module_of, use, variables_of
from deplint.code.interpret.state import Arguments, State
from deplint.code.library import CACHES, dotted_of, name_of, safe
from deplint.code.values import UNKNOWN, Class, Const, Function, Item, Late, Name, Package, Raw, Ref, either, options

if TYPE_CHECKING:
    from deplint.code.interpret.interpreter import Interpreter


def do_function(run: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> bool:
    state.env[node.name] = define(run, node, state)
    return True


def on_lambda(run: Interpreter, node: ast.Lambda, state: State) -> Raw:
    return define(run, node, state)


def define(run: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, state: State) -> Raw:
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = {p.arg: run.eval(d, state) for p, d in zip(positional[::-1], node.args.defaults[::-1], strict=False)}
    defaults.update({p.arg: run.eval(d, state) for p, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d})
    frame = run.frames[-1]
    scope = None
    if frame.function is not None:
        scope = frame
        frame.captured = True
        frame.env = state.local
    guarded = run.guards > 0 or (not isinstance(node, ast.Lambda) and node.name in frame.shape.behind_guards)
    function = Function(node, frame.module, scope, defaults, guarded)
    if frame.module is run.module:
        run.defined.append(function)
    if isinstance(node, ast.Lambda):
        return function
    if not frame.shape.future_annotations:
        for parameter in (*positional, *node.args.kwonlyargs):
            if parameter.annotation is not None:
                said = run.eval(parameter.annotation, state)
                beside = state.cell(said.key).items if isinstance(said, Item) and isinstance(said.key, Ref) else None
                injected = next((raw for raw in beside or () if isinstance(raw, Ref) and raw.name in INJECTED), None)
                if injected is not None:
                    defaults[parameter.arg] = injected
        if node.returns is not None:
            run.eval(node.returns, state)
    value: Raw = function
    names: list[str] = []
    for decorator in reversed(node.decorator_list):
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter", "getter"):
            getter = run.eval(decorator.value, state)
            if isinstance(getter, Function):
                if decorator.attr == "setter":
                    getter.setter = function
                return getter
        how = run.eval(decorator, state)
        name = dotted_of(how)
        names.append(name)
        function.guarded = function.guarded or is_guard(run, decorator)
        if isinstance(how, (Function, Class)) or (isinstance(how, Ref) and how.cls is not None):
            given = Arguments()
            given.args.append((value, decorator))
            value = apply(run, how, given, None, state)
        elif name not in CACHES and (not name or not safe(name)):
            # An unseen decorator may wrap the function in anything; its body is still run on its own.
            value = either(value, UNKNOWN)
    function.decorators = tuple(names)
    return value


def do_class(run: Interpreter, node: ast.ClassDef, state: State) -> bool:
    bases = tuple(run.eval(base, state) for base in node.bases)
    metas = [run.eval(k.value, state) for k in node.keywords]
    decorators = tuple(dotted_of(run.eval(d, state)) for d in node.decorator_list)
    whole = all(isinstance(m, (Name, Const)) for m in metas) and all(d and safe(d) for d in decorators)
    whole = whole and all(safe(b.dotted) for b in bases if isinstance(b, Name))
    frame = run.frames[-1]
    cls = Class(node, frame.module, bases, whole)
    cls.decorators = decorators
    inner = state.inner({})
    if frame.function is not None:
        frame.env = state.local
        inner.scope = frame
    run.block(node.body, inner)
    cls.members = inner.env
    for member in inner.env.values():
        for option in options(member):
            if isinstance(option, Function) and option.owner is None and option.module is frame.module:
                option.owner = cls
                if option.setter is not None:
                    option.setter.owner = cls
    for base in cls.line[1:]:
        if base.module is frame.module:
            base.overridden |= cls.members.keys()
    state.env[node.name] = cls
    state.heap[cls.number] = EMPTY
    return True


def do_import(run: Interpreter, node: ast.Import, state: State) -> bool:
    file = run.frames[-1].file
    for alias in node.names:
        top = alias.name.partition(".")[0]
        if not is_own(run, alias.name, 0):
            use(run, alias.name, node)
            state.env[alias.asname or top] = name_of(alias.name if alias.asname else top)
        elif alias.asname:
            state.env[alias.asname] = Late(file, alias.name, 0, "")
        else:
            state.env[top] = Late(file, top, 0, "") if is_own(run, top, 0) else Package(file, top)
    return True


def do_import_from(run: Interpreter, node: ast.ImportFrom, state: State) -> bool:
    base, level = node.module or "", node.level
    file = run.frames[-1].file
    own = bool(base or level) and is_own(run, base, level)
    for alias in node.names:
        name = alias.asname or alias.name
        if alias.name == "*":
            import_all(run, base, level, node, state)
        elif own or level or is_own(run, f"{base}.{alias.name}", 0):
            state.env[name] = Late(file, base, level, alias.name)
        else:
            use(run, f"{base}.{alias.name}", node)
            state.env[name] = name_of(f"{base}.{alias.name}")
    return True


def import_all(run: Interpreter, base: str, level: int, node: ast.AST, state: State) -> None:
    """``from base import *``"""
    file = import_module(run, base, level)
    if file is not None:
        module = module_of(run, file, state)
        values = variables_of(run, module)
        public = module.shape.public
        names = values if public is None else public
        state.env.update({n: values[n] for n in names if n in values and (public is not None or n[0] != "_")})
        run.running.stars += module.stars
    elif not level:
        run.running.stars.append(base)
        use(run, base, node)
