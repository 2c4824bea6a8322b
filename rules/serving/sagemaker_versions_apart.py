"""Versions of a SageMaker container that are not built together.

Amazon builds each container for one release of Python, and one for transformers with one release of PyTorch or TensorFlow. The SDK looks
them up before it deploys anything: ``ValueError: Unsupported Python version: py310. You may need to upgrade your SDK version ... Supported
Python version(s): py39``, ``Unsupported pytorch version: 2.1.0 ... Supported pytorch version(s): 1.13.1``.

```python bad path=deploy.py
from sagemaker.huggingface import HuggingFaceModel

model = HuggingFaceModel(role="role", transformers_version="4.26.0", pytorch_version="1.13.1", py_version="py310")  # <-
```

A series means its only release, and PyTorch's own containers have one Python each as well.

```python bad path=deploy.py
from sagemaker.huggingface import HuggingFaceModel
from sagemaker.pytorch import PyTorchModel

one = HuggingFaceModel(role="role", transformers_version="4.37", pytorch_version="2.0", py_version="py310")  # <-
two = PyTorchModel(model_data="s3://b/m.tar.gz", role="role", entry_point="i.py", framework_version="2.0.1", py_version="py38")  # <-
```

An image of one's own, and a release that is not in the table, are not judged.

```python good path=deploy.py
from sagemaker.huggingface import HuggingFaceModel
from sagemaker.pytorch import PyTorchModel

one = HuggingFaceModel(role="role", transformers_version="4.37", pytorch_version="2.1", py_version="py310")
two = PyTorchModel(model_data="s3://b/m.tar.gz", role="role", entry_point="i.py", framework_version="2.0", py_version="py310")
three = HuggingFaceModel(role="role", transformers_version="9.1", pytorch_version="9.9", py_version="py310")
four = HuggingFaceModel(role="role", transformers_version="4.26", pytorch_version="1.13", py_version="py310", image_uri="my/image:1")
```

The containers for Inferentia and Trainium are others:

```python good path=deploy.py
from sagemaker.huggingface import HuggingFaceModel

model = HuggingFaceModel(role="role", transformers_version="4.12", pytorch_version="1.9", py_version="py37")
model.deploy(initial_instance_count=1, instance_type="ml.inf1.xlarge")
```

References: `image_uri_config/huggingface.json` and `pytorch.json` (inference) and `image_uris.py` (`_validate_arg`) of the wheel
sagemaker 2.245.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile

TRANSFORMERS = {
    "4.6.1": {"pytorch": {"1.7.1": "py36", "1.8.1": "py36"}, "tensorflow": {"2.4.1": "py37"}},
    "4.10.2": {"pytorch": {"1.8.1": "py36", "1.9.0": "py38"}, "tensorflow": {"2.4.1": "py37", "2.5.1": "py37"}},
    "4.11.0": {"pytorch": {"1.9.0": "py38"}, "tensorflow": {"2.5.1": "py37"}},
    "4.12.3": {"pytorch": {"1.9.1": "py38"}, "tensorflow": {"2.5.1": "py37"}},
    "4.17.0": {"pytorch": {"1.10.2": "py38"}, "tensorflow": {"2.6.3": "py38"}},
    "4.26.0": {"pytorch": {"1.13.1": "py39"}, "tensorflow": {"2.11.0": "py39"}},
    "4.28.1": {"pytorch": {"2.0.0": "py310"}},
    "4.37.0": {"pytorch": {"2.1.0": "py310"}},
    "4.48.0": {"pytorch": {"2.3.0": "py311"}},
    "4.49.0": {"pytorch": {"2.6.0": "py312"}},
}
"""Release of transformers -> framework -> release of it that is in a container for inference -> Python of that."""

PYTORCH = {
    "1.9.0": "py38", "1.9.1": "py38", "1.10.0": "py38", "1.10.2": "py38", "1.11.0": "py38", "1.12.0": "py38", "1.12.1": "py38",
    "1.13.1": "py39", "2.0.0": "py310", "2.0.1": "py310", "2.1.0": "py310", "2.2.0": "py310", "2.3.0": "py311", "2.4.0": "py311",
    "2.5.1": "py311", "2.6.0": "py312",
}  # fmt: skip
"""Release of PyTorch -> Python of its container for inference."""

_NEURON = re.compile(r"\bml\.(?:inf|trn)\d|neuron", re.IGNORECASE)
"""What is deployed on these instances runs in containers that are listed elsewhere."""


@rule(
    "DPL966",
    severity="error",
    leaves=["S.3.2"],
    until={"sagemaker": "3"},
    see=[
        "https://github.com/aws/sagemaker-python-sdk/blob/v2.245.0/src/sagemaker/image_uri_config/huggingface.json",
        "https://github.com/aws/sagemaker-python-sdk/blob/v2.245.0/src/sagemaker/image_uri_config/pytorch.json",
        "https://github.com/aws/sagemaker-python-sdk/blob/v2.245.0/src/sagemaker/image_uris.py",
    ],
)
def sagemaker_versions_apart(file: PythonFile) -> Iterator[Finding]:
    if _NEURON.search(file.text):
        return
    for call in file.calls("sagemaker.**.HuggingFaceModel"):
        release = _listed(call.argument("transformers_version"), TRANSFORMERS)
        own = call.guarded or not call.argument("image_uri").missing
        for framework, built in TRANSFORMERS[release].items() if release and not own else ():
            given = call.argument(f"{framework}_version")
            if given.missing or not given.text:
                continue
            with_it = _listed(given, built)
            if not with_it:
                shown = " or ".join(built)
                yield Finding(
                    call,
                    f"there is no container with transformers {release} and {framework} {given.text}: ValueError, unsupported version",
                    help=f'{framework}_version="{shown}"',
                )
            else:
                yield from _python(call.argument("py_version"), built[with_it], f"transformers {release} and {framework} {with_it}")
    for call in file.calls("sagemaker.**.PyTorchModel"):
        release = _listed(call.argument("framework_version"), PYTORCH)
        if release and not call.guarded and call.argument("image_uri").missing:
            yield from _python(call.argument("py_version"), PYTORCH[release], f"PyTorch {release}")


def _python(given: Value, wanted: str, what: str) -> Iterator[Finding]:
    if given.text and given.text != wanted:
        yield Finding(
            given,
            f"the container with {what} has Python {wanted}: ValueError, Unsupported Python version: {given.text}",
            help=f'py_version="{wanted}"',
        )


def _listed(given: Value, table: object) -> str:
    """The release of a table that a version means, ``4.26`` the only one of that series; empty if there is none, or more than one."""
    text = given.text or ""
    found = [release for release in table if release == text or release.startswith(f"{text}.")] if text and isinstance(table, dict) else []
    return text if text in found else found[0] if len(found) == 1 else ""
