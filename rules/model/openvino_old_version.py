"""An OpenVINO model in a version of the format that OpenVINO no longer reads.

IR version 10 came with OpenVINO 2020.1 and is still read, as is 11. Models that Model Optimizer wrote before (2018, 2019:
versions 2 to 7) are refused: ``Unable to read the model: net.xml Please check that model format: .xml is supported and the
model is correct``, which does not say that it is only too old.

```graph bad path=net.xml line=1
model openvino ir=7 producer=openvino version="2019.3.0"
graph main
  input data float32[1,3,8,8]
  op ReLU relu (data) -> (y)
  output y
```

```graph good path=net.xml
model openvino ir=10
graph main
  input data float32[1,3,8,8]
  op ReLU@1 relu (data) -> (y)
  output y
```

References: run with OpenVINO 2023.3 and 2026.4 (`tests/claims/test_openvino.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule(
    "DPL469",
    severity="error",
    leaves=["M.4.3"],
    since={"openvino": "2023.3"},
    see=["https://docs.openvino.ai/2026/documentation/openvino-ir-format.html"],
)
def openvino_old_version(model: Model) -> Iterator[Finding]:
    if model.format == "openvino" and model.ir_version is not None and model.ir_version < 10:
        made = f", written by {model.producer_version}," if model.producer_version else ""
        yield Finding(
            model,
            f"IR version {model.ir_version}{made} is older than any that OpenVINO reads (10 and 11): the model cannot be loaded",
            help="convert the original model again with ovc or openvino.convert_model",
        )
