"""A function that returns what it made, called for nothing.

Converters, quantizers and functions on arrays leave what they are given as it is and return another. Called as a statement of its own, all
their work is lost, without an error: the module that is saved is not the fused or quantized one, the tensor stays on the CPU, the array has
no batch dimension.

```python bad
import numpy as np
import onnx
import torch
from torch.utils.mobile_optimizer import optimize_for_mobile

traced = torch.jit.trace(model, torch.zeros(1, 4))
optimize_for_mobile(traced)  # <-
traced.save("net.pt")
torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear})  # <-
torch.ao.quantization.fuse_modules(model, [["conv", "bn", "relu"]])  # <-
onnx.shape_inference.infer_shapes(network)  # <-
dummy = torch.randn(1, 3, 224, 224)
dummy.to("cuda")  # <-
np.expand_dims(image, 0)  # <-
```

```python good
import numpy as np
import onnx
import torch
from torch.utils.mobile_optimizer import optimize_for_mobile

traced = optimize_for_mobile(torch.jit.trace(model, torch.zeros(1, 4)))
traced.save("net.pt")
model = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear})
network = onnx.shape_inference.infer_shapes(network)
dummy = torch.randn(1, 3, 224, 224).to("cuda")
image = np.expand_dims(image, 0)
```

Done in place, done for the check alone, to be timed, or shown at the end of a notebook's cell, it has its use.

```python good
import onnx
import torch

torch.ao.quantization.fuse_modules(model, [["conv", "bn"]], inplace=True)
torch.ao.quantization.convert(model, inplace=in_place)
onnx.shape_inference.infer_shapes(network, strict_mode=True)
model.to("cuda")
```

```python good
import time
import cv2

start = time.perf_counter()
for _ in range(100):
    cv2.resize(image, (224, 224))
print(time.perf_counter() - start)
```

```python good path=look.ipynb
import onnx

network = onnx.load("net.onnx")
# %%
onnx.shape_inference.infer_shapes(network)
# %%
onnx.save(network, "out.onnx")
```

What a function is given may be a module, which `float` changes in place.

```python good
import torch

def evaluate(model):
    model.float()
    return model

evaluate(torch.zeros(0))
```

References: the functions' documentation; checked with torch 2.13, onnx 1.23 and coremltools 9.0 (`tests/claims/test_given_models.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.uses import thrown_away

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
TORCH = "torch.{ao.,}quantization."
TENSORS = "torch.{randn,rand,zeros,ones,empty,full,randint,tensor,as_tensor,from_numpy}()"
GIVES = {
    "a quantized copy": (
        TORCH + "{quantize,quantize_dynamic,quantize_qat,convert}",
        TORCH + "quantize_fx.{convert_fx,convert_to_reference_fx}",
        "nncf.quantize",
        "coremltools.optimize.coreml.{linear_quantize_weights,palettize_weights,prune_weights,linear_quantize_activations}",
        "coremltools.models.neural_network.quantization_utils.quantize_weights",
        "tensorflow_model_optimization.quantization.keras.{quantize_model,quantize_apply}",
    ),
    "a prepared copy": (TORCH + "{prepare,prepare_qat}", TORCH + "quantize_fx.{prepare_fx,prepare_qat_fx}"),
    "a fused copy": (TORCH + "{fuse_modules,fuse_modules_qat}", TORCH + "quantize_fx.fuse_fx"),
    "an optimized copy": (
        "torch.utils.mobile_optimizer.optimize_for_mobile",
        "torch.jit.{freeze,optimize_for_inference}",
        "torch.compile",
        "tensorflow_model_optimization.sparsity.keras.strip_pruning",
    ),
    "another model": (
        "onnx.shape_inference.infer_shapes",
        "onnx.version_converter.convert_version",
        "onnxsim.simplify",
        "onnxconverter_common.**.convert_float_to_float16",
        "torch.export.export().run_decompositions",
    ),
    "another tensor": (
        TENSORS + ".{to,cuda,cpu,half,float,double,permute,transpose,unsqueeze,squeeze,reshape,view,contiguous}",
        "tensorflow.{cast,expand_dims}",
    ),
    "another array": ("numpy.{expand_dims,squeeze,transpose,reshape,moveaxis,swapaxes}", "cv2.{resize,cvtColor}"),
    "another image": ("tensorflow.image.{resize,resize_with_pad,convert_image_dtype,central_crop}",),
}
"""What functions return that leave their argument as it is."""

ASIDE = {"inplace": None, "strict_mode": None, "check_type": None, "out": None, "dst": 2}
"""Arguments, with their positions, by which the call has an effect of its own."""

TIMED = re.compile(r"perf_counter|timeit|\btime\.time\(|time\.monotonic|\btime\(\)|profiler|benchmark", re.I)


@rule(
    "DPL112",
    severity="error",
    leaves=["M.2.2", "M.2.6", "S.6.2", "M.6.2"],
    see=[
        "https://docs.pytorch.org/docs/stable/generated/torch.ao.quantization.fuse_modules.fuse_modules.html",
        "https://docs.pytorch.org/docs/stable/mobile_optimizer.html",
        "https://onnx.ai/onnx/api/shape_inference.html",
    ],
)
def result_thrown_away(file: PythonFile) -> Iterator[Finding]:
    for what, patterns in GIVES.items():
        for call in file.calls(*patterns):
            if call.guarded or call.open or _has_an_effect(call) or not thrown_away(call):
                continue
            if what == "another tensor" and _given(call):
                continue
            # What is called to be timed, or to see whether it works, gives nothing that is wanted.
            timed = any(name.startswith(("test", "bench")) for name in _functions(call)) or file.mentions(TIMED, importers=True)
            if not timed:
                name = call.name.rpartition(".")[2]
                yield Finding(call, f"{name} returns {what}, which is thrown away here: nothing changes", help="assign what it returns")


def _has_an_effect(call: Call) -> bool:
    given = [call.argument(name, position) for name, position in ASIDE.items()]
    return any(not value.missing and value.python() is not False for value in given)


def _given(call: Call) -> bool:
    """What the method is called on is a parameter: another caller may give a module, which the method changes."""
    on = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    here = call.functions[-1].node if call.functions else None
    return (
        isinstance(on, ast.Name)
        and isinstance(here, FUNCTIONS)
        and any(arg.arg == on.id for arg in ast.walk(here.args) if isinstance(arg, ast.arg))
    )


def _functions(call: Call) -> list[str]:
    return [str(getattr(function.node, "name", "")).lower() for function in call.functions]
