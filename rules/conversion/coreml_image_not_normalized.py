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

So it is of a network that the project itself trains on normalised images, if nothing near it or the conversion speaks of that.

```python bad path=to_coreml.py
import coremltools as ct
import torch
from net import build

net = build(3)
net.load_state_dict(torch.load("mushrooms.pth"))
traced = torch.jit.trace(net.eval(), torch.rand(1, 3, 224, 224))
ct.convert(traced, inputs=[ct.ImageType(name="image", shape=(1, 3, 224, 224))]).save("Mushrooms.mlpackage")  # <-
```

```python + path=net.py
import torch.nn as nn
from torchvision.models import mobilenet_v3_large

def build(n):
    net = mobilenet_v3_large(weights=None)
    net.classifier[3] = nn.Linear(1280, n)
    return net
```

```python + path=data.py
from torchvision import datasets, transforms as T

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
prepare = T.Compose([T.Resize((224, 224)), T.ToTensor(), T.Normalize(MEAN, STD)])

def images(root):
    return datasets.ImageFolder(root, prepare)
```

```python + path=train.py
import torch
from data import images
from net import build
from torch.nn.functional import cross_entropy

net = build(3)
optimizer = torch.optim.AdamW(net.parameters())
for x, y in torch.utils.data.DataLoader(images("data"), 64, shuffle=True):
    optimizer.zero_grad()
    cross_entropy(net(x), y).backward()
    optimizer.step()
torch.save(net.state_dict(), "mushrooms.pth")
```

```python good path=to_coreml.py
import coremltools as ct
import torch
from net import build

net = build(3)
net.load_state_dict(torch.load("mushrooms.pth"))
traced = torch.jit.trace(net.eval(), torch.rand(1, 3, 224, 224))
ct.convert(traced, inputs=[ct.ImageType(name="image", shape=(1, 3, 224, 224))]).save("Mushrooms.mlpackage")
```

```python + path=net.py
import torch.nn as nn
from torchvision.models import mobilenet_v3_large
from torchvision.transforms import Normalize

def build(n):
    return nn.Sequential(Normalize((127.5,) * 3, (127.5,) * 3), mobilenet_v3_large(num_classes=n))
```

```python + path=train.py
import torch
from net import build
from torch.nn.functional import cross_entropy
from torchvision import datasets, transforms as T

prepare = T.Compose([T.Resize((224, 224)), T.ToTensor(), T.Normalize(0.5, 0.5)])
net = build(3)
for x, y in torch.utils.data.DataLoader(datasets.ImageFolder("data", prepare), 64, shuffle=True):
    cross_entropy(net(x), y).backward()
torch.save(net.state_dict(), "mushrooms.pth")
```

References: https://apple.github.io/coremltools/docs-guides/source/image-inputs.html; the transforms of torchvision's weights; https://stackoverflow.com/questions/45260273.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.pictures import Picture, alike, span
from deplint.code.pipelines import Trained, loaded_paths, trained, training_of
from deplint.code.python import PythonFile
from deplint.code.values import Truth

SCALES = re.compile(r"normali[sz]|\bmean\b|\bstd\b|\b255|rescal|127\.5", re.IGNORECASE)


@rule(
    "DPL128",
    severity="warning",
    leaves=["M.6.3"],
    see=["https://apple.github.io/coremltools/docs-guides/source/image-inputs.html", "https://stackoverflow.com/questions/45260273"],
)
def coreml_image_not_normalized(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("coremltools.{converters.,}convert"):
        traced = call.argument("model", 0).origin
        if call.guarded or traced is None or traced.name != "torch.jit.trace":
            continue
        for given in call.argument("inputs", 2).items or ():
            made = given.origin
            raw = made is not None and made.name.endswith(".ImageType") and not made.open
            if made is None or not raw or not made.argument("scale", 2).missing or not made.argument("bias", 3).missing:
                continue
            if _pretrained(traced.argument("func", 0)):
                yield Finding(
                    call,
                    "the network was trained on normalised images, and this image input hands it pixels from 0 to 255",
                    help="give ct.ImageType a scale and a bias: scale=1/(0.226*255.0), bias=[-0.485/0.229, -0.456/0.224, -0.406/0.225]",
                )
            elif (training := _trained(file, project)) is not None:
                yield Finding(
                    call,
                    f"training gives the network {span(training.picture)} ({training.place.path}), and this image input hands it pixels "
                    "from 0 to 255",
                    help="give ct.ImageType the scale and the bias that come to the same",
                )


def _trained(file: PythonFile, project: Project) -> Trained | None:
    """The picture that the network which a file converts was trained with, if all of training scales it and nothing that the conversion
    is made of speaks of that."""
    training = training_of(project, loaded_paths(file), file)
    seen = list(trained(training)) if training is not None else []
    if not seen or any(not one.picture.scaled or alike(one.picture, Picture()) for one in seen):
        return None
    return None if any(SCALES.search(module.text) for module in (file, *file.imports)) else seen[0]


def _pretrained(model: Value) -> bool:
    """A network of torchvision with the weights that it comes with, and nothing loaded into it since."""
    made = model.origin
    if made is None or not model.certain or model.is_("torchvision.models.*()") is not Truth.yes or model.escaped is not Truth.no:
        return False
    weights, older = made.argument("weights"), made.argument("pretrained")
    told = older.python() is True or (not weights.missing and weights.certain and weights.python() is not None)
    return told and model.called("load_state_dict") is Truth.no and not model.attributes().keys() - {"training"}
