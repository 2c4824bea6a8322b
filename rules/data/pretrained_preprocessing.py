"""Pictures prepared in another way than a ready-made network takes them.

Each family of `keras.applications` was trained on pixels of its own: ResNet50 and VGG on BGR less the mean, MobileNetV2
and Inception on -1 to 1, EfficientNet and MobileNetV3 on 0 to 255. torchvision's take 0 to 1 less ImageNet's mean, over its
deviation. Another family's `preprocess_input`, or none, and the names that come out are wrong, without any error.

```python bad
import numpy as np
from tensorflow.keras.applications.imagenet_utils import preprocess_input
from tensorflow.keras.applications.mobilenet_v2 import MobileNetV2, decode_predictions
from tensorflow.keras.preprocessing import image

model = MobileNetV2(weights="imagenet")
picture = image.img_to_array(image.load_img("cat.jpg", target_size=(224, 224)))
print(decode_predictions(model.predict(preprocess_input(picture[np.newaxis]))))  # <-
```

```python bad
import numpy as np
import torch
from PIL import Image
from torchvision import models, transforms

model = models.resnet50(weights="DEFAULT").eval()
prepare = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()])
with torch.inference_mode():
    scores = model(prepare(Image.open("cat.jpg").convert("RGB")).unsqueeze(0))  # <-
```

```python good
import numpy as np
import torch
from PIL import Image
from tensorflow.keras.applications import EfficientNetB0, ResNet50, resnet50
from tensorflow.keras.preprocessing import image
from torchvision import models, transforms

picture = image.img_to_array(image.load_img("cat.jpg", target_size=(224, 224)))
ResNet50().predict(resnet50.preprocess_input(picture[np.newaxis]))
EfficientNetB0().predict(picture[np.newaxis])
prepare = transforms.Compose([
    transforms.Resize((224, 224)),
    transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
])
models.resnet50(pretrained=True).eval()(prepare(Image.open("cat.jpg").convert("RGB")).unsqueeze(0))
```

Weights of one's own, and a part of a network that is trained further, take what they were given.

```python good
import numpy as np
import torch
from PIL import Image
from tensorflow.keras.applications import MobileNetV2
from tensorflow.keras.preprocessing import image
from torchvision import models, transforms

picture = image.img_to_array(image.load_img("cat.jpg", target_size=(224, 224)))[np.newaxis] / 255.0
MobileNetV2(weights=None).predict(picture)
MobileNetV2(weights="mine.h5").predict(picture)
MobileNetV2(include_top=False).predict(picture)
model = models.resnet18(weights="DEFAULT")
model.load_state_dict(torch.load("mine.pth"))
prepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])
model.eval()(prepare(Image.open("cat.jpg").convert("RGB")).unsqueeze(0))
```

References: what each `preprocess_input` does was executed (`tests/claims/test_picture_claims.py`);
https://docs.pytorch.org/vision/stable/models.html
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call, Value
from deplint.code.pictures import CAFFE, RAW, SIGNED, TORCH, Picture, alike, as_family, picture, span
from deplint.code.python import PythonFile

FAMILIES = (
    ("VGG", CAFFE), ("ResNet50V2", SIGNED), ("ResNet101V2", SIGNED), ("ResNet152V2", SIGNED), ("ResNet", CAFFE), ("DenseNet", TORCH),
    ("MobileNetV3", RAW), ("MobileNet", SIGNED), ("Inception", SIGNED), ("Xception", SIGNED), ("NASNet", SIGNED),
    ("EfficientNet", RAW), ("ConvNeXt", RAW),
)  # fmt: skip
"""Starts of the networks' names in `keras.applications`, the first that fits, with what they take."""

KERAS = "{tensorflow.keras,keras}.applications.**()"
TORCHVISION = "torchvision.models.{resnet*,resnext*,wide_resnet*,densenet*,mobilenet_*,vgg*,squeezenet*,alexnet,mnasnet*,shufflenet*}()"


@rule(
    "DPL637",
    severity="error",
    leaves=["S.6.5", "S.6.3"],
    see=["https://keras.io/api/applications/", "https://docs.pytorch.org/vision/stable/models.html"],
)
def pretrained_preprocessing(file: PythonFile) -> Iterator[Finding]:
    seen: set[object] = set()
    for call in file.calls(KERAS + "{.predict,}", TORCHVISION + "{,.forward}"):
        made = call.receiver.origin
        family = _family(call, made) if made is not None else None
        given = picture(call.argument("x", 0)) if family is not None else None
        if family is None or given is None or given.order not in ("RGB", "BGR") or not given.scaled or call.node in seen:
            continue
        expected = as_family(Picture(order="RGB"), family)
        problem = ""
        if given.order != expected.order:
            problem = f"the channels are {given.order}, and it takes {expected.order}"
        elif not alike(expected, given):
            problem = f"pixels are given as {span(given)}, and it takes {span(expected)}"
        if problem and made is not None:
            seen.add(call.node)
            own = "keras" in made.name
            yield Finding(
                call,
                f"{made.name.rpartition('.')[2]} with ImageNet's weights is given pictures that are prepared otherwise: {problem}",
                help="use the preprocess_input of the network's own module" if own else "add Normalize(mean, std) of ImageNet",
            )


def _family(call: Call, made: Call) -> str | None:
    """What the network that `made` gives takes, if it certainly has ImageNet's weights."""
    name, model = made.name.rpartition(".")[2], call.receiver
    if made.open or _changed(model):
        return None
    if made.name.startswith("torchvision"):
        weights, old = made.argument("weights"), made.argument("pretrained", 0)
        asked = (not weights.missing and weights.certain and weights.python() is not None) or old.python() is True
        return TORCH if asked else None
    weights, top = made.argument("weights", 1), made.argument("include_top", 0)
    known = (weights.missing or weights.text == "imagenet") and (top.missing or top.python() is True)
    preprocessing = made.argument("include_preprocessing")
    if not known or not preprocessing.missing:
        return None
    return next((family for start, family in FAMILIES if name.startswith(start)), None)


def _changed(model: Value) -> bool:
    """Other weights or layers may have been put in."""
    learned = any(model.calls_of(method) for method in ("load_state_dict", "load_weights", "fit", "train"))
    return learned or bool(model.attributes().keys() - {"training", "trainable"})
