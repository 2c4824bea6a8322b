"""Numbers of 64 bits copied to a TensorRT engine.

TensorRT has no inputs of float64, and ``cuda.memcpy_htod`` copies bytes whatever they are: the engine reads each of NumPy's doubles
as two floats. Nothing raises, and the answers are noise. Pixels divided by 255.0 are float64.

```python bad
import numpy as np
import pycuda.autoinit
import pycuda.driver as cuda
import tensorrt as trt
from PIL import Image

engine = trt.Runtime(trt.Logger()).deserialize_cuda_engine(open("net.plan", "rb").read())
pixels = np.asarray(Image.open("cat.jpg").convert("RGB").resize((224, 224))) / 255.0
pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
memory = cuda.mem_alloc(pixels.nbytes)
cuda.memcpy_htod(memory, pixels)  # <-
```

```python good
import numpy as np
import pycuda.autoinit
import pycuda.driver as cuda
import tensorrt as trt
from PIL import Image

engine = trt.Runtime(trt.Logger()).deserialize_cuda_engine(open("net.plan", "rb").read())
pixels = np.asarray(Image.open("cat.jpg").convert("RGB").resize((224, 224))) / 255.0
pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None].astype(np.float32))
memory = cuda.mem_alloc(pixels.nbytes)
cuda.memcpy_htod(memory, pixels)
cuda.memcpy_htod(memory, load("other"))
```

References: `DataType` in TensorRT's API has no double; `memcpy_htod` in PyCUDA's documents.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.arrays import dtype
from deplint.code.python import PythonFile

COPIES = {"pycuda.driver.memcpy_htod": ("src", 1), "pycuda.driver.memcpy_htod_async": ("src", 1)}


@rule(
    "DPL683",
    severity="error",
    leaves=["S.6.3"],
    see=[
        "https://docs.nvidia.com/deeplearning/tensorrt/latest/_static/python-api/infer/FoundationalTypes/DataType.html",
        "https://documen.tician.de/pycuda/driver.html#pycuda.driver.memcpy_htod",
    ],
)
def float64_to_tensorrt(file: PythonFile) -> Iterator[Finding]:
    if not file.has("tensorrt"):
        return
    for pattern, where in COPIES.items():
        for call in file.calls(pattern):
            if dtype(call.argument(*where)) == "float64" and not call.guarded:
                yield Finding(
                    call,
                    "a float64 array is copied to a TensorRT engine, which has no such inputs: it reads noise, and nothing raises",
                    help="convert it: np.ascontiguousarray(array, dtype=np.float32)",
                )
