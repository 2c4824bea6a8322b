"""An uploaded file that is read to its end, and then read again.

The second `read` gives ``b""``: nobody went back to the beginning. Decoders say so in their own words: ``cannot identify image file``,
`cv2.imdecode` gives None, ``error: (-215:Assertion failed) !buf.empty()``. A file that is saved after it was read is empty.

```python bad
import cv2
import numpy as np
import torch
from flask import Flask, jsonify, request

app = Flask(__name__)
net = torch.jit.load("net.pt").eval()

@app.route("/predict", methods=["POST"])
def predict():
    file = request.files["image"]
    if len(file.read()) > 5_000_000:
        return jsonify(error="too large"), 413
    picture = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)  # <-
    return jsonify(run(picture))
```

```python bad
import io
import torch
from fastapi import FastAPI, UploadFile
from PIL import Image

app = FastAPI()
net = torch.jit.load("net.pt").eval()

@app.post("/predict")
async def predict(file: UploadFile):
    size = len(await file.read())
    return {"bytes": size, "class": run(Image.open(io.BytesIO(await file.read())))}  # <-
```

```python good
import cv2
import numpy as np
import torch
from flask import Flask, jsonify, request

app = Flask(__name__)
net = torch.jit.load("net.pt").eval()

@app.route("/again", methods=["POST"])
def again():
    file = request.files["image"]
    size = len(file.read())
    file.seek(0)
    return jsonify(size=size, label=run(file.read()))

@app.route("/parts", methods=["POST"])
def parts():
    file = request.files["image"]
    head = file.read(4)
    return jsonify(label=run(head + file.read()))

@app.route("/either", methods=["POST"])
def either():
    file = request.files["image"]
    if file.filename.endswith(".npy"):
        return jsonify(label=run(file.read()))
    elif file.filename.endswith(".png"):
        raw = file.read()
    else:
        raw = bytes(file.read())
    return jsonify(label=run(raw))
```

References: checked with Flask 3.1 and FastAPI 0.165 (`tests/claims/test_own_services.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.handlers import parents
from deplint.code.python import PythonFile

SERVES = re.compile(r"\brequest\.files\b|\bUploadFile\b")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@rule(
    "DPL151",
    severity="error",
    leaves=["S.6.3", "S.5.2"],
    see=[
        "https://docs.python.org/3/library/io.html#io.BufferedIOBase.read",
        "https://fastapi.tiangolo.com/tutorial/request-files/#uploadfile",
    ],
)
def upload_read_twice(file: PythonFile) -> Iterator[Finding]:
    if not SERVES.search(file.text):
        return
    for function in file.shape.nodes:
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for name in _uploads(function):
                again = _again(function, name)
                if again is not None:
                    yield Finding(
                        file.place_of(again),
                        f"{name} was read to its end before, and nobody goes back: this gives nothing",
                        help=f"keep what the first read gave, or {name}.seek(0) before",
                    )


def _uploads(function: Function) -> Iterator[str]:
    """The variables that certainly are one uploaded file."""
    stored = [node for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    for argument in (*function.args.args, *function.args.kwonlyargs):
        annotated = argument.annotation is not None and ast.unparse(argument.annotation).rpartition(".")[2] == "UploadFile"
        if annotated and not any(node.id == argument.arg for node in stored):
            yield argument.arg
    for statement in function.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if re.fullmatch(
                r"(?:flask\.)?request\.files(?:\[.*\]|\.get\(.*\))", ast.unparse(value)
            ):
                if sum(node.id == name for node in stored) == 1:
                    yield name


def _again(function: Function, name: str) -> ast.Call | None:
    """The second of two reads to the end, one of which certainly comes after the other, with nothing between that may go back."""
    above = parents(function)
    reads: list[ast.Call] = []
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=of), attr="read" | "save"), args=args) if of == name:
                if not args or (isinstance(node.func, ast.Attribute) and node.func.attr == "save"):
                    reads.append(node)
    reads.sort(key=lambda call: (call.lineno, call.col_offset))
    first = next((call for call in reads if isinstance(call.func, ast.Attribute) and call.func.attr == "read"), None)
    if first is None or re.search(rf"\b{re.escape(name)}\.(?:file\.|stream\.)?seek\(", ast.unparse(function)):
        return None
    trail = _blocks(first, above)
    for call in reads:
        # Every block around the first read is one that the second is in as well, or that certainly ran.
        if call is not first and call.lineno > first.lineno and trail <= _blocks(call, above):
            return call
    return None


def _blocks(node: ast.AST, above: object) -> set[int]:
    """The branches and loops that a node's running depends on: tests themselves always run."""
    assert hasattr(above, "get")
    found: set[int] = set()
    inner, outer = node, above.get(node)
    while outer is not None:
        for field in ("body", "orelse", "handlers", "finalbody"):
            block = getattr(outer, field, None)
            within = (isinstance(block, list) and inner in block) or block is inner
            if within and isinstance(outer, (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.IfExp, ast.ExceptHandler)):
                found.add(id(outer) * 8 + ("body", "orelse", "handlers", "finalbody").index(field))
        inner, outer = outer, above.get(outer)
    return found
