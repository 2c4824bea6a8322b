"""A TensorRT network with an implicit batch, given to the ONNX parser.

Before TensorRT 10 `create_network()` makes a network with an implicit batch dimension, and the ONNX parser takes only explicit ones: ``This
version of the ONNX parser only supports TensorRT INetworkDefinitions with an explicit batch dimension``. `parse` then gives False.

```python bad versions=tensorrt==8.6.1
import tensorrt as trt

logger = trt.Logger()
builder = trt.Builder(logger)
network = builder.create_network()  # <-
parser = trt.OnnxParser(network, logger)
```

```python good versions=tensorrt==8.6.1
import tensorrt as trt

logger = trt.Logger()
builder = trt.Builder(logger)
network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
parser = trt.OnnxParser(network, logger)
by_hand = builder.create_network()
```

In TensorRT 10 every batch is explicit. Code that calls what TensorRT 10 no longer has is for an older one.

```python good
import tensorrt as trt

logger = trt.Logger()
network = trt.Builder(logger).create_network()
parser = trt.OnnxParser(network, logger)
```

```python bad
import tensorrt as trt

logger = trt.Logger()
builder = trt.Builder(logger)
network = builder.create_network()  # <-
parser = trt.OnnxParser(network, logger)
config = builder.create_builder_config()
engine = builder.build_engine(network, config)
```

References: the developer guide of TensorRT 8, "Explicit Versus Implicit Batch"; the migration guide of TensorRT 10.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile

OLD = "tensorrt.Builder().{build_engine,build_cuda_engine}"


@rule(
    "DPL126",
    severity="error",
    leaves=["S.2.5", "M.2.4"],
    see=[
        "https://docs.nvidia.com/deeplearning/tensorrt/archives/tensorrt-861/developer-guide/index.html#explicit-implicit-batch",
        "https://docs.nvidia.com/deeplearning/tensorrt/latest/api/migration-guide.html",
    ],
)
def tensorrt_implicit_batch(file: PythonFile, project: Project) -> Iterator[Finding]:
    parsed = {call.argument("network", 0).identity for call in file.calls("tensorrt.OnnxParser")}
    for call in file.calls("tensorrt.Builder().create_network") if parsed else ():
        flags = call.argument("flags", 0)
        implicit = flags.missing or flags.python() == 0
        older = project.versions.allows("tensorrt", call, until="10.0")
        if implicit and call.result.identity in parsed and not call.guarded and (older or (older is None and file.calls(OLD))):
            yield Finding(
                call,
                "the network has an implicit batch, which the ONNX parser of TensorRT 7 to 9 refuses: parse gives False",
                help="create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))",
            )
