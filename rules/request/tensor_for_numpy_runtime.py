"""A tensor of PyTorch or TensorFlow given to a runtime that takes NumPy's arrays.

ONNX Runtime's `run` wants ``numpy.ndarray``: ``RuntimeError: Input must be a list of dictionaries or a single numpy array for input
'input_ids'.`` A tokenizer gives tensors of PyTorch with ``return_tensors="pt"``, and so do torchvision's transforms.

```python bad
import onnxruntime
import torch
from PIL import Image
from torchvision import transforms
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
session = onnxruntime.InferenceSession("net.onnx")
prepare = transforms.Compose([transforms.Resize((224, 224)), transforms.ToTensor()])

def classify(text):
    encoded = tokenizer(text, return_tensors="pt", truncation=True)
    return session.run(None, {"input_ids": encoded["input_ids"]})  # <-

def look(path):
    return session.run(None, {"x": prepare(Image.open(path)).unsqueeze(0)})  # <-

session.run(None, {"x": torch.zeros(1, 4)})  # <-
```

```python good
import onnxruntime
import torch
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")
session = onnxruntime.InferenceSession("net.onnx")

def classify(text):
    encoded = tokenizer(text, return_tensors="np", truncation=True)
    other = tokenizer(text, return_tensors="pt")
    session.run(None, {"input_ids": other["input_ids"].numpy()})
    session.run(None, {name: value.cpu().numpy() for name, value in other.items()})
    return session.run(None, {"input_ids": encoded["input_ids"]})

session.run(None, {"x": torch.zeros(1, 4).numpy()})
session.run(None, {"x": convert(torch.zeros(1, 4))})
```

What is asked for a method that only arrays have is an array there, whatever others hand in.

```python good
import numpy as np
import onnxruntime
import torch

session = onnxruntime.InferenceSession("lm.onnx")

def score(tokens):
    tokens = tokens.astype(np.int64)
    return session.run(None, {"tokens": tokens})

def compare(model):
    tokens = torch.zeros(1, 4)
    return model(tokens), score(tokens)
```

A reader of calibration data feeds a session as well; what a `DataLoader` gives are tensors.

```python bad path=ptq.py
from onnxruntime.quantization import quantize_static
from calib import Reader

quantize_static("net.onnx", "net_int8.onnx", Reader("calib", "input"))  # <-
```

```python + path=calib.py
from onnxruntime.quantization import CalibrationDataReader
from torch.utils.data import DataLoader
from torchvision import datasets

class Reader(CalibrationDataReader):
    def __init__(self, folder, name):
        self.batches = iter(DataLoader(datasets.ImageFolder(folder), batch_size=1))
        self.name = name

    def get_next(self):
        batch = next(self.batches, None)
        if batch is None:
            return None
        images, _ = batch
        return {self.name: images}
```

```python good path=ptq.py
from onnxruntime.quantization import CalibrationDataReader, quantize_static
from torch.utils.data import DataLoader

class Reader(CalibrationDataReader):
    def __init__(self, data, name):
        self.batches = iter(DataLoader(data))
        self.name = name

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {self.name: batch[0].numpy()}

quantize_static("net.onnx", "net_int8.onnx", Reader(data(), "input"))
```

References: executed with onnxruntime 1.32 (`tests/claims/test_tensors_for_runtimes.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.uses import TAKEN_OUT

TENSOR = re.compile(
    r"(torch\.(zeros|ones|rand|randn|randint|tensor|as_tensor|from_numpy|stack|cat|empty|full|arange|FloatTensor|LongTensor)"
    r"|torchvision\.transforms\.(v2\.)?Compose\(\)|torchvision\.io\.read_image"
    r"|tensorflow\.(constant|convert_to_tensor|cast|zeros|ones|expand_dims))(\(\)\.(?P<method>\w+))*"
)
LOADED = re.compile(r"torch\.utils\.data\.DataLoader\(\)(\[\]){1,2}")
"""A batch of a loader, or a part of one: arrays become tensors there as well, unless ``collate_fn`` says otherwise."""
KINDS = {"pt": "PyTorch", "tf": "TensorFlow"}


@rule(
    "DPL682",
    severity="error",
    leaves=["S.6.3"],
    see=["https://onnxruntime.ai/docs/api/python/api_summary.html#data-inputs-and-outputs", "https://stackoverflow.com/q/70740287"],
)
def tensor_for_numpy_runtime(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("onnxruntime.InferenceSession().run"):
        for _, value in call.argument("input_feed", 1).entries or () if not call.guarded else ():
            kind = _kind(value)
            if kind:
                yield Finding(
                    call,
                    f"a tensor of {kind} is given, and ONNX Runtime takes arrays of NumPy: Input must be ... a single numpy array",
                    help='tensor.numpy(), or return_tensors="np"',
                )
                break
    for call in file.calls("onnxruntime.quantization.**.quantize_static", "onnxruntime.quantization.quantize_static"):
        reader = call.argument("calibration_data_reader", 2)
        given = reader.returned("get_next") if reader.project_class is not None and not call.guarded else None
        feeds = [value for option in given.options for _, value in option.entries or ()] if given is not None else []
        kind = next(filter(None, map(_kind, feeds)), "")
        if kind and call.file is file:
            yield Finding(
                call,
                f"get_next of the calibration's reader gives tensors of {kind}, and the session takes arrays of NumPy: it raises",
                help="tensor.numpy() in get_next",
            )


def _kind(value: Value) -> str:
    """The framework whose tensor a value certainly is; empty for anything else."""
    if LOADED.fullmatch(value.name):
        return "" if "collate_fn" in value.file.text else "PyTorch"
    operation = value.operation
    if operation is not None and operation[0] == "[]":
        made = operation[1].origin
        tokenized = made is not None and re.match(r"transformers\.\w*Tokenizer\w*\.from_pretrained\(\)", made.name)
        return KINDS.get(made.argument("return_tensors").text or "", "") if made is not None and tokenized else ""
    made = value.origin
    match = TENSOR.fullmatch(made.name) if made is not None else None
    if made is None or match is None or match["method"] in (*TAKEN_OUT, "astype"):
        return ""
    return "TensorFlow" if made.name.startswith("tensorflow") else "PyTorch"
