"""An array for an image input of a Core ML model.

An input that was converted as `ct.ImageType` takes a picture of PIL, since the model itself scales the pixels: ``TypeError: Image input,
'photo' must be of type PIL.Image.Image in the input dict``. One that was converted as `ct.TensorType` takes the array.

```python bad path=check.py
import coremltools as ct
import numpy as np
from PIL import Image
from convert import NAME

model = ct.models.MLModel("Classify.mlpackage")
picture = Image.open("dog.jpg").convert("RGB").resize((224, 224))
x = np.asarray(picture, dtype=np.float32).transpose(2, 0, 1)[None]
print(model.predict({NAME: x}))  # <-
```

```python + path=convert.py
import coremltools as ct
import torch
import torchvision

NAME = "photo"
traced = torch.jit.trace(torchvision.models.resnet18().eval(), torch.rand(1, 3, 224, 224))
model = ct.convert(traced, inputs=[ct.ImageType(name=NAME, shape=(1, 3, 224, 224), scale=1 / 255)])
model.save("Classify.mlpackage")
```

```python bad
import coremltools as ct
import numpy as np

model = ct.convert(traced, inputs=[ct.ImageType(name="image", shape=(1, 3, 8, 8))])
model.predict({"image": np.zeros((1, 3, 8, 8), np.float32)})  # <-
```

```python good path=check.py
import coremltools as ct
import numpy as np
from PIL import Image

model = ct.models.MLModel("Classify.mlpackage")
picture = Image.open("dog.jpg").convert("RGB").resize((224, 224))
print(model.predict({"photo": picture, "weights": np.zeros((1, 3), np.float32)}))
other = ct.models.MLModel("Other.mlpackage")
other.predict({"photo": np.asarray(picture)})
```

```python + path=convert.py
import coremltools as ct

model = ct.convert(
    traced,
    inputs=[ct.ImageType(name="photo", shape=(1, 3, 224, 224)), ct.TensorType(name="weights", shape=(1, 3))],
)
model.save("Classify.mlpackage")
ct.convert(traced, inputs=[ct.TensorType(name="photo", shape=(1, 3, 224, 224))]).save("Other.mlpackage")
```

References: `_verify_pil_image_modes` in `models/model.py` of coremltools 9.0 (source; predictions need macOS).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.arrays import is_array
from deplint.code.facts import Call
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.values import Truth

LOADED = "coremltools.models.{,model.}MLModel"
CONVERTED = "coremltools.{,converters.}convert"
_ARRAYS = re.compile(r"(numpy|torch|cv2|tensorflow)\.")
"""What is made by these, or is a part of it, is no picture of PIL."""
_CONVERTS = re.compile(r"\bImageType\b")


@rule(
    "DPL974",
    severity="error",
    leaves=["M.6.3"],
    see=["https://apple.github.io/coremltools/docs-guides/source/image-inputs.html"],
)
def coreml_image_given_array(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(f"{{{LOADED},{CONVERTED}}}().predict"):
        made = call.receiver.origin
        if made is None or call.guarded or call.file is not file:
            continue
        path = made.argument("model", 0).text if made.name.endswith("MLModel") else None
        images = _images(made) if path is None else _saved(project, project.area(file)).get(posixpath.basename(path), frozenset())
        for key, value in call.argument("data", 0).entries or ():
            if key.text in images and (is_array(value) or _ARRAYS.match(value.name)):
                yield Finding(
                    call,
                    f"the input {key.text!r} was converted as an image, and is given an array: TypeError, it must be a PIL.Image",
                    help="give the picture itself, of the input's size; or convert the input as ct.TensorType",
                )


def _images(made: Call) -> frozenset[str]:
    """The names of the inputs that a conversion makes images of."""
    listed = made.argument("inputs").items if made.name.endswith("convert") else None
    images = [one.origin for one in listed or () if one.is_("coremltools.ImageType()") is Truth.yes]
    names = [image.argument("name", 0).text for image in images if image is not None]
    return frozenset(name for name in names if name)


@lru_cache(maxsize=4)
def _saved(project: Project, area: Path) -> dict[str, frozenset[str]]:
    """Names of the models that code below a folder converts and saves, with their images. Of two of one name nobody knows which it is."""
    found: dict[str, set[frozenset[str]]] = {}
    for file in files_with(project, _CONVERTS, area):
        for call in file.calls(CONVERTED + "().save"):
            made, path = call.receiver.origin, call.argument("save_path", 0).text
            if path and made is not None:
                found.setdefault(posixpath.basename(path), set()).add(_images(made))
    return {name: next(iter(images)) for name, images in found.items() if len(images) == 1}
