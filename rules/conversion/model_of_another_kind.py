"""A converter, exporter or runtime that is given another kind of model than it takes.

Each takes one kind: a SavedModel's folder, a Keras model in memory, a traced module, an ONNX file. Given a file of another format, the
path in place of the model, or the weights in place of the network, it stops:

* `TFLiteConverter.from_saved_model("net.h5")`: ``SavedModel file does not exist at: net.h5/{saved_model.pbtxt|saved_model.pb}``
* `TFLiteConverter.from_keras_model("net.h5")`: ``'str' object has no attribute 'call'``
* `coremltools.convert` of a module that was not traced, of a state dict or of an ONNX file: ``Unable to determine the type of the model``
* `torch.onnx.export` of a state dict: ``'collections.OrderedDict' object has no attribute 'modules'``
* `onnxruntime.InferenceSession("net.pt")`: ``INVALID_PROTOBUF``

```python bad
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)])
model.save("net.keras")
converter = tf.lite.TFLiteConverter.from_saved_model("net.keras")  # <-
other = tf.lite.TFLiteConverter.from_keras_model("net.keras")  # <-
third = tf.lite.TFLiteConverter.from_saved_model(model)  # <-
interpreter = tf.lite.Interpreter(model_path="net.h5")  # <-
```

```python good
import tensorflow as tf

model = tf.keras.models.load_model("net.keras")
converter = tf.lite.TFLiteConverter.from_keras_model(model)
other = tf.lite.TFLiteConverter.from_saved_model("export/1")
interpreter = tf.lite.Interpreter(model_path="net.tflite")
```

```python bad
import coremltools as ct
import onnxruntime as ort
import torch
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x * 2

net = Net().eval()
x = torch.zeros(1, 4)
ct.convert(net, inputs=[ct.TensorType(shape=x.shape)])  # <-
ct.convert("net.onnx")  # <-
torch.onnx.export(net.state_dict(), x, "net.onnx")  # <-
torch.jit.trace("net.pt", x)  # <-
session = ort.InferenceSession("net.pt")  # <-
```

```python good
import coremltools as ct
import onnxruntime as ort
import torch
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x * 2

net = Net().eval()
x = torch.zeros(1, 4)
traced = torch.jit.trace(net, x)
ct.convert(traced, inputs=[ct.TensorType(shape=x.shape)])
torch.onnx.export(net, x, "net.onnx")
session = ort.InferenceSession("net.onnx")
```

What decides by the suffix, and what a caller gives, is not reported.

```python good
import argparse
import onnxruntime as ort
import tensorflow as tf
import torch

def load(path):
    if path.endswith(".pt"):
        return torch.jit.load(path)
    return ort.InferenceSession(path)

def convert(source="net.h5"):
    if source.endswith(".h5"):
        return tf.lite.TFLiteConverter.from_keras_model(tf.keras.models.load_model(source))
    return tf.lite.TFLiteConverter.from_saved_model(source)

try:
    session = ort.InferenceSession("net.pt")
except Exception:
    session = ort.InferenceSession("net.onnx")
load("net.pt")
```

`torch.jit.save` is for what is scripted or traced.

```python bad
import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 2)).eval()
torch.jit.save(net, "net.pt")  # <-
torch.jit.save(torch.jit.script(net), "script.pt")
```

A calibration of NNCF asks its own `Dataset` for the samples.

```python bad
import nncf
import openvino as ov
from torch.utils.data import DataLoader

loader = DataLoader(samples, batch_size=1)
model = ov.Core().read_model("net.xml")
nncf.quantize(model, loader)  # <-
nncf.quantize(model, nncf.Dataset(loader, lambda item: item[0].numpy()))
```

Functions take concrete functions in a list, and a runtime takes files or bytes, not what another library read.

```python bad
import onnx
import onnxruntime as ort
import tensorflow as tf

@tf.function(input_signature=[tf.TensorSpec((1, 4), tf.float32)])
def double(x):
    return x * 2

tf.lite.TFLiteConverter.from_concrete_functions(double.get_concrete_function())  # <-
model = onnx.load("net.onnx")
session = ort.InferenceSession(model)  # <-
onnx.version_converter.convert_version("net.onnx", 13)  # <-
```

```python good
import onnx
import onnxruntime as ort
import tensorflow as tf

@tf.function(input_signature=[tf.TensorSpec((1, 4), tf.float32)])
def double(x):
    return x * 2

tf.lite.TFLiteConverter.from_concrete_functions([double.get_concrete_function()])
model = onnx.load("net.onnx")
session = ort.InferenceSession(model.SerializeToString())
onnx.version_converter.convert_version(model, 13)
```

Where a function asks first whether it was given a path, a model does not get there.

```python good
import onnx
import onnxruntime

def run(path_or_model):
    path = None
    if isinstance(path_or_model, str):
        path = path_or_model
    return bind(path)

def bind(path=None):
    if path is not None:
        return onnxruntime.InferenceSession(path)

run(onnx.load("net.onnx"))
```

References: checked with TensorFlow 2.21, torch 2.13, coremltools 9.0, onnxruntime 1.32, onnx 1.23, OpenVINO 2026.4 and tf2onnx 1.17
(`tests/claims/test_given_models*.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.library import LITE
from deplint.code.python import PythonFile
from deplint.code.pytorch import MODULE, SEQUENTIAL, STATE_DICT
from deplint.code.values import Truth

from ..export import KERAS_MODEL

KERAS_FILES = (".keras", ".h5", ".hdf5")
TORCH_FILES = (".pt", ".pth")
ANY_FILE = ("",)

KINDS = {
    "a Keras model": KERAS_MODEL,
    "a state dict": (STATE_DICT,),
    "a module that is not traced": (MODULE, SEQUENTIAL, "torchvision.models.*()"),
    "a function that is in no list": ("**.get_concrete_function()",),
    "a ModelProto": ("onnx.{load,load_model,load_model_from_string}()", "onnx.helper.make_model()", "onnx.**.infer_shapes()"),
    "a DataLoader": ("torch.utils.data.DataLoader()",),
    "a model in memory": ("tensorflow.lite.TFLiteConverter.*().convert()", "tensorflow.compat.v1.lite.TFLiteConverter.*().convert()"),
}
"""Things that calls give."""


class Taker(NamedTuple):
    """What calls do with models: the `argument` and its position, the suffixes of paths they stop at (`ANY_FILE`: of any path), the
    kinds of other things they stop at, the error, and what they take."""

    calls: str
    argument: str
    position: int
    files: tuple[str, ...]
    things: tuple[str, ...]
    error: str
    takes: str


NO_SAVEDMODEL = "SavedModel file does not exist"
NOT_SAVEDMODEL = (*KERAS_FILES, *TORCH_FILES, ".pb", ".pbtxt", ".tflite", ".onnx")
TAKERS = (
    Taker(
        "tensorflow.lite.TFLiteConverter.from_saved_model",
        "saved_model_dir",
        0,
        NOT_SAVEDMODEL,
        ("a Keras model",),
        NO_SAVEDMODEL,
        "the folder of a SavedModel; from_keras_model takes a Keras model, such as load_model gives",
    ),
    Taker("tensorflow.saved_model.load", "export_dir", 0, NOT_SAVEDMODEL, ("a Keras model",), NO_SAVEDMODEL, "the folder of a SavedModel"),
    Taker(
        "tensorflow.lite.TFLiteConverter.from_keras_model",
        "model",
        0,
        ANY_FILE,
        (),
        "'str' object has no attribute 'call'",
        "a model in memory: tf.keras.models.load_model(path)",
    ),
    Taker(
        "tensorflow.lite.TFLiteConverter.from_concrete_functions",
        "funcs",
        0,
        (),
        ("a function that is in no list",),
        "'ConcreteFunction' object is not iterable",
        "a list of concrete functions",
    ),
    Taker("tf2onnx.convert.from_keras", "model", 0, ANY_FILE, (), "'str' object has no attribute 'inputs'", "a model in memory"),
    Taker(
        LITE,
        "model_path",
        0,
        (*KERAS_FILES, *TORCH_FILES, ".pb", ".pbtxt", ".onnx", ".json"),
        (),
        "Model provided has model identifier ..., should be 'TFL3'",
        "a .tflite file",
    ),
    Taker(
        LITE,
        "model_path",
        0,
        (),
        ("a model in memory",),
        "Could not open ''",
        "a path; the model itself is model_content=",
    ),
    Taker(
        "coremltools.{converters.,}convert",
        "model",
        0,
        (".onnx", ".tflite", ".mlmodel", ".mlpackage"),
        ("a module that is not traced", "a state dict"),
        "Unable to determine the type of the model",
        "a traced module (torch.jit.trace), an exported program or a TensorFlow model",
    ),
    Taker(
        "torch.onnx.export",
        "model",
        0,
        ANY_FILE,
        ("a state dict",),
        "it has no attribute 'modules'",
        "the module, with its weights loaded",
    ),
    Taker(
        "torch.export.export", "mod", 0, ANY_FILE, ("a state dict",), "Expected `mod` to be an instance of `torch.nn.Module`", "the module"
    ),
    Taker("torch.jit.trace", "func", 0, ANY_FILE, ("a state dict",), "Could not get name of python class object", "the module"),
    Taker(
        "onnxruntime.InferenceSession",
        "path_or_bytes",
        0,
        (*KERAS_FILES, *TORCH_FILES, ".tflite", ".pkl", ".engine"),
        (),
        "INVALID_PROTOBUF",
        "an ONNX model",
    ),
    Taker(
        "onnxruntime.InferenceSession",
        "path_or_bytes",
        0,
        (),
        ("a ModelProto",),
        "Unable to load from type '<class 'onnx...ModelProto'>'",
        "a path or bytes: model.SerializeToString()",
    ),
    Taker(
        "onnxruntime.quantization.{quantize_dynamic,quantize_static}",
        "model_input",
        0,
        (*KERAS_FILES, *TORCH_FILES, ".tflite"),
        (),
        "Unable to open proto file",
        "an ONNX model",
    ),
    Taker(
        "onnx.version_converter.convert_version", "model", 0, ANY_FILE, (), "VersionConverter only accepts ModelProto", "onnx.load(path)"
    ),
    Taker(
        "onnx.shape_inference.infer_shapes", "model", 0, ANY_FILE, (), "infer_shapes only accepts ModelProto or bytes", "onnx.load(path)"
    ),
    Taker("onnx.{load,load_model}", "f", 0, (*KERAS_FILES, *TORCH_FILES, ".tflite"), (), "Error parsing message", "an ONNX file"),
    Taker(
        "torch.load",
        "f",
        0,
        (*KERAS_FILES, ".onnx", ".tflite"),
        (),
        "it is no archive or pickle of PyTorch",
        "what torch.save wrote",
    ),
    Taker(
        "torch.jit.load",
        "f",
        0,
        (*KERAS_FILES, ".onnx", ".tflite"),
        (),
        "it is no TorchScript archive",
        "what torch.jit.save wrote",
    ),
    Taker(
        "openvino.{runtime.,}Core().{read_model,compile_model}",
        "model",
        0,
        (".keras", ".h5", *TORCH_FILES),
        (),
        "Unable to read the model",
        "OpenVINO's format, ONNX, TFLite or a frozen graph; openvino.convert_model takes modules and SavedModels",
    ),
    Taker(
        "openvino.convert_model",
        "input_model",
        0,
        (".keras", ".h5", *TORCH_FILES),
        (),
        "Cannot recognize input model",
        "a module in memory",
    ),
    Taker(
        "nncf.{,quantization.}quantize",
        "calibration_dataset",
        1,
        (),
        ("a DataLoader",),
        "AttributeError",
        "nncf.Dataset(loader, lambda item: item[0].numpy())",
    ),
    Taker(
        "torch.jit.save",
        "m",
        0,
        (),
        ("a module that is not traced", "a state dict"),
        "it has no attribute 'save'",
        "what torch.jit.script or torch.jit.trace gives; weights are for torch.save",
    ),
    Taker("safetensors.torch.load_file", "filename", 0, (*TORCH_FILES, ".bin", ".ckpt"), (), "header too large", "a .safetensors file"),
    Taker(
        "onnxconverter_common.**.convert_float_to_float16",
        "model",
        0,
        ANY_FILE,
        (),
        "Expected model type is an ONNX ModelProto",
        "onnx.load(path)",
    ),
)
"""Who takes what, and what they say of another thing (executed)."""


@rule(
    "DPL110",
    severity="error",
    leaves=["M.2.1", "M.2.2", "S.4.2", "S.2.5"],
    see=[
        "https://www.tensorflow.org/api_docs/python/tf/lite/TFLiteConverter",
        "https://apple.github.io/coremltools/docs-guides/source/convert-pytorch-workflow.html",
        "https://stackoverflow.com/questions/53625978",
    ],
)
def model_of_another_kind(file: PythonFile) -> Iterator[Finding]:
    for taker in TAKERS:
        for call in file.calls(taker.calls):
            given = call.argument(taker.argument, taker.position)
            what = "" if call.guarded or given.missing else _wrong(taker, given)
            if what:
                yield Finding(given, f"{_short(call)} is given {what}: it raises, {taker.error}", help=f"it takes {taker.takes}")


def _wrong(taker: Taker, given: Value) -> str:
    """What the argument is, in words, if the call certainly stops at it; else empty."""
    if taker.files == ANY_FILE and given.text is not None:
        return "a path"
    if taker.files and taker.files != ANY_FILE and given.ends(*taker.files) is Truth.yes:
        return f"a {next(end for end in taker.files if given.ends(end) is Truth.yes)} file"
    return next((kind for kind in taker.things if given.is_(*KINDS[kind]) is Truth.yes), "")


def _short(call: Call) -> str:
    return ".".join(part.removesuffix("()") for part in call.name.split(".")[-2:])
