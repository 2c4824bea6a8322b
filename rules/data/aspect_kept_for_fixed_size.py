"""Pictures whose shorter side is resized, for a model of one size.

`transforms.Resize(224)` makes the shorter side 224 and keeps the proportions; only `Resize((224, 224))`, or a crop after it, makes every
picture 224 x 224. A model that was exported with a fixed size refuses all that are not square: ``Got invalid dimensions for input: image
for the following indices: index: 3 Got: 298 Expected: 224``.

```python bad path=serve.py
import io
import onnxruntime as ort
from PIL import Image
from torchvision import transforms

session = ort.InferenceSession("mobile.onnx", providers=["CPUExecutionProvider"])
prepare = transforms.Compose([transforms.Resize(224), transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])

def classify(raw):
    x = prepare(Image.open(io.BytesIO(raw)).convert("RGB")).unsqueeze(0).numpy()
    return session.run(["scores"], {"image": x})[0].argmax()  # <-
```

```python + path=export.py
import torch
import torchvision

net = torchvision.models.mobilenet_v3_small(weights="DEFAULT").eval()
torch.onnx.export(net, torch.randn(1, 3, 224, 224), "mobile.onnx", input_names=["image"], output_names=["scores"], dynamo=False)
```

```python good path=serve.py
import io
import onnxruntime as ort
from PIL import Image
from torchvision import transforms

fixed = ort.InferenceSession("mobile.onnx", providers=["CPUExecutionProvider"])
free = ort.InferenceSession("free.onnx", providers=["CPUExecutionProvider"])
squares = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])
crops = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()])
keeps = transforms.Compose([transforms.Resize(224), transforms.ToTensor()])
first = transforms.Compose([transforms.CenterCrop(512), transforms.Resize(224), transforms.ToTensor()])

def classify(raw):
    image = Image.open(io.BytesIO(raw)).convert("RGB")
    square = image.resize((500, 500))
    fixed.run(None, {"image": squares(image).unsqueeze(0).numpy()})
    fixed.run(None, {"image": crops(image).unsqueeze(0).numpy()})
    fixed.run(None, {"image": first(image).unsqueeze(0).numpy()})
    fixed.run(None, {"image": keeps(square).unsqueeze(0).numpy()})
    return free.run(None, {"image": keeps(image).unsqueeze(0).numpy()})
```

```python + path=export.py
import torch
import torchvision

net = torchvision.models.mobilenet_v3_small(weights="DEFAULT").eval()
x = torch.randn(1, 3, 224, 224)
torch.onnx.export(net, x, "mobile.onnx", input_names=["image"], output_names=["scores"], dynamo=False)
torch.onnx.export(
    net, x, "free.onnx", input_names=["image"], output_names=["y"], dynamic_axes={"image": {0: "n", 2: "h", 3: "w"}}, dynamo=False
)
```

References: `torchvision.transforms.Resize`, its argument `size`; `CheckShape` in `core/session/inference_session.cc` of onnxruntime.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.loaded import model_of
from deplint.code.pictures import picture
from deplint.code.python import PythonFile

RESIZE = ("torchvision.transforms.Resize()", "torchvision.transforms.v2.Resize()")
SIZED = ("CenterCrop()", "RandomCrop()", "RandomResizedCrop()", "FiveCrop()", "TenCrop()", "Pad()")
HANDS_ON = frozenset(("unsqueeze", "numpy", "detach", "cpu", "contiguous", "float", "astype", "expand_dims", "array", "asarray", "stack"))


@rule(
    "DPL977",
    severity="error",
    leaves=["S.6.2", "M.6.2"],
    see=["https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Resize.html"],
)
def aspect_kept_for_fixed_size(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("onnxruntime.InferenceSession().run"):
        for name, value in call.argument("input_feed", 1).entries or ():
            side = _side(value) if call.file is file and not call.guarded else None
            model = model_of(call.receiver, project, written=True) if side is not None else None
            inputs = [tensor for tensor in model.inputs if name.text in (None, tensor.name)] if model is not None else []
            sizes = inputs[0].shape[-2:] if len(inputs) == 1 and inputs[0].shape and len(inputs[0].shape) == 4 else ()
            if len(sizes) == 2 and all(isinstance(size, int) and size > 0 for size in sizes):
                yield Finding(
                    call,
                    f"Resize({side}) makes the shorter side {side} and leaves the longer one as long as it comes, and the model takes "
                    f"{sizes[0]} x {sizes[1]}: pictures that are not square are refused",
                    help=f"Resize(({sizes[0]}, {sizes[1]})), or CenterCrop({sizes[0]}) after it",
                )


def _side(value: Value) -> int | None:
    """The shorter side that a picture of any proportions is resized to, and left so; None for anything else."""
    made: Call | None = value.origin
    for _ in range(8):
        if made is None or made.name.endswith("transforms.Compose()"):
            break
        if made.name.rpartition(".")[2] not in HANDS_ON:
            return None
        first = made.arguments[0].origin if made.arguments and made.name.partition(".")[0] in ("numpy", "torch") else None
        made = first or made.receiver.origin
    if made is None or not made.arguments or not made.name.endswith("transforms.Compose()"):
        return None
    before = picture(made.arguments[0])
    if before is None or before.size != (None, None) or made.receiver.origin is None:
        return None
    listed = made.receiver.origin.argument("transforms", 0)
    steps = listed.items if listed.exact else None
    resizes = [step for step in steps or () if step.name in RESIZE]
    known = steps is not None and all(step.origin is not None and step.name.startswith("torchvision.transforms.") for step in steps)
    if not known or len(resizes) != 1 or any(step.name.endswith(SIZED) for step in steps or ()):
        return None
    size = resizes[0].origin.argument("size", 0) if resizes[0].origin is not None else None
    number = size.python() if size is not None else None
    return number if type(number) is int else None
