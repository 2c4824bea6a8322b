"""A list of results that is used as if it were the result.

`InferenceSession.run` gives a list with an array for each output, `get_inputs` one of all inputs, `get_input_details` of an interpreter one
of dictionaries, a `pipeline` of transformers for texts one of answers. ``AttributeError: 'list' object has no attribute 'argmax'``,
``TypeError: list indices must be integers or slices, not str``.

```python bad
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("net.onnx")

def embed(x):
    out = session.run(None, {"x": x.astype(np.float32)})
    return out.reshape(len(x), -1)  # <-

def named(x):
    return session.run(None, {session.get_inputs().name: x})[0].argmax()  # <-
```

```python bad
import tensorflow as tf

class Detector:
    def __init__(self, path):
        self.interpreter = tf.lite.Interpreter(model_path=path)
        self.interpreter.allocate_tensors()
        self.inputs = self.interpreter.get_input_details()
        self.outputs = self.interpreter.get_output_details()

    def __call__(self, frame):
        self.interpreter.set_tensor(self.inputs["index"], frame)  # <-
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.outputs[0]["index"])
```

```python bad
from transformers import pipeline

classify = pipeline("sentiment-analysis")

def mood(text):
    return {"label": classify(text)["label"]}  # <-

def right(text):
    return {"label": classify(text)[0]["label"], "all": classify([text, text])}
```

```python good
import numpy as np
import onnxruntime as ort
from transformers import pipeline

session = ort.InferenceSession("net.onnx")
answer = pipeline("question-answering")

def embed(x, question):
    out = session.run(None, {session.get_inputs()[0].name: x})
    first, = out
    return np.array(out).reshape(len(x), -1), out[0].argmax(), out.copy(), first.max(), answer(question=question, context="")["answer"]
```

References: checked with onnxruntime 1.32 (`tests/claims/test_own_services.py`); "Pipelines" of transformers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.library import LITE
from deplint.code.python import PythonFile

METHODS = (
    "{argmax,argmin,argsort,reshape,astype,squeeze,max,min,mean,sum,std,tolist,transpose,flatten,ravel,item,round,cumsum,dot,any,all,squeeze,"
    "nonzero,clip}"
)
"""Methods of arrays that a list has not."""
RUN = "onnxruntime.InferenceSession().run()"
DETAILS = LITE + "()"
DETAILED = re.compile(r".*\.Interpreter\(\)\.get_(?:input|output|tensor)_details\(\)")
NAME = re.compile(r"onnxruntime\.InferenceSession\(\)\.get_(?:inputs|outputs)\(\)\.name")
LISTS = frozenset({"text-classification", "sentiment-analysis", "text-generation", "summarization", "translation", "fill-mask", "ner"})
"""Tasks whose pipelines give a list even of one text."""


@rule(
    "DPL155",
    severity="error",
    leaves=["S.6.4", "M.6.4"],
    see=[
        "https://onnxruntime.ai/docs/api/python/api_summary.html#onnxruntime.InferenceSession.run",
        "https://www.tensorflow.org/api_docs/python/tf/lite/Interpreter#get_input_details",
        "https://huggingface.co/docs/transformers/main_classes/pipelines",
    ],
)
def list_taken_for_array(file: PythonFile) -> Iterator[Finding]:
    seen: set[int] = set()
    for call, what, fix in _wrong(file):
        if id(call.node) not in seen and not call.guarded and not call.chosen:
            seen.add(id(call.node))
            yield Finding(call, what, help=fix)
    for given in file.returns():
        made = _pipelined(given.value)
        if made is not None and id(given.node) not in seen and not given.guarded:
            seen.add(id(given.node))
            yield Finding(
                given,
                "a pipeline gives a list, of one answer too: TypeError, list indices must be integers or slices, not str",
                help="take the first: classify(text)[0]",
            )


def _wrong(file: PythonFile) -> Iterator[tuple[Call, str, str]]:
    for call in file.calls(f"{RUN}.{METHODS}"):
        method = call.name.rpartition(".")[2]
        yield call, f"run gives a list with an array for each output: 'list' object has no attribute {method!r}", "run(...)[0]"
    for call in file.calls(RUN.removesuffix("()")):
        if any(NAME.fullmatch(key.name) for key, _ in call.argument("input_feed", 1).entries or ()):
            yield call, "get_inputs gives a list of all inputs: 'list' object has no attribute 'name'", "session.get_inputs()[0].name"
    for call in file.calls(DETAILS + ".{set_tensor,get_tensor,resize_tensor_input}"):
        taken = call.arguments[0].operation if call.arguments else None
        if taken is not None and taken[0] == "[]" and taken[2].text and DETAILED.fullmatch(taken[1].name):
            method = taken[1].name.rpartition(".")[2].removesuffix("()")
            yield call, f"{method} gives a list of dictionaries: list indices must be integers or slices, not str", f"{method}()[0]"


def _pipelined(value: Value, depth: int = 0) -> Call | None:
    """The call of a pipeline, in what is returned, whose list is indexed by a text."""
    taken = value.operation
    if taken is not None and taken[0] == "[]":
        made = taken[1].origin
        if made is not None and taken[2].text and made.name == "transformers.pipeline()":
            loaded = made.receiver.origin
            task = loaded.argument("task", 0).text if loaded is not None else None
            return made if task in LISTS else None
        return _pipelined(taken[1], depth + 1) if depth < 4 else None
    inner = value.items if depth < 4 and value.exact else None
    return next((found for item in inner or () if (found := _pipelined(item, depth + 1)) is not None), None)
