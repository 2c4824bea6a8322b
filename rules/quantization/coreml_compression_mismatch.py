"""A compressor of Core ML models that is for the other kind of model.

`coremltools.optimize.coreml` compresses ML programs and answers others with ``coremltools.optimize.coreml are meant to be used only with
mlprogram typed coreml models``; `quantization_utils.quantize_weights` is for neural networks, and fails on programs (``MLModel of type
mlProgram cannot be loaded just from the model spec object``).

```python bad
import coremltools as ct
import coremltools.optimize.coreml as cto
from coremltools.models.neural_network import quantization_utils

program = ct.convert(traced, inputs=[ct.TensorType(shape=(1, 3, 224, 224))], convert_to="mlprogram")
small = quantization_utils.quantize_weights(program, nbits=8)  # <-
network = ct.convert(traced, inputs=[ct.TensorType(shape=(1, 3, 224, 224))], convert_to="neuralnetwork")
other = cto.linear_quantize_weights(network, config)  # <-
```

```python good
import coremltools as ct
import coremltools.optimize.coreml as cto
from coremltools.models.neural_network import quantization_utils

program = ct.convert(traced, inputs=[ct.TensorType(shape=(1, 3, 224, 224))], convert_to="mlprogram")
small = cto.linear_quantize_weights(program, config)
network = ct.convert(traced, inputs=[ct.TensorType(shape=(1, 3, 224, 224))], convert_to="neuralnetwork")
other = quantization_utils.quantize_weights(network, nbits=8)
loaded = quantization_utils.quantize_weights(ct.models.MLModel("net.mlmodel"), nbits=8)
```

References: checked with coremltools 9.0 (`tests/claims/test_coreml_arguments.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from ..conversion import coreml_kind

CONVERTED = "coremltools.{converters.,}convert()"
OF_PROGRAMS = "coremltools.optimize.coreml.{linear_quantize_weights,palettize_weights,prune_weights,linear_quantize_activations}"
OF_NETWORKS = "coremltools.models.neural_network.quantization_utils.quantize_weights"


@rule(
    "DPL211",
    severity="error",
    leaves=["M.2.6"],
    since={"coremltools": "5.0"},
    see=["https://apple.github.io/coremltools/docs-guides/source/opt-overview.html"],
)
def coreml_compression_mismatch(file: PythonFile, project: Project) -> Iterator[Finding]:
    for pattern, takes, instead in (
        (OF_PROGRAMS, "mlprogram", "coremltools.models.neural_network.quantization_utils.quantize_weights, or convert to an ML program"),
        (OF_NETWORKS, "neuralnetwork", "coremltools.optimize.coreml.linear_quantize_weights"),
    ):
        for call in file.calls(pattern):
            model = call.argument("mlmodel" if takes == "mlprogram" else "full_precision_model", 0)
            made = model.origin
            kind = coreml_kind(made, project) if made is not None and model.is_(CONVERTED) is Truth.yes and not call.guarded else ""
            if kind and kind != takes:
                yield Finding(
                    call,
                    f"{call.name.rpartition('.')[2]} is for models of the kind {takes}, and this is of the kind {kind}: it raises",
                    help=f"use {instead}",
                )
