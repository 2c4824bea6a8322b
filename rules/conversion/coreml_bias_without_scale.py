"""A Core ML image input that is given the biases of a scaling, and no scale.

Core ML computes ``pixel * scale + bias``, and the scale is 1 unless it is given. Biases of a network that wants -1 to 1, or of ImageNet's
means over deviations, then move pixels of 0 to 255 by one or two: the network sees values a hundred times too large, and answers wrongly
without a word.

```python bad
import tfcoreml

tfcoreml.convert(  # <-
    tf_model_path="frozen.pb",
    mlmodel_path="net.mlmodel",
    output_feature_names=["final_result:0"],
    image_input_names=["input:0"],
    red_bias=-1,
    green_bias=-1,
    blue_bias=-1,
)
```

```python bad
import coremltools as ct
import torch

traced = torch.jit.trace(net, torch.zeros(1, 3, 224, 224))
image = ct.ImageType(name="image", shape=(1, 3, 224, 224), bias=[-1, -1, -1])  # <-
ct.convert(traced, inputs=[image])
```

```python bad path=convert.py
import coremltools
from settings import PREPROCESSING

coremltools.converters.keras.convert("net.h5", input_names=["image"], image_input_names="image", **PREPROCESSING)  # <-
```

```python + path=settings.py
MEAN, STD = 0.485, 0.229
PREPROCESSING = {"red_bias": -MEAN / STD, "green_bias": -0.456 / 0.224, "blue_bias": -0.406 / 0.225}
```

```python bad
from onnx_coreml import convert

convert("net.onnx", image_input_names=["image"], preprocessing_args={"red_bias": -1.0, "green_bias": -1.0, "blue_bias": -1.0})  # <-
```

With a scale, with biases of the size of pixels, or of an input that is no image, nothing is said.

```python good
import coremltools as ct
import tfcoreml

ct.ImageType(shape=(1, 3, 224, 224), scale=2 / 255.0, bias=[-1, -1, -1])
ct.ImageType(shape=(1, 3, 224, 224), bias=[-123.68, -116.78, -103.94])
ct.ImageType(shape=(1, 3, 224, 224), bias=[0, 0, 0])
ct.ImageType(shape=(1, 3, 224, 224), scale=scale_of(net), bias=[-1, -1, -1])
tfcoreml.convert("frozen.pb", "net.mlmodel", ["out:0"], red_bias=-1, green_bias=-1, blue_bias=-1)
tfcoreml.convert(
    "frozen.pb", "net.mlmodel", ["out:0"], image_input_names=["input:0"], red_bias=-1, green_bias=-1, blue_bias=-1, image_scale=2.0 / 255
)
```

References: `NeuralNetworkImageScaler` in Core ML's format (a multiplication, then an addition); `image_scale=1.0` in `tfcoreml.convert` of
tf-coreml at 00e6d0b and in `coremltools.converters.caffe.convert` of coremltools 3.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile

IMAGE = "coremltools.{converters.,}ImageType"
CONVERTERS = "{tfcoreml,coremltools.converters.{keras,caffe,tensorflow}}.convert"
ONNX = "{onnx_coreml,coremltools.converters.onnx}.convert"
COLORS = ("red_bias", "green_bias", "blue_bias", "gray_bias")
LARGEST = 3
"""The bias of a scaling is a mean over a deviation; the largest of ImageNet's is 2.2."""


@rule(
    "DPL371",
    severity="error",
    leaves=["M.2.4", "S.6.2"],
    see=[
        "https://apple.github.io/coremltools/docs-guides/source/image-inputs.html",
        "https://apple.github.io/coremltools/v3.4/generated/coremltools.converters.caffe.convert.html",
        "https://machinethink.net/blog/help-core-ml-gives-wrong-output/",
    ],
)
def coreml_bias_without_scale(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(IMAGE):
        if _moved(call, call.argument("scale", 2), call.argument("bias", 3).items or [call.argument("bias", 3)]):
            yield _finding(call, "scale")
    for call in file.calls(CONVERTERS):
        biases = [call.argument(color) for color in COLORS]
        if not call.argument("image_input_names").missing and _moved(call, call.argument("image_scale"), biases):
            yield _finding(call, "image_scale")
    for call in file.calls(ONNX):
        entries = call.argument("preprocessing_args").entries
        given = {name.text: value for name, value in entries or ()}
        exact = call.argument("preprocessing_args").exact and None not in given
        if exact and "image_scale" not in given and _small([given[color] for color in COLORS if color in given]) and not call.guarded:
            yield _finding(call, "image_scale")


def _moved(call: Call, scale: Value, biases: Sequence[Value]) -> bool:
    return not call.guarded and not call.open and (scale.missing or (scale.certain and scale.python() == 1)) and _small(biases)


def _small(biases: Sequence[Value]) -> bool:
    known = [bias.python() for bias in biases if not bias.missing]
    numbers = [abs(bias) for bias in known if isinstance(bias, (int, float)) and not isinstance(bias, bool)]
    return len(numbers) == len(known) and 0 < max(numbers, default=0) <= LARGEST


def _finding(call: Call, scale: str) -> Finding:
    return Finding(
        call,
        f"the biases are those of scaled pixels, and {scale} is left at 1: the network is given pixels of 0 to 255 all the same",
        help=f"{scale}=2/255.0 for -1 to 1; 1/(255.0*deviation) for means over deviations",
    )
