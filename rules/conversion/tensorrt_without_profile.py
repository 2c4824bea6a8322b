"""A TensorRT engine of a model with open sizes, built without saying which sizes it will meet.

For each input whose sizes the ONNX model leaves open the builder wants a profile: the smallest, the usual and the largest. Without one it
stops, ``Error Code 4: API Usage Error (Network has dynamic or shape inputs, but no optimization profile has been defined.)`` and gives
None. `trtexec` does not stop: ``Dynamic dimensions required for input: scan, but no shapes were provided. Automatically overriding shape
to: 1x1x512x512``, and the engine takes nothing else.

```python bad path=build.py
import tensorrt as trt

logger = trt.Logger()
builder = trt.Builder(logger)
network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
parser = trt.OnnxParser(network, logger)
with open("unet.onnx", "rb") as file:
    parser.parse(file.read())
config = builder.create_builder_config()
plan = builder.build_serialized_network(network, config)  # <-
```

```python + path=export.py
import torch
from unet import net

torch.onnx.export(net, torch.randn(1, 1, 512, 512), "unet.onnx", input_names=["scan"], output_names=["mask"],
                  dynamic_axes={"scan": {0: "batch"}, "mask": {0: "batch"}})
```

```sh bad
trtexec --onnx=unet.onnx --saveEngine=unet.plan --fp16 # <-
trtexec --onnx=unet.onnx --saveEngine=unet.plan --minShapes=scan:1x1x512x512 --optShapes=scan:4x1x512x512 --maxShapes=scan:8x1x512x512
```

```python + path=export.py
import torch
from unet import net

torch.onnx.export(net, torch.randn(1, 1, 512, 512), "unet.onnx", input_names=["scan"], output_names=["mask"],
                  dynamic_axes={"scan": {0: "batch"}, "mask": {0: "batch"}})
```

A profile may come from elsewhere; a model of fixed sizes needs none.

```python good path=build.py
import tensorrt as trt
from profiles import configure

logger = trt.Logger()
builder = trt.Builder(logger)
network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
parser = trt.OnnxParser(network, logger)
parser.parse_from_file("unet.onnx")
config = builder.create_builder_config()
profile = builder.create_optimization_profile()
profile.set_shape("scan", (1, 1, 512, 512), (4, 1, 512, 512), (8, 1, 512, 512))
config.add_optimization_profile(profile)
plan = builder.build_serialized_network(network, config)
other = builder.create_builder_config()
configure(builder, other)
plan = builder.build_serialized_network(network, other)
second = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
trt.OnnxParser(second, logger).parse_from_file("fixed.onnx")
plan = builder.build_serialized_network(second, builder.create_builder_config())
```

```python + path=export.py
import torch
from unet import net

torch.onnx.export(net, torch.randn(1, 1, 512, 512), "unet.onnx", input_names=["scan"], output_names=["mask"],
                  dynamic_axes={"scan": {0: "batch"}, "mask": {0: "batch"}})
torch.onnx.export(net, torch.randn(1, 1, 512, 512), "fixed.onnx", input_names=["scan"], output_names=["mask"])
```

References: "Working with Dynamic Shapes" in NVIDIA's developer guide; `samples/common/sampleEngines.cpp` of TensorRT for `trtexec`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.exported import exported
from deplint.code.facts import Call, Value
from deplint.code.loaded import model_at
from deplint.code.python import PythonFile
from deplint.settings.commands import programs
from deplint.settings.scripts import Script

from ..operators import read

BUILDS = "tensorrt.Builder().{build_serialized_network,build_engine,build_engine_with_config}"
SHAPES = ("minShapes", "optShapes", "maxShapes", "shapes", "explicitBatch", "batch", "loadEngine")


@rule(
    "DPL675",
    severity="error",
    leaves=["S.2.5", "S.4.3"],
    see=[
        "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/work-dynamic-shapes.html",
        "https://github.com/NVIDIA/TensorRT/blob/release/8.6/samples/common/sampleEngines.cpp",
    ],
)
def tensorrt_without_profile(code: PythonFile | Script, project: Project) -> Iterator[Finding]:
    if isinstance(code, Script):
        for program in programs(code):
            path = program.flags.get("onnx") if program.name == "trtexec" and program.known else None
            if path is not None and path.text and not any(flag in program.flags for flag in SHAPES):
                found = project.resolve(path.text, code)
                models = read(project, found, Model) if found is not None else [exported(project, path.text, code)]
                name = _open(models[0]) if models else None
                if name:
                    yield Finding(
                        program,
                        f"the model's input {name!r} has open sizes, and no shapes are given: trtexec makes them 1 for good",
                        help=f"give --minShapes={name}:..., --optShapes and --maxShapes",
                    )
        return
    parsers = code.calls("tensorrt.OnnxParser().{parse,parse_from_file}")
    for call in code.calls(BUILDS) if parsers else ():
        network, config = call.argument("network", 0), call.argument("config", 1)
        if config.origin is None or not config.never_called("add_optimization_profile") or call.guarded:
            continue
        name = next(filter(None, (_open(_parsed(parser, network, project)) for parser in parsers)), None)
        if name:
            yield Finding(
                call,
                f"the model's input {name!r} has open sizes, and there is no optimization profile: TensorRT builds no engine",
                help="builder.create_optimization_profile(), its set_shape(name, min, opt, max), and config.add_optimization_profile",
            )


def _parsed(parse: Call, network: Value, project: Project) -> Model | None:
    """The model that a parser fills this network from."""
    made = parse.receiver.origin
    if made is None or made.argument("network", 0).identity != network.identity:
        return None
    given = parse.arguments[0] if parse.arguments else None
    content = given.origin if given is not None else None
    opened = content.receiver.origin if content is not None and content.name == "open().read" else None
    path = opened.argument("file", 0) if opened is not None else given if content is None else None
    return _model(path.text, parse, project) if path is not None else None


def _model(path: str | None, near: Call, project: Project) -> Model | None:
    return model_at(path, near, project) or exported(project, path, near)


def _open(model: Model | None) -> str:
    """The first input of which the model certainly leaves a size open."""
    inputs = [t for t in model.inputs if t.stored is None] if model is not None else []
    return next((t.name for t in inputs if any(isinstance(size, str) and size for size in t.shape or ())), "")
