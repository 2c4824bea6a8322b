"""The routes of the services in a project, and what each reads of a request, by syntax alone.

for route in routes(project):
    print(route.path, route.reads, route.needs)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from deplint.code.handlers import VERBS
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.shape import walk
from deplint.model import Unreadable

if TYPE_CHECKING:
    from deplint.finding import Placed
    from deplint.project import File, Project

_WEB = re.compile(r"^\s*(?:from|import)\s+(?:flask|fastapi|quart)\b", re.M)
_READS = {
    "json": "json", "get_json": "json", "form": "form", "files": "files", "data": "raw", "get_data": "raw", "values": "form",
    "stream": "raw", "body": "raw", "args": "", "method": "", "headers": "",
}  # fmt: skip
"""What attributes of Flask's request are about; empty for what is not the body."""

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass
class Route:
    """A path that a function of `file` answers at. `reads` are the kinds of body it looks at (json, form, files, raw; ``?`` where that
    cannot be told), `needs` the keys, of each kind, without which it fails. `listed` is the only parameter that a FastAPI handler takes
    from the body, where that is a list as a whole; `strict` says that Flask's request is asked for JSON, and refuses what is not called so.
    """

    path: str
    methods: frozenset[str]
    file: PythonFile
    node: ast.FunctionDef | ast.AsyncFunctionDef
    reads: set[str] = field(default_factory=set)
    needs: dict[str, set[str]] = field(default_factory=dict)
    listed: str = ""
    strict: bool = False


@lru_cache(maxsize=2)
def routes(project: Project) -> tuple[Route, ...]:
    """The routes of Flask and FastAPI services whose path is written out and has no variable parts."""
    found: list[Route] = []
    for file in files_with(project, _WEB):
        found += _routes(file)
    return tuple(found)


def together(project: Project, client: Placed, service: PythonFile) -> bool:
    """May the client mean the service? Not where the client's folder is explained by a README of its own and the service is elsewhere: a
    repository of examples holds many services."""
    return service.file.path.is_relative_to(project.area(client))


_ELSEWHERE = re.compile(
    r"url_prefix|prefix\s*=|\.mount\(|include_router|register_blueprint|add_url_rule|add_api_route|add_route|MethodView|flask_rest|root_path|"
    r"APPLICATION_ROOT|middleware\.wsgi|[\"'][^\"'\n]*/[<{][^\"'\n]*[\"']\s*[,)]|Instrumentator|static_url_path|catch_all|errorhandler\(404"
)
"""What may make a service answer at more paths than its functions' decorators write out."""
_SERVING = re.compile(
    r"^\s*(?:from|import)\s+(?:flask|fastapi|quart|django|starlette|aiohttp|tornado|litserve|gradio)\b",
    re.M,
)
_ANSWERS = re.compile(r"\b(?:FastAPI|Flask|Quart|APIRouter|Blueprint)\(|^\s*@\w+\.\w+\(", re.M)
_PROXIED = re.compile(r"proxy_pass|ProxyPass|StripPrefix|stripprefix|rewrite-target|reverse_proxy|PathPrefix|kind: VirtualService")
GIVEN = frozenset({"/docs", "/redoc", "/openapi.json", "/static"})
"""Paths that FastAPI and Flask answer at by themselves."""


@lru_cache(maxsize=2)
def whole(project: Project) -> PythonFile | None:
    """The one file that answers requests in a project, if `routes` are certainly all that it answers at."""
    serving = files_with(project, _SERVING)
    answering = [file for file in serving if _ANSWERS.search(file.text)]
    one = answering[0] if len(answering) == 1 and len(routes(project)) else None
    if one is None or _ELSEWHERE.search(one.text) or one is not routes(project)[0].file:
        return None
    return None if any(_holds_proxy(file) for file in project.files) else one


def _holds_proxy(file: File) -> bool:
    """A file that leads requests to other paths: a proxy's settings, an ingress."""
    if file.suffix not in (".conf", ".yml", ".yaml", ".toml", ".template", ".json") and file.name not in ("Caddyfile", "nginx"):
        return False
    try:
        return _PROXIED.search(file.text) is not None
    except (Unreadable, OSError):
        return False


@lru_cache(maxsize=2)
def served_by_others(project: Project) -> bool:
    """LitServe serves as well: it answers at ``/predict``, or where it is told to, and reads what its own code says."""
    return bool(files_with(project, re.compile(r"^\s*(?:from|import)\s+litserve\b", re.M)))


def _routes(file: PythonFile) -> Iterator[Route]:
    fast = re.search(r"^\s*(?:from|import)\s+fastapi\b", file.text, re.M) is not None
    prefixed = re.search(r"url_prefix|prefix\s*=|\.mount\(", file.text) is not None
    if prefixed:
        return
    for node in walk(file.shape.tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(attr=verb), args=[ast.Constant(value=str(path)), *_]) if verb in VERBS:
                    if path.startswith("/") and not re.search(r"[<{]", path):
                        route = Route(path.rstrip("/") or "/", _methods(verb, decorator), file, node)
                        _fast(route) if fast else _flask(route)
                        yield route


def _methods(verb: str, decorator: ast.Call) -> frozenset[str]:
    if verb in ("get", "post", "put", "patch"):
        return frozenset({verb.upper()})
    for keyword in decorator.keywords:
        if keyword.arg == "methods" and isinstance(keyword.value, (ast.List, ast.Tuple, ast.Set)):
            return frozenset(e.value.upper() for e in keyword.value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str))
    return frozenset({"GET"})


def _flask(route: Route) -> None:
    above: dict[ast.AST, ast.AST] = {child: node for node in walk(route.node) for child in ast.iter_child_nodes(node)}
    for node in list(above):
        if not (isinstance(node, ast.Name) and node.id == "request"):
            continue
        outer = above[node]
        if not isinstance(outer, ast.Attribute) or outer.attr not in _READS:
            route.reads.add("?")
            continue
        kind = _READS[outer.attr]
        if not kind:
            continue
        route.reads.add(kind)
        body: ast.AST = outer
        if outer.attr == "get_json" and isinstance(above[outer], ast.Call):
            body = above[outer]
            assert isinstance(body, ast.Call)
            if body.keywords or body.args:
                route.reads.add("?")  # force=True, silent=True
        route.strict |= kind == "json"
        if not any(isinstance(n, (ast.Try, ast.If, ast.IfExp)) for n in walk(route.node)):
            route.needs.setdefault(kind, set()).update(_taken(body, above))


def _taken(body: ast.AST, above: Mapping[ast.AST, ast.AST]) -> Iterator[str]:
    """The constant keys that are certainly taken from a mapping, directly or by the only variable it is assigned to."""
    outer = above.get(body)
    if isinstance(outer, ast.Subscript) and outer.value is body and isinstance(outer.ctx, ast.Load):
        if isinstance(outer.slice, ast.Constant) and isinstance(outer.slice.value, str):
            yield outer.slice.value
    elif isinstance(outer, ast.Assign) and len(outer.targets) == 1 and isinstance(target := outer.targets[0], ast.Name):
        named = [n for n in above if isinstance(n, ast.Name) and n.id == target.id]
        if sum(isinstance(n.ctx, ast.Store) for n in named) == 1:
            for name in named:
                if isinstance(name.ctx, ast.Load) and isinstance(above[name], ast.Subscript):
                    yield from _taken(name, above)


def _fast(route: Route) -> None:
    """What the parameters of a FastAPI handler ask for."""
    spec = route.node.args
    arguments = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [None] * (len(arguments) - len(spec.defaults)) + list(spec.defaults)
    models = {node.name: node for node in route.file.shape.tree.body if isinstance(node, ast.ClassDef)}
    pairs = [*zip(arguments, defaults, strict=True), *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
    bodies, others = 0, False
    listed: list[str] = []
    for argument, default in pairs:
        kind = ast.unparse(argument.annotation) if argument.annotation is not None else ""
        maker = default.func if isinstance(default, ast.Call) else None
        made = maker.attr if isinstance(maker, ast.Attribute) else maker.id if isinstance(maker, ast.Name) else ""
        keywords = {keyword.arg for keyword in default.keywords} if isinstance(default, ast.Call) else set()
        if "Annotated" in kind or "Depends" in (kind, made) or keywords & {"alias", "validation_alias"}:
            others = True
            route.reads.add("?")
        elif made in ("Query", "Path", "Header", "Cookie") or kind in ("str", "int", "float", "bool", "BackgroundTasks", "Response"):
            if made == "Form":
                route.reads.add("form")
            elif made == "Body":
                others = True
                route.reads.add("?")
        elif kind == "UploadFile" or made == "File":
            route.reads.add("files")
            if default is None or (isinstance(default, ast.Call) and _required(default)):
                route.needs.setdefault("files", set()).add(argument.arg)
        elif made == "Form":
            route.reads.add("form")
        elif kind in models and _pydantic(models[kind]):
            bodies += 1
            route.reads.add("json")
            route.needs.setdefault("json", set()).update(_fields(models[kind]))
        else:
            if default is None and _LIST.fullmatch(kind):
                listed.append(argument.arg)
            else:
                others = True
            route.reads.add("?")
    if bodies > 1:
        route.reads.add("?")
    route.listed = listed[0] if len(listed) == 1 and not bodies and not others and route.reads == {"?"} else ""


_LIST = re.compile(r"(?:typing\.)?(?:[Ll]ist|Sequence)\[.*\]")


def _required(default: ast.Call) -> bool:
    """``File()`` and ``File(...)``, and not ``File(None)``."""
    return not default.args or (isinstance(default.args[0], ast.Constant) and default.args[0].value is ...)


def _pydantic(node: ast.ClassDef) -> bool:
    return [ast.unparse(base).rpartition(".")[2] for base in node.bases] == ["BaseModel"]


def _fields(node: ast.ClassDef) -> Iterator[str]:
    """The fields that a model of pydantic cannot do without."""
    text = ast.unparse(node)
    if re.search(r"alias|validator|root_validator|extra", text):
        return
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=None):
                if not re.search(r"Optional|None|ClassVar", ast.unparse(kind)):
                    yield name


_SERVES = re.compile(
    r"^\s*(?:from|import)\s+(?:flask|fastapi|sanic|quart|starlette|bentoml|streamlit|gradio|kserve|ray\.serve|aiohttp)\b", re.M
)


def serves(file: PythonFile) -> bool:
    """Does the file answer requests, as the frameworks say that it imports, or its handler's name?"""
    return _SERVES.search(file.text) is not None or re.search(r"^def (?:lambda_handler|model_fn|predict_fn)\(", file.text, re.M) is not None


def fields_of(project: Project, name: str) -> set[str] | None:
    """The fields that the only model of pydantic of that name in the project cannot do without; None if nobody can tell."""
    model = _model(project, name)
    return set(_fields(model)) if model is not None else None


def all_fields_of(project: Project, name: str) -> set[str] | None:
    """All fields of that model."""
    model = _model(project, name)
    if model is None:
        return None
    return {n.target.id for n in model.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)}


def _model(project: Project, name: str) -> ast.ClassDef | None:
    """The only class of that name in the project, if it is a model of pydantic whose fields are called as they are written."""
    found = [
        node
        for file in files_with(project, re.compile(rf"^class {re.escape(name)}\b", re.M))
        for node in file.shape.tree.body
        if isinstance(node, ast.ClassDef) and node.name == name
    ]
    plain = len(found) == 1 and _pydantic(found[0]) and not re.search(r"alias|validator|extra", ast.unparse(found[0]))
    return found[0] if plain else None


def response_model(route: Route) -> ast.expr | None:
    """What a FastAPI handler says its answer is: `response_model`, or else the annotation of what it returns."""
    for decorator in route.node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "response_model":
                return keyword.value
    return route.node.returns
