"""An array given to Triton's client that is not of the dtype or shape the input was declared with.

`set_data_from_numpy` compares them before anything is sent: ``got unexpected datatype FP64 from numpy array, expected
FP32``, ``got unexpected numpy array shape [1, 3, 224, 224], expected [3, 224, 224]``. NumPy computes in float64, and
pictures are uint8.

```python bad
import numpy as np
import tritonclient.http as http
from PIL import Image

pixels = np.asarray(Image.open("cat.png").convert("RGB").resize((224, 224))) / 255.0
x = http.InferInput("x", [1, 224, 224, 3], "FP32")
x.set_data_from_numpy(pixels[np.newaxis])  # <-
y = http.InferInput("y", [224, 224, 3], "FP32")
y.set_data_from_numpy(pixels[np.newaxis].astype(np.float32))  # <-
```

```python good
import numpy as np
import tritonclient.grpc as grpc
from PIL import Image

pixels = (np.asarray(Image.open("cat.png").convert("RGB").resize((224, 224))) / 255.0).astype(np.float32)[np.newaxis]
x = grpc.InferInput("x", [1, 224, 224, 3], "FP32")
x.set_data_from_numpy(pixels)
y = grpc.InferInput("y", pixels.shape, "FP32")
y.set_data_from_numpy(pixels)
z = grpc.InferInput("z", [1, 4], "FP64")
z.set_data_from_numpy(np.zeros((1, 4)))
w = grpc.InferInput("w", [1, 4], "FP32")
w.set_data_from_numpy(load())
```

References: checked with tritonclient 2.72 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.arrays import dtype, shape
from deplint.code.python import PythonFile
from deplint.settings.triton import CLIENT_DTYPES

INPUT = "{tritonclient.http,tritonclient.grpc,tritonhttpclient,tritongrpcclient,tritonclient.http.aio,tritonclient.grpc.aio}.InferInput()"


@rule(
    "DPL616",
    severity="error",
    leaves=["S.5.2", "S.6.3"],
    see=["https://github.com/triton-inference-server/client/blob/main/src/python/library/tritonclient/http/_infer_input.py"],
)
def triton_array_mismatch(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(INPUT + ".set_data_from_numpy"):
        made, array = call.receiver.origin, call.argument("input_tensor", 0)
        if made is None or call.guarded or call.receiver.called("set_shape").value:
            continue
        declared, kind = made.argument("shape", 1).python(), dtype(array)
        wanted = CLIENT_DTYPES.get(made.argument("datatype", 2).text or "")
        sizes = shape(array)
        if wanted and kind in CLIENT_DTYPES.values() and kind != wanted:
            yield Finding(
                call,
                f"a {kind} array is given for an input declared as {wanted}: set_data_from_numpy raises, got unexpected datatype",
                help=f"convert it: array.astype(numpy.{wanted})",
            )
        elif isinstance(declared, (list, tuple)) and sizes is not None and not _fits(sizes, declared):
            shown = ", ".join("?" if size is None else str(size) for size in sizes)
            yield Finding(
                call,
                f"an array of shape [{shown}] is given for an input declared as {list(declared)}: set_data_from_numpy raises, "
                "got unexpected numpy array shape",
                help="declare the shape of the array, batch included: InferInput(name, array.shape, ...)",
            )


def _fits(given: tuple[int | None, ...], declared: list[object] | tuple[object, ...]) -> bool:
    known = [(a, b) for a, b in zip(given, declared, strict=False) if a is not None and isinstance(b, int)]
    return len(given) == len(declared) and all(a == b for a, b in known)
