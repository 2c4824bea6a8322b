"""The functions of a program that run once for each request: routes, views, `lambda_handler`, methods of servers' handler classes.

    for call in file.calls("torch.load"):
        if (handling := handler_of(call)) is not None:
            print(call.functions[handling.at].name, handling.what)

`fate` says, by syntax alone, whether what a call gives is still there when the request is done.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from deplint.code import values as v
from deplint.code.facts import Call
from deplint.code.library import FLUENT
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile
from deplint.code.shape import declarations, walk
from deplint.finding import Place

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module

VERBS = frozenset({"route", "get", "post", "put", "patch", "api_route", "websocket", "websocket_route"})
"""Decorators, of a path, by which Flask, FastAPI, Sanic, Starlette, Quart, Bottle, Litestar and their like name a handler."""

_DECORATED = matcher(
    "rest_framework.decorators.api_view()",
    "django.views.decorators.**.{csrf_exempt,require_POST,require_GET}",
    "django.views.decorators.**.{require_http_methods,csrf_exempt}()",
    "bentoml.{api,Service().api()}",
    "bentoml.{api,Service,legacy.Service}()**",
    "functions_framework.{http,cloud_event}",
)

_METHODS = (
    (
        matcher(
            "django.views.**.View", "rest_framework.{views.APIView,generics.*}", "flask.views.MethodView", "flask_restful.Resource",
            "{flask_restx,flask_restplus}.Resource", "tornado.web.RequestHandler", "starlette.endpoints.HTTPEndpoint",
            "aiohttp.web.View",
        ),
        frozenset({"get", "post", "put"}),
    ),
    (matcher("ts.torch_handler.**"), frozenset({"handle", "preprocess", "inference", "postprocess"})),
    (matcher("{kserve,kfserving}.{Model,KFModel,model.Model}"), frozenset({"predict", "preprocess", "postprocess", "__call__"})),
    (matcher("**.*Servicer"), frozenset({"Predict", "predict", "Infer", "infer", "Classify", "Inference"})),
)  # fmt: skip
"""Base classes, with the methods that run for each request."""

_GIVEN = "**.{add_url_rule,add_api_route,add_route,add_post,add_get}"
"""Calls that are given a handler."""

_SHOWN = "gradio.{Interface,ChatInterface}"
_EVENTS = "gradio.*().{click,submit,change,upload}"

_SAGEMAKER = frozenset({"predict_fn", "input_fn", "output_fn", "transform_fn"})
_KEEPING = re.compile(r"append|add|put|insert|regist|cache|store|set|update|init|share|push|keep|save", re.I)
"""Names of functions that may keep what they are given."""

_ABSORBING = frozenset({"load_state_dict", "load_weights", "set_weights", "load_params"})
"""Methods that make what they are given part of their object."""

_INERT = frozenset({"", "staticmethod", "classmethod", "property", "torch.no_grad()", "torch.inference_mode()", "tensorflow.function"})
"""Decorators that do not remember what a function gave."""


@dataclass(frozen=True)
class Handling:
    """A call runs while a request is handled: `at` is the handler's place in the call's `functions`, `what` words when it runs."""

    at: int
    what: str


def handler_of(call: Call) -> Handling | None:
    """The handler that a call runs in, be it in a function it calls; None if no function it was seen in is one."""
    for at, function in enumerate(call.functions):
        what = handles(function)
        if what:
            return Handling(at, what)
    return None


def handles(function: v.Function) -> str:
    """When the function runs, if it certainly handles requests; else empty."""
    node, file = function.node, function.module.file
    if isinstance(node, ast.Lambda):
        return ""
    if any(_routed(decorator) for decorator in node.decorator_list) or any(map(_DECORATED, function.decorators)):
        return "for every request"
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    if function.owner is not None:
        return "for every request" if _method(function) else ""
    if function.scope is not None:
        return ""
    if names == ["event", "context"] or (node.name == "lambda_handler" and len(names) == 2):
        return "for every invocation"
    if node.name in _SAGEMAKER and "def model_fn(" in file.text:
        return "for every request"
    if node.name == "run" and len(names) == 1 and re.search(r"^def init\(\)", file.text, re.M):
        return "for every request"
    if names[:1] == ["request"] and re.search(r"^\s*(?:from|import) (?:django|rest_framework|aiohttp|starlette)\b", file.text, re.M):
        return "for every request"
    return "for every request" if node in _handed(file) and _INERT.issuperset(function.decorators) else ""


def _routed(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Call(func=ast.Attribute(attr=verb) | ast.Name(id=verb), args=[ast.Constant(value=str(path)), *_]):
            return verb in VERBS and (path.startswith("/") or (not path and isinstance(decorator.func, ast.Attribute)))
        case ast.Call(func=ast.Attribute(attr="route"), keywords=keywords):  # Azure Functions
            return any(keyword.arg == "route" for keyword in keywords)
    return False


def _method(function: v.Function) -> bool:
    owner, name = function.owner, function.name
    if owner is None:
        return False
    if any(name in methods and any(map(base, owner.libraries)) for base, methods in _METHODS):
        return True
    if owner.node.name == "TritonPythonModel":
        return name == "execute"
    if any(decorator.startswith("ray.serve.") for decorator in owner.decorators):
        return name not in ("__init__", "reconfigure", "check_health")
    # A custom prediction routine of Google Cloud.
    return name == "predict" and "from_path" in owner.members and "from_path(cls, model_dir" in function.module.file.text


@lru_cache(maxsize=32)
def _handed(file: PythonFile) -> frozenset[ast.AST]:
    """The functions that the file's own code hands over as handlers."""
    if not re.search(r"add_url_rule|add_api_route|add_route|add_post|add_get|gradio|runpod|Depends", file.text):
        return frozenset()
    found = []
    for call in file.calls(_GIVEN, _SHOWN, _EVENTS, "runpod.serverless.start", "fastapi.{Depends,Security}"):
        given = [*call.arguments, *call.keywords.values()]
        given += [item for value in given for item in (value.items or () if value.entries is not None else ())]
        found += [value.function.node for value in given if value.function is not None]
    return frozenset(found)


# -- what is left when the request is done --------------------------------------------------------------------------------


def kept_longer(call: Call, at: int) -> bool:
    """May what the call gives outlive a run of the function at `at` in its `functions`? So it does where it is stored in a global, an
    attribute, a dictionary of others, or a decorator may remember it."""
    chain = call.functions[at:]
    if any(decorator not in _INERT for function in chain[1:] for decorator in function.decorators):
        return True
    nodes: list[ast.AST] = [call.node]
    depth = len(chain) - 1
    while True:
        # What a method that the constructor calls sets on ``self`` belongs to the new object as well.
        begun = next((n for n in range(depth, -1, -1) if chain[n].name == "__init__" and chain[n].owner is chain[depth].owner), None)
        fates = {fate(node, chain[depth].node, constructor=begun is not None) for node in nodes}
        if "kept" in fates:
            return True
        if "self" in fates and begun is not None:
            depth = begun
        if depth == 0 or not fates & {"returned", "self"}:
            return False
        nodes = list(sites(chain[depth - 1].node, chain[depth]))
        depth -= 1
        if not nodes:
            return True


def may_be_given(call: Call, at: int) -> bool:
    """Does the call stand where a function below the handler makes what its caller did not give: ``if norms is None: norms = ...``?"""
    for function in call.functions[at + 1 :]:
        above = parents(function.node)
        node: ast.AST | None = call.node
        while node is not None:
            outer = above.get(node)
            if isinstance(outer, (ast.If, ast.IfExp)) and node is not outer.test and _asks_for(outer.test, _parameters(function.node)):
                return True
            node = outer
    return False


def _asks_for(test: ast.expr, names: Sequence[str]) -> bool:
    match test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]):
            return name in names
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return name in names
    return False


def rerun(file: PythonFile, call: Call) -> bool:
    """Does the call run, and what it gives get lost, each time Streamlit runs the script from its top?"""
    chain = call.functions
    if not re.search(r"^\s*import streamlit\b", file.text, re.M) or (call.file is not file and not chain):
        return False
    if any(decorator not in _INERT for function in chain for decorator in function.decorators):
        return False
    tree = file.shape.tree
    if not chain:
        return fate(call.node, tree) == "lost"
    if kept_longer(call, 0):
        return False
    inside = {id(node) for function in walk(tree) if isinstance(function, _FUNCTIONS) for node in walk(function)}
    tops = [site for site in sites(tree, chain[0]) if id(site) not in inside]
    return bool(tops) and all(fate(site, tree) == "lost" for site in tops)


def site_in(file: PythonFile, call: Call, at: int) -> Place:
    """Where the file itself enters what leads to a call in another module."""
    own = [index for index, function in enumerate(call.functions) if index >= at and function.module.file is file]
    scope: Scope = call.functions[own[-1]].node if own else file.shape.tree
    after = own[-1] + 1 if own else 0
    found = next(sites(scope, call.functions[after]), None) if after < len(call.functions) else None
    return file.place_of(found if found is not None else scope)


def sites(outer: Scope, entered: v.Function) -> Iterator[ast.Call]:
    """The calls in `outer` that may enter the function, by name."""
    name = entered.name
    if name == "__init__" and entered.owner is not None:
        name = entered.owner.node.name
    for node in walk(outer):
        if isinstance(node, ast.Call) and _last(node.func) == name:
            yield node


def _last(callee: ast.expr) -> str:
    return callee.attr if isinstance(callee, ast.Attribute) else callee.id if isinstance(callee, ast.Name) else ""


@lru_cache(maxsize=64)
def parents(scope: Scope) -> Mapping[ast.AST, ast.AST]:
    """What each node below `scope` stands in."""
    return {child: node for node in walk(scope) for child in ast.iter_child_nodes(node)}


def fate(node: ast.AST, scope: Scope, constructor: bool = False, followed: frozenset[str] = frozenset()) -> str:
    """What becomes of a value in a function: ``kept`` beyond it, ``returned``, set on ``self`` by a constructor, or ``lost``."""
    above = parents(scope)
    while True:
        outer = above.get(node)
        if isinstance(outer, (ast.Return, ast.Yield, ast.Lambda)):
            return "returned"
        if isinstance(outer, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.AugAssign)):
            targets = outer.targets if isinstance(outer, ast.Assign) else [outer.target]
            return _worst(_stored(target, scope, constructor, followed) for target in targets)
        if isinstance(outer, ast.withitem) and outer.optional_vars is not None:
            return _stored(outer.optional_vars, scope, constructor, followed)
        if isinstance(outer, ast.Attribute):
            method = above.get(outer)
            if not (isinstance(method, ast.Call) and method.func is outer and outer.attr in FLUENT):
                return "lost"
            outer = method
        elif isinstance(outer, ast.Call):
            if node is outer.func:
                return "lost"
            if isinstance(outer.func, ast.Attribute) and outer.func.attr in _ABSORBING:
                return _stored(outer.func, scope, constructor, followed)
            if _KEEPING.search(_last(outer.func)):
                return "kept"
        elif isinstance(outer, ast.Compare) or not isinstance(outer, (ast.expr, ast.keyword, ast.comprehension)):
            return "lost"
        node = outer


def _worst(fates: Iterator[str]) -> str:
    found = set(fates)
    return next((one for one in ("kept", "self", "returned") if one in found), "lost")


def _stored(target: ast.expr, scope: Scope, constructor: bool, followed: frozenset[str]) -> str:
    if isinstance(target, (ast.Tuple, ast.List)):
        return _worst(_stored(element, scope, constructor, followed) for element in target.elts)
    if isinstance(target, ast.Starred):
        return _stored(target.value, scope, constructor, followed)
    base: ast.expr = target
    while isinstance(base, (ast.Attribute, ast.Subscript)):
        base = base.value
    if not isinstance(base, ast.Name):
        return "kept"
    if base is not target:
        if constructor and base.id == "self":
            return "self"
        if base.id not in local_names(scope):
            return "kept"
    elif isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
        declared = declarations(scope)
        if base.id in declared.globals | declared.nonlocals:
            return "kept"
    if base.id in followed:
        return "lost"
    uses = [n for n in parents(scope) if isinstance(n, ast.Name) and n.id == base.id and isinstance(n.ctx, ast.Load)]
    return _worst(fate(use, scope, constructor, followed | {base.id}) for use in uses)


@lru_cache(maxsize=64)
def local_names(scope: Scope) -> frozenset[str]:
    """The variables that a function itself binds: not its parameters, not what it declares global."""
    if isinstance(scope, ast.Module):
        return frozenset()
    declared = declarations(scope)
    bound = {node.id for node in parents(scope) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return frozenset(bound - declared.globals - declared.nonlocals)


def asked_for(call: Call, at: int, argument: ast.AST) -> bool:
    """Does an argument of the call depend on what the handler at `at` was given? The request then chooses."""
    chain = call.functions[at:]
    chosen = {"request", *_parameters(chain[0].node)}
    for outer, entered in pairwise(chain):
        chosen = _dependent(outer.node, chosen)
        names = [name for name in _parameters(entered.node) if name != "self"]
        given: set[str] = set()
        for site in sites(outer.node, entered):
            for name, value in (*zip(names, site.args, strict=False), *((k.arg, k.value) for k in site.keywords)):
                if name is not None and _mentions(value, chosen):
                    given.add(name)
        chosen = given
    return _mentions(argument, _dependent(chain[-1].node, chosen))


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Sequence[str]:
    spec = function.args
    return [argument.arg for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]


def _dependent(scope: Scope, chosen: set[str]) -> set[str]:
    """`chosen`, and the variables made of them."""
    found = set(chosen)
    size = -1
    while size != len(found):
        size = len(found)
        for node in walk(scope):
            targets: Sequence[ast.expr] = ()
            if isinstance(node, ast.Assign) and _mentions(node.value, found):
                targets = node.targets
            elif isinstance(node, (ast.For, ast.AsyncFor)) and _mentions(node.iter, found):
                targets = [node.target]
            found |= {name.id for target in targets for name in walk(target) if isinstance(name, ast.Name)}
    return found


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id in names for inner in walk(node))
