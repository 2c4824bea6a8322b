"""What a converter gives, used as if it were something else.

`convert()` of the TFLite converter gives bytes: a file opened for text refuses them (``write() argument must be str, not bytes``), and they
have no `save`. tf2onnx and onnxsim give a tuple with the model in it. The checker of ONNX and the quantizers of ONNX Runtime give nothing:
what they made is in the file they were told to write. `load_state_dict` gives a list of missing keys, not the module:
``'_IncompatibleKeys' object has no attribute 'eval'``.

```python bad
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
tflite = converter.convert()
with open("net.tflite", "w") as f:
    f.write(tflite)  # <-
tflite.save("net.tflite")  # <-
```

```python good
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
tflite = converter.convert()
with open("net.tflite", "wb") as f:
    f.write(tflite)

def write(path, mode):
    with open(path, mode) as f:
        f.write(tflite)
```

```python bad
import onnx
import onnxsim
import tf2onnx
from onnxruntime.quantization import quantize_dynamic

converted = tf2onnx.convert.from_keras(model)
onnx.save(converted, "net.onnx")  # <-
onnx.save(onnxsim.simplify(onnx.load("net.onnx")), "small.onnx")  # <-
quantized = quantize_dynamic("net.onnx", "net.int8.onnx")
onnx.save(quantized, "again.onnx")  # <-
```

```python good
import onnx
import onnxsim
import tf2onnx
from onnxruntime.quantization import quantize_dynamic

converted, _ = tf2onnx.convert.from_keras(model)
onnx.save(converted, "net.onnx")
pair = onnxsim.simplify(onnx.load("net.onnx"))
onnx.save(pair[0], "small.onnx")
quantize_dynamic("net.onnx", "net.int8.onnx")
```

```python bad
import torch
import torchvision

net = torchvision.models.resnet18()
net = net.load_state_dict(torch.load("net.pt"))
net.eval()  # <-
```

```python good
import torch
import torchvision

net = torchvision.models.resnet18()
net.load_state_dict(torch.load("net.pt"))
net.eval()
```

A module of the project may return itself.

```python good
import torch
from torch import nn

class Net(nn.Module):
    def load_state_dict(self, state, strict=True):
        super().load_state_dict(state, strict)
        return self

net = Net().load_state_dict(torch.load("net.pt")).eval()
```

References: checked with TensorFlow 2.21, tf2onnx 1.17, onnxsim 0.8, onnx 1.23, onnxruntime 1.32 and torch 2.13
(`tests/claims/test_given_models*.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.values import Truth


class Result(NamedTuple):
    """What calls give (`what`), of which `use` can only fail with `error`; and the remedy. A use is a method of it, or a function whose
    first argument it is."""

    gives: str
    what: str
    uses: tuple[str, ...]
    error: str
    remedy: str


LITE = "tensorflow.{lite,compat.v1.lite}.TFLiteConverter.*().convert()"
ONNX_TAKERS = ("onnx.{save,save_model}", "onnx.checker.check_model", "onnxruntime.InferenceSession", "onnx.shape_inference.infer_shapes")
MISSING = "{torch,torchvision,timm,transformers,segmentation_models_pytorch}.**.load_state_dict()"
SAVING = f"{LITE}.{{save,export,write,save_weights,summary,predict,SerializeToString}}"
LOADED = f"{MISSING}.{{eval,train,to,cuda,cpu,half,float,state_dict,forward,parameters}}"
PAIR = "tf2onnx.convert.from_{keras,function,graph_def,tflite}()"
NOTHING = "onnxruntime.quantization.{quantize_dynamic,quantize_static}()"

RESULTS = (
    Result(LITE, "bytes", (SAVING,), "'bytes' object has no attribute", 'open("net.tflite", "wb").write(...)'),
    Result(PAIR, "a tuple of the model and its external tensors", (*ONNX_TAKERS, f"{PAIR}.*"), "a tuple is no model", "model, _ = ..."),
    Result(
        "onnxsim.simplify()",
        "a tuple of the model and whether it was checked",
        (*ONNX_TAKERS, "onnxsim.simplify().*"),
        "a tuple is no model",
        "model, ok = onnxsim.simplify(...)",
    ),
    Result(NOTHING, "None", (*ONNX_TAKERS, f"{NOTHING}.*"), "None is no model", "use the file that the second argument names"),
    Result(
        "onnx.checker.check_model()",
        "None",
        (*ONNX_TAKERS, "onnx.checker.check_model().*"),
        "None is no model",
        "keep the model that was checked",
    ),
    Result(
        MISSING,
        "the keys that did not match",
        (LOADED,),
        "'_IncompatibleKeys' object has no attribute",
        "call load_state_dict on a line of its own, and go on with the module",
    ),
)


@rule(
    "DPL111",
    severity="error",
    leaves=["M.2.2", "M.2.3", "S.4.2"],
    see=[
        "https://www.tensorflow.org/api_docs/python/tf/lite/TFLiteConverter#convert",
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict",
    ],
)
def converter_result_misused(file: PythonFile) -> Iterator[Finding]:
    for result in RESULTS:
        for call in file.calls(*result.uses):
            method = call.name.rpartition(".")[0].endswith("()")
            value = call.receiver if method else call.arguments[0] if call.arguments else None
            if value is not None and not call.guarded and value.is_(result.gives) is Truth.yes:
                error = f"{result.error} {call.name.rpartition('.')[2]!r}" if result.error.endswith("attribute") else result.error
                yield Finding(call, f"{_short(result.gives, value.name)} gives {result.what}: this fails, {error}", help=result.remedy)
    for call in file.calls("open().write"):
        written = call.argument("", 0)
        if not call.guarded and written.is_(LITE, "**.SerializeToString()") is Truth.yes and _text(call):
            yield Finding(
                call,
                f"{_short('', written.name)} gives bytes, and the file is open for text: write() argument must be str, not bytes",
                help='open the file with "wb"',
            )


def _text(write: Call) -> bool:
    """The file was certainly opened for text."""
    opened = write.receiver.origin
    mode = opened.argument("mode", 1) if opened is not None else None
    return mode is not None and (mode.missing or (mode.text is not None and "b" not in mode.text))


def _short(pattern: str, name: str) -> str:
    return (name or pattern).rpartition(".")[2]
