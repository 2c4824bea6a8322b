"""A file that is loaded as what it was not saved as.

Weights alone are not a model: `load_model` of what `save_weights` wrote fails with ``No model config found in the file``,
`torch.jit.load` of a state dict with ``PytorchStreamReader failed locating file constants.pkl``, and `torch.load` of one
gives a dictionary, which has no `eval()` and cannot be called. The other way round `load_state_dict` wants a dictionary,
not the module that `torch.save(model, ...)` wrote: ``Expected state_dict to be dict-like``.

```python bad path=serve.py
import torch

model = torch.load("flowers.pth", map_location="cpu")
model.eval()  # <-
```

```python + path=train.py
import torch
from net import Net

net = Net()
torch.save(net.state_dict(), "flowers.pth")
```

A scripted model is loaded by `torch.jit.load`.

```python bad path=serve.py
import torch

model = torch.jit.load("models/flowers.pth")  # <-
```

```python + path=train.py
import torch
from net import Net

net = Net()
torch.save(net.state_dict(), "models/flowers.pth")
```

`load_state_dict` takes the weights.

```python bad path=serve.py
import torch
from net import Net

net = Net()
net.load_state_dict(torch.load("flowers.pth", weights_only=False))  # <-
```

```python + path=train.py
import torch
from torchvision.models import resnet18

net = resnet18()
torch.save(net, "flowers.pth")
```

Keras keeps the two apart as well.

```python bad path=serve.py
from tensorflow.keras.models import load_model

model = load_model("best.weights.h5")  # <-
```

```python + path=train.py
from tensorflow import keras

saver = keras.callbacks.ModelCheckpoint("best.weights.h5", save_weights_only=True)
```

What was saved as what is loaded is fine, and so is a file of that name that is written in both ways.

```python good path=serve.py
import torch
from net import Net
from tensorflow.keras.models import load_model

net = Net()
net.load_state_dict(torch.load("flowers.pth"))
net.eval()
whole = torch.load("whole.pth", weights_only=False)
whole.eval()
either = torch.load("either.pth")
either.eval()
model = load_model("flowers.keras")
model.load_weights("best.weights.h5")
```

```python + path=train.py
import torch
from tensorflow import keras
from torchvision.models import resnet18

net = resnet18()
torch.save(net.state_dict(), "flowers.pth")
torch.save(net, "whole.pth")
torch.save(net, "either.pth")
torch.save(net.state_dict(), "either.pth")
saver = keras.callbacks.ModelCheckpoint("best.weights.h5", save_weights_only=True)
```

Code that asks first what it got knows both kinds.

```python good path=serve.py
import torch

def load(path="net.pt"):
    net = torch.load("net.pt")
    if isinstance(net, dict):
        state, net = net, build()
        net.load_state_dict(state)
    return net.eval()

found = torch.load("net.pt")
if hasattr(found, "eval"):
    found.eval()
```

```python + path=train.py
import torch

net = torch.nn.Linear(2, 2)
torch.save(net.state_dict(), "net.pt")
```

`save` of Keras 2 makes a folder of any name that is not .h5 or .keras (Keras 3 refuses it, DPL401): who reads a frozen graph finds no
file.

```python bad path=detect.py versions=tensorflow==2.11
import cv2

net = cv2.dnn.readNetFromTensorflow("mobilenet.pb")  # <-
```

```python + path=train.py
import tensorflow as tf

model = tf.keras.applications.MobileNet(weights=None, classes=3)
model.save("mobilenet.pb")
```

```python good path=detect.py
import cv2

net = cv2.dnn.readNetFromTensorflow("mobilenet.pb")
```

```python + path=train.py
import tensorflow as tf

tf.io.write_graph(freeze(tf.keras.applications.MobileNet()), ".", "mobilenet.pb", as_text=False)
```

References: checked with PyTorch 2.13 and Keras 3.15 (`tests/claims/test_services.py`); https://stackoverflow.com/q/49941903
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.pipelines import files_naming
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from ..export import KERAS_MODEL

KERAS = "{tensorflow.keras,keras,tf_keras}"
STATE = "**.state_dict()"


@rule(
    "DPL613",
    severity="error",
    leaves=["S.4.2", "S.2.1"],
    see=[
        "https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html",
        "https://keras.io/guides/serialization_and_saving/",
        "https://stackoverflow.com/q/49941903",
    ],
)
def loaded_as_other_kind(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call, path, wanted, consequence in _loads(file):
        kinds = _kinds(project, PurePosixPath(path).name) if not call.guarded else set()
        if len(kinds) == 1 and (kind := next(iter(kinds))) != wanted and kind in WORDS:
            remedy = {
                "weights": "build the model and load the weights into it, or save the whole model",
                "state dict": "build the module and load_state_dict(torch.load(...)) into it, or export what the server loads",
                "module": "use what torch.load gives, or save net.state_dict()",
                "folder": "freeze the graph (convert_variables_to_constants_v2), or load the folder as a SavedModel",
            }[kind]
            yield Finding(call, f"{PurePosixPath(path).name} was saved as {WORDS[kind]}: {consequence}", help=remedy)


WORDS = {"weights": "weights alone", "state dict": "a state dict", "module": "a whole module", "folder": "the folder of a SavedModel"}


def _loads(file: PythonFile) -> Iterator[tuple[Call, str, str, str]]:
    """Calls that load a path, as what, and what happens where the file is something else."""
    for call in file.calls(KERAS + ".**.load_model"):
        if path := call.argument("filepath", 0).text:
            yield call, path, "model", "load_model raises ValueError, No model config found in the file"
    for call in file.calls("torch.jit.load"):
        if path := call.argument("f", 0).text:
            yield call, path, "script", "torch.jit.load raises RuntimeError, failed locating file constants.pkl"
    for call in file.calls("cv2.dnn.{readNetFromTensorflow,readNet}", "tensorflow.**.{GFile,FastGFile}"):
        path = call.arguments[0].text if call.arguments else None
        if path and path.endswith(".pb"):
            yield call, path, "graph", "there is no file of that name, and nothing is read"
    for call in file.calls("torch.load().{eval,to,cuda,half,forward,parameters}", "torch.load()"):
        loaded = call.receiver.origin
        if loaded is not None and not _kind_asked(call) and (path := loaded.argument("f", 0).text):
            method = call.name.rpartition(".")[2]
            fails = "a dictionary cannot be called" if method.endswith("()") else f"AttributeError, a dictionary has no {method}"
            yield call, path, "module", fails
    for call in file.calls("**.load_state_dict"):
        loaded = call.argument("state_dict", 0).origin
        if loaded is not None and loaded.name == "torch.load" and (path := loaded.argument("f", 0).text):
            yield call, path, "state dict", "load_state_dict raises TypeError, Expected state_dict to be dict-like"


def _kind_asked(call: Call) -> bool:
    """The code asks what the thing is whose method is called."""
    name = call.receiver.node.id if isinstance(call.receiver.node, ast.Name) else ""
    for node in call.file.shape.nodes:
        match node:
            case ast.Call(func=ast.Name(id="isinstance" | "hasattr" | "type" | "callable"), args=[ast.Name(id=asked), *_]):
                if asked == name:
                    return True
    return False


def _kinds(project: Project, name: str) -> set[str]:
    """What the project's code saves under a file name: ``?`` stands for what cannot be told."""
    saves = [save for file in files_naming(project, name) for save in _saves(file)]
    return {kind for value, kind in saves if any(PurePosixPath(path).name == name for path in value.texts)}


def _saves(file: PythonFile) -> Iterator[tuple[Value, str]]:
    for call in file.calls("**.save_weights"):
        yield call.argument("filepath", 0), "weights"
    for call in file.calls(KERAS + ".callbacks.ModelCheckpoint"):
        only = call.argument("save_weights_only")
        kind = "weights" if only.python() is True else "model" if only.missing or only.python() is False else "?"
        yield call.argument("filepath", 0), kind
    for call in file.calls("torch.save"):
        saved = call.argument("obj", 0)
        if saved.is_(STATE) is Truth.yes:
            kind = "state dict"
        elif saved.is_("torch.nn.Module()", "{torchvision.models,timm}.**()") is Truth.yes:
            kind = "module"
        else:
            kind = "?"
        yield call.argument("f", 1), kind
    folders: set[int] = set()
    for call in file.calls(KERAS + ".**().save"):
        path = call.argument("filepath", 0)
        if (path.text or "").endswith(".pb") and call.receiver.is_(*KERAS_MODEL) is Truth.yes:
            folders.add(id(call.node))
            yield path, "folder"
    for call in file.calls("torch.jit.{save,script().save,trace().save}", "**().save", "torch.package.**", "shutil.{copy,copyfile,move}"):
        for value in (*call.arguments, *call.keywords.values()) if id(call.node) not in folders else ():
            yield value, "?"
