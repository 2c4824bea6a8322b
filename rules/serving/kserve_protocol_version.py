"""A model for KServe in a format that needs the second version of the protocol.

KServe looks for a runtime that knows the format and speaks the protocol, and without `protocolVersion` that is v1. The runtimes it
brings for ONNX (before 0.17), TensorRT and MLflow speak v2 alone: ``no runtime found to support predictor with model type: {onnx}``.
Since 0.17 an ONNX model without it is served by OpenVINO, over v1.

```yaml bad path=model.yaml
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: style}
spec:
  predictor:
    model:
      modelFormat:
        name: onnx  # <-
      storageUri: gs://bucket/style
```

```yaml good path=model.yaml
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: style}
spec:
  predictor:
    model:
      protocolVersion: v2
      modelFormat:
        name: onnx
      storageUri: gs://bucket/style
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: gs://bucket/iris
```

The older way to say it brings v2 along, and a runtime that is named is another matter.

```yaml good path=model.yaml
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: style}
spec:
  predictor:
    onnx: {storageUri: gs://bucket/style}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: other}
spec:
  predictor:
    model:
      modelFormat: {name: onnx}
      runtime: my-runtime
```

So is a runtime of one's own.

```yaml good path=model.yaml
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: style}
spec:
  predictor:
    model: {modelFormat: {name: onnx}, storageUri: "gs://bucket/style"}
```

```yaml + path=runtime.yaml
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: mine}
spec:
  supportedModelFormats: [{name: onnx, autoSelect: true}]
  protocolVersions: [v1]
  containers: [{name: kserve-container, image: "example.org/mine:1"}]
```

References: `config/runtimes`, `GetProtocol` in `pkg/apis/serving/v1beta1/predictor_model.go` and `predictor.go` of the controller of
KServe.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.containers import Deployment

ONLY_V2 = {
    "onnx": "before KServe 0.17 no runtime is found, and since then OpenVINO serves it over v1",
    "tensorrt": "no runtime is found",
    "mlflow": "no runtime is found",
}
"""Formats whose runtimes speak v2 alone, and what becomes of them without."""


@rule(
    "DPL562",
    severity="warning",
    leaves=["S.5.4"],
    see=[
        "https://github.com/kserve/kserve/tree/aaac4e294dae2c7b1aa1886447793f3aa1c30912/config/runtimes",
        "https://kserve.github.io/website/docs/model-serving/predictive-inference/frameworks/onnx",
    ],
)
def kserve_protocol_version(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for tree in deployment.documents:
        model = tree.get("spec", "predictor", "model") if tree.string("kind") == "InferenceService" else None
        name = model.get("modelFormat", "name") if model else None
        if model is None or name is None or name.text not in ONLY_V2 or model.get("runtime"):
            continue
        if (model.string("protocolVersion") or "v1") == "v1" and not _own_runtime(name.text, project):
            yield Finding(
                name,
                f"{name.text} without protocolVersion v2: {ONLY_V2[name.text]}",
                help="protocolVersion: v2",
            )


def _own_runtime(model_format: str, project: Project) -> bool:
    """The project has a runtime of its own for the format."""
    kinds = ("ServingRuntime", "ClusterServingRuntime")
    trees = (tree for deployment in project.all(Deployment) for tree in deployment.documents if tree.string("kind") in kinds)
    return any(model_format == listed.string("name") for tree in trees for listed in tree.list("spec", "supportedModelFormats"))
