"""An ONNX model newer than the ONNX Runtime the project pins.

Each release of ONNX Runtime knows operator sets and IR versions up to its own. A model beyond them is refused when the session is created:
``Unsupported model IR version: 10, max supported IR version: 9``, or ``ONNX Runtime only *guarantees* support for models stamped with
official released onnx opset versions``.

```graph bad path=net.onnx versions=onnxruntime==1.17.3 line=1
model onnx ir=10 opset=20
graph main
  input x float32[1,3]
  op Relu (x) -> (y)
  output y float32[1,3]
```

A pin may name a series of releases.

```graph bad path=net.onnx versions=onnxruntime==1.16.* line=1
model onnx ir=9 opset=21
graph main
  input x float32[1,3]
  op Relu (x) -> (y)
  output y float32[1,3]
```

```graph good path=net.onnx versions=onnxruntime==1.18.0
model onnx ir=10 opset=20
graph main
  input x float32[1,3]
  op Relu (x) -> (y)
  output y float32[1,3]
```

A lower bound admits newer releases, and without a pin the newest is installed.

```graph good path=net.onnx versions=onnxruntime>=1.16
model onnx ir=10 opset=21
graph main
  input x float32[1,3]
  op Relu (x) -> (y)
  output y float32[1,3]
```

References: every release from 1.5 on was asked with models that are too new (`tools/onnxruntime_probe.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deplint import Finding, Model, Project, rule
from deplint.data import load


@rule(
    "DPL502",
    severity="error",
    leaves=["S.3.2", "M.4.6", "B.3.2"],
    see=["https://onnxruntime.ai/docs/reference/compatibility.html"],
)
def onnx_newer_than_runtime(model: Model, project: Project) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    rows: list[dict[str, Any]] = load("onnxruntime_releases")["rows"]
    limits = (
        ("IR version", model.ir_version, "ir"),
        ("opset", model.opsets.get(""), "opset"),
        ("ai.onnx.ml opset", model.opsets.get("ai.onnx.ml"), "ml_opset"),
    )
    for what, needed, column in limits:
        if needed is None:
            continue
        # The first release that accepts it: every pin below that fails. Models beyond the newest known release prove nothing.
        first = next((row["release"] for row in rows if row[column] is not None and row[column] >= needed), None)
        if first is None or project.versions.allows("onnxruntime", model, since=first) is not False:
            continue
        pin = next(iter(project.versions.all("onnxruntime", model)), None)
        if pin is None or not pin.range or any(row[column] is None for row in rows if _admits(project, model, row)):
            continue
        where = f" ({pin.place.path})" if pin.place.path else ""
        yield Finding(
            model,
            f"the model needs {what} {needed}, which ONNX Runtime has since {first}; "
            f"the project pins {pin.name}{pin.specifier}{where}: the model is refused when it is loaded",
            help=f"require onnxruntime>={first}, or export with a lower opset_version and IR version",
        )
        return


def _admits(project: Project, model: Model, row: dict[str, Any]) -> bool:
    """The pin may mean that release."""
    major, minor = row["release"].split(".")
    return project.versions.allows("onnxruntime", model, since=row["release"], until=f"{major}.{int(minor) + 1}") is not False
