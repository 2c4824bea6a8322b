"""Arguments that `coremltools.convert` refuses.

What the converter wants depends on the source and on the kind of model that is made: a program (since coremltools 7 the default; always for
deployment targets from iOS 15 on) or a neural network.

* A traced module does not say what its inputs are: without `inputs=` ``Expected argument "inputs" for TorchScript models not provided``.
* A program wants a bound for sizes that vary: `ct.RangeDim()` without `upper_bound` ends in ``For mlprogram, inputs with infinite
  upper_bound is not allowed``.
* `compute_precision` is for programs: ``compute_precision is only supported for mlprogram target``.
* `convert_to="neuralnetwork"` and a deployment target from iOS 15 on exclude each other, so do `"mlprogram"` and an older one.
* Inputs in float16 need iOS 16: ``float16 dtype for inputs is only supported for deployment target >= iOS16``.
* `inputs` is a list: ``'inputs' must be of type list``. The `scale` of an image is one number, its `bias` one for each channel.
* The labels of a classifier are as many as the network has classes: ``number of classes must match the size of the tensor``.
* An exported program is taken after `run_decompositions({})`: ``Conversion for models with only ATEN or EDGE dialect is supported``.

```python bad
import coremltools as ct
import torch

traced = torch.jit.trace(net, torch.zeros(1, 3, 224, 224))
ct.convert(traced)  # <-
ct.convert(traced, inputs=[ct.TensorType(shape=(ct.RangeDim(), 3, 224, 224))])  # <-
ct.convert(
    traced,
    inputs=[ct.TensorType(shape=(1, 3, 224, 224))],
    convert_to="neuralnetwork",
    compute_precision=ct.precision.FLOAT16,  # <-
)
ct.convert(traced, inputs=ct.TensorType(shape=(1, 3, 224, 224)))  # <-
ct.convert(torch.export.export(net, (torch.zeros(1, 3, 224, 224),)))  # <-
```

```python good
import coremltools as ct
import torch

traced = torch.jit.trace(net, torch.zeros(1, 3, 224, 224))
image = ct.ImageType(shape=(1, 3, 224, 224), scale=1 / 255.0, bias=[0, 0, 0])
ct.convert(traced, inputs=[image])
ct.convert(traced, inputs=[ct.TensorType(shape=(ct.RangeDim(1, 8), 3, 224, 224))])
ct.convert(traced, inputs=[ct.TensorType(shape=(ct.RangeDim(), 3, 224, 224))], convert_to="neuralnetwork")
ct.convert(traced, inputs=[image], compute_precision=ct.precision.FLOAT32, minimum_deployment_target=ct.target.iOS16)
ct.convert(torch.export.export(net, (torch.zeros(1, 3, 224, 224),)).run_decompositions({}))
```

```python bad
import coremltools as ct
import numpy as np
import torch

traced = torch.jit.trace(net, torch.zeros(1, 3, 224, 224))
image = ct.ImageType(shape=(1, 3, 224, 224), scale=[1 / 255.0, 1 / 255.0, 1 / 255.0])  # <-
other = ct.ImageType(shape=(1, 3, 224, 224), scale=1 / 127.5, bias=-1)  # <-
half = ct.TensorType(shape=(1, 3, 224, 224), dtype=np.float16)
ct.convert(traced, inputs=[half])  # <-
ct.convert(traced, inputs=[half], minimum_deployment_target=ct.target.iOS15)  # <-
ct.convert(traced, inputs=[image], convert_to="neuralnetwork", minimum_deployment_target=ct.target.iOS16)  # <-
```

```python bad
import coremltools as ct
import torch
from torch import nn

net = nn.Sequential(nn.Flatten(), nn.Linear(192, 3)).eval()
traced = torch.jit.trace(net, torch.zeros(1, 3, 8, 8))
labels = ct.ClassifierConfig(["cat", "dog"])
ct.convert(traced, inputs=[ct.ImageType(shape=(1, 3, 8, 8), scale=1 / 255.0)], classifier_config=labels)  # <-
```

```python good
import coremltools as ct
import torch
from torch import nn

net = nn.Sequential(nn.Flatten(), nn.Linear(192, 2), nn.Softmax(dim=1)).eval()
traced = torch.jit.trace(net, torch.zeros(1, 3, 8, 8))
labels = ct.ClassifierConfig(["cat", "dog"])
ct.convert(traced, inputs=[ct.ImageType(shape=(1, 3, 8, 8), scale=1 / 255.0)], classifier_config=labels)
ct.convert(traced, inputs=[ct.ImageType(shape=(1, 3, 8, 8), scale=1 / 255.0)], classifier_config=ct.ClassifierConfig("labels.txt"))
```

What options hold is not known here; a TensorFlow model says its inputs itself.

```python good
import coremltools as ct
import numpy as np
import torch

def convert(model, options, target=None, kind=None):
    ct.convert(torch.jit.trace(model, torch.zeros(1, 4)), **options)
    half = [ct.TensorType(shape=(1, 4), dtype=np.float16)]
    ct.convert(model, inputs=half, minimum_deployment_target=target)
    ct.convert(model, convert_to=kind, compute_precision=ct.precision.FLOAT16)
    ct.convert("saved_model", source="tensorflow")
```

```python good versions=coremltools==6.3
import coremltools as ct
import torch

traced = torch.jit.trace(net, torch.zeros(1, 3, 224, 224))
ct.convert(traced, inputs=[ct.TensorType(shape=(ct.RangeDim(), 3, 224, 224))])
```

References: checked with coremltools 9.0 (`tests/claims/test_coreml_arguments.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.pytorch import SEQUENTIAL
from deplint.code.values import Truth

from . import COREML_BEFORE_15, coreml_kind

SCRIPTED = "torch.jit.{trace,script,load,freeze}()"
BEFORE_16 = "coremltools.target.{iOS13,iOS14,iOS15,macOS10_15,macOS10_16,macOS11,macOS12,watchOS6,watchOS7,watchOS8,tvOS13,tvOS14,tvOS15}"
HALF = ("numpy.float16", "coremltools.converters.mil.mil.types.fp16")


@rule(
    "DPL118",
    severity="error",
    leaves=["M.2.4", "M.2.1", "M.2.6"],
    since={"coremltools": "5.0"},
    see=[
        "https://apple.github.io/coremltools/docs-guides/source/convert-pytorch-workflow.html",
        "https://apple.github.io/coremltools/docs-guides/source/flexible-inputs.html",
        "https://apple.github.io/coremltools/source/coremltools.converters.convert.html",
    ],
)
def coreml_convert_arguments(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("coremltools.{converters.,}convert"):
        if not call.guarded:
            yield from _converting(call, project)
    for call in file.calls("coremltools.{converters.,}ImageType"):
        scale, bias = call.argument("scale", 2), call.argument("bias", 3)
        if scale.items is not None and len(scale.items) > 1 and not call.guarded:
            yield Finding(
                scale, "the scale of an ImageType is one number for all channels: convert() raises", help="divide by each std in the model"
            )
        layout = call.argument("color_layout", 4)
        gray = not layout.missing and layout.is_("coremltools.colorlayout.{RGB,BGR}") is not Truth.yes
        if isinstance(bias.python(), (int, float)) and bias.python() and not gray and not call.guarded:
            yield Finding(
                bias, "the bias of a color ImageType is a list with one number a channel: convert() raises", help="write bias=[b, b, b]"
            )


def _converting(call: Call, project: Project) -> Iterator[Finding]:
    model, inputs, target = call.argument("model", 0), call.argument("inputs", 2), call.argument("minimum_deployment_target", 5)
    kind = coreml_kind(call, project)
    if model.is_(SCRIPTED) is Truth.yes and (inputs.missing or (inputs.certain and inputs.python() is None)):
        yield Finding(
            call,
            'a traced module does not say what its inputs are: coremltools raises, Expected argument "inputs" ... not provided',
            help="pass inputs=[ct.TensorType(shape=example.shape)]",
        )
    if model.is_("torch.export.export()") is Truth.yes and model.identity is not None:
        yield Finding(
            call,
            "the exported program is in the training dialect: coremltools raises, only ATEN or EDGE dialect is supported",
            help="convert exported.run_decompositions({})",
        )
    if inputs.items is None and inputs.is_("coremltools.{converters.,}{TensorType,ImageType}()") is Truth.yes:
        yield Finding(inputs, "inputs must be a list: coremltools raises", help="inputs=[...]")
    for given in inputs.items or ():
        if kind == "mlprogram" and any(_unbounded(size) for size in _sizes(given)):
            yield Finding(
                call,
                "ct.RangeDim without upper_bound: an ML program wants bounds, and coremltools raises",
                help="give the largest size: ct.RangeDim(lower_bound=1, upper_bound=...)",
            )
        if _dtype(given).is_(*HALF) is Truth.yes and (target.missing or target.is_(BEFORE_16) is Truth.yes) and not call.open:
            yield Finding(
                call,
                "an input in float16 needs a deployment target from iOS 16 or macOS 13 on: coremltools raises TypeError",
                help="pass minimum_deployment_target=ct.target.iOS16, or leave the input in float32",
            )
    config = call.argument("classifier_config", 4).origin
    labels = config.argument("class_labels", 0) if config is not None else None
    classes = (
        _classes(model.origin.argument("func", 0)) if model.is_("torch.jit.trace()") is Truth.yes and model.origin is not None else None
    )
    if kind == "mlprogram" and labels is not None and labels.exact and classes and len(labels.items or ()) != classes:
        yield Finding(
            call,
            f"{len(labels.items or ())} labels for {classes} classes: coremltools raises, number of classes must match",
            help="give one label for each output, in the order of training",
        )
    precision = call.argument("compute_precision", 7)
    if kind == "neuralnetwork" and precision.name.startswith("coremltools.precision."):
        yield Finding(
            precision,
            "compute_precision is for ML programs, and this makes a neural network: coremltools raises",
            help='leave it out, or convert to "mlprogram"',
        )
    to = call.argument("convert_to", 6).text
    newer = target.certain and target.name.startswith("coremltools.target.") and target.is_(COREML_BEFORE_15) is Truth.no
    older = target.certain and target.is_(COREML_BEFORE_15) is Truth.yes
    if (to == "neuralnetwork" and newer) or (to == "mlprogram" and older):
        yield Finding(
            target,
            f"convert_to={to!r} excludes a deployment target {'from iOS 15 on' if newer else 'before iOS 15'}: coremltools raises",
            help="leave out one of them",
        )


def _sizes(given: Value) -> list[Value]:
    """The sizes in the shape of a TensorType or ImageType."""
    made = given.origin
    shape = made.argument("shape", 1) if made is not None else None
    if shape is None:
        return []
    if shape.items is None and shape.origin is not None and shape.origin.name.endswith(".Shape"):
        shape = shape.origin.argument("shape", 0)
    return shape.items or []


def _unbounded(size: Value) -> bool:
    made = size.origin
    if made is None or made.name not in ("coremltools.RangeDim", "coremltools.converters.RangeDim") or made.open:
        return False
    bound = made.argument("upper_bound", 1)
    return bound.missing or bound.python() == -1


def _dtype(given: Value) -> Value:
    made = given.origin
    return made.argument("dtype", 2) if made is not None and made.name.endswith("TensorType") else given


def _classes(model: Value) -> int | None:
    """How many classes a network certainly tells apart, by its last layer."""
    made = model.origin
    if made is None or model.is_(SEQUENTIAL) is not Truth.yes or model.project_class is not None or model.escaped is not Truth.no:
        return None
    for layer in reversed(made.arguments):
        last = layer.origin
        if last is None or layer.is_("torch.nn.{Softmax,LogSoftmax,Sigmoid}()") is not Truth.yes:
            size = last.argument("out_features", 1).python() if last is not None and last.name == "torch.nn.Linear" else None
            return size if isinstance(size, int) else None
    return None
