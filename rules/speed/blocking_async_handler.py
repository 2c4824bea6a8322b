"""A model that runs inside an ``async def`` handler.

Coroutines share one thread. While the model computes, the event loop serves nobody else: other requests wait in line,
health checks time out, and one slow picture stops the whole worker. A plain ``def`` handler runs in a thread of its own
(FastAPI, Starlette); in a coroutine `run_in_threadpool`, `asyncio.to_thread` or an executor does the same.

```python bad
import onnxruntime as ort
from fastapi import FastAPI, UploadFile

app = FastAPI()
session = ort.InferenceSession("net.onnx")

@app.post("/predict")
async def predict(file: UploadFile):
    pixels = decode(await file.read())
    return {"scores": session.run(None, {"x": pixels})[0].tolist()}  # <-
```

```python good
import asyncio
import onnxruntime as ort
from fastapi import FastAPI, UploadFile
from fastapi.concurrency import run_in_threadpool

app = FastAPI()
session = ort.InferenceSession("net.onnx")

def infer(pixels):
    return session.run(None, {"x": pixels})

@app.post("/predict")
def predict(file: UploadFile):
    return {"scores": infer(decode(file.file.read()))}

@app.post("/thread")
async def thread(file: UploadFile):
    return await run_in_threadpool(infer, decode(await file.read()))

@app.post("/to_thread")
async def to_thread(file: UploadFile):
    return await asyncio.to_thread(session.run, None, {"x": decode(await file.read())})
```

The preprocessing that comes with torchvision's weights is no model.

```python good
import torchvision
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

app = FastAPI()
weights = torchvision.models.ResNet18_Weights.DEFAULT
prepare = weights.transforms()
net = torchvision.models.resnet18(weights=weights).eval()

@app.post("/predict")
async def predict(path: str):
    x = prepare(torchvision.io.decode_image(path)).unsqueeze(0)
    return (await run_in_threadpool(net, x)).argmax().item()
```

A generator that the response asks for its values runs in a thread.

```python good
import torch
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()
net = torch.jit.load("net.pt").eval()

def pieces(rows):
    with torch.inference_mode():
        for row in rows:
            yield str(net(torch.tensor(row)).item())

@app.post("/stream")
async def stream(rows: list[list[float]]):
    answers = pieces(rows)
    return StreamingResponse(answers)
```

References: https://fastapi.tiangolo.com/async/; checked with FastAPI 0.165 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from deplint import Finding, rule
from deplint.code.handlers import handler_of, site_in, sites
from deplint.code.library import LITE
from deplint.code.python import PythonFile

COMPUTES = (
    "{tensorflow.keras,keras,tf_keras}.**.load_model().predict",
    "{tensorflow.keras,keras,tf_keras}.**.load_model()",
    "onnxruntime.InferenceSession().run",
    LITE + "().invoke",
    "torch.{load,jit.load}(){,.forward}",
    "torch.nn.Module(){,.forward}",
    "torchvision.models.**(){,.forward}",
    "transformers.{pipeline,pipelines.pipeline}()",
    "transformers.**.from_pretrained().generate",
    "transformers.{AutoModel*,*For*}.from_pretrained()",
    "sentence_transformers.SentenceTransformer().encode",
    "ultralytics.YOLO()",
    "ultralytics.YOLO().predict",
    "{whisper.load_model,faster_whisper.WhisperModel}().transcribe",
)
"""Calls that run a model."""


@rule(
    "DPL652",
    severity="warning",
    leaves=["S.1.1", "S.4.2"],
    see=["https://fastapi.tiangolo.com/async/", "https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code"],
)
def blocking_async_handler(file: PythonFile) -> Iterator[Finding]:
    seen: set[object] = set()
    for call in file.calls(*COMPUTES):
        handling = handler_of(call)
        chain = call.functions[handling.at :] if handling is not None else ()
        if handling is None or call.name.endswith(".transforms()"):
            continue
        # Each function on the way is called, not handed to a thread.
        direct = all(next(sites(outer.node, inner), None) is not None for outer, inner in pairwise(chain))
        handler = chain[0].node
        if not direct or handler in seen or not isinstance(handler, ast.AsyncFunctionDef):
            continue
        # A generator runs when somebody asks for its values: a streamed response does that in a thread.
        inner = (function for function in chain[1:] if isinstance(function.node, ast.FunctionDef))
        if any(function.module.file.shape.declared(function.node).generator for function in inner):
            continue
        seen.add(handler)
        yield Finding(
            call if call.file is file else site_in(file, call, handling.at),
            f"the model runs in the coroutine {handler.name}: the event loop stands still for all other requests meanwhile",
            help="make the handler a plain def, or run the model with run_in_threadpool or asyncio.to_thread",
        )
