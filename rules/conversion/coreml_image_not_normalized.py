"""A Core ML image input for a network that was trained on normalised images.

An `ImageType` hands the network pixels from 0 to 255. The pretrained networks of torchvision were trained on images scaled to 0..1 and
normalised by the mean and deviation of ImageNet: without `scale` and `bias` the converted model sees inputs far too large, and its
answers are wrong without any error.

```python bad
import coremltools as ct
import torch
import torchvision

net = torchvision.models.mobilenet_v2(weights="DEFAULT").eval()
traced = torch.jit.trace(net, torch.zeros(1, 3, 224, 224))
model = ct.convert(traced, inputs=[ct.ImageType(name="image", shape=(1, 3, 224, 224))])  # <-
```

```python good
import coremltools as ct
import torch
import torchvision

net = torchvision.models.mobilenet_v2(weights="DEFAULT").eval()
traced = torch.jit.trace(net, torch.zeros(1, 3, 224, 224))
image = ct.ImageType(shape=(1, 3, 224, 224), scale=1 / (0.226 * 255.0), bias=[-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225])
model = ct.convert(traced, inputs=[image])
tensor = ct.convert(traced, inputs=[ct.TensorType(shape=(1, 3, 224, 224))])
```

A module around the network may normalise, and a network that is trained here may take pixels.

```python good
import coremltools as ct
import torch
import torchvision
from torch import nn

class Normalized(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x / 255.0)

image = torch.zeros(1, 3, 224, 224)
wrapped = torch.jit.trace(Normalized(torchvision.models.mobilenet_v2(weights="DEFAULT")).eval(), image)
ct.convert(wrapped, inputs=[ct.ImageType(shape=(1, 3, 224, 224))])
own = torchvision.models.mobilenet_v2(num_classes=3)
own.load_state_dict(torch.load("own.pt"))
ct.convert(torch.jit.trace(own.eval(), image), inputs=[ct.ImageType(shape=(1, 3, 224, 224))])
```

References: https://apple.github.io/coremltools/docs-guides/source/image-inputs.html; the transforms of torchvision's weights; https://stackoverflow.com/questions/45260273.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth


@rule(
    "DPL128",
    severity="warning",
    leaves=["M.6.3"],
    see=["https://apple.github.io/coremltools/docs-guides/source/image-inputs.html", "https://stackoverflow.com/questions/45260273"],
)
def coreml_image_not_normalized(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("coremltools.{converters.,}convert"):
        traced = call.argument("model", 0).origin
        if call.guarded or traced is None or traced.name != "torch.jit.trace" or not _pretrained(traced.argument("func", 0)):
            continue
        for given in call.argument("inputs", 2).items or ():
            made = given.origin
            raw = made is not None and made.name.endswith(".ImageType") and not made.open
            if made is not None and raw and made.argument("scale", 2).missing and made.argument("bias", 3).missing:
                yield Finding(
                    call,
                    "the network was trained on normalised images, and this image input hands it pixels from 0 to 255",
                    help="give ct.ImageType a scale and a bias: scale=1/(0.226*255.0), bias=[-0.485/0.229, -0.456/0.224, -0.406/0.225]",
                )


def _pretrained(model: Value) -> bool:
    """A network of torchvision with the weights that it comes with, and nothing loaded into it since."""
    made = model.origin
    if made is None or not model.certain or model.is_("torchvision.models.*()") is not Truth.yes or model.escaped is not Truth.no:
        return False
    weights, older = made.argument("weights"), made.argument("pretrained")
    told = older.python() is True or (not weights.missing and weights.certain and weights.python() is not None)
    return told and model.called("load_state_dict") is Truth.no and not model.attributes().keys() - {"training"}
