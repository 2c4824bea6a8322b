"""A framework on a platform that gives it what it gives everybody.

Unasked, AWS Lambda gives a function 128 MB (and three seconds), Cloud Run a service 512 MiB, and Cloud Functions 256 MB. TensorFlow takes
about 540 MB once it is imported, PyTorch about 220 MB, before any model is loaded: ``Runtime exited with error: signal: killed``,
``Memory limit of 512 MiB exceeded``.

```bash bad path=deploy.sh
gcloud run deploy tagger --image $IMAGE --region europe-west1 --port 8080  # <-
```

```requirements + path=requirements.txt
tensorflow==2.15.0
flask==3.0.0
```

```bash good path=deploy.sh
gcloud run deploy tagger --image $IMAGE --region europe-west1 --memory 2Gi
```

```requirements + path=requirements.txt
tensorflow==2.15.0
```

```bash good path=web/deploy.sh
gcloud run deploy page --image $IMAGE --region europe-west1
```

```requirements + path=web/requirements.txt
flask==3.0.0
onnxruntime==1.17.0
```

```yaml bad path=template.yaml
Transform: AWS::Serverless-2016-10-31
Resources:
  Classifier:
    Type: AWS::Serverless::Function  # <-
    Properties:
      PackageType: Image
    Metadata: {Dockerfile: Dockerfile, DockerContext: ./src}
```

```dockerfile + path=src/Dockerfile
FROM public.ecr.aws/lambda/python:3.11
RUN pip install torch==2.2.1
COPY app.py ./
CMD ["app.handler"]
```

```yaml good path=template.yaml
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {MemorySize: 2048, Timeout: 60}
Resources:
  Classifier:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
```

```dockerfile + path=src/Dockerfile
FROM public.ecr.aws/lambda/python:3.11
RUN pip install torch==2.2.1
COPY app.py ./
CMD ["app.handler"]
```

The Serverless Framework has defaults of its own, and who gives memory without time may mean it: a model is loaded while a function is
initialized, which its own time does not count.

```yaml good path=template.yaml
Transform: AWS::Serverless-2016-10-31
Resources:
  Classifier:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image, MemorySize: 3008}
    Metadata: {Dockerfile: Dockerfile, DockerContext: ./src}
```

```dockerfile + path=src/Dockerfile
FROM public.ecr.aws/lambda/python:3.11
RUN pip install torch==2.2.1
```

References: "Basic AWS Lambda Function Configuration", "Lambda Default Memory Size" (serverless-rules of AWS Labs), "Configure memory limits
for services" of Cloud Run (512 MiB, for a function 256 MiB); the frameworks' memory was measured (TensorFlow 2.21: 538 MB, PyTorch 2.13 for
the CPU: 218 MB).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.finding import Placed
from deplint.settings.functions import Functions
from deplint.settings.pins import Pinned
from deplint.settings.scripts import Script
from deplint.settings.shell import Command
from deplint.settings.text import Word

FRAMEWORKS = {"tensorflow": "TensorFlow", "torch": "PyTorch"}
HEAVY = {"tensorflow": "tensorflow", "tensorflow-cpu": "tensorflow", "tensorflow-gpu": "tensorflow", "torch": "torch"}
CLOUD = {
    ("run", "deploy"): ("512 MiB", "Cloud Run", "--memory", ("tensorflow",), "--memory 2Gi"),
    ("functions", "deploy"): ("256 MB", "Cloud Functions", "--memory", ("tensorflow", "torch"), "--memory=2Gi"),
}
"""Words of gcloud -> what it gives unasked, who, the option, the frameworks that do not fit, what to say."""


@rule(
    "DPL955",
    severity="warning",
    leaves=["S.1.3", "S.3.3"],
    see=[
        "https://docs.aws.amazon.com/lambda/latest/dg/resource-model.html",
        "https://awslabs.github.io/serverless-rules/rules/lambda/default_memory_size",
        "https://cloud.google.com/run/docs/configuring/services/memory-limits",
    ],
)
def platform_gives_too_little(facts: Script | Functions, project: Project) -> Iterator[Finding]:
    used = _used(facts, project)
    if isinstance(facts, Functions):
        for function in facts.described if used and not _serverless(facts) else ():
            if function.memory is None:
                time = " and three seconds" if function.timeout is None else ""
                yield Finding(
                    function.place,
                    f"{function.name} is given 128 MB{time}, as all functions are unasked, and {FRAMEWORKS[used[0]]} takes more than that "
                    "once it is imported",
                    help="MemorySize: 2048 and Timeout: 60, say",
                )
        return
    for command in facts.commands:
        words = [word.text or "" for word in command.words]
        for verbs, (given, platform, option, heavy, remedy) in CLOUD.items():
            known = next((name for name in used if name in heavy), None)
            asked = any(word.startswith(option) for word in words)
            if words[:1] == ["gcloud"] and _is(words, verbs) and known and not asked and _known(command):
                yield Finding(
                    command.words[0].place,
                    f"{platform} gives a service {given} unasked, and {FRAMEWORKS[known]} takes that or nearly that before a model "
                    "is loaded: memory limit exceeded",
                    help=remedy,
                )


def _serverless(facts: Functions) -> bool:
    return os.path.basename(facts.path).startswith("serverless.")


def _is(words: list[str], verbs: tuple[str, ...]) -> bool:
    return [word for word in words[1:] if not word.startswith("-") and word not in ("beta", "alpha")][: len(verbs)] == list(verbs)


def _known(command: Command) -> bool:
    """No word stands for several: ``$FLAGS``."""
    return all(word.text is not None or "=" in word.written or before.startswith("-") for before, word in _pairs(command))


def _pairs(command: Command) -> Iterator[tuple[str, Word]]:
    before = ""
    for word in command.words:
        yield before, word
        before = word.written


def _used(near: Placed, project: Project) -> list[str]:
    """The frameworks that what lies beside the file, or below it, installs."""
    folder = Path(os.path.abspath(near.place.path)).parent
    listed = (facts for facts in project.all(Pinned) if Path(os.path.abspath(facts.path)).is_relative_to(folder))
    names = {HEAVY[pin.name] for facts in listed for pin in facts.pins if pin.name in HEAVY and not pin.group}
    return sorted(names)
