"""What a program sends to a model server: TensorFlow Serving's requests over REST and gRPC, Triton's requests.

    for request in rest(file):
        print(request.model, request.port, keys(request.body))

A value nobody can know is None or a `Value` that is not `certain`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.finding import Place
from deplint.model import Model, Signature

_POSTS = (
    "{requests,httpx}.{post,request}",
    "{requests.Session,requests.session,httpx.Client,httpx.AsyncClient,aiohttp.ClientSession}().{post,request}",
    "urllib.request.Request",
)
URL = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<host>[^/:\0]*|\[[^\]\0]*\]|[^/]*\0[^/]*?)(?::(?P<port>\d+))?/v1/models/(?P<model>[^/:]+)"
    r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?:(?P<verb>predict|classify|regress)"
)
"""``\\0`` stands for a part that is not known, which may hold the scheme and the port as well."""
_STUB = "**.PredictionServiceStub()"
_TRITON = "{tritonclient.http,tritonclient.grpc,tritonhttpclient,tritongrpcclient,tritonclient.http.aio,tritonclient.grpc.aio}"


@dataclass(frozen=True)
class Rest:
    """A POST to ``/v1/models/NAME[/versions/N|/labels/L]:predict`` (or classify, regress), which is how TensorFlow Serving and the first
    version of KServe's protocol word it. `port` and `host` are None where they are not known, `model` is empty; a URL without a port has
    that of its scheme.
    `version` is None if a label chooses it. `body` is what is sent as JSON, None if it is made in some other way."""

    call: Call
    url: Value
    host: str | None
    port: int | None
    model: str
    version: str | None
    verb: str
    body: Value | None


_ASKS = tuple(name.replace("{post,request}", "{post,get,request}") for name in _POSTS[:2])
_PATH = re.compile(r"(?:https?://)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|[a-z][\w-]*|[^/]*\0[^/]*)(?::\d+)?(?P<path>/[^?#\0]*)")


def asks(file: PythonFile) -> Iterator[tuple[Call, Value, str]]:
    """The requests over HTTP whose method is known, with their address and method."""
    for call in file.calls(*_ASKS):
        asking = call.name.endswith(".request")
        method = str(call.argument("method", 0).text) if asking else call.name.rpartition(".")[2]
        yield call, call.argument("url", 1 if asking else 0), method.upper()


def path_of(url: Value) -> str | None:
    """The path of an address at this machine, at a host of one's own network, or at one that is not known; None for any other."""
    match = _PATH.fullmatch("".join("\0" if piece is None else piece for piece in url.pieces))
    return (match["path"].rstrip("/") or "/") if match is not None else None


def rest(file: PythonFile) -> Iterator[Rest]:
    """The requests over REST whose verb is known."""
    for call in file.calls(*_POSTS):
        asking = call.name.endswith(".request")
        if asking and str(call.argument("method", 0).text).upper() != "POST":
            continue
        url = call.argument("url", 1 if asking else 0)
        match = URL.fullmatch("".join("\0" if piece is None else piece for piece in url.pieces))
        if match is None:
            continue
        host = match["host"] if "\0" not in match["host"] else None
        port = int(match["port"]) if match["port"] else {"http": 80, "https": 443}.get(match["scheme"] or "") if host else None
        version = None if match["label"] else match["version"] or ""
        model = match["model"] if "\0" not in match["model"] else ""
        yield Rest(call, url, host, port, model, version, match["verb"], body_of(call))


def body_of(call: Call) -> Value | None:
    """The object that a call sends as JSON."""
    direct = call.argument("json", 2 if call.name.startswith("requests.") and call.name.endswith(".post") else None)
    if not direct.missing:
        return direct
    for name, position in (("data", None if call.name.endswith(".request") else 1), ("content", None)):
        made = call.argument(name, position).origin
        if made is not None and made.name == "json.dumps().encode":
            made = made.receiver.origin
        if made is not None and made.name == "json.dumps":
            return made.argument("obj", 0)
    return None


def keys(value: Value | None) -> set[str] | None:
    """The keys of a dictionary that are certainly all it has; None if that is not known, or it is no dictionary."""
    if value is None or not value.exact or value.entries is None:
        return None
    names = {key.text for key, _ in value.entries}
    return None if None in names else {name for name in names if name is not None}


def entry(value: Value | None, name: str) -> Value | None:
    """The value that a dictionary certainly holds under `name`."""
    found = [item for key, item in (value.entries or () if value is not None else ()) if key.text == name]
    return found[-1] if found else None


def inputs(body: Value | None) -> Iterator[tuple[str, Value]]:
    """What the body of a Predict request gives to inputs: their names, empty for the only one, and the values. Bytes that are marked,
    ``{"b64": ...}``, are one value."""
    rows, columns = entry(body, "instances"), entry(body, "inputs")
    for value in [*((rows.items or ()) if rows is not None else ()), *([columns] if columns is not None else [])]:
        yield "", value
        for name, item in (value.entries or ()) if keys(value) != {"b64"} else ():
            if name.text is not None:
                yield name.text, item


@dataclass(frozen=True)
class Grpc:
    """A Predict call of TensorFlow Serving's PredictionService. `inputs` are names of inputs that are set, with their places."""

    call: Call
    model: Value
    signature: Value
    inputs: dict[str, Place]


def grpc(file: PythonFile) -> Iterator[Grpc]:
    """The Predict calls whose request is made in code that can be seen."""
    for call in file.calls(_STUB + ".Predict", _STUB + ".Predict.future"):
        request = call.argument("request", 0)
        made = request.origin
        if made is None or not made.name.endswith(".PredictRequest"):
            continue
        given = made.argument("model_spec").origin
        model, signature = (
            given.argument(name) if given is not None and request.never(f"model_spec.{name}") else request.value(f"model_spec.{name}")
            for name in ("name", "signature_name")
        )
        yield Grpc(call, model, signature, _inputs(made))


def channels(file: PythonFile) -> Iterator[Value]:
    """The addresses of the channels over which PredictionService is asked."""
    for stub in file.calls(_STUB.removesuffix("()")):
        channel = stub.argument("channel", 0).origin
        if channel is not None and channel.name in ("grpc.insecure_channel", "grpc.secure_channel"):
            yield channel.argument("target", 0)


def _inputs(made: Call) -> dict[str, Place]:
    """The names under which the function that makes a PredictRequest sets inputs of it: by argument, or by ``request.inputs["x"]``."""
    found = {key.text: key.place for key, _ in made.argument("inputs").entries or () if key.text is not None}
    nodes = list(ast.walk(made.functions[-1].node if made.functions else made.file.shape.tree))
    variables = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and node.value is made.node
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    bound = [node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in variables]
    for node in nodes if len(bound) == 1 else ():  # else the variable may stand for another request
        match node:
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="inputs"), slice=ast.Constant(value=str(key))):
                if name in variables:
                    found[key] = made.file.place_of(node)
    return found


@dataclass(frozen=True)
class Triton:
    """A request to Triton. `inputs` and `outputs` are the names asked for; `complete` says that it sends no other inputs."""

    call: Call
    model: str
    inputs: list[Value]
    outputs: list[Value]
    complete: bool


def triton(file: PythonFile) -> Iterator[Triton]:
    """The requests through Triton's client whose model is known."""
    for call in file.calls(_TRITON + ".InferenceServerClient().{infer,async_infer,async_stream_infer}"):
        model = call.argument("model_name", 0).text
        sent, wanted = call.argument("inputs", 1), call.argument("outputs")
        if not model:
            continue
        inputs = _named(sent, ".InferInput")
        complete = sent.exact and len(inputs) == len(sent.items or ()) and all(name.text is not None for name in inputs)
        yield Triton(call, model, inputs, _named(wanted, ".InferRequestedOutput"), complete)


def _named(things: Value, maker: str) -> list[Value]:
    made = [item.origin for item in things.items or () if item.certain]
    return [call.argument("name", 0) for call in made if call is not None and call.name.endswith(maker)]


def written(value: Value, text: str) -> Place:
    """The only string in the value's file that holds `text`; where the value is used if there are several."""
    strings = [
        node for node in value.file.shape.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str) and text in node.value
    ]
    return value.file.place_of(strings[0]) if len(strings) == 1 else value.place


def asked(request: Rest | str | None, models: list[Model]) -> list[Signature]:
    """The signatures that a request (or a signature's name, "" for the default, None if unknown) may ask of any of `models`: the named one,
    and all of them where it is unknown or not there."""
    if isinstance(request, Rest):
        named = entry(request.body, "signature_name")
        request = named.text if named is not None else "" if keys(request.body) is not None else None
    found = []
    for model in models:
        one = model.signatures.get(request or "serving_default") if request is not None else None
        found += [one] if one is not None else list(model.signatures.values())
    return found
