"""A function for AWS Lambda that is larger than such functions may be.

What is uploaded as a zip archive may take 250 MB unpacked, layers included. TensorFlow and PyTorch alone take more than twice that:
``Unzipped size must be smaller than 262144000 bytes``.

```yaml bad path=serverless.yml
service: fruit
provider:
  name: aws
  runtime: python3.11  # <-
plugins: [serverless-python-requirements]
functions:
  classify: {handler: handler.classify}
```

```requirements + path=requirements.txt
tensorflow==2.16.1
pillow
```

```yaml good path=serverless.yml
service: fruit
provider:
  name: aws
  runtime: python3.11
plugins: [serverless-python-requirements]
functions:
  classify: {handler: handler.classify}
  heavy: {image: {name: heavy}}
```

```requirements + path=requirements.txt
onnxruntime==1.20.1
pillow
```

```yaml bad path=template.yaml
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Classify:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: classify/
      Handler: app.handler
      Runtime: python3.12  # <-
```

```requirements + path=classify/requirements.txt
torch==2.6.0
```

A container image may be forty times as large, and the plugin can compress what it packs.

```yaml good path=template.yaml
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Classify:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
      CodeUri: classify/
      Runtime: python3.12
```

```requirements + path=classify/requirements.txt
torch==2.6.0
```

```yaml good path=serverless.yml
service: fruit
provider: {name: aws, runtime: python3.11}
plugins: [serverless-python-requirements]
custom: {pythonRequirements: {zip: true, slim: true}}
functions:
  classify: {handler: handler.classify}
```

```requirements + path=requirements.txt
tensorflow==2.16.1
```

References: "Lambda quotas" in the documentation of AWS; TensorFlow 2.21 and PyTorch 2.13 for the CPU were installed and measured.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.settings.functions import Functions
from deplint.settings.pins import Requirements

LARGE = {"tensorflow": "TensorFlow", "torch": "PyTorch", "tensorflow-serving-api": "TensorFlow (which tensorflow-serving-api requires)"}


@rule(
    "DPL572",
    severity="error",
    leaves=["S.1.3"],
    see=[
        "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
        "https://stackoverflow.com/q/55463916",
        "https://stackoverflow.com/q/53876946",
    ],
)
def lambda_zip_too_large(facts: Functions, project: Project) -> Iterator[Finding]:
    folder = Path(os.path.abspath(facts.path)).parent
    seen = set()
    for function in facts.functions:
        file = project.file(Path(os.path.normpath(folder / function.requirements)))
        for listed in project.facts(file, Requirements) if file else ():
            pins = [pin for name in LARGE for pin in listed.named(name)]
            large = next((pin for pin in pins if not pin.marker), None)
            if function.runtime.startswith("python") and large is not None and function.place not in seen:
                seen.add(function.place)
                what = LARGE.get(large.name) or LARGE["torch" if "torch" in large.name else "tensorflow"]
                yield Finding(
                    function,
                    f"{large.place.path} asks for {what}, and a function that is uploaded as a zip archive may take 250 MB unpacked",
                    help="deploy a container image, or use ONNX Runtime or LiteRT (ai-edge-litert)",
                )
