"""A function of AWS Lambda that writes where nothing can be written.

In Lambda everything but ``/tmp`` is read-only. A model that is downloaded into the working folder fails with
``OSError: [Errno 30] Read-only file system``,
and so does a library's cache in the home folder (``Read-only file system: '/home/sbx_user1051'``), into which transformers,
sentence-transformers and torch.hub fetch what they do not have.

```python bad path=app.py
import json
from transformers import pipeline

classifier = pipeline("sentiment-analysis", model="distilbert-base-uncased-finetuned-sst-2-english")  # <-

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(classifier(event["text"]))}
```

```dockerfile + path=Dockerfile
FROM public.ecr.aws/lambda/python:3.11
RUN pip install torch transformers
COPY app.py ${LAMBDA_TASK_ROOT}/
CMD ["app.handler"]
```

```python good path=app.py
import json
from transformers import pipeline

classifier = pipeline("sentiment-analysis", model="distilbert-base-uncased-finetuned-sst-2-english")

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(classifier(event["text"]))}
```

```dockerfile + path=Dockerfile
FROM public.ecr.aws/lambda/python:3.11
RUN pip install torch transformers
ENV HF_HOME=/tmp/hub
COPY app.py ${LAMBDA_TASK_ROOT}/
CMD ["app.handler"]
```

A folder that came with the code, a cache that is filled while the image is built, and a variable set by the code are as good.

```python good path=app.py
import os
os.environ["HF_HOME"] = "/tmp/hub"
from transformers import AutoModel, pipeline

one = AutoModel.from_pretrained("bert-base-uncased")
two = AutoModel.from_pretrained("./model")
three = AutoModel.from_pretrained("/opt/model")

def lambda_handler(event, context):
    return {"statusCode": 200}
```

```dockerfile + path=Dockerfile
FROM public.ecr.aws/lambda/python:3.11
COPY app.py ${LAMBDA_TASK_ROOT}/
CMD ["app.lambda_handler"]
```

Files that the code itself fetches:

```python bad path=main.py
import boto3
import onnxruntime as ort

LOCAL = "model.onnx"

def lambda_handler(event, context):
    boto3.client("s3").download_file("bucket", "model.onnx", LOCAL)  # <-
    session = ort.InferenceSession(LOCAL)
    return {"statusCode": 200}
```

```yaml + path=serverless.yml
service: fraud
provider: {name: aws, runtime: python3.11}
functions:
  predict: {handler: main.lambda_handler}
```

```python good path=main.py
import boto3
import onnxruntime as ort

def lambda_handler(event, context):
    boto3.client("s3").download_file("bucket", "model.onnx", "/tmp/model.onnx")
    session = ort.InferenceSession("/tmp/model.onnx")
    return {"statusCode": 200}
```

```yaml + path=serverless.yml
service: fraud
provider: {name: aws, runtime: python3.11}
functions:
  predict: {handler: main.lambda_handler}
```

References: "Create a Lambda function using a container image" in the documentation of AWS ("must be able to run on a read-only file
system ... a writable /tmp directory"), the issues named.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.functions import handlers

HUB = {
    "transformers.**.from_pretrained": ("pretrained_model_name_or_path", 0, "cache_dir"),
    "transformers.pipeline": ("model", 1, ""),
    "sentence_transformers.{SentenceTransformer,CrossEncoder}": ("model_name_or_path", 0, "cache_folder"),
    "torch.hub.load": ("repo_or_dir", 0, ""),
}
"""What fetches into a cache: the argument that says what, and the one that says where to."""

WRITES = {
    "boto3.client().download_file": ("Filename", 2),
    "boto3.resource().Bucket().download_file": ("Filename", 1),
    "boto3.resource().Object().download_file": ("Filename", 0),
    "urllib.request.urlretrieve": ("filename", 1),
    "wget.download": ("out", 1),
    "gdown.download": ("output", 1),
}
"""What writes a file, and the argument that says which."""

CACHES = (
    "HF_HOME",
    "TRANSFORMERS_CACHE",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "SENTENCE_TRANSFORMERS_HOME",
    "TORCH_HOME",
    "XDG_CACHE_HOME",
    "HOME",
)
FETCHED = re.compile(
    r"from_pretrained|snapshot_download|huggingface-cli|pipeline\(|SentenceTransformer|download_model|hub\.load|\bhf download"
)
"""Commands of a Dockerfile that fill a cache."""


@rule(
    "DPL954",
    severity="error",
    leaves=["S.1.3", "S.3.3"],
    see=[
        "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
        "https://github.com/dmmiller612/bert-extractive-summarizer/issues/134",
        "https://github.com/graviraja/MLOps-Basics/issues/28",
        "https://huggingface.co/docs/huggingface_hub/en/package_reference/environment_variables",
    ],
)
def lambda_writes_beside_code(file: PythonFile, project: Project) -> Iterator[Finding]:
    places = handlers(project)
    if not any(stem in _modules(file, project) for stem in places):
        return
    for pattern, where in WRITES.items():
        for call in file.calls(pattern):
            path = call.argument(*where).text
            if path and not call.guarded and not path.startswith("/") and "chdir" not in file.text:
                yield Finding(
                    call,
                    f"{path} is written beside the code, and in AWS Lambda only /tmp can be written: OSError, Read-only file system",
                    help=f"/tmp/{posixpath.basename(path)}",
                )
    if _cache_set(project):
        return
    for pattern, (name, position, folder) in HUB.items():
        for call in file.calls(pattern):
            given = call.argument(name, position)
            cached = folder and not call.argument(folder).missing
            if not call.guarded and not cached and call.argument("local_files_only").missing and _of_hub(given, file, project):
                yield Finding(
                    call,
                    f"{given.text or 'the model'} is fetched into the home folder's cache, and in AWS Lambda only /tmp can be written: "
                    "Read-only file system",
                    help="ENV HF_HOME=/tmp/hub, or save the model into the image while it is built and load it from there",
                )
                return


def _modules(file: PythonFile, project: Project) -> set[str]:
    """The names of a module and of those of the project that import it directly."""
    importing = {one.module_name for one in project.all(PythonFile) if file in one.imports} if project else set()
    return {file.module_name} | importing


def _of_hub(given: Value, file: PythonFile, project: Project) -> bool:
    """A name of the hub: no path, and no folder of the project."""
    text = given.text
    if not text or not re.fullmatch(r"[\w-]+(?:/[\w.-]+|(?:-[\w.]+)+)", text):
        return False
    return not any(f"/{text}/" in other.path.as_posix() for other in project.files) and project.resolve(text, file) is None


def _cache_set(project: Project) -> bool:
    """The cache is led elsewhere, or filled while the image is built."""
    for docker in project.all(Dockerfile):
        words = "\n".join(word.written for stage in docker.stages for run in stage.all("RUN") for word in run.words)
        if not docker.stages or FETCHED.search(words) or re.search(r"\.py\b|\.sh\b", words) or any(n in docker.final.env for n in CACHES):
            return True
    return any(re.search(r"|".join(CACHES[:-1]), text) for text in _texts(project))


def _texts(project: Project) -> Iterator[str]:
    for file in project.files:
        if file.suffix in (".py", ".yml", ".yaml", ".json", ".toml", ".tf", ".sh", ".env", ".ts", ".js"):
            try:
                yield file.text
            except (OSError, ValueError):
                continue
