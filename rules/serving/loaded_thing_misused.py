"""What a loader gives, used as if it were a model of the framework.

`tf.saved_model.load` gives functions and not a Keras model, a signature answers with a dictionary, a signature's runner takes its inputs by
name. `torch.export` gives a program that is run by way of its `module()`, ONNX Runtime a session that is run and not called, OpenVINO's
`read_model` a graph that has to be compiled. ``AttributeError: '_UserObject' object has no attribute 'predict'``,
``'dict' object has no attribute 'numpy'``, ``RuntimeError: Unable to call ExportedProgram directly``.

```python bad
import numpy as np
import tensorflow as tf

class Scorer:
    def __init__(self, folder="export/churn"):
        self.loaded = tf.saved_model.load(folder)
        self.infer = self.loaded.signatures["serving_default"]

    def score(self, rows):
        result = self.infer(tf.constant(rows, dtype=tf.float32))
        return result.numpy()[:, 0]  # <-

    def summary(self):
        return self.loaded.summary()  # <-
```

```python good
import tensorflow as tf

infer = tf.saved_model.load("export/churn").signatures["serving_default"]

def score(rows):
    result = infer(tf.constant(rows, dtype=tf.float32))
    first = next(iter(result.values()))
    return result["dense_1"].numpy(), first.numpy(), list(result.keys()), tf.nest.map_structure(lambda t: t.numpy(), result)
```

```python bad
import numpy as np
from ai_edge_litert.interpreter import Interpreter

runner = Interpreter("kws.tflite").get_signature_runner()

def spot(audio):
    return runner(audio.astype(np.float32))["output_0"]  # <-
```

```python bad
import torch

program = torch.export.load("encoder.pt2")
program.eval()  # <-

def encode(x):
    return program(x)  # <-
```

```python good versions=torch==2.2.2
import torch

program = torch.export.load("encoder.pt2")
program(torch.zeros(2, 3, 8, 8))
```

```python good
import torch

program = torch.export.load("encoder.pt2")
net = program.module()
net(torch.zeros(2, 3, 8, 8))
program.run_decompositions()

if hasattr(program, "eval"):
    program.eval()

class Both:
    def __init__(self, path):
        self.model = torch.export.load(path) if path.endswith(".pt2") else torch.jit.load(path)

    def __call__(self, x):
        return self.model(x)
```

```python bad
import torch
from transformers import AutoModel, AutoTokenizer

class Predictor:
    def __init__(self, folder="models/tickets"):
        self.tok = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder)
        self.model.eval()

    @torch.no_grad()
    def __call__(self, text):
        out = self.model(**self.tok(text, return_tensors="pt"))
        return out.logits.softmax(-1)[0].tolist()  # <-

    def best(self, text):
        return torch.argmax(self.model(**self.tok(text, return_tensors="pt")).logits, dim=1)  # <-
```

```python good
from transformers import AutoModel, AutoModelForSequenceClassification

base = AutoModel.from_pretrained("bert-base-uncased")
classifier = AutoModelForSequenceClassification.from_pretrained("models/tickets")
own = AutoModel.from_pretrained("models/own", trust_remote_code=True)

def both(enc):
    return base(**enc).last_hidden_state.mean(1), classifier(**enc).logits.softmax(-1), own(**enc).logits.softmax(-1)
```

```python bad
import onnxruntime as ort
import openvino as ov

session = ort.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
model = ov.Core().read_model("net.xml")
print(session(x))  # <-
print(model(x))  # <-
```

```python good
import onnxruntime as ort
import openvino as ov

session = ort.InferenceSession("net.onnx", providers=["CPUExecutionProvider"])
model = ov.compile_model(ov.Core().read_model("net.xml"))
print(session.run(None, {"x": x}), model(x))
```

References: executed with TensorFlow 2.21, torch 2.13, onnxruntime 1.32 and OpenVINO 2026.4 (`tests/claims/test_export_families*.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.library import LITE
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile

ARRAY = "{numpy,argmax,argmin,tolist,mean,max,min,sum,squeeze,reshape,flatten,astype,detach,cpu,item}"
KERAS = "{predict,predict_on_batch,evaluate,fit,summary,get_layer,get_weights,save,compile,load_weights}"
MODULE = "{eval,train,to,cuda,cpu,half,float,forward,save}"
ANY: dict[str, str] = {}


class Thing(NamedTuple):
    """What a call `gives`, in words, of which a use is an error: a method it lacks (`{}` in `error` is its name), or a call of the thing
    itself. `positional`: only a call with arguments that are not named. `since`: the releases in which it is one."""

    gives: str
    uses: tuple[str, ...]
    error: str
    remedy: str
    positional: bool = False
    since: dict[str, str] = ANY


SAVED = "tensorflow.saved_model.load()"
HUB = "tensorflow_hub.load()"
SIGNATURE = "tensorflow.saved_model.load().signatures[]()"
PROGRAM = "torch.export.{load,export}()"
HEADLESS = (
    "transformers.{Auto,Bert,Roberta,DistilBert,Albert,Electra,DebertaV2,XLMRoberta,Camembert,ViT,DeiT,Swin,Wav2Vec2,GPT2,T5,Bart,Llama}Model"
    ".from_pretrained()"
)
THINGS = (
    Thing(
        "tf.saved_model.load gives the functions that were saved, no Keras model",
        (f"{SAVED}.{KERAS}", f"{HUB}.{KERAS}"),
        "AttributeError, '_UserObject' object has no attribute '{}'",
        "tf.keras.models.load_model, keras.layers.TFSMLayer with Keras 3, or a signature: loaded.signatures['serving_default']",
    ),
    Thing(
        "a signature answers with a dictionary of its outputs",
        (f"{SIGNATURE}.{ARRAY}",),
        "AttributeError, 'dict' object has no attribute '{}'",
        'take an output by its name: result["output_0"]',
    ),
    Thing(
        "the runner of a signature takes its inputs by name alone",
        (f"{LITE}().get_signature_runner()",),
        "TypeError, takes 1 positional argument but 2 were given",
        "runner(name=array)",
        positional=True,
    ),
    Thing(
        "a model without a head gives hidden states and no logits",
        (f"{HEADLESS}().logits.*",),
        "AttributeError, its output has no attribute 'logits'",
        "the class for the task: AutoModelForSequenceClassification.from_pretrained(...)",
    ),
    Thing(
        "an exported program is no module",
        (f"{PROGRAM}.{MODULE}",),
        "AttributeError, 'ExportedProgram' object has no attribute '{}'",
        "program.module()",
    ),
    Thing(
        "an exported program is not called itself",
        (PROGRAM,),
        "RuntimeError, Unable to call ExportedProgram directly",
        "program.module()(x)",
        since={"torch": "2.4"},
    ),
    Thing(
        "a session of ONNX Runtime is no function",
        ("onnxruntime.InferenceSession()",),
        "TypeError, 'InferenceSession' object is not callable",
        "session.run(None, {name: array})",
    ),
    Thing(
        "a session of ONNX Runtime has no such method",
        ("onnxruntime.InferenceSession().{predict,forward,infer,eval,to,cuda}",),
        "AttributeError, 'InferenceSession' object has no attribute '{}'",
        "session.run(None, {name: array}); the device is what providers= says",
    ),
    Thing(
        "read_model gives a graph that is not compiled for a device",
        ("openvino.{,runtime.}Core().read_model()",),
        "TypeError, 'Model' object is not callable",
        "core.compile_model(model)(inputs)",
    ),
)


@rule(
    "DPL970",
    severity="error",
    leaves=["S.6.4", "S.4.2", "M.6.2"],
    see=[
        "https://www.tensorflow.org/guide/saved_model#loading_and_using_a_custom_model",
        "https://docs.pytorch.org/docs/stable/export.html#torch.export.ExportedProgram",
    ],
)
def loaded_thing_misused(file: PythonFile, project: Project) -> Iterator[Finding]:
    seen: set[int] = set()
    for thing in THINGS:
        taken = _taken(file) if thing.uses[0].startswith(HEADLESS) else ()
        for call in (*file.calls(*thing.uses), *taken):
            if id(call.node) in seen or call.file is not file or not _certain(call, thing):
                continue
            if not thing.since or project.versions.holds(thing.since, {}, call):
                seen.add(id(call.node))
                yield Finding(call, f"{thing.gives}: {thing.error.format(call.name.rpartition('.')[2])}", help=thing.remedy)


def _taken(file: PythonFile) -> Iterator[Call]:
    """Functions that are given the logits of a model that has none."""
    for call in file.calls("torch.{argmax,softmax,sigmoid,max,topk,nn.functional.*}", "{numpy,scipy.special}.*"):
        given = call.arguments[0].name if call.arguments else ""
        if given.endswith("().logits") and matcher(HEADLESS + "().logits")(given):
            yield call


def _certain(call: Call, thing: Thing) -> bool:
    """It is the thing and nothing else that is used so, without a look what it is."""
    if call.guarded or call.chosen or (thing.positional and not call.arguments):
        return False
    if "transformers" in call.name and "trust_remote_code" in call.file.text:
        return False
    callee = call.node.func
    thing_node = callee if call.name.endswith("()") or not isinstance(callee, ast.Attribute) else callee.value
    asked = rf"\b(hasattr|isinstance|callable|type)\(\s*{re.escape(call.file.source(thing_node))}\s*[,)]"
    return not re.search(asked, call.file.text)
