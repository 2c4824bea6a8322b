"""A model that is loaded again for each request.

Reading the file, building the graph and moving weights to their device take seconds and the memory of one more model; a
request takes milliseconds. Loaded where the module is imported, in a start-up hook or in a function that remembers what
it gave, the model is there before the first request.

```python bad
import tensorflow as tf
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.route("/predict", methods=["POST"])
def predict():
    model = tf.keras.models.load_model("flowers.keras")  # <-
    return jsonify(model.predict(request.json["image"]).tolist())
```

```python bad
import joblib
import onnxruntime as ort

def load():
    return ort.InferenceSession("net.onnx")  # <-

def lambda_handler(event, context):
    session = load()
    scaler = joblib.load("scaler.pkl")  # <-
    return session.run(None, {"x": scaler.transform(event["rows"])})
```

```python bad
import torch
from fastapi import FastAPI

app = FastAPI()

class Predictor:
    def __init__(self):
        self.net = torch.jit.load("net.pt")  # <-
        self.net.eval()

@app.post("/predict")
def predict(row: list[float]):
    with torch.inference_mode():
        return Predictor().net(torch.tensor(row)).tolist()
```

A script of Streamlit runs anew whenever somebody touches the page.

```python bad path=page.py
import streamlit as st
from tensorflow.keras.models import load_model

def get_model():
    return load_model("flowers.keras")  # <-

model = get_model()
picture = st.file_uploader("A flower")
```

A script that tries the handler out is no handler.

```python bad path=index.py
import onnxruntime as ort

def lambda_handler(event, context):
    return ort.InferenceSession("net.onnx").run(None, event)  # <-
```

```python + path=invoke.py
from index import lambda_handler

print(lambda_handler({"x": [1]}, None))
```

A function that loads only what its caller did not give loads nothing for those who do.

```python good
import torch
from fastapi import FastAPI

app = FastAPI()
statistics = torch.load("norms.pt")

def normalize(mel, norms=None):
    if norms is None:
        norms = torch.load("norms.pt")
    return mel / norms

@app.post("/embed")
def embed(row: list[float]):
    return normalize(torch.tensor(row), norms=statistics.cpu()).tolist()
```

Loaded once, whichever way, is fine: by the module, at start-up, on first use, by a decorator that remembers, kept in a
dictionary.

```python good
from contextlib import asynccontextmanager
from functools import lru_cache

import onnxruntime as ort
import tensorflow as tf
import torch
from fastapi import Depends, FastAPI

model = tf.keras.models.load_model("flowers.keras")
sessions = {}
lazy = None

@asynccontextmanager
async def lifespan(app):
    app.state.session = ort.InferenceSession("net.onnx")
    yield

app = FastAPI(lifespan=lifespan)

@lru_cache
def cached():
    return torch.jit.load("net.pt")

def first():
    global lazy
    if lazy is None:
        lazy = torch.jit.load("net.pt")
    return lazy

def named(name):
    if name not in sessions:
        sessions[name] = ort.InferenceSession("net.onnx")
    return sessions[name]

@app.post("/predict")
def predict(row: list[float], net=Depends(cached)):
    return model.predict([row]), first(), named("net"), cached(), net

@app.post("/reload")
def reload():
    global model
    model = tf.keras.models.load_model("flowers.keras")
```

```python good
import streamlit as st
from tensorflow.keras.models import load_model

@st.cache_resource
def get_model():
    return load_model("flowers.keras")

model = get_model()
if "other" not in st.session_state:
    st.session_state.other = load_model("other.keras")
```

Weights that are loaded into what stays are loaded for good.

```python good
import torch
from fastapi import FastAPI
from net import Net

app = FastAPI()

class Service:
    def __init__(self):
        self.net = Net()
        self.ready = False

    def prepare(self):
        self.net.load_state_dict(torch.load("net.pt"))
        self.ready = True

service = Service()

@app.post("/predict")
def predict(row: list[float]):
    if not service.ready:
        service.prepare()
    return service.net(torch.tensor(row)).tolist()
```

A service that loads what the request names may have more models than memory.

```python good
import tensorflow as tf
from flask import Flask

app = Flask(__name__)

@app.route("/forecast/<symbol>")
def forecast(symbol):
    path = f"models/{symbol}.keras"
    model = tf.keras.models.load_model(path)
    return str(model.predict([[1.0]]))
```

References: https://docs.streamlit.io/develop/concepts/architecture/caching;
https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html ("initialize SDK clients ... outside of the function handler");
https://fastapi.tiangolo.com/advanced/events/
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, unique
from deplint.code.handlers import asked_for, handler_of, kept_longer, may_be_given, rerun, site_in
from deplint.code.library import LITE
from deplint.code.python import PythonFile

LOADS = (
    "{tensorflow.keras,keras,tf_keras}.**.load_model",
    "tensorflow.**saved_model.{load,loader.load}",
    "tensorflow.**.import_graph_def",
    "torch.{load,jit.load,hub.load,export.load}",
    "onnxruntime.InferenceSession",
    LITE,
    "{transformers,diffusers,optimum,peft}.**.from_pretrained",
    "transformers.{pipeline,pipelines.pipeline}",
    "sentence_transformers.{SentenceTransformer,CrossEncoder}",
    "ultralytics.{YOLO,SAM,RTDETR}",
    "{whisper.load_model,faster_whisper.WhisperModel}",
    "{easyocr.Reader,paddleocr.PaddleOCR}",
    "{llama_cpp.Llama,vllm.LLM}",
    "tensorflow_hub.{load,KerasLayer}",
    "openvino.**.{read_model,compile_model}",
    "cv2.dnn.{readNet,readNetFromONNX,readNetFromCaffe,readNetFromTensorflow,readNetFromDarknet}",
    "insightface.app.FaceAnalysis",
    "{spacy.load,joblib.load}",
)
"""Calls that read a model, or what belongs to one, from a file."""


@rule(
    "DPL650",
    severity="warning",
    leaves=["S.1.1", "S.4.2"],
    see=[
        "https://docs.streamlit.io/develop/concepts/architecture/caching",
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
        "https://fastapi.tiangolo.com/advanced/events/",
    ],
)
def model_load_per_request(file: PythonFile) -> Iterator[Finding]:
    found: list[tuple[Call, str, int]] = []
    for call in file.calls(*LOADS):
        handling = handler_of(call)
        if handling is not None and call.functions[handling.at].module.file is not file:
            continue  # said of the handler's own file
        if handling is not None and not (kept_longer(call, handling.at) or _chosen(call, handling.at) or may_be_given(call, handling.at)):
            found.append((call, handling.what, handling.at))
        elif handling is None and rerun(file, call):
            found.append((call, "every time Streamlit runs the script again", 0))
    for call in unique(iter([call for call, _, _ in found])):
        what, at = next((what, at) for other, what, at in found if other is call)
        name = call.name.replace("()", "")
        yield Finding(
            call if call.file is file else site_in(file, call, at),
            f"{name} runs {what}: the model is read from its file again and again",
            help="cache it: @st.cache_resource" if "Streamlit" in what else "load it once, at start-up or on first use, and keep it",
        )


def _chosen(call: Call, at: int) -> bool:
    node = call.node
    parts: list[ast.expr] = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(asked_for(call, at, part) for part in parts)
