"""Dynamic axes given for a name that is neither an input nor an output.

`torch.onnx.export` takes `dynamic_axes` by tensor name. Of a key that is in neither `input_names` nor `output_names`
the older exporter only warns (``Provided key images for dynamic axes is not a valid input/output name``), and the
axis stays as static as the example: the model then refuses any other batch size. The dynamo exporter, the default
since torch 2.9, raises ``RuntimeError``.

```python bad
import torch

torch.onnx.export(
    model,
    torch.zeros(1, 3, 224, 224),
    "net.onnx",
    input_names=["input"],
    output_names=["output"],
    dynamic_axes={"images": {0: "batch"}, "output": {0: "batch"}},  # <-
)
```

```python good
import torch

axes = {"input": {0: "batch"}}
axes["output"] = {0: "batch"}
torch.onnx.export(model, x, "a.onnx", input_names=["input"], output_names=["output"], dynamic_axes=axes)
torch.onnx.export(model, x, "b.onnx", dynamic_axes={"x": {0: "batch"}})
torch.onnx.export(model, x, "c.onnx", input_names=["input"], dynamic_axes={"input": {0: "n"}, "25": {0: "n"}})

def export(model, names):
    torch.onnx.export(model, x, "d.onnx", input_names=names, output_names=["y"], dynamic_axes={"image": [0]})
```

References: checked with torch 2.13, both exporters (`tests/claims`, marked torch).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile


@rule(
    "DPL409",
    severity="error",
    leaves=["S.2.3", "S.4.3", "M.2.4"],
    see=["https://docs.pytorch.org/docs/stable/onnx_export.html"],
)
def dynamic_axes_unknown_name(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("torch.onnx.export"):
        axes = call.argument("dynamic_axes")
        inputs = call.argument("input_names").python()
        outputs = call.argument("output_names").python()
        # In ``dynamic_axes=axes if args.dynamic else None`` the one dictionary counts.
        given = [option for option in axes.options if option.exact and option.entries]
        if not isinstance(inputs, (list, tuple)) or not isinstance(outputs, (list, tuple)) or len(given) != 1:
            continue
        names = [key.text for key, _ in given[0].entries or ()]
        unknown = [name for name in names if name is not None and name not in (*inputs, *outputs)]
        if unknown and None not in names:
            yield Finding(
                axes,
                f"dynamic_axes names {', '.join(map(repr, unknown))}, which is neither an input nor an output: "
                "the axis stays static, or export raises",
                help=f"use a name of input_names {list(inputs)} or output_names {list(outputs)}",
            )
