"""A place that a cloud cannot take the model or the script from.

Vertex AI takes the folder that holds the model and not the file in it. KServe fetches from a bucket,
a claim or an address, and a path of one's own machine is not there in the cluster: ``No such file or directory``.
An estimator of SageMaker looks for `entry_point` inside `source_dir`, so that naming the folder twice is ``No file named
"src/train.py" was found in directory "src"``. (Its models take the last part of the name alone.)

```python bad
from google.cloud import aiplatform

model = aiplatform.Model.upload(
    display_name="churn",
    artifact_uri="gs://models/churn/v3/model.joblib",  # <-
    serving_container_image_uri="europe-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-3:latest",
)
```

```python bad path=kserve_deploy.py
from kserve import V1beta1PredictorSpec, V1beta1SKLearnSpec

MODEL = "/home/jovyan/churn/model.joblib"
predictor = V1beta1PredictorSpec(sklearn=V1beta1SKLearnSpec(storage_uri=MODEL))  # <-
```

```yaml bad path=isvc.yaml
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: churn}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: ./models/churn  # <-
```

```python bad path=deploy.py
from sagemaker.pytorch import PyTorch

estimator = PyTorch(
    role="role", framework_version="2.0.1", py_version="py310", instance_count=1, instance_type="ml.g5.xlarge",
    entry_point="src/train.py", source_dir="src",  # <-
)
```

```text + path=src/train.py
print("trained")
```

```python good
from google.cloud import aiplatform
from kserve import V1beta1SKLearnSpec
from sagemaker.pytorch import PyTorch, PyTorchModel

one = aiplatform.Model.upload(display_name="churn", artifact_uri="gs://models/churn/v3/", serving_container_image_uri="image")
two = V1beta1SKLearnSpec(storage_uri="pvc://claim/churn")
three = PyTorch(role="r", entry_point="train.py", source_dir="src")
four = PyTorchModel(model_data="s3://b/m.tar.gz", role="r", entry_point="src/inference.py", source_dir="src")
```

```yaml good path=isvc.yaml
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: churn}
spec:
  predictor:
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/churn
```

References, read in the wheels: `google/cloud/aiplatform/models.py` 2.7.0 (artifact_uri is "the path to the directory"),
`kserve/storage/storage.py` 0.13.0 ("Local path ... does not exist", "Cannot recognize storage type"), `sagemaker/estimator.py`,
`fw_utils.py` (validate_source_dir) and `model.py` (``os.path.basename(self.entry_point)``) 2.245.0.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.containers import Deployment

FILE = re.compile(r"gs://.+/[^/]+\.(?:pkl|joblib|bst|pb|pt|pth|h5|keras|onnx|mar|json)")
OWN = re.compile(r"(?:file://)?(?:/(?:home|Users|root|tmp|content|workspace|data|opt)/|\.{1,2}/|~/|[A-Za-z]:\\).*")
"""A path of the machine that deploys. ``/mnt/models`` is KServe's own."""
FETCHED = "put it into a bucket (s3://, gs://) or a claim (pvc://NAME/PATH)"
SPECS = "kserve.{,**.}V1beta1{SKLearn,XGBoost,TF,Torch,ONNX,Triton,PMML,LightGBM,Paddle,Model}*Spec"


@rule(
    "DPL962",
    severity="error",
    leaves=["S.3.3", "S.4.2", "S.1.1"],
    see=[
        "https://pypi.org/project/google-cloud-aiplatform/2.7.0/",
        "https://github.com/kserve/kserve/blob/v0.13.0/python/kserve/kserve/storage/storage.py",
        "https://github.com/kserve/kserve/blob/0217bda/pkg/webhook/admission/pod/storage_initializer_injector.go",
        "https://github.com/aws/sagemaker-python-sdk/blob/v2.245.0/src/sagemaker/fw_utils.py",
    ],
)
def cloud_argument_refused(facts: PythonFile | Deployment, project: Project) -> Iterator[Finding]:
    if isinstance(facts, Deployment):
        for document in facts.documents if facts.kind == "kubernetes" else ():
            for predictor in (document.get("spec", "predictor"),) if document.string("kind") == "InferenceService" else ():
                for node in (one.get("storageUri") for one in (predictor.entries.values() if predictor is not None else ())):
                    if node is not None and OWN.fullmatch(node.text or ""):
                        yield Finding(node.place, _local(node.text or ""), help=FETCHED)
        return
    for call in facts.calls("google.cloud.aiplatform.Model.upload"):
        place = call.argument("artifact_uri")
        if not call.guarded and len(place.pieces) and FILE.fullmatch("".join(piece or "x" for piece in place.pieces)):
            yield Finding(
                place,
                "artifact_uri is a file, and Vertex AI takes the path of the folder that it lies in",
                help="the folder alone: gs://bucket/folder/",
            )
    for call in facts.calls(SPECS):
        uri = call.argument("storage_uri")
        if not call.guarded and uri.text and OWN.fullmatch(uri.text):
            yield Finding(uri, _local(uri.text), help=FETCHED)
    for call in facts.calls("sagemaker.**.{PyTorch,TensorFlow,HuggingFace,SKLearn,XGBoost}"):
        script, folder = call.argument("entry_point").text, call.argument("source_dir").text
        if not call.guarded and script and folder and "://" not in folder:
            first = posixpath.normpath(folder).strip("./")
            if (
                first
                and posixpath.normpath(script).lstrip("./").startswith(f"{first}/")
                and not project.resolve(f"{folder}/{script}", call)
            ):
                yield Finding(
                    call.argument("entry_point"),
                    f"entry_point is looked for inside source_dir, where there is no {script}: ValueError, no file named so was found",
                    help=f'entry_point="{posixpath.basename(script)}"',
                )


def _local(path: str) -> str:
    return f"{path} is a path of this machine, and KServe fetches the model in the cluster: the storage initializer finds no such file"
