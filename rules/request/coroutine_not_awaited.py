"""The body of a request that is asked for and not awaited.

`UploadFile.read` of FastAPI and `json`, `body` and `form` of Starlette's `Request` are coroutines: without `await` they give an object that
promises the bytes and is none. ``a bytes-like object is required, not 'coroutine'``, ``'coroutine' object is not subscriptable``. The
results that a handle of Ray Serve promises have to be awaited as well.

```python bad
import io
import torch
from fastapi import FastAPI, File, Request, UploadFile
from PIL import Image

app = FastAPI()
net = torch.jit.load("net.pt").eval()

def to_picture(raw):
    return Image.open(io.BytesIO(raw)).convert("RGB")

@app.post("/predict")
async def predict(file: UploadFile = File(...)):
    return {"size": to_picture(file.read()).size}  # <-

@app.post("/rows")
async def rows(request: Request):
    body = request.json()  # <-
    return {"scores": net(torch.tensor(body["rows"])).tolist()}
```

```python good
import asyncio
import io
import torch
from fastapi import FastAPI, File, Request, UploadFile
from PIL import Image

app = FastAPI()
net = torch.jit.load("net.pt").eval()

async def to_picture(raw):
    return Image.open(io.BytesIO(await raw)).convert("RGB")

@app.post("/predict")
async def predict(file: UploadFile = File(...)):
    later = file.read()
    return {"size": Image.open(io.BytesIO(await later)).size, "other": (await to_picture(file.read())).size}

@app.post("/sync")
def sync(file: UploadFile, request: Request):
    again = asyncio.run(file.read())
    return {"size": Image.open(file.file).size, "bytes": len(file.file.read()), "again": len(again)}

@app.post("/several")
async def several(files: list[UploadFile]):
    return [len(raw) for raw in await asyncio.gather(*[file.read() for file in files])]

@app.post("/rows")
async def rows(request: Request):
    body = await request.json()
    return {"scores": net(torch.tensor(body["rows"])).tolist()}
```

```python bad
import torch
from ray import serve
from starlette.requests import Request

@serve.deployment
class Ingress:
    def __init__(self, model):
        self.model = model

    async def __call__(self, request: Request):
        body = await request.json()
        scores = self.model.infer.remote(body["x"])  # <-
        return {"scores": scores}

    async def right(self, request: Request):
        body = await request.json()
        passed = self.model.infer.remote(body["x"])
        return {"scores": await self.model.second.remote(passed)}
```

References: checked with FastAPI 0.165 (`tests/claims/test_own_services.py`); "Model composition" of Ray Serve's documentation.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.handlers import parents
from deplint.code.python import PythonFile

READS = {"UploadFile": {"read", "seek", "write", "close"}, "Request": {"json", "body", "form"}}
"""Classes of parameters, with their methods that are coroutines."""
FRAMEWORKS = re.compile(r"^\s*(?:from|import)\s+(?:fastapi|starlette)\b", re.M)
REMOTE = re.compile(r"^\s*from ray import serve|^\s*import ray\.serve|^\s*from ray\.serve", re.M)


@rule(
    "DPL139",
    severity="error",
    leaves=["S.5.2", "S.6.3"],
    see=[
        "https://fastapi.tiangolo.com/tutorial/request-files/#uploadfile",
        "https://docs.ray.io/en/latest/serve/model_composition.html",
    ],
)
def coroutine_not_awaited(file: PythonFile) -> Iterator[Finding]:
    if not FRAMEWORKS.search(file.text):
        return
    waiting = {node.name for node in file.shape.nodes if isinstance(node, ast.AsyncFunctionDef)}
    for function in file.shape.nodes:
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        kinds = dict(_parameters(function))
        for node in ast.walk(function) if kinds else ():
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if name in kinds and method in READS[kinds[name]]:
                    if method in ("read", "json", "body", "form") and _used(node, function, waiting):
                        yield Finding(
                            file.place_of(node),
                            f"{kinds[name]}.{method} is a coroutine, and nobody awaits it: what is used is no {_what(method)}",
                            help=f"await {name}.{method}()"
                            + ("" if isinstance(function, ast.AsyncFunctionDef) else ", in an async def" + _instead(name, method)),
                        )
    if REMOTE.search(file.text):
        yield from _remote(file)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, str]]:
    """The parameters that certainly are of these classes, and that nothing else is assigned to."""
    stored = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
        kind = ast.unparse(argument.annotation).rpartition(".")[2] if argument.annotation is not None else ""
        if kind in READS and argument.arg not in stored:
            yield argument.arg, kind


def _used(call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef, waiting: set[str]) -> bool:
    """The promise itself is certainly used as what it promises."""
    above = parents(function)
    outer = above.get(call)
    if isinstance(outer, (ast.Subscript, ast.Attribute)):
        return outer.value is call
    if isinstance(outer, ast.Call):
        name = getattr(outer.func, "attr", "") or getattr(outer.func, "id", "")
        return _takes_bytes(name, outer, waiting)
    if isinstance(outer, ast.Assign) and len(outer.targets) == 1 and isinstance(target := outer.targets[0], ast.Name):
        named = [node for node in above if isinstance(node, ast.Name) and node.id == target.id]
        uses = [above.get(node) for node in named if isinstance(node.ctx, ast.Load)]
        once = sum(isinstance(node.ctx, ast.Store) for node in named) == 1
        return once and any(isinstance(use, ast.Subscript) or (isinstance(use, ast.Call) and _called(use, waiting)) for use in uses)
    return False


def _called(call: ast.Call, waiting: set[str]) -> bool:
    return _takes_bytes(getattr(call.func, "attr", "") or getattr(call.func, "id", ""), call, waiting)


def _takes_bytes(name: str, call: ast.Call, waiting: set[str]) -> bool:
    """A function that wants the thing itself: not one that runs or gathers coroutines, nor one of the project that awaits."""
    module = ast.unparse(call.func).partition(".")[0]
    return (
        name not in waiting
        and module not in ("asyncio", "anyio", "loop", "trio")
        and not re.search(r"run|gather|wait|task|future|sync|append|await|submit|schedule|isawaitable|iscoroutine", name)
    )


def _what(method: str) -> str:
    return "bytes" if method in ("read", "body") else "dictionary"


def _instead(name: str, method: str) -> str:
    return f"; {name}.file.read() needs none" if method == "read" else ""


def _remote(file: PythonFile) -> Iterator[Finding]:
    """Results of a handle that are put into an answer."""
    for function in file.shape.nodes:
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        above = parents(function)
        for node in above:
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"))), attr="remote")):
                    place = above.get(node)
                    target = place.targets[0] if isinstance(place, ast.Assign) and len(place.targets) == 1 else None
                    named = [n for n in above if isinstance(n, ast.Name) and isinstance(target, ast.Name) and n.id == target.id]
                    uses = [above.get(n) for n in named if isinstance(n.ctx, ast.Load)]
                    if len(named) - len(uses) == 1 and uses and all(isinstance(use, (ast.Dict, ast.Subscript)) for use in uses):
                        yield Finding(
                            file.place_of(node),
                            "what remote() of a handle gives is a promise, and nobody awaits it: it is no result",
                            help="await handle.method.remote(...)",
                        )
